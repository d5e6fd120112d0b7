// The connections between the service and PostgreSQL are cut under load, again and again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openHouse } from '../harness/house.js';
import { gatherCrowd, pause } from './crowd.js';

const CUTS = 20;

const house = await openHouse();

function cutAll() {
    return house.database.value(
        `select count(pg_terminate_backend(pid))::integer from pg_stat_activity
          where datname = current_database() and application_name = 'einlass'`);
}

test('no client notices that all connections to PostgreSQL are cut, and nothing is done twice',
    async () => {
        const crowd = await gatherCrowd(house);
        let cut = 0;
        for (let round = 0; round < CUTS; round++) {
            await crowd.goesOn(10);
            await pause(0, 50);
            cut += await cutAll();
        }
        await crowd.goesOn();
        await crowd.leave();
        assert.ok(cut > CUTS, `only ${cut} connections were cut`);
        assert.equal(crowd.lost, 0, 'a client lost its connection');
        await crowd.keptPromises();
    });
