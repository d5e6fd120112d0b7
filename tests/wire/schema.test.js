// The schema's keys allow the database to be partitioned by event.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDatabase } from '../harness/postgres.js';

const database = await createDatabase();

// Tables that belong to an organiser, not to an event.
const ofOrganisers = ['api_token', 'audit_entry'];

// Keys that identify a caller before the event is known.
const credentials = ['device_pairing_hash_key', 'device_token_hash_key'];

// → the primary, unique and foreign keys of event data that do not start with event_id
async function strayKeys() {
    const rows = await database.query(
        `select conname as name
           from pg_constraint
           join pg_attribute column_ on attrelid = conrelid and attname = 'event_id'
          where connamespace = 'public'::regnamespace and contype in ('p', 'u', 'f')
            and conrelid::regclass::text <> all ($1) and conrelid <> 'event'::regclass
            and conkey[1] <> column_.attnum and conname <> all ($2)
         union all
         select indexrelid::regclass::text
           from pg_index
           join pg_class on oid = indrelid and relnamespace = 'public'::regnamespace
           join pg_attribute column_ on attrelid = indrelid and attname = 'event_id'
          where indisunique and indkey[0] <> column_.attnum and indrelid <> 'event'::regclass
            and indrelid::regclass::text <> all ($1) and indexrelid::regclass::text <> all ($2)
          order by 1`,
        [ofOrganisers, credentials]);
    return rows.map(({ name }) => name);
}

test('event_id leads every key of event data', async () => {
    assert.deepEqual(await strayKeys(), []);
    await database.query('create table seat (seat_id uuid primary key, event_id uuid references event)');
    assert.ok((await strayKeys()).includes('seat_pkey'));
    await database.query('drop table seat');
});

test('every table of event data goes when its event goes', async () => {
    const tables = await database.query(
        `select attrelid::regclass::text as name
           from pg_attribute join pg_class on oid = attrelid
          where attname = 'event_id' and relkind = 'r' and relnamespace = 'public'::regnamespace
            and attnotnull and attrelid <> 'event'::regclass`);
    const kept = await database.query(
        `select attrelid::regclass::text as name
           from pg_attribute join pg_class on oid = attrelid
          where attname = 'event_id' and relkind = 'r' and relnamespace = 'public'::regnamespace
            and attnotnull and attrelid <> 'event'::regclass
            and not exists (select from pg_constraint where conrelid = attrelid and contype = 'f'
                               and conkey[1] = attnum and confdeltype = 'c')`);
    assert.ok(tables.length >= 9, 'there are tables of event data');
    assert.deepEqual(kept, []);
});

// Required by service/db/migrate.h, so a function can be dropped and created again.
test('nothing but its trigger depends on a function, and no function has two signatures', async () => {
    const dependents = () => database.query(
        `select pg_describe_object(classid, objid, objsubid) as dependent, refobjid::regproc::text as routine
           from pg_depend join pg_proc on pg_proc.oid = refobjid
          where refclassid = 'pg_proc'::regclass and classid <> 'pg_trigger'::regclass
            and pronamespace = 'public'::regnamespace`);
    assert.deepEqual(await dependents(), []);
    await database.query('create index strayed on registration (holds_place(status))');
    assert.equal((await dependents()).length, 1);
    await database.query('drop index strayed');
    assert.deepEqual(await database.query(
        `select proname from pg_proc where pronamespace = 'public'::regnamespace
          group by proname having count(*) > 1`), []);
    const defined = await database.query(
        `select proname as name from pg_proc where pronamespace = 'public'::regnamespace
         union all select viewname from pg_views where schemaname = 'public' order by 1`);
    const recorded = await database.query('select unnest(defines) as name from schema_function order by 1');
    assert.deepEqual(recorded, defined, 'migrate knows each of them');
});
