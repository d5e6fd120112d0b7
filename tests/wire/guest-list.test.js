// The guest list for phones without network, encrypted so that only a ticket decrypts its own record.
import assert from 'node:assert/strict';
import { hkdfSync } from 'node:crypto';
import { test } from 'node:test';
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { digestOf } from '../harness/attendee.js';
import { exampleEvent, guest, plainEvent } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { until } from '../harness/wait.js';

const house = await openHouse();
const event = await house.apply(exampleEvent());
const phone = await house.device(event);
const manager = await house.token();

const list = (at = event, query = '', token = phone) =>
    house.http.get(`/api/v1/events/${at}/guest-list${query}`, { token });
const revoked = (query = '') =>
    house.http.get(`/api/v1/events/${event}/revoked-tickets${query}`, { token: phone });

function fromBase32(text) {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
    const bits = [...text].map((c) => alphabet.indexOf(c).toString(2).padStart(5, '0')).join('');
    return Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
}

// d2 84 49 a2 01 27 04 44 KID: where every ticket has the kid of its key.
const kidOf = (ticket) => fromBase32(ticket).subarray(8, 12).toString('hex');

// The id ends the payload, before the signature of 64 bytes and its head of two.
const idOf = (ticket) => fromBase32(ticket).subarray(-82, -66);

const bytesOfId = (id) => Buffer.from(id.replaceAll('-', ''), 'hex');

// Decrypts like the phone. → the record, or throws
function open(record, ticket) {
    const key = hkdfSync('sha256', fromBase32(ticket), Buffer.alloc(0), 'einlass guest list', 32);
    const sealed = Buffer.from(record.sealed[kidOf(ticket)], 'base64url');
    const cipher = xchacha20poly1305(new Uint8Array(key), sealed.subarray(0, 24), idOf(ticket));
    return JSON.parse(Buffer.from(cipher.decrypt(sealed.subarray(24))).toString());
}

const recordOf = (ticket, records) => records.find(({ digest }) => digest === digestOf(idOf(ticket).toString('hex')));

async function attendee({ name } = {}) {
    const json = guest();
    if (name) json.attendees[0].name = name;
    const answer = await house.signUp(event, json);
    assert.equal(answer.status, 201, answer.body);
    return { ...answer.json().attendees[0], registration: answer.json() };
}

test('a record opens with its own ticket and says who it is', async () => {
    const ada = await attendee({ name: 'Ada Lovelace' });
    const answer = await list();
    assert.equal(answer.status, 200, answer.body);
    const { guests, next, as_of } = answer.json();
    assert.equal(next, null);
    assert.ok(Math.abs(Date.parse(as_of) - Date.now()) < 60_000);
    const record = recordOf(ada.ticket, guests);
    const plain = open(record, ada.ticket);
    assert.equal(plain.id, ada.id);
    assert.equal(plain.name, 'Ada Lovelace');
    assert.equal(plain.ticket_type, 'guest');
    assert.equal(record.inside, false);
    assert.equal(record.admitted_at, null);
});

test('nothing in the list can be read without tickets, and a ticket opens no other record', async () => {
    const ada = await attendee({ name: 'Ada Byron' });
    const grace = await attendee({ name: 'Grace Hopper' });
    const answer = await list();
    for (const secret of ['Ada', 'Byron', 'Hopper', ada.id, ada.ticket, 'guest"', '@'])
        assert.ok(!answer.body.includes(secret), secret);
    const { guests } = answer.json();
    assert.equal(open(recordOf(ada.ticket, guests), ada.ticket).name, 'Ada Byron', 'the right one does open');
    assert.throws(() => open(recordOf(ada.ticket, guests), grace.ticket));
    const lengths = guests.map(({ sealed }) => sealed[kidOf(ada.ticket)].length);
    assert.equal(new Set(lengths).size, 1, 'a long name is no longer than a short one');
    assert.deepEqual(guests.map(({ digest }) => digest).sort(), guests.map(({ digest }) => digest),
        'the order does not tell who registered first');
});

test('it says who is in, and since when', async () => {
    const { ticket } = await attendee();
    const scan = await house.http.post(`/api/v1/events/${event}/checkins`,
        { token: phone, json: { ticket } });
    const record = recordOf(ticket, (await list()).json().guests);
    assert.equal(record.inside, true);
    assert.equal(record.admitted_at, scan.json().admitted_at);
});

test('a long list comes in pages, each ticket once', async () => {
    const long = await house.apply(plainEvent({ slug: 'long', registration: { capacity: 1000, most_attendees: 10 } }));
    const door = await house.device(long);
    const tickets = [];
    for (let i = 0; i < 41; i++) {
        const json = { email: `g${i}@example.org`, language: 'en', consents: [],
            attendees: Array.from({ length: 10 }, (_, j) => ({ name: `Guest ${i} ${j}` })) };
        const answer = await house.http.post(`/api/v1/events/${long}/registrations`, { json });
        assert.equal(answer.status, 201, answer.body);
        tickets.push(...answer.json().attendees.map(({ ticket }) => ticket));
    }
    const seen = [], cursors = [];
    for (let query = '', pages = 0; query !== null; pages++) {
        assert.ok(pages < 5);
        const page = (await list(long, query, door)).json();
        seen.push(...page.guests);
        query = page.next === null ? null : `?cursor=${page.next}`;
        if (page.next !== null) cursors.push(page.next);
    }
    assert.equal(seen.length, 410);
    assert.equal(new Set(seen.map(({ digest }) => digest)).size, 410);
    const ids = await house.database.value(
        `select string_agg(ticket_id::text || translate(ticket_id::text, '-', ''), '|') from ticket`);
    assert.ok(cursors.length > 0 && ids.length > 0);
    for (const cursor of cursors) {
        const hidden = Buffer.from(cursor, 'base64url').toString('hex');
        assert.ok(!ids.split('|').some((id) => hidden.includes(id) || cursor.includes(id)));
    }
    const foreign = (await list(long, `?cursor=${cursors[0].slice(1)}x`, door)).status;
    assert.equal(foreign, 400, 'only cursors of the service are read');
    assert.match(open(recordOf(tickets[409], seen), tickets[409]).name, /^Guest 40 9$/);
});

