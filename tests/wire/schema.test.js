// The schema's keys allow the database to be partitioned by event.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import pg from 'pg';
import { einlass, mustRun } from '../harness/command.js';
import { temporaryDirectory } from '../harness/paths.js';
import { createDatabase } from '../harness/postgres.js';

const database = await createDatabase();

// Tables that belong to an organiser, not to an event.
const ofOrganisers = ['api_token', 'audit_entry', 'membership', 'team_invitation'];

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
    const ofExtension = `exists (select from pg_depend as member where member.objid = pg_proc.oid and member.deptype = 'e')`;
    const dependents = () => database.query(
        `select pg_describe_object(classid, objid, objsubid) as dependent, refobjid::regproc::text as routine
           from pg_depend join pg_proc on pg_proc.oid = refobjid
          where refclassid = 'pg_proc'::regclass and classid <> 'pg_trigger'::regclass
            and pronamespace = 'public'::regnamespace and not ${ofExtension}`);
    assert.deepEqual(await dependents(), []);
    await database.query('create index strayed on registration (holds_place(status))');
    assert.equal((await dependents()).length, 1);
    await database.query('drop index strayed');
    assert.deepEqual(await database.query(
        `select proname from pg_proc where pronamespace = 'public'::regnamespace and not ${ofExtension}
          group by proname having count(*) > 1`), []);
    const defined = await database.query(
        `select proname as name from pg_proc where pronamespace = 'public'::regnamespace and not ${ofExtension}
         union all select viewname from pg_views where schemaname = 'public' order by 1`);
    const recorded = await database.query('select unnest(defines) as name from schema_function order by 1');
    assert.deepEqual(recorded, defined, 'migrate knows each of them');
});

// The role of the service: a session as it sees it.
async function asService(work) {
    const client = new pg.Client({ host: database.cluster.socket, user: 'einlass', database: database.name });
    await client.connect();
    try {
        return await work(client);
    } finally {
        await client.end();
    }
}

test("the service's role can neither change the schema nor empty, change or delete what must stay", () => asService(async (client) => {
    for (const sql of ['delete from audit_entry', "update audit_entry set actor = 'nobody'", 'truncate audit_entry',
        'alter table audit_entry disable trigger all', 'drop trigger audit_entry_is_final on audit_entry',
        'drop table audit_entry', 'delete from event_version', "update event_version set actor = 'nobody'",
        'truncate event_version', 'delete from event', 'delete from registration', 'delete from scan', 'truncate scan',
        'create table stray ()', 'create function stray() returns integer language sql as $$ select 1 $$',
        'drop function grant_rights(text)', 'update schema_migration set version = 0',
        'delete from schema_function', 'alter table event add column stray integer', 'set role einlass_owner'])
        await assert.rejects(client.query(sql), (error) => error.code === '42501', sql);
    // The negative control: what it needs, it may.
    await client.query("insert into organiser (organiser_id, slug, name) values (gen_random_uuid(), 'role', 'Role')");
    await client.query(`insert into audit_entry (organiser_id, actor, action) select organiser_id, 'test', 'test'
        from organiser where slug = 'role'`);
    await client.query('delete from device');
}));

test('check says when the role of the service owns the tables, and when it lacks a right', async () => {
    const keys = join(temporaryDirectory(), 'keys');
    await mustRun(['keys', 'rotate'], { settings: { keys } });
    const check = (conninfo) => einlass(['check'], { settings: { keys, database: conninfo } });
    const restricted = await check(database.conninfo);
    assert.equal(restricted.status, 0, restricted.stderr);
    assert.doesNotMatch(restricted.stdout, /note: the role/);
    const owner = await check(database.cluster.conninfo(database.name, 'einlass_owner'));
    assert.equal(owner.status, 0);
    assert.match(owner.stdout, /^note: the role "einlass_owner" owns the tables/);
    await database.query('create table added ()');
    const lacking = await check(database.conninfo);
    assert.deepEqual([lacking.status, lacking.stdout], [1, '']);
    assert.match(lacking.stderr, /may not read the table "added": run "einlass migrate" .* service_role = einlass\n$/);
    const settings = { database: database.cluster.conninfo(database.name, 'einlass_owner'), service_role: 'einlass' };
    await mustRun(['migrate'], { settings });
    assert.equal((await check(database.conninfo)).status, 0);
    await database.query('drop table added');
    const unknown = await einlass(['migrate'], { settings: { ...settings, service_role: 'nobody' } });
    assert.deepEqual([unknown.status, /role "nobody" does not exist/.test(unknown.stderr)], [1, true]);
    const one = await createDatabase({ migrated: false });
    await mustRun(['migrate'], { settings: { database: one.conninfo, service_role: 'einlass' } });
    assert.match((await check(one.conninfo)).stdout, /owns the tables/, 'one role can do all of it');
});
