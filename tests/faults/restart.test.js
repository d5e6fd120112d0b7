// Restarts under load: two instances behind HAProxy in turn, and one instance whose socket outlives it.
// No request fails.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { settingsEnvironment } from '../harness/command.js';
import { plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { createClient } from '../harness/http.js';
import { program, repository } from '../harness/paths.js';
import { freePort } from '../harness/service.js';
import { until } from '../harness/wait.js';
import { pause } from './crowd.js';

const house = await openHouse({ settings: { stop_delay: 1, trusted_proxies: '127.0.0.1' } });
const event = await house.apply(plainEvent({ registration: { capacity: undefined } }));
const device = await house.device(event);

// Guests who sign up, are scanned and read the event's page, one after the other and again.
class Load {
    failures = [];
    good = 0;
    leaving = false;

    constructor(address, guests = 8) {
        this.http = createClient(address);
        this.guests = Array.from({ length: guests }, () => this.#come());
        after(() => this.leave()); // also of a test that fails
    }

    // Each request comes from an address of its own: the rate limits are not of this test.
    async #ask(method, path, options) {
        const source = `198.18.${Math.floor(Math.random() * 256)}.${Math.floor(Math.random() * 256)}`;
        const answer = await this.http.request(method, path,
            { ...options, headers: { 'x-forwarded-for': source } }).catch(String);
        if (answer.status < 400) this.good += 1;
        else this.failures.push(`${method} ${path}: ${answer.status ?? answer}`);
        return answer.status < 400 ? answer : null;
    }

    async #come() {
        while (!this.leaving) {
            const signedUp = await this.#ask('POST', `/api/v1/events/${event}/registrations`, { json: plainGuest() });
            const ticket = signedUp?.json().attendees[0].ticket;
            const nonce = crypto.randomUUID();
            if (ticket)
                await this.#ask('POST', `/api/v1/events/${event}/checkins`,
                    { token: device, json: { ticket, nonce, door: 'main', direction: 'in' } });
            await this.#ask('GET', `/events/${event}`);
            await pause(0, 20);
        }
    }

    // Waits for so many more good answers.
    goesOn(count = 30) {
        const enough = this.good + count;
        return until(() => this.good >= enough, () => `answers; there were ${this.failures.slice(-3)}`);
    }

    async leave() {
        this.leaving = true;
        await Promise.all(this.guests);
        this.http.close();
    }
}

// → the address of an HAProxy in front of both services
async function startHaproxy(one, two) {
    const port = await freePort();
    const [ONE_PORT, TWO_PORT] = [one, two].map(({ settings }) => settings.listen.split(':').at(-1));
    const child = spawn('haproxy', ['-db', '-f', join(repository, 'tests/faults/haproxy.cfg')],
        { env: { ...process.env, FRONT_PORT: port, ONE_PORT, TWO_PORT }, stdio: 'ignore' });
    after(() => child.kill());
    const http = createClient(`127.0.0.1:${port}`);
    await until(() => http.get('/healthz').then(({ status }) => status === 200, () => false));
    http.close();
    return `127.0.0.1:${port}`;
}

// → the number of sign-ups that this instance has answered
async function signUps(service) {
    const { body } = await service.http.get('/metrics');
    const counts = body.matchAll(/^einlass_http_requests_total\{[^}]*route="\/api\/v1\/events\/\{event\}\/registrations"[^}]*\} (\d+)/gm);
    return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
}

// Waits until the balancer sends requests to this instance.
async function isUsed(service) {
    const before = await signUps(service);
    await until(async () => await signUps(service) > before + 5);
}

test('two instances behind HAProxy are restarted in turn, and no request fails', async () => {
    const one = house.service;
    const two = await house.serve();
    const load = new Load(await startHaproxy(one, two));
    for (const service of [one, two]) {
        await isUsed(one);
        await isUsed(two);
        service.signal('SIGTERM');
        await service.closed;
        assert.equal(service.child.exitCode, 0);
        await load.goesOn();
        await service.start();
    }
    await isUsed(two);
    assert.deepEqual(load.failures, []);

    // The control: an instance that is killed takes the sign-ups with it that wait for the database.
    const client = await house.database.pool.connect();
    await client.query('begin');
    await client.query('select from tally for no key update');
    await until(async () => (await one.http.get('/metrics')).body.match(/^einlass_http_requests_in_flight(?:\{.*\})? [2-9]/m));
    await one.kill();
    await client.query('commit');
    client.release();
    await until(() => load.failures.length > 0);
    await load.leave();
});

// What systemd does with einlass.socket: holds the socket, passes it on as descriptor 3, and starts the
// service again after it has ended.
const systemd = `
    use Socket;
    $^F = 3;
    socket(my $socket, PF_INET, SOCK_STREAM, 0) or die;
    fileno($socket) == 3 or die;
    setsockopt($socket, SOL_SOCKET, SO_REUSEADDR, 1);
    bind($socket, sockaddr_in($ARGV[0], INADDR_LOOPBACK)) or die;
    listen($socket, 4096) or die;
    while (1) {
        my $child = fork();
        if ($child == 0) { $ENV{LISTEN_PID} = $$; $ENV{LISTEN_FDS} = 1; exec $ARGV[1], 'serve' }
        print STDERR "started $child\\n";
        waitpid($child, 0);
        if ($? != 0) { print STDERR "ended badly: $?\\n"; exit 1 }
    }`;

test('a service whose socket systemd holds restarts, and no connection is refused', async () => {
    const port = await freePort();
    const settings = { ...house.settings, workers: 2, listen: '127.0.0.1:1', stop_delay: 0 };
    const manager = spawn('perl', ['-e', systemd, port, program],
        { env: { ...process.env, ...settingsEnvironment(settings) }, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    manager.stderr.setEncoding('utf8').on('data', (text) => (said += text));
    const processes = () => [...said.matchAll(/^started (\d+)$/gm)].map(([, pid]) => Number(pid));
    await until(() => processes().length === 1, () => said); // the socket is there
    const load = new Load(`127.0.0.1:${port}`);
    for (let restarts = 0; restarts < 2; restarts++) {
        await load.goesOn();
        process.kill(processes().at(-1), 'SIGTERM');
        await until(() => processes().length === restarts + 2, () => said);
    }
    await load.goesOn();
    await load.leave();
    assert.deepEqual(load.failures, []);
    manager.kill('SIGKILL');
    process.kill(processes().at(-1), 'SIGTERM');
    await once(manager, 'close'); // its standard error, which the service has, too
    assert.match(said, new RegExp(`"listening".*127\\.0\\.0\\.1:${port}`));
    assert.doesNotMatch(said, /ended badly|ERROR: \w+Sanitizer|runtime error/);
});

test('control: without that socket, nobody listens between two processes', async () => {
    const { service } = house;
    if (!service.runs) await service.start();
    const load = new Load(service.settings.listen, 4);
    await load.goesOn();
    service.signal('SIGTERM');
    await service.closed;
    await until(() => load.failures.length > 0);
    await load.leave();
    assert.ok(load.failures.every((failure) => /ECONNREFUSED|ECONNRESET/.test(failure)), load.failures[0]);
});
