// kill -9 under load. The test is the supervisor that starts the service again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openHouse } from '../harness/house.js';
import { gatherCrowd, pause } from './crowd.js';

const KILLS = 10;

const house = await openHouse();
let crowd;

test('killed ten times under load, nothing acknowledged is lost and nothing is done twice',
    async () => {
        crowd = await gatherCrowd(house);
        for (let kill = 0; kill < KILLS; kill++) {
            await crowd.goesOn();
            await pause(0, 100);
            await house.service.kill();
            await house.service.start();
        }
        house.service.killed = false; // the last service must end well
        await crowd.goesOn();
        await crowd.leave();
        assert.ok(crowd.lost > 0, 'it was not killed under load');
        await crowd.keptPromises();
    });

test('control: an admission that counts twice and a sign-up that is gone are noticed', async () => {
    const { database } = house;
    const isNoticed = () => assert.rejects(crowd.keptPromises(), assert.AssertionError);
    await database.query('update event_day set admitted = admitted + 1');
    await isNoticed();
    await database.query('update event_day set admitted = admitted - 1');
    await crowd.keptPromises();
    await database.query('delete from registration where registration_id = $1',
        [crowd.signUps.at(-1).id]);
    await isNoticed();
});
