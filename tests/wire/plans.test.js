// A connection keeps the plans that it made when the database was new. They must be good later, too: what a
// sign-up reads does not grow with the event.
import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import pg from 'pg';
import { plainEvent } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { repository } from '../harness/paths.js';

const statement = readFileSync(join(repository, 'service/features/registration/sign_up.sql'), 'utf8');

const BATCH = 20;

// → the values of a batch of people at an event, each with an address of their own
function batchAt(event, version) {
    const people = Array.from({ length: BATCH }, () => randomUUID());
    const every = (value) => people.map((one, i) => typeof value === 'function' ? value(one, i) : value);
    return [people, every(event), every(version), every((id) => `${id}@example.org`), every((id) => `${id}@example.org`),
        every('en'), every('[]'), every(() => randomBytes(32)), every('confirmed'), every(new Date(Date.now() + 1e8)), null,
        every(false), null, null, null, every((_, i) => i + 1), every(() => randomUUID()), every(() => randomUUID()),
        every('guest'), every('Guest'), every(null), every('{}'), every('guest'), every(1)];
}

test('what a sign-up reads stays the same, also by plans that were made for empty tables', async () => {
    const house = await openHouse({ serve: false });
    const slug = await house.apply(plainEvent({ registration: { capacity: 100_000 } }));
    const [{ event_id: event, version }] = await house.database.query('select event_id, version from event where slug = $1', [slug]);
    const client = new pg.Client({ host: house.database.cluster.socket, user: 'einlass_owner', database: house.database.name });
    await client.connect();
    try {
        await client.query("set plan_cache_mode = 'force_generic_plan'"); // as the service does
        await client.query('begin'); // the counts are those of the transaction
        const read = async () => Number((await client.query(`select sum(seq_tup_read + idx_tup_fetch) as read
            from pg_stat_xact_user_tables`)).rows[0].read);
        const reads = async (work) => {
            const before = await read();
            await work();
            return await read() - before;
        };
        const signUp = async () => {
            const { rows } = await client.query({ name: 'sign-up', text: statement, values: batchAt(event, version) });
            assert.ok(rows.every(({ outcome }) => outcome === 'confirmed'));
        };
        const first = await reads(signUp);
        for (let i = 0; i < 30; i++) await signUp();
        const last = await reads(signUp);
        assert.ok(last <= first + BATCH, `${first} rows of a batch of ${BATCH} at first, ${last} after 30 more`);
        // The negative control: what reads them all is seen.
        assert.ok(await reads(() => client.query('select count(email) from registration')) > 30 * BATCH);
    } finally {
        await client.end();
    }
});
