// Limits of the service's trust in phones, and conflicts after phones were without network.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, test } from 'node:test';
import { exampleEvent, guest, plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { until } from '../harness/wait.js';
import { listen } from '../harness/live.js';

const house = await openHouse();
const event = await house.apply(exampleEvent({ registration: { capacity: 10_000 } }));
const path = `/api/v1/events/${event}`;
const manager = await house.token();
const staff = await pair('staff');
const scanner = await pair('scanner');

const open = [];
after(() => open.forEach((stream) => stream.close()));

async function pair(role, door = 'main') {
    const code = (await house.mustCommand(['door', 'pair', event, door, '--role', role])).trim();
    return (await house.http.post('/api/v1/devices', { json: { code } })).json();
}

async function attendee() {
    const answer = await house.signUp(event, guest());
    assert.equal(answer.status, 201, answer.body);
    return answer.json().attendees[0];
}

async function scan({ token }, json) {
    const answer = await house.http.post(`${path}/checkins`, { token, json });
    assert.equal(answer.status, 200, answer.body);
    return answer.json();
}

async function live({ token }, lastEventId) {
    const stream = await listen(house.service.url, event, token, { lastEventId });
    open.push(stream);
    return stream;
}

const ago = (seconds) => new Date(Date.now() - seconds * 1000).toISOString();
const everything = '0-00000000-0000-0000-0000-000000000000';

async function ticketIdOf({ id }) {
    return house.database.value('select ticket_id from ticket where attendee_id = $1', [id]);
}

async function isInside({ id }) {
    return house.database.value('select inside from attendee where attendee_id = $1', [id]);
}

test('a phone that only scans learns nobody by the ids on its list', async () => {
    const ada = await attendee();
    const { guests } = (await house.http.get(`${path}/guest-list`, { token: scanner.token })).json();
    const ids = await house.database.query('select ticket_id from ticket');
    assert.ok(guests.length > 0 && !ids.some(({ ticket_id: id }) => JSON.stringify(guests).includes(id)));
    const byTicketId = await scan(scanner, { ticket_id: await ticketIdOf(ada) });
    assert.deepEqual([byTicketId.verdict, byTicketId.attendee], ['admitted', null]);
    const undone = await house.http.delete(`${path}/checkins/${byTicketId.nonce}`, { token: scanner.token });
    assert.deepEqual([undone.status, undone.json().attendee], [200, null]);
    assert.equal((await scan(scanner, { ticket: ada.ticket })).attendee.id, ada.id, 'by their ticket it does');
    assert.equal((await scan(staff, { ticket_id: await ticketIdOf(ada) })).attendee.id, ada.id);
    const byId = await house.http.post(`${path}/checkins`, { token: scanner.token, json: { attendee: ada.id } });
    assert.equal(byId.json().errors[0].code, 'attendee_not_allowed');
});

test('the nonce of another phone\'s scan tells no phone whose it was', async () => {
    const ada = await attendee(), grace = await attendee();
    const { nonce, verdict } = await scan(staff, { ticket: ada.ticket, nonce: randomUUID() });
    for (const json of [{ ticket_id: randomUUID() }, { ticket: grace.ticket }, { ticket: 'NONE' }]) {
        for (const phone of [staff, scanner]) {
            const got = await scan(phone, { ...json, nonce });
            assert.deepEqual([got.verdict, got.attendee], [verdict, null], 'the same answer, for nobody');
        }
    }
    assert.equal((await scan(staff, { ticket: ada.ticket, nonce })).attendee.id, ada.id, 'their own ticket does');
});

test('a phone that only scans hears of conflicts, not whose', async () => {
    const streams = [await live(staff), await live(scanner)];
    for (const stream of streams) await stream.next('counts');
    const ada = await attendee();
    await scan(staff, { ticket: ada.ticket });
    const { nonce } = await scan(scanner, { ticket: ada.ticket, decided: 'admitted' });
    const [seen, heard] = await Promise.all(streams.map((stream) => stream.next('conflict')));
    assert.equal(seen.data.attendee.id, ada.id);
    assert.deepEqual([heard.data.nonce, heard.data.attendee], [nonce, null]);
    const { conflicts } = (await house.http.get(`${path}/conflicts`, { token: scanner.token })).json();
    assert.ok(conflicts.length > 0 && conflicts.every(({ attendee }) => attendee === null));
});

for (const order of [[0, 1, 2], [0, 2, 1], [1, 2, 0], [2, 1, 0]]) {
    test(`in, out and in at three phones apart, arriving ${order}: the guest is in`, async () => {
        const ada = await attendee();
        const scans = [
            { scanned_at: ago(300), direction: 'in', decided: 'admitted' },
            { scanned_at: ago(200), direction: 'out', decided: 'left' },
            { scanned_at: ago(100), direction: 'in', decided: 'admitted' },
        ];
        for (const at of order) await scan(staff, { ticket: ada.ticket, ...scans[at] });
        assert.equal(await isInside(ada), true);
        assert.equal((await scan(scanner, { ticket: ada.ticket })).verdict, 'already_admitted');
    });
}

test('who was let in twice is still in when the first is taken back, and out when both are', async () => {
    const ada = await attendee();
    const first = await scan(staff, { ticket: ada.ticket });
    const second = await scan(staff, { ticket: ada.ticket, decided: 'admitted' });
    assert.equal(second.conflict, true);
    const undo = ({ nonce }) => house.http.delete(`${path}/checkins/${nonce}`, { token: staff.token });
    assert.equal((await undo(first)).json().attendee.inside, true);
    assert.equal((await scan(staff, { ticket: ada.ticket })).verdict, 'already_admitted');
    assert.equal((await undo(second)).json().attendee.inside, false);
    const { conflicts } = (await house.http.get(`${path}/conflicts`, { token: staff.token })).json();
    assert.ok(!conflicts.some(({ nonce }) => nonce === second.nonce), 'nor is it a conflict any more');
});

test('what waited in a phone\'s queue is of the door where it was scanned', async () => {
    const phone = await pair('staff');
    const ada = await attendee();
    await house.mustCommand(['door', 'change', event, phone.device.id, '--door', 'speakers']);
    const late = await scan(phone, { ticket: ada.ticket, door: 'main', scanned_at: ago(60), decided: 'admitted' });
    assert.deepEqual([late.verdict, late.admitted_door], ['admitted', 'main']);
    const now = await house.http.post(`${path}/checkins`, { token: phone.token, json: { ticket: ada.ticket, door: 'main' } });
    assert.equal(now.json().errors[0].code, 'other_door', 'but now it stands elsewhere');
    const undone = await house.http.delete(`${path}/checkins/${late.nonce}`, { token: phone.token });
    assert.equal(undone.status, 200, 'and takes back what it scanned there');
});

test('what was scanned at a door that was closed since is of the door where the phone stands', async () => {
    const doors = ['north', 'south'].map((slug) => ({ slug, title: slug }));
    const given = plainEvent({ doors });
    await house.apply(given);
    const phone = await house.device(given.slug, 'north');
    const { devices: [{ id }] } = (await house.http.get(`/api/v1/events/${given.slug}/devices`,
        { token: manager })).json();
    const { attendees: [{ ticket }] } = (await house.signUp(given.slug, plainGuest())).json();
    await house.apply({ ...given, doors: doors.slice(1) });
    await house.mustCommand(['door', 'change', given.slug, id, '--door', 'south']);
    const queued = { ticket, door: 'north', scanned_at: ago(60) };
    const now = await house.http.post(`/api/v1/events/${given.slug}/checkins`, { token: phone, json: queued });
    assert.equal(now.json().errors[0].code, 'unknown_door', 'nobody scans there now');
    const late = (await house.scan(given.slug, phone, { ...queued, decided: 'admitted' })).json();
    assert.deepEqual([late.verdict, late.admitted_door], ['admitted', 'south']);
});

test('a phone that was unpaired while the service heard nothing of it is told no more', async () => {
    const phone = await pair('staff');
    const stream = await live(phone);
    await stream.next('counts');
    await house.database.query(
        `with revoked as (update device set revoked_at = now() where device_id = $1)
         select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and application_name = 'einlass'`, [phone.device.id]);
    await stream.end();
    const again = await listen(house.service.url, event, phone.token);
    open.push(again);
    assert.equal(again.status, 401);
});

test('who was let in by force before the phone lost that right is recorded, as a conflict', async () => {
    const ada = await attendee();
    await scan(staff, { ticket: ada.ticket });
    const forced = await scan(scanner,
        { ticket: ada.ticket, force: true, reason: 'the organiser says so', decided: 'admitted' });
    assert.deepEqual([forced.verdict, forced.forced, forced.conflict], ['already_admitted', false, true]);
});

test('who missed too much is told that, and delays nobody', async () => {
    await house.database.query(
        `insert into scan (event_id, nonce, door, direction, verdict, scanned_at, happened_at, day, told_at, expected, admitted, inside)
         select event_id, gen_random_uuid(), 'main', 'in', 'unknown', now() - interval '1 hour', now() - interval '1 hour', current_date,
                now() - interval '1 hour' + n * interval '1 ms', 0, 0, 0
           from event, generate_series(1, 20000) as n where slug = $1`, [event]);
    const good = await live(staff);
    await good.next('counts');
    const greedy = await Promise.all(Array.from({ length: 6 }, () => live(scanner, everything)));
    const { ticket } = await attendee();
    const { nonce } = await scan(staff, { ticket });
    await good.next('scan', (data) => data.nonce === nonce);
    for (const stream of greedy) await stream.next('missed');
    const { nonce: next } = await scan(staff, { ticket, direction: 'out' });
    for (const stream of greedy) await stream.next('scan', (data) => data.nonce === next);
});

test('of one phone\'s many lines the newest stay', async () => {
    const phone = await pair('scanner');
    const lines = [];
    for (let i = 0; i < 40; i++) lines.push(await live(phone));
    const alive = () => lines.filter(({ isOver }) => !isOver).length;
    await until(() => alive() <= 16, () => `${alive()} lines: eight on each of two workers`);
    const { ticket } = await attendee();
    const { nonce } = await scan(staff, { ticket });
    await lines.at(-1).next('scan', (data) => data.nonce === nonce);
});

test('a phone registers guests as fast as people come, and no faster', async () => {
    const walkIn = (email) => house.http.post(`${path}/walk-ins`, { token: staff.token, json: {
        name: 'Somebody', ticket_type: 'guest', email, answers: { company: 'None', lunch: false }, consents: ['privacy'] } });
    const statuses = [];
    for (let i = 0; i < 600 && statuses.at(-1) !== 429; i++) statuses.push((await walkIn(`w${i}@example.org`)).status);
    assert.ok(statuses.filter((status) => status === 201).length >= 200, statuses.join(' '));
    assert.equal(statuses.at(-1), 429);
    const byDesk = await house.http.post(`${path}/walk-ins`, { token: manager, json: { door: 'main',
        name: 'Somebody', ticket_type: 'guest', email: 'desk@example.org', answers: { company: 'None', lunch: false }, consents: ['privacy'] } });
    assert.notEqual(byDesk.status, 429, 'others are not held up');
});
