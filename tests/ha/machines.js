// Three machines as deploy/ha describes them, on this one. Each runs etcd, PostgreSQL under Patroni,
// HAProxy and Einlass from the files of deploy/ha. Inside apart() each has a network of its own, which can
// be cut. Without that right they share the loopback network.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, cpSync, createWriteStream, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { program, repository } from '../harness/paths.js';
import { mustRun, refuseSanitizerReports, run, settingsEnvironment } from '../harness/command.js';
import { setTimeout as sleep } from 'node:timers/promises';
import { until as untilSoon } from '../harness/wait.js';

const names = ['one', 'two', 'three'];
const passwords = { PATRONI: 'patroni-1', POSTGRES: 'postgres-2', REPLICATOR: 'replicator-3', EINLASS: 'einlass-4' };
const isRoot = process.getuid() === 0;
const asPostgres = isRoot
    ? ['setpriv', '--reuid', 'postgres', '--regid', 'postgres', '--init-groups', '--'] : [];
const postgresId = (flag) => Number(spawnSync('id', [flag, 'postgres']).stdout);

// Namespaces of their own: all processes and networks in them end with the shell that unshare starts. The
// shell is there to reap: PostgreSQL leaves its parent, and Patroni takes a zombie for a living server.
const unshare = [...(isRoot ? [] : ['--user', '--map-current-user', '--keep-caps']),
    '--net', '--pid', '--mount', '--mount-proc', '--fork', '--kill-child'];

export const canBeApart = () => spawnSync('unshare', [...unshare, 'true']).status === 0;

// → the command line that runs these words apart from this machine's networks
export const apart = (words) =>
    (canBeApart() ? ['unshare', ...unshare, 'sh', '-c', '"$@"; exit $?', 'sh', ...words] : words);

// Machines are asked less often than in other tests, as asking costs them something.
export const until = (check, what, patienceMs = 120_000) =>
    untilSoon(async () => await check() || (await sleep(100), false), what, patienceMs);

function sh(script) {
    const { status, stderr } = spawnSync('sh', ['-ec', script], { encoding: 'utf8' });
    assert.equal(status, 0, `${script}: ${stderr}`);
}

// A daemon and its log.
class Daemon {
    constructor(name, words, { log, env }) {
        Object.assign(this, { name, words, log, env });
    }

    start() {
        this.child = spawn(this.words[0], this.words.slice(1), {
            env: { ...process.env, ...this.env }, stdio: ['ignore', 'pipe', 'pipe'],
        });
        const log = createWriteStream(this.log, { flags: 'a' });
        for (const stream of [this.child.stdout, this.child.stderr]) stream.pipe(log, { end: false });
        this.ended = once(this.child, 'exit'); // not "close": PostgreSQL keeps Patroni's output open
        return this;
    }

    get runs() {
        return this.child?.exitCode === null && this.child.signalCode === null;
    }

    async end(signal = 'SIGTERM') {
        if (!this.runs) return;
        this.child.kill(signal);
        await this.ended;
    }
}

class Machine {
    daemons = {};

    constructor(machines, name, number) {
        Object.assign(this, { machines, name, number });
        this.address = machines.address(number);
        this.directory = join(machines.directory, name);
        for (const made of ['', 'etcd', 'lib', 'lib/15', 'run']) {
            mkdirSync(join(this.directory, made), { recursive: true, mode: 0o711 });
            if (isRoot) chownSync(join(this.directory, made), postgresId('-u'), postgresId('-g'));
        }
        this.data = join(this.directory, 'lib/15/einlass');
        this.keys = join(this.directory, 'keys');
        this.patroniFile = this.file('patroni.yml');
    }

    get inside() {
        return this.machines.areApart ? ['nsenter', `--net=/run/netns/${this.name}`] : [];
    }

