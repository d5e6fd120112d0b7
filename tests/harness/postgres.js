// PostgreSQL for tests: one private cluster for all files of a run (EINLASS_TEST_CLUSTER, set by
// tests/run), or made on demand for a single file. Each caller gets its own migrated database. A test
// that kills PostgreSQL makes its own cluster.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import pg from 'pg';
import { mustRun, run } from './command.js';
import { repository, temporaryDirectory } from './paths.js';

const script = join(repository, 'deploy/cluster');

class Cluster {
    constructor(directory, environment) {
        Object.assign(this, { directory, environment });
    }

    // Also starts a killed cluster again.
    async start() {
        const { status, stdout, stderr } = await run(script, ['start', this.directory]);
        assert.equal(status, 0, stderr);
        this.socket = /host=(\S+)/.exec(stdout)[1];
        if (this.environment) await this.#restartWith(this.environment);
        return this;
    }

    // deploy/cluster starts it with an empty environment.
    async #restartWith(environment) {
        const data = join(this.directory, 'data');
        const stepDown = process.getuid() === 0
            ? ['setpriv', '--reuid', 'postgres', '--regid', 'postgres', '--init-groups'] : [];
        const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
        const { status, stderr } = await run('env', [...stepDown, 'env', '-C', data, ...variables,
            '/usr/lib/postgresql/15/bin/pg_ctl', '-s', '-w', '-D', data, '-l', join(data, 'log'), 'restart']);
        assert.equal(status, 0, stderr);
    }

    async stop() {
        await run(script, ['stop', this.directory]);
    }

    // Kills all its processes at once, like a power cut.
    kill() {
        const [pid] = readFileSync(join(this.directory, 'data/postmaster.pid'), 'utf8').split('\n');
        process.kill(Number(pid), 'SIGKILL');
    }

    // A busy machine may need long to connect a command.
    conninfo(database, user = 'einlass') {
        return `host=${this.socket} dbname=${database} user=${user} connect_timeout=50`;
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

// environment: variables of its processes
export async function startCluster(directory = join(temporaryDirectory(), 'cluster'), { environment } = {}) {
    const cluster = await new Cluster(directory, environment).start();
    if (directory !== process.env.EINLASS_TEST_CLUSTER)
        process.prependOnceListener('exit', () => spawnSync(script, ['destroy', directory]));
    return cluster;
}

let shared;

export function sharedCluster() {
    shared ??= startCluster(process.env.EINLASS_TEST_CLUSTER);
    return shared;
}

// The tests themselves work as the owner of the tables, the service as a role with few rights.
class Database {
    constructor(cluster, name, owner) {
        this.cluster = cluster;
        this.name = name;
        this.conninfo = cluster.conninfo(name);
        this.pool = new pg.Pool({
            host: cluster.socket, user: owner, database: name, max: 4, allowExitOnIdle: true,
        });
        this.pool.on('error', () => {}); // a killed server also ends idle connections
    }

    // → rows as objects
    async query(text, values) {
        return (await this.pool.query(text, values)).rows;
    }

    // → the value of a result with one row and one column
    async value(text, values) {
        const rows = await this.query(text, values);
        assert.equal(rows.length, 1, `${rows.length} rows: ${text}`);
        return Object.values(rows[0])[0];
    }
}

// The template is migrated once per cluster; every database is a copy of it.
async function makeTemplate(cluster, client) {
    const template = 'einlass_template';
    const found = await client.query('select from pg_database where datname = $1', [template]);
    if (found.rowCount > 0) return template;
    // Tests look at the service's connections and end them.
    await client.query('grant pg_signal_backend, pg_read_all_stats to einlass_owner');
    await client.query('create database einlass_raw owner einlass_owner');
    await mustRun(['migrate'],
        { settings: { database: cluster.conninfo('einlass_raw', 'einlass_owner'), service_role: 'einlass' } });
    await client.query(`alter database einlass_raw rename to ${template}`);
    return template;
}

// → a new database; migrated: false leaves it empty, and then one role owns and uses it
export async function createDatabase({ cluster, migrated = true } = {}) {
    cluster ??= await sharedCluster();
    const name = `test_${process.pid}_${Math.random().toString(36).slice(2, 10)}`;
    const owner = migrated ? 'einlass_owner' : 'einlass';
    await cluster.asSuperuser(async (client) => {
        await client.query('select pg_advisory_lock(1)'); // a database can only be copied while nobody uses it
        const template = migrated ? await makeTemplate(cluster, client) : 'template0';
        await client.query(`create database ${name} owner ${owner} template ${template}`);
    });
    return new Database(cluster, name, owner);
}
