// A database that refuses connections for a while, or is restored, does not end a service that has been ready.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { startCluster } from '../harness/postgres.js';
import { until } from '../harness/wait.js';

const cluster = await startCluster();
const house = await openHouse({ cluster });
const event = await house.apply(plainEvent());
const { name } = house.database;

const endSessions = (client) => client.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname in ('${name}', 'moved')`);

// Waits until /readyz names this reason. → its body
function notReady(code, sqlstate) {
    let seen;
    return until(async () => {
        seen = (await house.http.get('/readyz')).json();
        return seen.code === code && seen.data.sqlstate === sqlstate && seen;
    }, () => `${code} ${sqlstate}, last ${JSON.stringify(seen)}`);
}

// The service says why it waits, lives on, and serves a sign-up that was sent meanwhile once the database is back.
async function outlives(code, sqlstate, mend) {
    const refusal = await notReady(code, sqlstate);
    assert.equal(refusal.status, 503);
    assert.ok(refusal.title && refusal.detail);
    assert.equal((await house.http.get('/healthz')).status, 200);
    const waiting = house.signUp(event, plainGuest());
    await mend();
    await house.service.becomesReady();
    assert.equal((await waiting).status, 201);
    assert.ok(house.service.runs);
}

function reasons() {
    return house.service.log.filter(({ message }) => message === 'database_lost').map(({ reason }) => reason).join('\n');
}

test('a renamed database is waited for', () => cluster.asSuperuser(async (client) => {
    await client.query(`alter database ${name} allow_connections false`);
    await endSessions(client);
    await house.database.pool.end();
    await client.query(`alter database ${name} rename to moved`);
    await outlives('database_refuses', '3D000', async () => {
        await client.query(`alter database moved rename to ${name}`);
        await client.query(`alter database ${name} allow_connections true`);
    });
    assert.match(reasons(), /3D000.*does not exist/);
}));

test('a rejecting pg_hba.conf, a role without login and a full server are waited for', () => cluster.asSuperuser(async (client) => {
    const hba = join(cluster.directory, 'data/pg_hba.conf');
    const usual = readFileSync(hba, 'utf8');
    const rewrite = async (text) => {
        writeFileSync(hba, text);
        await client.query('select pg_reload_conf()');
    };
    await rewrite(`local ${name} all reject\n${usual}`);
    // The reload comes a moment later; until then new sessions are admitted.
    await until(async () => {
        await endSessions(client);
        return (await house.http.get('/readyz')).json().data?.sqlstate === '28000';
    });
    await outlives('database_refuses', '28000', () => rewrite(usual));
    assert.match(reasons(), /28000.*pg_hba.conf/);

    await client.query(`alter database ${name} connection limit 0`);
    await endSessions(client);
    await outlives('database_refuses', '53300', () => client.query(`alter database ${name} connection limit -1`));
    assert.match(reasons(), /53300.*too many connections/);
}));

test('a restore under a running service ends with a ready service', async () => {
    const bin = readFileSync(join(cluster.directory, 'data/postmaster.opts'), 'utf8').match(/^(\S+)\/postgres/)[1];
    const tool = (command, input, ...words) => {
        const run = spawnSync(join(bin, command), ['-h', cluster.socket, '-U', 'postgres', ...words, name],
            { input, maxBuffer: 1 << 26 });
        assert.equal(run.status, 0, String(run.stderr));
        return run.stdout;
    };
    const sql = (text) => tool('psql', text, '-qX1', '-v', 'ON_ERROR_STOP=1', '-d');
    const dump = tool('pg_dump', '');
    sql('drop schema public cascade; create schema public authorization pg_database_owner; grant usage on schema public to public');
    const waiting = house.signUp(event, plainGuest());
    assert.equal((await house.service.logs('schema_mismatch')).found, 0);
    sql(dump.toString().replace(/^CREATE SCHEMA public;$/m, ''));
    await house.service.becomesReady();
    assert.equal((await waiting).status, 201);
    assert.ok(house.service.runs);
});

test('at the first start a wrong setting ends the service with a sentence', async () => {
    for (const [change, sentence] of [[{ from: name, to: 'nowhere' }, /nowhere.* does not exist/],
        [{ from: 'user=einlass', to: 'user=nobody' }, /nobody.* does not exist/]]) {
        const database = house.database.conninfo.replace(change.from, change.to);
        const { status, stderr } = await house.command(['serve'], { settings: { database, listen: '127.0.0.1:0' } });
        assert.equal(status, 1);
        assert.match(stderr.trim().split('\n').at(-1), sentence);
    }
});
