// The clock of the machine is set while the service runs: by seconds, an hour, a day. Nobody is locked
// out, nothing is sent twice, nothing is lost, and jobs go on.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { makeClock } from '../harness/clock.js';
import { signIn } from '../harness/desk.js';
import { localTime, plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { listen } from '../harness/live.js';
import { repository } from '../harness/paths.js';
import { startCluster } from '../harness/postgres.js';
import { openForm } from '../harness/sign_up_form.js';
import { startMail } from '../harness/smtp.js';
import { until } from '../harness/wait.js';

const HOUR = 3600, DAY = 24 * HOUR;

const clock = makeClock();
const cluster = await startCluster(undefined, { environment: clock.forPostgres });
const mail = await startMail();
const house = await openHouse({ cluster, environment: clock.forService, settings: { smtp: mail.url } });
const long = { starts_at: localTime(-72), ends_at: localTime(72) };
const event = await house.apply(plainEvent({ ...long, registration: { capacity: 1000, closes_at: undefined, changes_until: undefined } }));
const phone = await house.device(event);

beforeEach(() => clock.set(0));

const guest = async () => (await house.signUp(event, plainGuest())).json();
const scan = async (json) => (await house.scan(event, phone, json)).json();
const verdict = async (ticket, direction) => (await scan({ ticket, direction })).verdict;
const jumps = () => house.service.log.filter(({ message }) => message === 'database_clock_jumped').length;

// Sets the clock; waits until the service has noticed.
async function jump(aheadS) {
    const before = jumps();
    clock.set(aheadS);
    await until(() => jumps() > before, () => `a jump to ${aheadS} s is noticed:\n${house.service.stderr.slice(-2000)}`);
}

test('the clocks of PostgreSQL and the service are those of the test', async () => {
    for (const aheadS of [HOUR, -DAY, 0]) {
        clock.set(aheadS);
        const [{ now }] = await house.database.query('select clock_timestamp() as now');
        assert.ok(Math.abs(now.getTime() - clock.now()) < 10_000, `${aheadS}: ${now.toISOString()}`);
        const told = (await house.http.get(`/api/v1/events/${event}/doors`, { token: phone })).json().now;
        assert.ok(Math.abs(Date.parse(told) - clock.now()) < 10_000, `${aheadS}: ${told}`);
    }
});

test('scans after the clock was set back are told on the live stream, and to who comes again', async () => {
    const { attendees: [{ ticket }] } = await guest();
    const stream = await listen(house.service.url, event, phone);
    after(() => stream.close());
    await stream.next('counts');
    const first = await scan({ ticket });
    await stream.next('scan', ({ nonce }) => nonce === first.nonce);
    for (const aheadS of [-20, -HOUR, -DAY]) {
        clock.set(aheadS);
        const { lastId } = stream;
        const { nonce } = await scan({ ticket: 'UNKNOWN' });
        await stream.next('scan', (data) => data.nonce === nonce);
        const again = await listen(house.service.url, event, phone, { lastEventId: lastId });
        await again.next('scan', (data) => data.nonce === nonce);
        again.close();
        const page = (await house.http.get(`/api/v1/events/${event}/guest-list`, { token: phone })).json();
        assert.ok(Date.parse(page.scans_to) > clock.now(), 'phones compare by what was told, not by the clock');
    }
});

for (const [aheadS, what] of [[20, '20 seconds'], [HOUR, 'an hour'], [DAY, 'a day']]) {
    test(`who was scanned while the clock was ahead by ${what} goes out and in as if it had not been`, async () => {
        const { attendees: [{ ticket, id }] } = await guest();
        clock.set(aheadS);
        assert.equal(await verdict(ticket, 'in'), 'admitted');
        clock.set(0);
        assert.equal(await verdict(ticket, 'in'), 'already_admitted');
        assert.equal(await verdict(ticket, 'out'), 'left');
        assert.equal(await house.database.value('select inside from attendee where attendee_id = $1', [id]), false);
        assert.equal(await verdict(ticket, 'in'), 'admitted');
        const again = await scan({ ticket });
        assert.equal(again.verdict, 'already_admitted');
        assert.ok(Date.parse(again.admitted_at) <= Date.now(), 'since a time that has been');
        const [row] = await house.database.query(`select cardinality(days) as days,
            (select count(distinct scanned_at) from scan where attendee_id = $1 and scanned_at > now())::int as ahead
            from attendee where attendee_id = $1`, [id]);
        assert.deepEqual(row, { days: 1, ahead: 1 }, 'what the phone said stays');
    });
}

test('new guests are on the list of a phone that asked while the clock was ahead', async () => {
    const path = `/api/v1/events/${event}/guest-list`;
    clock.set(HOUR);
    const { as_of: asOf } = (await house.http.get(path, { token: phone })).json();
    clock.set(0);
    await guest();
    const tickets = await house.database.value('select count(*)::int from ticket');
    const { guests } = (await house.http.get(`${path}?since=${asOf}`, { token: phone })).json();
    assert.equal(guests.length, tickets);
});

test('a letter that is with the mail server when an hour or a day passes at once is sent once', async () => {
    for (const aheadS of [HOUR, DAY]) {
        const { to } = await until(async () => {
            const guestOf = plainGuest();
            mail.answer('end', { address: guestOf.email, times: 1, delayMs: 4000 });
            assert.equal((await house.signUp(event, guestOf)).status, 201);
            return until(() => mail.unanswered.find(({ to }) => to === guestOf.email));
        });
        await jump(aheadS);
        await mail.arrives((letter) => letter.to === to);
        const state = () => house.database.value(`select message.state::text || ' ' || tries from message
            join registration using (event_id, registration_id) where email = $1`, [to]);
        await until(async () => /^sent/.test(await state()));
        assert.equal(await state(), 'sent 1');
        assert.equal(mail.letters.filter((letter) => letter.to === to).length, 1);
        await jump(0);
    }
});

test('what waits for the mail server since a day to come is sent when the clock is right again', async () => {
    await jump(DAY);
    const late = plainGuest();
    mail.answer('recipient', { address: late.email, times: 1, code: 451, words: '4.3.0 later' });
    await house.signUp(event, late);
    await until(() => house.database.value(`select count(*)::int from message
        join registration using (event_id, registration_id)
        where email = $1 and message.state = 'queued' and tries = 1`, [late.email]));
    await jump(0);
    await mail.arrives(({ to }) => to === late.email);
    await house.service.logs('due_times_mended');
});

test('a place that is held for a day, a session, a form and a reminder outlive a clock that errs', async () => {
    const strict = await house.apply(plainEvent({ starts_at: localTime(30), ends_at: localTime(40), reminder_hours: 24,
        registration: { verify_email: true, capacity: 10, closes_at: undefined, changes_until: undefined } }));
    const held = (await house.signUp(strict, plainGuest())).json();
    assert.equal(held.status, 'unverified');
    const { headers } = await signIn(house);
    const isSignedIn = async () => (await house.http.get('/desk', { headers })).status === 200;
    const form = await openForm(house, event);
    const fields = form.fields({ 'attendees.0.name': 'Ada Lovelace', email: 'ada@example.org' });
    await form.ripen();

    clock.set(-HOUR);
    const sent = await form.post(fields);
    assert.equal(sent.status, 303, `opened an hour to come:\n${sent.body.slice(0, 3000)}`);
    for (const aheadS of [HOUR, -DAY]) {
        clock.set(aheadS);
        assert.ok(await isSignedIn(), `${aheadS}`);
    }
    await jump(2 * DAY);
    assert.equal(await isSignedIn(), false, 'nobody used it for 12 hours');
    const remind = readFileSync(join(repository, 'service/features/message/remind.sql'), 'utf8');
    clock.set(10 * HOUR);
    await until(() => house.database.query(remind).then(async () => (await house.database.value(
        `select count(*)::int from event where slug = $1 and reminded_for is not null`, [strict])) === 1));
    clock.set(0);
    assert.deepEqual(await house.database.query(remind), [], 'and not again');
    assert.ok(await isSignedIn());
    const status = await house.database.value('select status::text from registration where registration_id = $1', [held.id]);
    assert.equal(status, 'unverified', 'the place is still held');
});
