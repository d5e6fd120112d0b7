// A standby is promoted, and its old primary comes back where the service looks for the database.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import pg from 'pg';
import { plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { temporaryDirectory } from '../harness/paths.js';
import { startCluster } from '../harness/postgres.js';
import { startService } from '../harness/service.js';
import { until } from '../harness/wait.js';

const directory = temporaryDirectory();
const old = await startCluster();
const house = await openHouse({ cluster: old, serve: false });
const address = join(directory, 'address'); // where the service looks: a link to one of the sockets
const kept = join(house.settings.keys, 'timeline');

function lead(cluster) {
    rmSync(address, { force: true });
    symlinkSync(cluster.socket, address);
}

// → a promoted copy of the stopped primary
async function promote() {
    const home = join(directory, 'promoted');
    await old.stop();
    assert.equal(spawnSync('cp', ['-a', old.directory, home]).status, 0);
    const data = join(home, 'data');
    writeFileSync(join(data, 'standby.signal'), '');
    const cluster = await startCluster(home);
    await cluster.asSuperuser((client) => client.query('select pg_promote()'));
    return cluster;
}

// → the rows of this statement in the house's database on this server
async function ask(cluster, sql) {
    const client = new pg.Client({ host: cluster.socket, user: 'postgres', database: house.database.name });
    await client.connect();
    try {
        return (await client.query(sql)).rows;
    } finally {
        await client.end();
    }
}

const registrations = async (cluster) => (await ask(cluster, 'select from registration')).length;

async function refuses(code) {
    let seen;
    await until(async () => {
        seen = (await house.http.get('/readyz')).json();
        return seen.code === code;
    }, () => `${code}, last ${JSON.stringify(seen)}`);
    assert.equal(seen.status, 503);
    assert.ok(seen.title && seen.detail);
}

lead(old);
house.settings.database = house.database.conninfo.replace(old.socket, address);
await house.serve();
const event = await house.apply(plainEvent());
assert.equal((await house.signUp(event, plainGuest())).status, 201);
const promoted = await promote();

test('an old primary that comes back confirms nothing, and /readyz says why', async () => {
    lead(promoted);
    await house.service.becomesReady();
    assert.equal((await house.signUp(event, plainGuest())).status, 201);
    assert.match(readFileSync(kept, 'utf8'), /^\d{10,20} 2\n$/);

    await promoted.stop();
    await old.start();
    lead(old);
    await refuses('database_old_primary');
    const waiting = house.signUp(event, plainGuest());
    const { status, stderr } = await house.command(['event', 'list']);
    assert.equal(status, 1);
    assert.match(stderr, /old primary: it is on timeline 1, and the service has seen timeline 2/);
    await until(() => house.service.log.find(({ reason }) => /old primary/.test(reason)), () => house.service.stderr);

    await promoted.start();
    lead(promoted);
    assert.equal((await waiting).status, 201);
    await house.service.becomesReady();
    assert.deepEqual([await registrations(old), await registrations(promoted)], [1, 3]);
});

test('the memory outlives the process, and the service leaves a primary that got old meanwhile', async () => {
    lead(old);
    const other = await startService({ ...house.settings }, { ready: false });
    await until(async () => (await other.http.get('/readyz').catch(() => undefined))?.json().code === 'database_old_primary');
    await other.stop();

    // Without the memory nobody can tell. This is also how an operator goes back to the old one.
    rmSync(kept);
    await house.service.stop();
    await house.serve();
    assert.equal((await house.signUp(event, plainGuest())).status, 201);
    assert.equal(await registrations(old), 2);

    // One connection meets the new primary: all others leave the old one, whose server still answers.
    lead(promoted);
    const ours = `from pg_stat_activity where application_name = 'einlass' and datname = '${house.database.name}'`;
    await ask(old, `select pg_terminate_backend((select pid ${ours} limit 1))`);
    await until(async () => (await ask(old, `select ${ours}`)).length === 0);
    await house.service.becomesReady();
    assert.equal((await house.signUp(event, plainGuest())).status, 201);
    assert.deepEqual([await registrations(old), await registrations(promoted)], [2, 4]);
});

test('where several hosts are named, the service passes over the old primary', async () => {
    const database = house.database.conninfo.replace(`host=${old.socket}`, `host=${old.socket},${promoted.socket}`);
    const service = await startService({ ...house.settings, database });
    const answer = await service.http.post(`/api/v1/events/${event}/registrations`, { json: plainGuest() });
    assert.equal(answer.status, 201);
    assert.equal(await registrations(promoted), 5);
    await house.mustCommand(['event', 'list'], { settings: { database } });
});

test('another cluster is refused until the service is restarted', async () => {
    const foreign = await startCluster(join(directory, 'foreign'));
    const tool = (name, cluster, input, ...words) => {
        const run = spawnSync(name, [...words, '-h', cluster.socket, '-U', 'postgres'], { input, maxBuffer: 1 << 28 });
        assert.equal(run.status, 0, String(run.stderr));
        return run.stdout;
    };
    const dump = tool('pg_dump', promoted, '', '--create', house.database.name);
    tool('psql', foreign, dump, '-qX', '-d', 'postgres');
    const service = await house.serve();
    lead(foreign);
    await promoted.stop();
    await refuses('database_other_cluster');
    await service.stop();
    await house.serve();
    assert.equal((await house.signUp(event, plainGuest())).status, 201);
    assert.equal(await registrations(foreign), 6);
});
