// Databases that would lose what was answered, or cannot serve it: check, the log and /readyz say so.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { startCluster } from '../harness/postgres.js';
import { freePort, startService } from '../harness/service.js';
import { until } from '../harness/wait.js';

const cluster = await startCluster();
const house = await openHouse({ cluster });
const event = await house.apply(plainEvent());
const { name } = house.database;
const NEEDED = 2 * 11 + 2; // two workers

const asSuperuser = (...statements) => cluster.asSuperuser(async (client) => {
    for (const sql of statements) await client.query(sql);
});
const sessions = `select pid from pg_stat_activity where datname = '${name}' and usename = 'einlass'`;
const endSessions = `select pg_terminate_backend(pid) from (${sessions}) as session`;

// → the errors of check, which must fail
async function complaint(settings) {
    const { status, stdout, stderr } = await house.command(['check'], { settings });
    assert.equal(status, 1, stdout);
    assert.doesNotMatch(stdout, /in order/);
    return stderr;
}

// → the body of /readyz as soon as it is as wished
function readiness(service, isAsWished) {
    let seen;
    return until(async () => {
        seen = (await service.http.get('/readyz')).json();
        return isAsWished(seen) && seen;
    }, () => `last ${JSON.stringify(seen)}\n${service.stderr.slice(-3000)}`);
}

const becomesReady = () => readiness(house.service, ({ status }) => status === 'ready');

test('settings that lose answers in a crash are named, and the service waits for the disk itself', async () => {
    assert.match(await house.mustCommand(['check']), /in order/);
    await asSuperuser('alter role einlass set synchronous_commit = off', endSessions);
    assert.match(await complaint(), /lose sign-ups and scans .*: synchronous_commit must be on/);
    assert.equal((await house.service.logs('database_not_durable')).off, 'synchronous_commit');
    await becomesReady(); // the service sets it for its own sessions
    await house.database.query(`create table committed (how text);
        create function note_commit() returns trigger language plpgsql security definer as $$ begin
          insert into committed values (current_setting('synchronous_commit')); return null;
        end $$;
        create trigger note_commit after insert on registration execute function note_commit()`);
    assert.equal((await house.signUp(event, plainGuest())).status, 201);
    assert.equal(await house.database.value('select how from committed'), 'on');
    await house.database.query('drop function note_commit cascade; drop table committed');

    await asSuperuser('alter role einlass reset synchronous_commit',
        'alter system set fsync = off', 'alter system set full_page_writes = off', 'select pg_reload_conf()');
    await until(async () => /: fsync, full_page_writes must be on/.test((await house.command(['check'])).stderr));
    await asSuperuser(endSessions);
    const { problems } = await readiness(house.service, ({ status, problems }) => status === 'degraded' && problems.length === 2);
    assert.deepEqual(problems, [{ code: 'fsync_is_off' }, { code: 'full_page_writes_is_off' }]);
    assert.equal((await house.http.get('/readyz')).status, 200);
    await asSuperuser('alter system reset all', 'select pg_reload_conf()', endSessions);
    await becomesReady();
});

test("time-outs that an administrator set for the role do not end the service's statements", async () => {
    await asSuperuser(...['lock_timeout', 'statement_timeout', 'idle_in_transaction_session_timeout', 'idle_session_timeout']
        .map((timeout) => `alter role einlass set ${timeout} = '100ms'`));
    const client = await house.database.pool.connect();
    await client.query('begin');
    await client.query('select from tally for update');
    const applying = house.apply({ ...plainEvent(), slug: event, title: 'Changed meanwhile' });
    await until(() => house.database.value(`select exists (select from pg_stat_activity where datname = '${name}'
        and usename = 'einlass' and wait_event_type = 'Lock' and clock_timestamp() - query_start > '200ms')`));
    await client.query('commit');
    client.release();
    await applying;
    await asSuperuser('alter role einlass reset all');
});

test('with too few connections the service works, and says how many it needs', async () => {
    assert.match(await complaint({ workers: 20 }), /at most \d+ connections \(max_connections\), and 20 workers need 222: /);
    await asSuperuser(`alter role einlass connection limit ${NEEDED - 4}`, endSessions);
    const { problems } = await readiness(house.service, ({ status, problems }) => status === 'degraded' && problems[0].open === NEEDED - 4);
    assert.deepEqual(problems, [{ code: 'too_few_connections', needed: NEEDED, open: NEEDED - 4 }]);
    assert.equal((await house.service.logs('too_few_connections')).needed, NEEDED);
    assert.equal((await house.signUp(event, plainGuest())).status, 201);
    await asSuperuser('alter role einlass connection limit -1');
    await becomesReady();
});