    // A file of deploy/ha as this machine has it: other paths, other addresses. → its path
    file(name) {
        let text = readFileSync(join(repository, 'deploy/ha', name), 'utf8')
            .replaceAll('@NAME@', this.name).replaceAll('@ADDRESS@', this.address)
            .replaceAll(/@(\w+)_PASSWORD@/g, (_, who) => passwords[who])
            .replaceAll(/(?<!\w)\/var\/lib\/etcd\//g, `${this.directory}/etcd/`)
            .replaceAll('/var/lib/postgresql/', `${this.directory}/lib/`)
            .replaceAll('/run/postgresql', `${this.directory}/run`)
            .replaceAll('/var/lib/einlass/keys', this.keys)
            .replaceAll(/^ +(user|group|stats socket|log) .*\n/gm, '') // HAProxy stays who it is
            .replace('maxconn 20000', 'maxconn 2000')
            .replace('bind :80\n', 'bind :8081\n')
            .replaceAll('10.0.0.0/24', this.machines.areApart ? '10.0.0.0/24' : '127.0.0.0/8')
            .replaceAll('10.0.0.', this.machines.network);
        if (!this.machines.areApart)
            text = text.replaceAll('127.0.0.1:2379', `${this.address}:2378`)
                .replaceAll(/(bind |listen = |host=|bind 127.0.0.1)(127.0.0.1)?( port=|:)/g, `$1${this.address}$3`);
        const path = join(this.directory, name);
        writeFileSync(path, text, { mode: 0o644 });
        return path;
    }

    daemon(name, words, { env, as = asPostgres } = {}) {
        const log = join(this.directory, `${name}.log`);
        this.daemons[name] ??= new Daemon(name, [...this.inside, ...as, ...words], { log, env });
        return this.daemons[name].start();
    }

    startEtcd() {
        const lines = readFileSync(this.file('etcd.env'), 'utf8').match(/^ETCD_\w+=.*$/gm);
        const env = Object.fromEntries(lines.map((line) => line.split(/=(.*)/s, 2)));
        return this.daemon('etcd', ['etcd'], { env });
    }

    startPatroni() {
        return this.daemon('patroni', ['patroni', this.patroniFile]);
    }

    startHaproxy() {
        return this.daemon('haproxy', ['haproxy', '-db', '-f', this.file('haproxy.cfg')]);
    }

    startEinlass(binary = program) {
        delete this.daemons.einlass;
        const file = this.file('einlass.conf');
        const env = settingsEnvironment({ resolver: '127.0.0.1:9', public_url: this.machines.url, workers: 1 });
        return this.daemon('einlass', [binary, 'serve', '--config', file], { env, as: [] });
    }

    log(name) {
        return readFileSync(join(this.directory, `${name}.log`), 'utf8');
    }

    // → the status that Patroni tells of itself, or null
    patroni(path = '/patroni') {
        return fetch(`http://${this.address}:8008${path}`, { signal: AbortSignal.timeout(2000) })
            .then(async (answer) => ({ status: answer.status, ...await answer.json() })).catch(() => null);
    }

    isReady() {
        return fetch(`http://${this.address}:8080/readyz`, { signal: AbortSignal.timeout(2000) })
            .then(({ status }) => status === 200, () => false);
    }

    // Kills PostgreSQL and leaves Patroni alive.
    killPostgres() {
        const [pid] = readFileSync(join(this.data, 'postmaster.pid'), 'utf8').split('\n').map(Number);
        const children = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry)).filter((entry) => {
            try {
                return readFileSync(`/proc/${entry}/stat`, 'utf8').replace(/.*\) \S /s, '').startsWith(`${pid} `);
            } catch {
                return false; // it has ended meanwhile
            }
        });
        for (const each of [pid, ...children.map(Number)]) {
            try {
                process.kill(each, 'SIGKILL');
            } catch (error) {
                if (error.code !== 'ESRCH') throw error;
            }
        }
    }

    postgresRuns() {
        const [pid] = readFileSync(join(this.data, 'postmaster.pid'), 'utf8').split('\n');
        return readFileSync(`/proc/${pid}/comm`, 'utf8') === 'postgres\n';
    }

    cutNetwork() {
        sh(`ip link set v-${this.name} down`);
    }

    joinNetwork() {
        sh(`ip link set v-${this.name} up`);
    }
}

export class Machines {
    constructor(directory) {
        this.directory = directory;
        this.keys = join(directory, 'keys');
        this.areApart = process.env.EINLASS_APART === '1';
        this.network = this.areApart ? '10.0.0.' : `127.${process.pid % 200 + 20}.${(process.pid >> 8) % 250}.`;
        this.all = names.map((name, index) => new Machine(this, name, index + 1));
        this.url = `http://${this.guestAddresses[0]}`;
    }

    address(number) {
        return `${this.network}${number}`;
    }

    // Where guests reach HAProxy.
    get guestAddresses() {
        return this.all.map(({ address }) => `${address}:8081`);
    }