test('what is newer than a list can be asked for alone', async () => {
    await attendee();
    const before = (await list()).json();
    const old = new Date(Date.parse(before.as_of) - 3_600_000).toISOString();
    await house.database.query(`update ticket set issued_at = issued_at - interval '1 hour'`);
    const late = await attendee();
    const { guests } = (await list(event, `?since=${before.as_of}`)).json();
    assert.equal(guests.length, 1);
    assert.ok(recordOf(late.ticket, guests));
    assert.ok((await list(event, `?since=${old}`)).json().guests.length > 1);
});

test('after a new key every ticket opens its record, whichever key signed it', async () => {
    const { ticket, registration } = await attendee({ name: 'Edsger Dijkstra' });
    await house.mustCommand(['keys', 'rotate']);
    house.service.signal('SIGHUP');
    const path = `/api/v1/registrations/${registration.id}`;
    const after = await until(async () => {
        const [attendee] = (await house.http.get(path, { token: manager })).json().attendees;
        return attendee.ticket !== ticket && attendee.ticket;
    });
    const record = recordOf(ticket, (await list()).json().guests);
    assert.equal(Object.keys(record.sealed).length, 2);
    assert.equal(open(record, ticket).name, 'Edsger Dijkstra');
    assert.equal(open(record, after).name, 'Edsger Dijkstra');
});

test('tickets that were taken back are listed, and later only the new ones', async () => {
    const taken = [await attendee(), await attendee(), await attendee()];
    const idOf = ({ ticket }, tickets) => tickets.find(({ id }) => fromBase32(ticket).includes(bytesOfId(id)));
    const cancel = async ({ registration }) => {
        const gone = await house.http.delete(`/api/v1/registrations/${registration.id}`, { token: manager });
        assert.equal(gone.status, 200, gone.body);
    };
    const start = (await revoked()).json();
    assert.equal(start.next, null);
    await cancel(taken[0]);
    const first = (await revoked(`?since=${start.as_of}`)).json();
    assert.equal(first.tickets.length, 1);
    assert.equal(idOf(taken[0], first.tickets).state, 'cancelled');
    assert.ok(!recordOf(taken[0].ticket, (await list()).json().guests), 'nor is it on the list any more');

    const handed = await house.http.post(
        `/api/v1/registrations/${taken[1].registration.id}/attendees/${taken[1].id}/ticket`,
        { token: manager, json: { name: 'Grace Hopper', email: 'grace@example.org' } });
    assert.ok(handed.status < 300, handed.body);
    await Promise.all([cancel(taken[2])]);
    const second = (await revoked(`?since=${first.as_of}`)).json();
    assert.equal(second.tickets.length, 2);
    assert.equal(idOf(taken[1], second.tickets).state, 'replaced');
    assert.equal(idOf(taken[2], second.tickets).state, 'cancelled');
    assert.deepEqual((await revoked(`?since=${second.as_of}`)).json(),
        { tickets: [], as_of: second.as_of, next: null });

    const all = (await revoked()).json();
    assert.equal(all.tickets.length, start.tickets.length + 3);
    assert.deepEqual((await revoked('?since=999999')).json(), all, 'a number of another database');
    for (const query of ['?since=x', '?since=-1', '?cursor=1.5'])
        assert.equal((await revoked(query)).status, 400, query);
});

test('many taken back at once come in short pages, each once', async () => {
    await house.database.query(
        `with listed as (update tally set revoked = revoked + 2500
                          where event_id = (select event_id from event where slug = $1)
                         returning event_id, revoked)
         insert into revoked_ticket (event_id, number, ticket_id, state)
         select event_id, revoked - n, gen_random_uuid(), 'cancelled'
           from listed, generate_series(0, 2499) as n`, [event]);
    const seen = new Set();
    let pages = 0;
    for (let next = '0'; next !== null; pages++) {
        const page = (await revoked(`?cursor=${next}`)).json();
        assert.ok(page.tickets.length <= 1000);
        for (const { id } of page.tickets) seen.add(id);
        next = page.next;
    }
    assert.equal(pages, 3);
    assert.ok(seen.size >= 2500, `${seen.size}`);
});

test('a phone gets the list of its own event only, and a stranger none', async () => {
    const other = await house.apply(plainEvent({ slug: 'other' }));
    assert.equal((await list(other)).status, 403);
    assert.equal((await house.http.get(`/api/v1/events/${event}/guest-list`)).status, 401);
    assert.equal((await list(event, '?cursor=x')).status, 400);
    assert.equal((await list(event, '?since=yesterday')).status, 400);
});