test('a database restored without its keys is noticed, until somebody accepts other keys', async () => {
    const keys = join(house.directory, 'other-keys');
    await house.mustCommand(['keys', 'rotate'], { settings: { keys } });
    const sentence = /"secret".* is not the one of this database.* einlass keys accept|put the right keys back/;
    assert.match(await complaint({ keys }), sentence);
    const { status, stderr } = await house.command(['serve'], { settings: { keys, listen: '127.0.0.1:0' } });
    assert.equal(status, 1);
    assert.match(stderr.trim().split('\n').at(-1), sentence);

    // A running service takes no other secret either.
    const own = join(house.directory, 'own-secret');
    cpSync(join(house.settings.keys, 'secret'), own);
    cpSync(join(keys, 'secret'), join(house.settings.keys, 'secret'));
    house.service.signal('SIGHUP');
    assert.match((await house.service.logs('reload_failed')).reason, /"secret" has changed/);
    cpSync(own, join(house.settings.keys, 'secret'));

    await house.mustCommand(['keys', 'accept'], { settings: { keys } });
    await house.mustCommand(['check'], { settings: { keys } });
    await asSuperuser(endSessions);
    await readiness(house.service, ({ code }) => code === 'database_of_other_keys');
    await house.mustCommand(['keys', 'accept']);
    await becomesReady();
});

// Starts PgBouncer before the cluster. → its conninfo
async function startPooler(mode) {
    const place = realpathSync(cluster.directory);
    const port = await freePort();
    const [settings, users] = ['ini', 'users'].map((end) => join(place, `pooler-${mode}.${end}`));
    writeFileSync(users, '"einlass" ""\n', { mode: 0o644 });
    writeFileSync(settings, `[databases]\n* = host=${cluster.socket}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = ${port}\n`
        + `unix_socket_dir =\nauth_type = trust\nauth_file = ${users}\npool_mode = ${mode}\ndefault_pool_size = 60\n`, { mode: 0o644 });
    const asPostgres = process.getuid() === 0 ? ['setpriv', '--reuid', 'postgres', '--regid', 'postgres', '--init-groups'] : [];
    const [file, ...words] = [...asPostgres, 'pgbouncer', settings];
    const pooler = spawn(file, words, { stdio: ['ignore', 'ignore', 'pipe'] });
    const closed = once(pooler, 'close');
    let said = '';
    pooler.stderr.setEncoding('utf8').on('data', (text) => (said += text));
    after(() => {
        pooler.kill('SIGKILL');
        return closed;
    });
    await until(() => /process up/.test(said), () => said);
    return `host=127.0.0.1 port=${port} dbname=${name} user=einlass`;
}

test('PgBouncer in session mode serves, in transaction mode it is named', async () => {
    const inSessions = { ...house.settings, database: await startPooler('session') };
    await house.mustCommand(['check'], { settings: inSessions });
    const service = await startService(inSessions);
    const answer = await service.http.post(`/api/v1/events/${event}/registrations`, { json: plainGuest() });
    assert.equal(answer.status, 201);
    await house.apply({ ...plainEvent(), slug: event, title: 'Heard through a pooler' });
    await until(async () => (await service.http.get(`/api/v1/events/${event}`)).body.includes('Heard through a pooler'));
    await readiness(service, ({ status }) => status === 'ready');

    const inTransactions = { ...house.settings, database: await startPooler('transaction') };
    assert.match(await complaint(inTransactions), /pooler in transaction mode.*set pool_mode = session/);
    const refused = await startService(inTransactions, { ready: false });
    await refused.logs('listening');
    const { status, title } = await readiness(refused, ({ code }) => code === 'database_pooled');
    assert.equal(status, 503);
    assert.match(title, /pooler/);
    await until(() => refused.log.find(({ message, reason }) => message === 'database_lost' && /pool_mode = session/.test(reason)));
    // Although its connections come to backends of their own in the end.
    for (let i = 0; i < 100; i++)
        assert.equal((await refused.http.get('/readyz')).json().code, 'database_pooled');
});
