// TERM under load. Every request on an accepted connection is answered.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { listen } from '../harness/live.js';
import { until } from '../harness/wait.js';
import { pause } from './crowd.js';
import { requestText, Wire } from './wire.js';

const house = await openHouse({ settings: { stop_delay: 1 } });
const event = await house.apply(plainEvent({ registration: { capacity: undefined } }));
const device = await house.device(event);
const signUpText = () =>
    requestText('POST', `/api/v1/events/${event}/registrations`, { json: plainGuest() });

// A client that sends until an answer announces the close. → the number of its requests
async function goOn(wire, text) {
    for (let sent = 0; ;) {
        wire.send(text());
        sent += 1;
        const answers = await wire.answered(sent);
        if (answers.length < sent || answers.at(-1).closes || wire.ended) return sent;
        await pause(0, 50);
        if (wire.ended) return sent;
    }
}

async function registered() {
    return await house.database.value(
        `select count(*)::integer from registration join event using (event_id)
          where slug = $1`, [event]);
}

// → {answers, lost}: the clients' answers until the end of the service, and the number of unanswered
// requests
async function endUnderLoad(signal) {
    if (!house.service.runs) await house.service.start();
    const busy = Array.from({ length: 60 }, () => new Wire(house.service));
    const all = busy.map((wire, index) =>
        goOn(wire, index % 2 ? signUpText : () => requestText('GET', `/events/${event}`)));
    await Promise.all(busy.map((wire) => wire.answered(2)));

    // New connections that the service may not have accepted yet.
    const fresh = await Promise.all(
        Array.from({ length: 60 }, () => new Wire(house.service).opened()));
    house.service.signal(signal);
    for (const wire of fresh) wire.send(signUpText());

    const sent = (await Promise.all(all)).reduce((sum, one) => sum + one, fresh.length);
    for (const wire of fresh) await wire.closed();
    await house.service.closed;
    const answers = [...busy, ...fresh].flatMap((wire) => wire.answers);
    return { answers, lost: sent - answers.length };
}

for (let round = 1; round <= 3; round++) {
    test(`TERM under load loses no request, and the service ends well (${round})`, async () => {
        const before = await registered();
        const { answers, lost } = await endUnderLoad('SIGTERM');
        assert.equal(lost, 0);
        assert.equal(house.service.child.exitCode, 0);
        assert.deepEqual([...new Set(answers.map(({ status }) => status))].sort(), [200, 201]);
        const signedUp = answers.filter(({ status }) => status === 201).length;
        assert.equal(await registered(), before + signedUp);
    });
}

test('control: a service that is killed does lose requests', async () => {
    const { lost } = await endUnderLoad('SIGKILL');
    assert.ok(lost > 0);
});

test('a sign-up that waits for the database when TERM comes is still answered', async () => {
    await house.service.start();
    const client = await house.database.pool.connect();
    await client.query('begin');
    await client.query('select from tally for no key update');
    const wires = Array.from({ length: 10 }, () => new Wire(house.service));
    for (const wire of wires) wire.send(signUpText());
    await until(async () => { // all of them have come in
        const { body } = await house.http.get('/metrics');
        const inFlight = body.matchAll(/^einlass_http_requests_in_flight(?:\{.*\})? (\d+)/gm);
        return [...inFlight].reduce((sum, [, count]) => sum + Number(count), 0) > wires.length;
    });
    house.service.signal('SIGTERM');
    await sleep(1000);
    assert.ok(house.service.runs, 'it did not wait for them');
    await client.query('commit');
    client.release();
    for (const wire of wires)
        assert.deepEqual((await wire.answered(1)).map(({ status }) => status), [201]);
    await house.service.closed;
    assert.equal(house.service.child.exitCode, 0);
});

// Inserts attendees whose list is larger than what the sockets of a client that does not read hold.
const ROWS = 6000;
async function fill(slug) {
    await house.database.query(`
        with made as (
            select n, gen_random_uuid() as registration_id from generate_series(1, $2::integer) as n
        ), registered as (
            insert into registration (event_id, registration_id, number, status, email, email_key,
                                      once_per_email, language, fingerprint)
            select event_id, registration_id, n, 'confirmed', n || '@example.org', n || '@example.org',
                   true, 'en', '\\x00' from made, event where slug = $1
        )
        insert into attendee (event_id, attendee_id, registration_id, position, ticket_type, status, name, search, answers)
        select event_id, gen_random_uuid(), registration_id, 1, 'guest', 'confirmed', 'Attendee ' || n, 'attendee ' || n,
               jsonb_build_object('story', repeat('x', 2000))
          from made, event where slug = $1`, [slug, ROWS]);
}

test('while somebody downloads slowly, a service that stops serves everybody else', async () => {
    await house.service.start();
    const large = await house.apply(plainEvent({
        registration: { capacity: 2 * ROWS },
        questions: [{ slug: 'story', kind: 'long_text', label: 'Story' }],
    }));
    await fill(large);
    const token = await house.token();
    const reader = new Wire(house.service);
    reader.send(requestText('GET', `/api/v1/events/${large}/attendees.csv`,
        { headers: { authorization: `Bearer ${token}` } }));
    await until(() => reader.received.includes('\r\n\r\n'));
    reader.socket.pause();
    const live = await listen(house.service.url, event, device);
    await live.next('counts');

    house.service.signal('SIGTERM');
    const ready = await until(() => house.http.get('/readyz').then((answer) => answer.status === 503 && answer));
    assert.equal(ready.json().code, 'stopping');
    assert.equal(ready.headers.connection, 'close');
    assert.match(ready.headers['retry-after'], /^\d+$/);
    assert.equal((await house.http.get('/healthz')).status, 200);
    const { attendees: [{ ticket }] } = (await house.signUp(event, plainGuest())).json();
    assert.equal((await house.scan(event, device, { ticket })).json().verdict, 'admitted');
    await live.next('counts', ({ admitted }) => admitted === 1);
    assert.ok(house.service.runs && !reader.ended);

    reader.socket.resume();
    await reader.closed();
    assert.ok(reader.received.endsWith('\r\n0\r\n\r\n'), 'the download is whole');
    const list = reader.received.replaceAll(/\r\n[0-9a-f]+\r\n/g, ''); // without the marks of the chunks
    assert.equal(list.match(/Attendee \d+/g).length, ROWS);
    await live.end();
    assert.ok(live.retryMs >= 500 && live.retryMs <= 3000, `${live.retryMs} until it comes back`);
    await house.service.closed;
    assert.equal(house.service.child.exitCode, 0);
});
