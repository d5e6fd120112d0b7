// PostgreSQL is killed under load, like by a power cut, and started again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openHouse } from '../harness/house.js';
import { startCluster } from '../harness/postgres.js';
import { until } from '../harness/wait.js';
import { gatherCrowd, pause } from './crowd.js';

const KILLS = 10;

const cluster = await startCluster();
const house = await openHouse({ cluster });

test('while PostgreSQL is killed ten times, clients see a pause and no lost acknowledgement',
    async () => {
        const crowd = await gatherCrowd(house);
        for (let kill = 0; kill < KILLS; kill++) {
            await crowd.goesOn();
            await pause(0, 100);
            cluster.kill();
            await cluster.start();
        }
        await crowd.goesOn(); // the service reconnects by itself
        await crowd.leave();
        assert.equal(crowd.lost, 0, 'a client lost its connection');
        await crowd.keptPromises();
    });

test('while PostgreSQL is away the service says so, and still lives', async () => {
    await cluster.stop();
    const ready = await until(async () => {
        const answer = await house.http.get('/readyz');
        return answer.status !== 200 && answer;
    });
    assert.equal(ready.status, 503);
    assert.match(ready.headers['retry-after'], /^\d+$/);
    assert.equal((await house.http.get('/healthz')).status, 200);
    await cluster.start();
    await house.service.becomesReady();
});
