// Slow, disconnected, greedy and malformed clients. The service still serves others, and frees the
// client's resources afterwards.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

// Freed memory that the sanitizer holds back would look like a leak.
process.env.ASAN_OPTIONS = `${process.env.ASAN_OPTIONS ?? ''}:quarantine_size_mb=1`;

const { openHouse } = await import('../harness/house.js');
const { plainEvent, plainGuest } = await import('../harness/events.js');
const { PATIENCE_MS, until } = await import('../harness/wait.js');
const { requestText, Wire } = await import('./wire.js');

const MEGABYTE = 1024 * 1024;

const house = await openHouse();
const event = await house.apply(plainEvent({ registration: { capacity: undefined } }));
const signUpPath = `/api/v1/events/${event}/registrations`;
const wires = (count) => Array.from({ length: count }, () => new Wire(house.service));

function ownPid() {
    return house.service.child.pid;
}

function residentBytes() {
    const status = readFileSync(`/proc/${ownPid()}/status`, 'utf8');
    return 1024 * Number(/VmRSS:\s+(\d+)/.exec(status)[1]);
}

function openFiles() {
    return readdirSync(`/proc/${ownPid()}/fd`).length;
}

// Other clients are served quickly.
async function servesOthers() {
    const startedAt = Date.now();
    const answers = await Promise.all([
        house.http.get('/readyz'), house.http.get(`/events/${event}`),
        house.signUp(event, plainGuest()),
    ]);
    assert.deepEqual(answers.map(({ status }) => status), [200, 200, 201]);
    assert.ok(Date.now() - startedAt < PATIENCE_MS);
}

async function soon(promise, what) {
    const late = sleep(PATIENCE_MS, false, { ref: false });
    assert.notEqual(await Promise.race([promise.then(() => true), late]), false, what);
}

function registeredAs(emails) {
    return house.database.query(
        `select email, count(*)::integer as times from registration
          where email = any ($1) group by email`,
        [emails]);
}

// Sends headers and bodies byte by byte.
async function sendSlowly() {
    const text = requestText('POST', signUpPath, { json: plainGuest() });
    const all = wires(300);
    for (let at = 0; at < 20; at++) {
        for (const wire of all) wire.send(text.slice(at, at + 1));
        await sleep(20);
    }
    await servesOthers();
    for (const wire of all) wire.drop();
}

async function sendTruncated() {
    const json = plainGuest();
    const text = requestText('POST', signUpPath, { json });
    const all = wires(200);
    for (const [index, wire] of all.entries()) {
        wire.send(text.slice(0, text.length - 1 - (index % 150)));
        wire.socket.end();
    }
    for (const wire of all) {
        await soon(wire.closed(), 'a connection that was cut off stays open');
        assert.ok(wire.answers.every(({ status }) => status === 400), wire.received);
    }
    assert.deepEqual(await registeredAs([json.email]), []);
}

// → a connection to a worker that has loaded the event, and so knows how large its form is
async function knowing() {
    const wire = new Wire(house.service);
    wire.send(requestText('GET', `/api/v1/events/${event}`));
    await soon(wire.answered(1), 'the event');
    return wire;
}

async function sendTooMuch() {
    const body = Buffer.alloc(10 * MEGABYTE, ' ');
    const head = requestText('POST', signUpPath, {
        headers: { 'content-type': 'application/json', 'content-length': body.length },
    });
    const chunkedHead = requestText('POST', signUpPath, {
        headers: { 'content-type': 'application/json', 'transfer-encoding': 'chunked' },
    });
    const chunk = Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body]);
    for (const [start, rest] of [[head, body], [chunkedHead, chunk]]) {
        const all = await Promise.all(Array.from({ length: 5 }, knowing));
        for (const wire of all) {
            wire.send(start);
            wire.send(rest);
        }
        for (const wire of all) {
            await soon(wire.answered(2), 'a body that is too large is not answered');
            assert.deepEqual(wire.answers.map(({ status }) => status), [200, 413], wire.received);
            wire.drop();
        }
    }
}

// → the first answer that does not ask to try again, as a browser would
async function answered(ask) {
    let answer;
    await until(async () => (answer = await ask()).status !== 503, () => answer.body);
    return answer;
}

// Disconnects while sign-ups wait for the database. A retry with the same key must tell whether the
// guest is registered; nobody may be registered twice.
async function leaveWhileTheQueryRuns() {
    const guests = Array.from({ length: 300 }, () => ({ json: plainGuest(), key: randomUUID() }));
    const client = await house.database.pool.connect();
    await client.query('begin');
    await client.query('select from tally for no key update');
    const all = guests.map(({ json, key }) => {
        const wire = new Wire(house.service);
        wire.send(requestText('POST', signUpPath, { json, headers: { 'idempotency-key': key } }));
        return wire;
    });
    await Promise.all(all.map((wire) => wire.opened()));
    await until(() => openFiles() > all.length / 2); // most of them have come in
    for (const wire of all) wire.drop();
    await client.query('commit');
    client.release();
    await servesOthers();
    const again = await Promise.all(
        guests.map(({ json, key }) => answered(() => house.signUp(event, json, { key }))));
    assert.deepEqual(again.filter(({ status }) => status !== 201).map(({ body }) => body), []);
    const registered = await registeredAs(guests.map(({ json }) => json.email));
    assert.equal(registered.length, guests.length);
    assert.ok(registered.every(({ times }) => times === 1));
}

