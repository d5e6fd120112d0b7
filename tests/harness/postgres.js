// PostgreSQL for tests: one private cluster shared by all files of a run (EINLASS_TEST_CLUSTER,
// set by tests/run) or made on demand when a file runs alone, and in it a migrated database of
// its own for whoever asks. A test that kills PostgreSQL makes a cluster of its own.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import pg from 'pg';
import { mustRun, run } from './command.js';
import { repository, temporaryDirectory } from './paths.js';

const script = join(repository, 'deploy/cluster');

class Cluster {
    constructor(directory) {
        this.directory = directory;
    }

    // Also brings back one that was killed.
    async start() {
        const { status, stdout, stderr } = await run(script, ['start', this.directory]);
        assert.equal(status, 0, stderr);
        this.socket = /host=(\S+)/.exec(stdout)[1];
        return this;
    }

    async stop() {
        await run(script, ['stop', this.directory]);
    }

    // As a power cut would: no process of it gets to say goodbye.
    kill() {
        const [pid] = readFileSync(join(this.directory, 'data/postmaster.pid'), 'utf8').split('\n');
        process.kill(Number(pid), 'SIGKILL');
    }

    conninfo(database, user = 'einlass') {
        return `host=${this.socket} dbname=${database} user=${user}`;
    }

    async asSuperuser(work) {
        const client = new pg.Client({ host: this.socket, user: 'postgres', database: 'postgres' });
        await client.connect();
        try {
            return await work(client);
        } finally {
            await client.end();
        }
    }
}

export async function startCluster(directory = join(temporaryDirectory(), 'cluster')) {
    const cluster = await new Cluster(directory).start();
    if (directory !== process.env.EINLASS_TEST_CLUSTER)
        process.prependOnceListener('exit', () => spawnSync(script, ['destroy', directory]));
    return cluster;
}

let shared;

export function sharedCluster() {
    shared ??= startCluster(process.env.EINLASS_TEST_CLUSTER);
    return shared;
}

class Database {
    constructor(cluster, name) {
        this.cluster = cluster;
        this.name = name;
        this.conninfo = cluster.conninfo(name);
        this.pool = new pg.Pool({
            host: cluster.socket, user: 'einlass', database: name, max: 4, allowExitOnIdle: true,
        });
        this.pool.on('error', () => {}); // an idle connection may die with its server
    }

    // → rows as objects
    async query(text, values) {
        return (await this.pool.query(text, values)).rows;
    }

    // → the one value of the one row
    async value(text, values) {
        const rows = await this.query(text, values);
        assert.equal(rows.length, 1, `${rows.length} rows: ${text}`);
        return Object.values(rows[0])[0];
    }
}

// Migrated once per cluster; every database is then a copy of it.
async function makeTemplate(cluster, client) {
    const template = 'einlass_template';
    const found = await client.query('select from pg_database where datname = $1', [template]);
    if (found.rowCount > 0) return template;
    await client.query('create database einlass_raw owner einlass');
    await mustRun(['migrate'], { settings: { database: cluster.conninfo('einlass_raw') } });
    await client.query(`alter database einlass_raw rename to ${template}`);
    return template;
}

// A database nobody else uses; migrated: false leaves it empty.
export async function createDatabase({ cluster, migrated = true } = {}) {
    cluster ??= await sharedCluster();
    const name = `test_${process.pid}_${Math.random().toString(36).slice(2, 10)}`;
    await cluster.asSuperuser(async (client) => {
        await client.query('select pg_advisory_lock(1)'); // copying a database wants it to be quiet
        const template = migrated ? await makeTemplate(cluster, client) : 'template0';
        await client.query(`create database ${name} owner einlass template ${template}`);
    });
    return new Database(cluster, name);
}
