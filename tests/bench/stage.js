// The fixture of all figures: a cluster with fsync, a database, and an optimised service with default
// settings.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run, settingsEnvironment } from '../harness/command.js';
import { exampleEvent } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { createClient } from '../harness/http.js';
import { program } from '../harness/paths.js';
import { startCluster } from '../harness/postgres.js';
import { freePort } from '../harness/service.js';
import { until } from '../harness/wait.js';
import { makePlain } from './plain.js';

const postgresBin = '/usr/lib/postgresql/15/bin';
const here = new URL('.', import.meta.url).pathname;

// The answers of the measured sign-ups to the example event's questions.
export const answers = '{"company": "biosaxony", "lunch": false}';

// → its parent, its seconds of processor time, those of its children that have ended (proc(5))
function processTimes(pid) {
    try {
        const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ').map(Number);
        return [fields[1], (fields[11] + fields[12]) / 100, (fields[13] + fields[14]) / 100];
    } catch {
        return [0, 0, 0]; // it has ended
    }
}

class Stage {
    constructor(house, address) {
        this.house = house;
        this.directory = house.directory;
        this.database = house.database;
        this.address = address;
        this.http = createClient(address);
    }

    async startService() {
        const settings = {
            ...this.house.settings, listen: this.address, public_url: `http://${this.address}`,
        };
        const log = openSync(join(this.directory, 'einlass.log'), 'a');
        this.child = spawn(program, ['serve'], {
            env: { ...process.env, ...settingsEnvironment(settings) }, stdio: ['ignore', log, log],
        });
        process.once('exit', () => this.child.kill('SIGKILL'));
        for (let tries = 0; tries < 400; tries++) {
            assert.equal(this.child.exitCode, null, 'the service ended');
            if (await this.http.get('/readyz').then(({ status }) => status === 200, () => false))
                return;
            await sleep(50);
        }
        assert.fail('the service is not ready');
    }

    async close() {
        this.http.close();
        this.child.kill('SIGINT'); // without stop_delay
        await once(this.child, 'close');
        await (await this.plainTables)?.drop();
        await this.database.pool.end();
    }

    // → {status, stdout, stderr} of pgbench or psql on our database
    postgres(name, words, environment = {}, user = 'einlass_owner') {
        const { cluster, name: database } = this.database;
        return run(join(postgresBin, name),
            ['--host', cluster.socket, '--username', user, ...words, database],
            { environment, timeoutMs: 600_000 });
    }

    async sql(file, variables) {
        const set = Object.entries(variables).flatMap(
            ([name, value]) => ['-v', `${name}=${value}`]);
        const { status, stderr } = await this.postgres('psql',
            ['-qX', '-v', 'ON_ERROR_STOP=1', ...set, '-f', join(here, file)], {}, 'postgres');
        assert.equal(status, 0, stderr);
    }

    // Makes, once, an open event with places for all. → its slug
    async event(slug) {
        this.events ??= new Map();
        if (!this.events.has(slug)) {
            await this.house.apply(exampleEvent({ slug, registration: { capacity: 10_000_000 } }));
            this.events.set(slug, await this.database.value(
                'select event_id from event where slug = $1', [slug]));
        }
        return slug;
    }

    // → an SQL expression
    eventId(slug) {
        return `'${this.events.get(slug)}'::uuid`;
    }

    // With so many attendees, who are in the index of the list.
    async filledEvent(slug, count) {
        if (!this.events?.has(slug)) {
            await this.event(slug);
            await this.sql('fill.sql', { slug, first: 1, count });
            await this.indexed(slug);
            await this.database.query('vacuum analyze attendee_search');
        }
        return slug;
    }

    // Waits until the index of the list has all who registered.
    indexed(slug) {
        return until(async () => await this.database.value(
            `select coalesce(number, 0) = registrations from tally left join attendee_search_progress using (event_id)
              where event_id = ${this.eventId(slug)}`), undefined, 600_000);
    }

    // Holds up the job that keeps the index of the list. → a function that lets it go on
    async holdIndex(slug) {
        const client = await this.database.pool.connect();
        await client.query(`begin; select lock_attendee_search(${this.eventId(slug)})`);
        return async () => {
            await client.query('rollback');
            client.release();
        };
    }

    // → the yardstick, made once
    plain() {
        return this.plainTables ??= makePlain(this);
    }

    fullEvent() {
        return this.filledEvent('full', 1_000_000);
    }

    // → the seconds of processor time so far, in this program and in PostgreSQL
    cpuSeconds() {
        const [postmaster] = readFileSync(join(this.database.cluster.directory, 'data/postmaster.pid'), 'utf8').split('\n');
        const seconds = { service: 0, postgres: 0 };
        for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
            const [parent, own, ofEnded] = processTimes(pid);
            if (Number(pid) === this.child.pid) seconds.service = own;
            else if (pid === postmaster) seconds.postgres += own + ofEnded;
            else if (parent === Number(postmaster)) seconds.postgres += own;
        }
        return seconds;
    }

    memory(field) {
        const status = readFileSync(`/proc/${this.child.pid}/status`, 'utf8');
        return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)[1]) / 1024;
    }

    get residentMebibytes() {
        return this.memory('VmRSS');
    }

    get mostMebibytes() {
        return this.memory('VmHWM');
    }

    // Restarts the measurement of the peak memory.
    forgetMost() {
        writeFileSync(`/proc/${this.child.pid}/clear_refs`, '5');
    }

    async serverVersion() {
        return await this.database.value('show server_version');
    }
}

export async function openStage() {
    const cluster = await startCluster(join(process.env.TMPDIR, 'cluster'));
    const house = await openHouse({ cluster, serve: false });
    const stage = new Stage(house, `127.0.0.1:${await freePort()}`);
    await stage.startService();
    return stage;
}

// Flushes the fixtures' data to disk before a measurement.
export function settle(stage) {
    return stage.database.cluster.asSuperuser((client) => client.query('checkpoint'));
}

