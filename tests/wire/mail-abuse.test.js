// A sign-up sends mail to any typed address. That must not flood the address, and must not delay other
// mails.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { api, attendeePath, expect } from '../harness/attendee.js';
import { localTime, plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { startMail } from '../harness/smtp.js';
import { until } from '../harness/wait.js';

const LETTERS_MOST = 30; // OUTBOX_TO_ONE_AN_HOUR
const STRANGERS_MOST = 12; // STRANGERS_AN_HOUR
const PRINTS_MOST = 20; // TICKET_PAGE_PRINTS_MOST

const mail = await startMail();
const house = await openHouse({
    settings: { smtp: mail.url, mail_from: 'tickets@einlass.example', workers: 1, trusted_proxies: '127.0.0.1' },
});
await house.apply(plainEvent());

const lettersTo = (address) => mail.letters.filter(({ to }) => to.toLowerCase() === address.toLowerCase());
const fresh = () => `somebody-${randomUUID()}@example.org`;

async function signedUp(event, changes) {
    const answer = await house.signUp(event, plainGuest(changes));
    assert.equal(answer.status, 201, answer.body);
    return answer.json();
}

const cancel = (registration) => expect(200, house.http.delete(api(registration)));
const cancelOne = (registration, at) =>
    expect(200, house.http.delete(api(registration, attendeePath(registration, at))));

// Opens the link in the registration's own letter.
async function open({ id, email }) {
    const letter = await until(() => lettersTo(email).find(({ parsed }) => parsed.text.includes(`/registrations/${id}?key=`)));
    const { pathname, search } = new URL(letter.parsed.text.match(/http\S+&mail=\S+/)[0]);
    await expect(200, house.http.get(pathname + search));
}

const toOthers = ({ id }) => house.database.query(
    'select kind, state::text as state, words from message where registration_id = $1 and attendee_id is not null', [id]);

const stillToSend = () => house.database.value(
    "select count(*)::integer from message where state in ('queued', 'sending') and words is null");

test('whoever signs up and cancels over and over fills nobody\'s mailbox; others get their letters', async () => {
    const event = await house.apply(plainEvent());
    const victim = fresh();
    for (let i = 0; i < 25; i++)
        await cancel(await signedUp(event, { email: i % 2 ? victim : victim.toUpperCase() }));
    const colleagues = Array.from({ length: 45 }, (_, i) => ({ name: `Guest ${i}`, email: victim }));
    const many = await house.apply(plainEvent({ registration: { most_attendees: 50 } }));
    await open(await signedUp(many, { attendees: colleagues }));
    const other = fresh();
    await signedUp(event, { email: other });
    await until(() => lettersTo(other).length === 1);
    await until(async () => await stillToSend() === 0);
    assert.equal(lettersTo(victim).length, LETTERS_MOST);
    const waits = await house.database.query(
        `select due_at > now() + interval '9 minutes' as later, state::text as state
           from message where words like 'too many letters%'`);
    assert.ok(waits.length > 10);
    assert.ok(waits.every(({ later, state }) => later && state === 'queued'));
});

test('who signs strangers up and cancels at once writes to none of them', async () => {
    const event = await house.apply(plainEvent({ registration: { most_attendees: 11 } }));
    const strangers = Array.from({ length: 10 }, (_, i) => ({ name: `Stranger ${i}`, email: fresh() }));
    const one = await signedUp(event, { attendees: [{ name: 'Ada' }, ...strangers] });
    await until(() => lettersTo(one.email).length === 1);
    await cancel(one);
    await until(() => lettersTo(one.email).length === 2);
    assert.deepEqual([...new Set((await toOthers(one)).map(({ state }) => state))], ['held']);
    await open(one); // later, and too late
    await until(async () => (await toOthers(one)).every(({ state }) => state === 'obsolete'));
    assert.ok(strangers.every(({ email }) => lettersTo(email).length === 0));
    const other = await signedUp(event, { attendees: [{ name: 'Ada' }, { name: 'Grace', email: strangers[0].email }] });
    await open(other);
    await until(() => lettersTo(strangers[0].email).length === 1); // the control
});

test('a source writes only a few letters an hour to addresses that it typed for others', async () => {
    const event = await house.apply(plainEvent({ registration: { most_attendees: 20 } }));
    const others = Array.from({ length: STRANGERS_MOST + 3 }, (_, i) => ({ name: `Guest ${i}`, email: fresh() }));
    const body = plainGuest({ attendees: [{ name: 'Ada' }, ...others] });
    const answer = await house.signUp(event, body, { headers: { 'x-forwarded-for': '203.0.113.77' } });
    assert.equal(answer.status, 201, answer.body);
    const one = answer.json();
    await open(one);
    const late = /others from one source/;
    await until(async () => {
        const rows = await toOthers(one);
        return rows.filter(({ state }) => state === 'sent').length === STRANGERS_MOST &&
            rows.filter(({ state, words }) => state === 'queued' && late.test(words)).length === 3;
    });
    await house.database.query("update registration set source = null where registration_id = $1", [one.id]);
    await house.database.query("update message set due_at = now() where registration_id = $1 and state = 'queued'", [one.id]);
    await until(() => others.every(({ email }) => lettersTo(email).length === 1)); // the control
});

test('a letter that nobody asked for carries no message in a name', async () => {
    const event = await house.apply(plainEvent({ registration: { most_attendees: 3 } }));
    const bait = 'Your parcel waits at evil.example', grace = fresh();
    const one = await signedUp(event, { attendees: [{ name: bait }, { name: 'Call 0900 1234567', email: grace }] });
    await until(() => lettersTo(one.email).length === 1);
    const { parsed } = lettersTo(one.email)[0];
    assert.doesNotMatch(parsed.text + parsed.html + parsed.headers.get('to').text, /parcel|evil|0900/);
    assert.match(parsed.text, /Hello Y…,/);
    assert.equal((await house.http.get(api(one))).json().attendees[0].name, bait);
    await open(one);
    await until(() => lettersTo(grace).length === 1);
    assert.doesNotMatch(lettersTo(grace)[0].parsed.text, /0900|evil/);
    const plain = await signedUp(event, { attendees: [{ name: 'Dr. J. R. R. O’Neil-Größe III' }] });
    await until(() => lettersTo(plain.email).length === 1);
    assert.match(lettersTo(plain.email)[0].parsed.text, /Hello Dr\. J\. R\. R\. O’Neil-Größe III,/);
});

test('nobody is written to because a registration without a place names them', async () => {
    const event = await house.apply(plainEvent({ registration: { verify_email: true, most_attendees: 3 } }));
    const named = fresh();
    const people = [{ name: 'Ada' }, { name: 'Grace', email: named }, { name: 'Mary', email: named }];
    const one = await signedUp(event, { attendees: people });
    await cancelOne(one, 1);
    await cancel(one);
    const told = await house.database.query(
        'select kind from message where registration_id = $1 and attendee_id is not null', [one.id]);
    assert.deepEqual(told, []);
});

test('who was cancelled before is not told again when the others are', async () => {
    const event = await house.apply(plainEvent({ registration: { most_attendees: 3 } }));
    const people = [{ name: 'Ada' }, { name: 'Grace', email: fresh() }, { name: 'Mary', email: fresh() }];
    const one = await signedUp(event, { attendees: people });
    const [, grace, mary] = one.attendees;
    await cancelOne(one, 1);
    await cancel(one);
    const told = await house.database.query(
        `select attendee_id from message where registration_id = $1 and kind = 'cancelled'
           and attendee_id is not null`, [one.id]);
    assert.deepEqual(told.map(({ attendee_id }) => attendee_id).sort(), [grace.id, mary.id].sort());
});

test('a letter somebody waits for goes before those to all of an event', async () => {
    const slug = plainEvent().slug;
    const event = await house.apply(plainEvent({ slug }));
    await Promise.all(Array.from({ length: 150 }, () => signedUp(event)));
    await until(async () => await stillToSend() === 0);
    mail.answer('end', { times: 1000, delayMs: 150 });
    await house.apply(plainEvent({
        slug, starts_at: localTime(50), ends_at: localTime(54), registration: { closes_at: localTime(50) },
    }));
    await until(() => house.database.value(
        "select count(*) > 20 from message where kind = 'event_changed' and state = 'sent'"));
    const waiting = fresh();
    const { id } = await signedUp(event, { email: waiting });
    await until(() => house.database.value(
        "select bool_and(state = 'sent') from message where registration_id = $1", [id]));
    mail.rules = [];
    const before = await house.database.value(
        `select count(*)::integer from message as other join message as mine on mine.registration_id = $1
          where other.kind = 'event_changed' and other.sent_at between mine.created_at and mine.sent_at`, [id]);
    assert.ok(before <= 45, `${before} letters to all went first`);
});

test('a ticket that is printed over and over keeps nobody from printing theirs', async () => {
    const event = await house.apply(plainEvent());
    const [one, other] = [await signedUp(event), await signedUp(event)];
    const print = (registration) =>
        house.http.get(`/tickets/${registration.attendees[0].ticket}/ticket.pdf`);
    const answers = [];
    for (let i = 0; i < PRINTS_MOST + 5; i++) answers.push(await print(one));
    assert.deepEqual(answers.map(({ status }) => status),
        [...Array(PRINTS_MOST).fill(200), ...Array(5).fill(429)]);
    assert.ok(Number(answers.at(-1).headers['retry-after']) > 0);
    assert.equal((await print(other)).status, 200);
    assert.equal((await house.http.get(`/tickets/${one.attendees[0].ticket}`)).status, 200);
});