async function sendPipelined() {
    const all = wires(20);
    const paths = ['/healthz', `/api/v1/events/${event}`, '/nowhere', `/events/${event}`];
    for (const wire of all) {
        const texts = Array.from({ length: 5 }, () => [
            ...paths.map((path) => requestText('GET', path)),
            requestText('POST', signUpPath, { json: plainGuest() }),
        ]);
        wire.send(texts.flat().join(''));
    }
    for (const wire of all) {
        await soon(wire.answered(25), 'requests in one packet are not all answered');
        assert.deepEqual(wire.answers.map(({ status }) => status),
            Array(5).fill([200, 200, 404, 200, 201]).flat());
        wire.drop();
    }
}

async function sendNonsense() {
    const texts = [
        '\r\n\r\n\r\n', 'GET\r\n\r\n', 'GET / HTTP/9.9\r\n\r\n', `GET /${'a'.repeat(100_000)}`,
        `GET / HTTP/1.1\r\nx: ${'a'.repeat(100_000)}\r\n\r\n`, '\0'.repeat(1000),
        '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', // a TLS client that has the wrong port
        requestText('POST', signUpPath, { headers: { 'content-length': '-1' } }),
        requestText('POST', signUpPath, { headers: { 'content-length': '99999999999999999999' } }),
        requestText('POST', signUpPath, { headers: { 'transfer-encoding': 'chunked' } }) + 'zz\r\n',
    ];
    for (const text of texts) {
        const all = wires(10);
        for (const wire of all) {
            wire.send(text);
            wire.socket.end();
        }
        for (const wire of all) {
            await soon(wire.closed(), `a connection stays open after ${text.slice(0, 40)}`);
            assert.ok(wire.answers.every(({ status }) => status >= 400), wire.received);
        }
    }
}

// Requests that stay unfinished: all but the last byte of a body of this length has come.
async function leaveUnfinished(method, path, bytes, count = 200) {
    const head = requestText(method, path, {
        headers: { 'content-type': 'application/json', 'content-length': bytes },
    });
    const body = Buffer.alloc(bytes - 1, ' ');
    const all = wires(count);
    for (const wire of all) {
        wire.send(head);
        wire.send(body);
    }
    return all;
}

test('a body for an address that does not exist is refused before it is read', async () => {
    const before = residentBytes();
    const all = await leaveUnfinished('POST', '/nowhere', 2 * MEGABYTE);
    for (const wire of all) {
        await soon(wire.answered(1), 'it waits for the body');
        assert.deepEqual(wire.answers.map(({ status, closes }) => [status, closes]), [[404, true]]);
    }
    assert.ok(residentBytes() - before < 60 * MEGABYTE, `${residentBytes() - before} bytes more`);
    for (const wire of all) wire.drop();

    const wire = new Wire(house.service);
    const tooLarge = (method, path, bytes) => requestText(method, path,
        { headers: { 'content-type': 'application/json', 'content-length': bytes } });
    for (const [text, status] of [
        [tooLarge('POST', '/nowhere', 5), 404], [tooLarge('PUT', signUpPath, 5), 405],
        [tooLarge('POST', signUpPath, 257 * 1024), 413], [tooLarge('POST', '/api/v1/devices', 65 * 1024), 413],
    ]) {
        const wire = await knowing();
        wire.send(text); // and no body
        await soon(wire.answered(2), text);
        assert.deepEqual(wire.answers.map((answer) => answer.status), [200, status], text);
        wire.drop();
    }
    wire.send(requestText('POST', signUpPath, { json: plainGuest() }) +
        requestText('POST', '/nowhere', { json: {} }));
    await soon(wire.answered(2), 'requests in one packet');
    assert.deepEqual(wire.answers.map(({ status }) => status), [201, 404]);
    wire.drop();
});

test('unfinished bodies together have a limit: the slowest are closed, and others are served', async () => {
    const before = residentBytes();
    const all = await leaveUnfinished('POST', `/api/v1/events/${event}/checkins`, 2 * MEGABYTE);
    await until(() => all.filter((wire) => wire.ended).length > 100);
    await servesOthers();
    const grown = residentBytes() - before;
    assert.ok(grown < 200 * MEGABYTE, `${(grown / MEGABYTE).toFixed(1)} MB more, of 400 that were sent`);
    for (const wire of all) wire.drop();
    await house.service.logs('uploads_dropped');
});

const hostile = [
    ['slow clients keep nobody waiting', sendSlowly],
    ['a body that is cut off registers nobody', sendTruncated],
    ['a body of 10 MB is refused while the client still sends it', sendTooMuch],
    ['whoever leaves while the query runs is registered once at most', leaveWhileTheQueryRuns],
    ['requests in one packet are answered in their order', sendPipelined],
    ['bytes that are no request end the connection', sendNonsense],
];

for (const [promise, attack] of hostile) {
    test(promise, async () => {
        await attack();
        await servesOthers();
    });
}

test('what hostile clients cost comes back: memory and open files stay flat', async () => {
    const idle = openFiles();
    const round = async () => {
        for (const [, attack] of hostile) await attack();
        await until(() => openFiles() <= idle + 8, () => `${openFiles()} open files, ${idle} before`);
    };
    await round();
    const bytes = residentBytes();
    await round();
    await round();
    const grown = residentBytes() - bytes;
    assert.ok(grown < 8 * MEGABYTE, `${(grown / MEGABYTE).toFixed(1)} MB more`);
});
