// Races: many requests at once for the same place or ticket. Each check also runs on naive code, which
// first reads and then writes; there it must find the error.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import pg from 'pg';
import { plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { until } from '../harness/wait.js';

const PLACES = 78;
const GUESTS = 2000;
const TICKETS = 1000;

const doors = [{ slug: 'main', title: 'Main' }, { slug: 'side', title: 'Side' }];
const eventWith = (capacity) => plainEvent({ doors, registration: { capacity } });
const count = (list, value) => list.filter((one) => one === value).length;
const range = (length) => Array.from({ length }, (_, index) => 1 + index);

// Sends all at once. → the answers
const signUpAll = (house, event, guests) =>
    Promise.all(range(guests).map(() => house.signUp(event, plainGuest())));

// → {house, event} without the constraints of the schema that would prevent the error
async function unprotectedHouse(capacity) {
    const house = await openHouse({ serve: false });
    const event = await house.apply(eventWith(capacity));
    await house.database.query('alter table tally drop constraint places_of_the_event');
    return { house, event };
}

async function withClients(database, many, work) {
    const { cluster: { socket }, name } = database;
    const clients = range(many).map(
        () => new pg.Client({ host: socket, user: 'einlass', database: name }));
    await Promise.all(clients.map((client) => client.connect()));
    try {
        return await work(clients);
    } finally {
        await Promise.all(clients.map((client) => client.end()));
    }
}

/* --- Places ---------------------------------------------------------------------------------- */

// → [{number, status}] in the order of arrival
function registrationsOf(house, event) {
    return house.database.query(
        `select registration_id as id, registration.number, registration.status
           from event join registration using (event_id)
          where slug = $1 order by registration.number`,
        [event]);
}

function judgePlaces(registrations, guests) {
    assert.deepEqual(registrations.map(({ number }) => number), range(guests));
    assert.deepEqual(registrations.map(({ status }) => status), [
        ...Array(PLACES).fill('confirmed'), ...Array(guests - PLACES).fill('waitlisted'),
    ]);
}

test('2,000 simultaneous sign-ups for 78 places: 78 are confirmed, the others wait in order',
    async () => {
        const house = await openHouse();
        const event = await house.apply(eventWith(PLACES));
        const answers = await signUpAll(house, event, GUESTS);
        assert.deepEqual(answers.map(({ status }) => status), Array(GUESTS).fill(201));
        const registrations = await registrationsOf(house, event);
        judgePlaces(registrations, GUESTS);

        const told = new Map(answers.map((answer) => answer.json()).map((one) => [one.id, one]));
        assert.deepEqual(registrations.map(({ id }) => told.get(id).status),
            registrations.map(({ status }) => status));
        assert.deepEqual(registrations.slice(PLACES).map(({ id }) => told.get(id).waiting_position),
            range(GUESTS - PLACES));
        assert.ok(registrations.every(({ id, status }) =>
            (told.get(id).attendees[0].ticket !== undefined) === (status === 'confirmed')));
    });

const insertGuest =
    `with the_event as (select event_id from event where slug = $1),
     new_registration as (
       insert into registration (event_id, registration_id, number, status, email, email_key,
                                 once_per_email, language, fingerprint)
       select event_id, $2::uuid, $3, 'confirmed', $2::text, $2::text, true, 'en', ''
         from the_event)
     insert into attendee (event_id, attendee_id, registration_id, position, ticket_type, status,
                           name, search)
     select event_id, $2, $2, 1, (select slug from ticket_type where event_id = the_event.event_id),
            'confirmed', 'Guest', 'guest' from the_event`;

// All check for a free place, then those who saw one take it.
async function signUpNaively(house, event) {
    const taken = `select count(*)::integer as taken from attendee join event using (event_id)
                    where slug = $1 and status = 'confirmed'`;
    let number = 0;
    await withClients(house.database, 20, async (clients) => {
        while (number <= PLACES) {
            await Promise.all(clients.map(async (client) => {
                const { rows } = await client.query(taken, [event]);
                if (rows[0].taken < PLACES)
                    await client.query(insertGuest, [event, randomUUID(), ++number]);
            }));
        }
    });
    return number;
}

test('control: deciding naively gives more than 78 places away, and that is noticed', async () => {
    const { house, event } = await unprotectedHouse(PLACES);
    const guests = await signUpNaively(house, event);
    const registrations = await registrationsOf(house, event);
    assert.ok(registrations.length > PLACES);
    assert.throws(() => judgePlaces(registrations, guests), assert.AssertionError);
});

test('even deciding naively gives no place away twice: the schema refuses', async () => {
    const house = await openHouse({ serve: false });
    const event = await house.apply(eventWith(PLACES));
    await assert.rejects(signUpNaively(house, event),
        { code: '23514', constraint: 'places_of_the_event' });
    assert.ok((await registrationsOf(house, event)).length <= PLACES);
});

/* --- Locked events --------------------------------------------------------------------------- */

// Everything that a locked event may hold up. → { sent: promises, answered: how many came back }
function sendEverything(house, { event, device, registrations, tickets }) {
    const progress = { answered: 0 };
    const manage = ({ manage_url }) => new URL(manage_url);
    progress.sent = [
        ...range(20).map(() => house.signUp(event, plainGuest())),
        ...registrations.slice(0, 10).map((one) =>
            house.http.delete(`/api/v1${manage(one).pathname}${manage(one).search}`)),
        ...tickets.slice(10).map((ticket) => house.scan(event, device, { ticket })),
    ];
    for (const one of progress.sent) one.then(() => progress.answered++);
    return progress;
}

async function readyEvent(house) {
    const event = await house.apply(eventWith(1000));
    const device = await house.device(event);
    const answers = await signUpAll(house, event, 20);
    const registrations = answers.map((answer) => answer.json());
    return { event, device, registrations, tickets: registrations.map(({ attendees }) => attendees[0].ticket) };
}

const lockTally = (client, { event }) => client.query(
    'select from tally where event_id = (select event_id from event where slug = $1) for update', [event]);

const waitingForLocks = ({ database: { cluster, name } }) => cluster.asSuperuser(async (client) => (await client.query(
    `select count(*)::integer as count from pg_stat_activity
      where datname = $1 and wait_event_type = 'Lock'`, [name])).rows[0].count);

test('a locked event holds up itself alone, and afterwards nobody lost their turn', async () => {
    const house = await openHouse();
    const [held, free] = [await readyEvent(house), await readyEvent(house)];
    await withClients(house.database, 2, async ([client, other]) => {
        await client.query('begin');
        await lockTally(client, held);
        const stuck = sendEverything(house, held);
        await until(() => waitingForLocks(house));
        const others = sendEverything(house, free);
        for (const answer of await Promise.all(others.sent)) assert.ok(answer.status < 300, answer.body);
        assert.equal(stuck.answered, 0);

        // Control: were the other event locked, too, this test would notice.
        await other.query('begin');
        await lockTally(other, free);
        const control = sendEverything(house, { ...free, registrations: [] });
        await until(async () => await waitingForLocks(house) >= 2);
        assert.equal(control.answered, 0);

        await Promise.all([client.query('commit'), other.query('commit')]);
        for (const answer of await Promise.all([...stuck.sent, ...control.sent]))
            assert.ok(answer.status < 300, answer.body);
    });
});

/* --- Doors ----------------------------------------------------------------------------------- */

// verdicts: of both doors for each ticket
function judgeVerdicts(verdicts) {
    for (const both of verdicts)
        assert.deepEqual([...both].sort(), ['admitted', 'already_admitted']);
}

test('one ticket at two doors at the same instant, 1,000 times: exactly 1,000 are admitted',
    async () => {
        const house = await openHouse();
        const event = await house.apply(eventWith(TICKETS));
        const [main, side] = [await house.device(event, 'main'), await house.device(event, 'side')];
        const answers = await signUpAll(house, event, TICKETS);
        const tickets = answers.map((answer) => answer.json().attendees[0].ticket);
        const scan = async (token, door, ticket) =>
            (await house.scan(event, token, { ticket, door })).json().verdict;
        const verdicts = await Promise.all(tickets.map((ticket) =>
            Promise.all([scan(main, 'main', ticket), scan(side, 'side', ticket)])));
        judgeVerdicts(verdicts);
        assert.equal(count(verdicts.flat(), 'admitted'), TICKETS);
        assert.deepEqual(
            await house.database.query(
                `select admitted, inside, (select count(*)::integer from scan
                          where event_id = event.event_id and verdict = 'admitted') as scans
                   from event_day join event using (event_id) where slug = $1`, [event]),
            [{ admitted: TICKETS, inside: TICKETS, scans: TICKETS }]);
    });

// A door checks whether a guest is inside, then admits the guest if not.
async function admitNaively(client, attendee) {
    const { rows: [{ is_in: isIn }] } = await client.query(
        'select first_admitted_at is not null as is_in from attendee where attendee_id = $1',
        [attendee]);
    if (isIn) return 'already_admitted';
    await client.query(
        `update attendee set first_admitted_at = now(), days = array[current_date], inside = true
          where attendee_id = $1`,
        [attendee]);
    return 'admitted';
}

test('control: deciding naively admits one ticket at both doors, and that is noticed', async () => {
    const house = await openHouse({ serve: false });
    const event = await house.apply(eventWith(TICKETS));
    const guests = range(20).map(() => randomUUID());
    await withClients(house.database, 2, async (clients) => {
        for (const [index, guest] of guests.entries())
            await clients[0].query(insertGuest, [event, guest, index + 1]);
        const verdicts = [];
        for (const guest of guests)
            verdicts.push(await Promise.all(clients.map((door) => admitNaively(door, guest))));
        assert.ok(count(verdicts.flat(), 'admitted') > guests.length);
        assert.throws(() => judgeVerdicts(verdicts), assert.AssertionError);
    });
});
