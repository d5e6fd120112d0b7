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
const PRINTS_MOST = 20; // TICKET_PAGE_PRINTS_MOST

const mail = await startMail();
const house = await openHouse({
    settings: { smtp: mail.url, mail_from: 'tickets@einlass.example', workers: 1 },
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

const stillToSend = () => house.database.value(
    "select count(*)::integer from message where state in ('queued', 'sending') and words is null");

test('whoever signs up and cancels over and over fills nobody\'s mailbox; others get their letters', async () => {
    const event = await house.apply(plainEvent());
    const victim = fresh();
    for (let i = 0; i < 25; i++)
        await cancel(await signedUp(event, { email: i % 2 ? victim : victim.toUpperCase() }));
    const colleagues = Array.from({ length: 25 }, (_, i) => ({ name: `Guest ${i}`, email: victim }));
    const many = await house.apply(plainEvent({ registration: { most_attendees: 30 } }));
    await signedUp(many, { attendees: colleagues });
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
