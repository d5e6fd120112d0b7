// The live stream of scans and conflicts.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, test } from 'node:test';
import { exampleEvent, guest, plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { until } from '../harness/wait.js';
import { listen } from '../harness/live.js';

const house = await openHouse();
const event = await house.apply(exampleEvent());
const manager = await house.token();
const door = await house.token({ role: 'door' });
const phone = await house.device(event);

const open = [];
after(() => open.forEach((live) => live.close()));

async function live(token, options, at = event) {
    const stream = await listen(house.service.url, at, token, options);
    open.push(stream);
    return stream;
}

async function attendee(name) {
    const json = guest();
    if (name) json.attendees[0].name = name;
    const answer = await house.signUp(event, json);
    assert.equal(answer.status, 201, answer.body);
    return { ...answer.json().attendees[0], registration: answer.json().id };
}

async function scan(json, token = phone) {
    const answer = await house.http.post(`/api/v1/events/${event}/checkins`,
        { token, json: { nonce: randomUUID(), ...json } });
    assert.equal(answer.status, 200, answer.body);
    return answer.json();
}

const undo = (nonce, token = phone, query = '') =>
    house.http.delete(`/api/v1/events/${event}/checkins/${nonce}${query}`, { token });

async function role(name, at = 'main') {
    const code = (await house.mustCommand(['door', 'pair', event, at, '--role', name])).trim();
    return (await house.http.post('/api/v1/devices', { json: { code } })).json();
}

test('counts come at once and when they change', async () => {
    const stream = await live(manager);
    assert.equal(stream.status, 200);
    assert.match(stream.headers['content-type'], /^text\/event-stream/);
    const { data: first } = await stream.next('counts');
    assert.ok(Math.abs(Date.parse(first.now) - Date.now()) < 60_000);
    const { ticket } = await attendee();
    await stream.next('counts', ({ expected }) => expected === first.expected + 1);
    await scan({ ticket });
    const { data } = await stream.next('counts', ({ inside }) => inside === first.inside + 1);
    assert.equal(data.admitted, first.admitted + 1);
});

test('scans come with names to those who may see them, and without to devices', async () => {
    const streams = [await live(manager), await live(door), await live(phone)];
    for (const stream of streams) await stream.next('counts');
    const ada = await attendee('Ada Lovelace');
    const { nonce } = await scan({ ticket: ada.ticket });
    const [desk, role, device] = await Promise.all(
        streams.map((stream) => stream.next('scan', (data) => data.nonce === nonce)));
    assert.equal(desk.data.attendee.name, 'Ada Lovelace');
    assert.equal(role.data.attendee.id, ada.id);
    assert.ok(!('attendee' in device.data));
    assert.equal(device.data.verdict, 'admitted');
    assert.equal(device.data.door, 'main');
    assert.match(device.data.ticket, /^[0-9a-f-]{36}$/);
});

test('refused scans are told, too', async () => {
    const stream = await live(manager);
    await stream.next('counts');
    const { nonce } = await scan({ ticket: 'NOTATICKET' });
    const { data } = await stream.next('scan', (scan) => scan.nonce === nonce);
    assert.equal(data.verdict, 'unknown');
    assert.equal(data.attendee, null);
});

test('who was away goes on behind the last scan it has seen, each once and in order', async () => {
    const first = await live(phone);
    await first.next('counts');
    const nonces = [];
    const next = async () => nonces.push((await scan({ ticket: 'UNKNOWN' })).nonce);
    await next();
    const seen = await first.next('scan', ({ nonce }) => nonce === nonces[0]);
    first.close();
    for (let i = 0; i < 5; i++) await next();
    const again = await live(phone, { lastEventId: seen.id });
    const got = [];
    for (let i = 1; i < nonces.length; i++) got.push((await again.next('scan')).data.nonce);
    assert.deepEqual(got, nonces.slice(1));
    const fresh = await live(phone);
    await fresh.next('counts');
    await next();
    assert.equal((await fresh.next('scan')).data.nonce, nonces.at(-1), 'who is new sees what is new');
});

test('who was cut off before the first scan misses none', async () => {
    const slug = await house.apply(plainEvent());
    const token = await house.device(slug);
    const stream = await live(token, {}, slug);
    await stream.next('counts');
    const { lastId } = stream;
    assert.ok(lastId, 'it is told from where to go on');
    stream.close();
    const { nonce } = (await house.scan(slug, token, { ticket: 'UNKNOWN' })).json();
    const again = await live(token, { lastEventId: lastId }, slug);
    assert.equal((await again.next('scan')).data.nonce, nonce);
});

test('a device is told who it is; when it changes, the line ends and it learns anew', async () => {
    const { token, device } = await role('staff');
    const stream = await live(token);
    assert.deepEqual((await stream.next('device')).data, device);
    const changed = await house.http.request('PATCH', `/api/v1/events/${event}/devices/${device.id}`,
        { token: manager, json: { name: 'Tablet', door: 'speakers', role: 'scanner' } });
    assert.equal(changed.status, 200, changed.body);
    await stream.end();
    const again = await live(token);
    assert.deepEqual((await again.next('device')).data,
        { id: device.id, name: 'Tablet', door: 'speakers', role: 'scanner', keeps_names: false, version: 2 });
    await house.http.delete(`/api/v1/events/${event}/devices/${device.id}`, { token: manager });
    await again.end();
    await until(async () => (await live(token)).status === 401); // all workers heard it
});

test('tickets that were cancelled or handed on are told, also where the next one moves up', async () => {
    const slug = await house.apply(plainEvent({ registration: { capacity: 2, waiting_list: true } }));
    const guests = [];
    for (let i = 0; i < 3; i++) guests.push((await house.signUp(slug, plainGuest())).json());
    assert.equal(guests[2].status, 'waitlisted');
    const token = await house.device(slug);
    const stream = await live(token, {}, slug);
    const { data: { expected } } = await stream.next('counts');
    const cancelled = guests[1];
    const path = (one) => `/api/v1/registrations/${one.id}`;
    assert.equal((await house.http.delete(path(cancelled), { token: manager })).status, 200);
    await stream.next('revoked');
    assert.deepEqual(stream.events.filter(({ name, data }) => name === 'counts' && data.expected !== expected), [],
        'somebody moved up: as many are expected as before');
    const handedOn = await house.http.post(`${path(guests[0])}/attendees/${guests[0].attendees[0].id}/ticket`,
        { token: manager, json: { name: 'Grace Hopper', email: 'grace@example.org' } });
    assert.ok(handedOn.status < 300, handedOn.body);
    await stream.next('revoked');
});

test('a new definition of the event is told', async () => {
    const slug = await house.apply(plainEvent({ slug: 'changing' }));
    const stream = await live(manager, {}, slug);
    await stream.next('counts');
    await house.apply(plainEvent({ slug: 'changing', title: 'Another title' }));
    await stream.next('event');
});

test('strangers and attendees hear nothing, nor devices of other events', async () => {
    assert.equal((await live(undefined)).status, 401);
    const other = await house.apply(plainEvent({ slug: 'other' }));
    assert.equal((await live(phone, {}, other)).status, 403);
});

test('a scan that was a mistake is taken back', async () => {
    const stream = await live(phone);
    await stream.next('counts');
    const { ticket, id } = await attendee();
    const admitted = await scan({ ticket });
    const answer = await undo(admitted.nonce);
    assert.equal(answer.status, 200, answer.body);
    const undone = answer.json();
    assert.equal(undone.attendee.id, id);
    assert.equal(undone.attendee.inside, false);
    assert.equal(undone.counts.inside, admitted.counts.inside - 1);
    assert.equal(undone.counts.admitted, admitted.counts.admitted - 1);
    await stream.next('scan', ({ nonce, undone }) => nonce === admitted.nonce && undone);
    assert.deepEqual((await undo(admitted.nonce)).json(), undone, 'again is the same');
    const back = await scan({ ticket });
    assert.equal(back.verdict, 'admitted', 'as if it had not been');
    assert.equal(back.first_admitted_at, back.scanned_at);
    const [{ count }] = await house.database.query(
        `select count(*)::int from scan where nonce = $1 and undone_at is not null`, [admitted.nonce]);
    assert.equal(count, 1, 'it is kept, marked');
});

test('taking back a second coming leaves the first', async () => {
    const { ticket } = await attendee();
    const first = await scan({ ticket });
    await scan({ ticket, direction: 'out' });
    const second = await scan({ ticket });
    const answer = (await undo(second.nonce)).json();
    assert.equal(answer.attendee.inside, false, 'she had left before');
    const again = await scan({ ticket });
    assert.equal(again.verdict, 'admitted');
    assert.equal(again.first_admitted_at, first.first_admitted_at);
});

test('what let nobody in, is too old or somebody else\'s is not taken back', async () => {
    const { ticket } = await attendee();
    const refused = await scan({ ticket: 'UNKNOWN' });
    const nothing = await undo(refused.nonce);
    assert.equal(nothing.status, 409);
    assert.equal(nothing.json().code, 'nothing_to_undo');
    const { nonce } = await scan({ ticket });
    const scanner = await role('scanner');
    assert.equal((await undo(nonce, scanner.token)).status, 404, 'a scanner: its own only');
    const elsewhere = await role('staff', 'speakers');
    assert.equal((await undo(nonce, elsewhere.token)).status, 404, 'staff: at their door');
    assert.equal((await undo(randomUUID())).status, 404);
    await house.database.query(
        `update scan set received_at = received_at - interval '16 minutes' where nonce = $1`, [nonce]);
    assert.equal((await undo(nonce)).json().code, 'undo_too_late');
    const fresh = await scan({ ticket, direction: 'out' });
    assert.equal((await undo(fresh.nonce, door)).status, 200, 'a role: anything');
});

test('what a phone took back while it was apart holds also when it is told late, for a day', async () => {
    const minutes = 60_000;
    const at = (ms) => new Date(ms).toISOString();
    const late = async (sinceMs) => {
        const { ticket } = await attendee();
        const { nonce } = await scan({ ticket });
        await house.database.query(
            `update scan set received_at = received_at - $2::integer * interval '1 ms',
                    scanned_at = scanned_at - $2::integer * interval '1 ms',
                    happened_at = happened_at - $2::integer * interval '1 ms' where nonce = $1`, [nonce, sinceMs]);
        return { nonce, then: Date.now() - sinceMs };
    };
    const said = (ms) => `?${new URLSearchParams({ undone_at: at(ms) })}`;
    const good = await late(40 * minutes);
    assert.equal((await undo(good.nonce)).json().code, 'undo_too_late', 'taken back now');
    assert.equal((await undo(good.nonce, phone, said(good.then + 16 * minutes))).json().code, 'undo_too_late');
    assert.equal((await undo(good.nonce, phone, said(good.then - 2 * minutes))).json().code, 'undo_too_late');
    const { token } = await role('staff');
    assert.equal((await undo(good.nonce, token, said(good.then + 5 * minutes))).json().code, 'undo_too_late',
        'of another phone at the same door');
    assert.equal((await undo(good.nonce, door, said(good.then + 5 * minutes))).json().code, 'undo_too_late');
    assert.equal((await undo(good.nonce, phone, said(good.then + 5 * minutes))).status, 200);
    const old = await late(25 * 60 * minutes);
    assert.equal((await undo(old.nonce, phone, said(old.then + minutes))).json().code, 'undo_too_late');
    const wrong = await undo(good.nonce, phone, '?undone_at=yesterday');
    assert.equal(wrong.status, 400);
    assert.match(wrong.json().detail, /RFC 3339/);
});

test('undoing and scanning at once leave the counts true', async () => {
    const { ticket } = await attendee();
    for (let round = 0; round < 10; round++) {
        const { nonce } = await scan({ ticket });
        await Promise.all([undo(nonce), scan({ ticket }), scan({ ticket, direction: 'out' }), undo(nonce)]);
    }
    const [counts] = await house.database.query(
        `select inside, (select count(*)::int from attendee where event_id = event.event_id and inside)
                  as really_inside,
                admitted, (select count(*)::int from attendee
                            where event_id = event.event_id and first_admitted_at is not null) as really
           from event_day join event using (event_id) where slug = $1`, [event]);
    assert.equal(counts.inside, counts.really_inside);
    assert.equal(counts.admitted, counts.really);
});

test('two phones that let in one ticket while apart: a conflict, told to all', async () => {
    const desk = await live(manager);
    const other = await live((await role('staff', 'main')).token);
    for (const stream of [desk, other]) await stream.next('counts');
    const { ticket, id } = await attendee('Grace Hopper');
    const early = new Date(Date.now() - 60_000).toISOString();
    const late = new Date(Date.now() - 30_000).toISOString();
    const first = await scan({ ticket, scanned_at: early, decided: 'admitted' });
    assert.equal(first.conflict, false);
    const second = await scan({ ticket, scanned_at: late, decided: 'admitted' }, (await role('staff')).token);
    assert.equal(second.verdict, 'already_admitted');
    assert.equal(second.conflict, true);
    assert.equal(second.admitted_door, 'main');
    assert.equal(Date.parse(second.admitted_at), Date.parse(early));
    for (const stream of [desk, other]) {
        const { data } = await stream.next('conflict');
        assert.equal(data.nonce, second.nonce);
        assert.deepEqual([data.attendee.id, data.attendee.name], [id, 'Grace Hopper']);
    }
    const { conflicts } = (await house.http.get(`/api/v1/events/${event}/conflicts`, { token: phone })).json();
    assert.ok(conflicts.some(({ nonce }) => nonce === second.nonce));
    assert.ok(!conflicts.some(({ nonce }) => nonce === first.nonce));
});

test('an answer that was lost, and the device decided by itself: a conflict, told when it says so', async () => {
    const desk = await live(manager);
    await desk.next('counts');
    const { ticket } = await attendee();
    await scan({ ticket });
    const nonce = randomUUID();
    const lost = await scan({ ticket, nonce });
    assert.deepEqual([lost.verdict, lost.conflict], ['already_admitted', false]);
    await desk.next('scan', (data) => data.nonce === nonce);
    const again = await scan({ ticket, nonce, decided: 'admitted' });
    assert.deepEqual([again.verdict, again.conflict], ['already_admitted', true]);
    assert.equal((await desk.next('conflict')).data.nonce, nonce);
    const third = await scan({ ticket, nonce, decided: 'already_admitted' });
    assert.equal(third.conflict, true, 'what it said first stays');
});

test('somebody let in without network whose ticket had been cancelled is a conflict, too', async () => {
    const { ticket, registration } = await attendee();
    await house.http.delete(`/api/v1/registrations/${registration}`, { token: manager });
    assert.equal((await scan({ ticket, decided: 'cancelled' })).conflict, false);
    const let_in = await scan({ ticket, decided: 'admitted' });
    assert.deepEqual([let_in.verdict, let_in.conflict], ['cancelled', true]);
});

test('a device vouches for a ticket by its id, others do not', async () => {
    const { ticket, id } = await attendee();
    const stream = await live(phone);
    await stream.next('counts');
    await scan({ ticket });
    const { data } = await stream.next('scan', ({ verdict }) => verdict === 'admitted');
    const again = await scan({ ticket_id: data.ticket, direction: 'out' });
    assert.deepEqual([again.verdict, again.attendee.id], ['left', id]);
    const refused = await house.http.post(`/api/v1/events/${event}/checkins`,
        { token: manager, json: { ticket_id: data.ticket, door: 'main' } });
    assert.equal(refused.json().errors[0].code, 'ticket_id_for_devices');
});

test('a scanner scans, and no more', async () => {
    const { token, device } = await role('scanner');
    assert.equal(device.role, 'scanner');
    const { ticket } = await attendee();
    assert.equal((await scan({ ticket }, token)).verdict, 'admitted');
    const forced = await house.http.post(`/api/v1/events/${event}/checkins`,
        { token, json: { ticket, force: true, reason: 'I want to' } });
    assert.equal(forced.json().errors[0].code, 'force_not_allowed');
    const search = await house.http.get(`/api/v1/events/${event}/attendees?q=guest`, { token });
    assert.equal(search.status, 403);
    const own = (method, json) => house.http.request(method, `/api/v1/events/${event}/device`, { token, json });
    assert.equal((await own('PATCH', { door: 'speakers' })).status, 403);
    assert.equal((await own('PATCH', { role: 'staff' })).json().errors[0].code, 'unknown_field');
    assert.equal((await own('PATCH', { name: 'Ada’s phone' })).json().device.name, 'Ada’s phone');
    assert.equal((await own('DELETE')).status, 204);
    await until(async () => (await own('GET')).status === 401); // all workers heard it
});

test('staff move themselves, and the command does it, too', async () => {
    const { token, device } = await role('staff');
    const moved = await house.http.request('PATCH', `/api/v1/events/${event}/device`,
        { token, json: { door: 'speakers' } });
    assert.equal(moved.json().device.door, 'speakers');
    const { ticket } = await attendee();
    const atSpeakers = () => house.http.post(`/api/v1/events/${event}/checkins`, { token,
        json: { nonce: randomUUID(), ticket, door: 'speakers' } });
    const scanned = await until(async () => { // a worker that has not heard it yet: other_door
        const answer = await atSpeakers();
        return answer.status === 200 && answer.json();
    });
    assert.equal(scanned.verdict, 'wrong_door', 'it stands there from now on');
    await house.mustCommand(['door', 'change', event, device.id, '--door', 'main', '--name', 'Blue']);
    assert.match(await house.mustCommand(['door', 'list', event]), /main +staff +paired .* Blue/);
    const nowhere = await house.command(['door', 'change', event, device.id, '--door', 'roof']);
    assert.equal(nowhere.status, 1);
});