    makeNetworks() {
        const links = this.all.map(({ name, address }) => `
            ip netns add ${name}
            ip link add v-${name} type veth peer name eth0 netns ${name}
            ip link set v-${name} master bridge up
            nsenter --net=/run/netns/${name} sh -ec '
                ip link set lo up; ip addr add ${address}/24 dev eth0; ip link set eth0 up'`);
        sh(`mount -t tmpfs tmpfs /run; mkdir /run/netns; ip link set lo up
            ip link add bridge type bridge; ip addr add ${this.address(254)}/24 dev bridge; ip link set bridge up
            ${links.join('\n')}`);
    }

    async start({ binary } = {}) {
        if (this.areApart) this.makeNetworks();
        for (const machine of this.all) machine.startEtcd();
        for (const machine of this.all) machine.startPatroni();
        for (const machine of this.all) machine.startHaproxy();
        await this.areWhole();
        await this.makeDatabase();
        for (const machine of this.all) machine.startEinlass(binary);
        await until(async () => (await Promise.all(this.all.map((machine) => machine.isReady()))).every(Boolean),
            () => this.state());
    }

    async makeDatabase() {
        await this.query(`create role einlass_owner`);
        await this.query(`create role einlass login password '${passwords.EINLASS}'`);
        await this.query(`create database einlass owner einlass_owner`);
        await this.command(['keys', 'rotate']);
        for (const machine of this.all) cpSync(this.keys, machine.keys, { recursive: true });
        await this.migrate();
    }

    async migrate(binary = program) {
        const { address } = await this.primary();
        const database = `host=${address} dbname=einlass user=postgres password=${passwords.POSTGRES} ` +
            'options=-crole=einlass_owner';
        const { status, stderr } = await run(binary, ['migrate', '--service-role', 'einlass'],
            { environment: settingsEnvironment({ database }) });
        assert.equal(status, 0, stderr);
    }

    // → the machine of the leader, when there is one
    primary() {
        return until(async () => {
            const told = await Promise.all(this.all.map((machine) => machine.patroni('/primary')));
            return this.all[told.findIndex((one) => one?.status === 200)];
        }, () => this.state());
    }

    async standbys() {
        const primary = await this.primary();
        return this.all.filter((machine) => machine !== primary);
    }

    // Waits for a leader, a synchronous standby and a second standby, all of one timeline.
    areWhole() {
        return until(async () => {
            const told = await Promise.all(this.all.map((machine) => machine.patroni()));
            const leader = told.find((one) => one?.role === 'master');
            const standbys = leader?.replication ?? [];
            return told.every((one) => one?.state === 'running' && one.timeline === leader?.timeline) &&
                standbys.filter(({ state }) => state === 'streaming').length === 2 &&
                standbys.some(({ sync_state }) => sync_state === 'sync');
        }, () => this.state(), 180_000);
    }

    async state() {
        const told = await Promise.all(this.all.map((machine) => machine.patroni()));
        const ends = this.all.flatMap((machine) => Object.keys(machine.daemons).map((name) =>
            `--- ${machine.name} ${name}\n${machine.log(name).split('\n').slice(-12).join('\n').slice(-2000)}`));
        return [JSON.stringify(told, null, 1), ...ends].join('\n');
    }

    // Asks the primary as superuser. → rows
    async query(text, values, database = 'postgres') {
        const { address } = await this.primary();
        const client = new pg.Client({
            host: address, user: 'postgres', database, password: passwords.POSTGRES,
        });
        await client.connect();
        try {
            return (await client.query(text, values)).rows;
        } finally {
            await client.end();
        }
    }

    // → the output of `einlass WORDS…` with the settings of the service, but straight to the primary
    async command(words) {
        const database = await this.query('select 1 from pg_database where datname = $1', ['einlass'])
            .then(async ([there]) => there && `host=${(await this.primary()).address} dbname=einlass user=einlass ` +
                `password=${passwords.EINLASS}`);
        return mustRun(words, { settings: { database, keys: this.keys, public_url: this.url } });
    }

    async patronictl(words) {
        const { status, stdout, stderr } =
            await run('patronictl', ['-c', this.all[0].patroniFile, ...words]);
        assert.equal(status, 0, stdout + stderr);
        return stdout;
    }

    // Apart from this machine, the rest ends with the namespaces.
    async end() {
        for (const name of this.areApart ? ['einlass'] : ['einlass', 'haproxy', 'patroni', 'etcd'])
            await Promise.all(this.all.map((machine) => machine.daemons[name]?.end()));
        for (const machine of this.all.filter(({ daemons }) => daemons.einlass))
            refuseSanitizerReports(machine.log('einlass'));
    }
}
