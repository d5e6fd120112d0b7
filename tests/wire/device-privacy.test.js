// What a phone at a door can learn of a guest, by everything that a thief of the phone may know. Generated
// from the table of routes: a new route needs no line here.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, test } from 'node:test';
import { exampleEvent, guest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { listen } from '../harness/live.js';

const house = await openHouse();
const event = await house.apply(exampleEvent({ registration: { capacity: 1000 } }));
const path = `/api/v1/events/${event}`;
const manager = await house.token();
const staff = await pair('staff');
const scanner = await pair('scanner');
const routes = await house.routes();
const everything = '0-00000000-0000-0000-0000-000000000000';

async function pair(role) {
    const code = (await house.mustCommand(['door', 'pair', event, 'main', '--role', role])).trim();
    return (await house.http.post('/api/v1/devices', { json: { code } })).json().token;
}

// → everything there is of a new guest, by name: what can be known and what can be learnt
async function newGuest() {
    const mark = randomUUID().slice(0, 8).replace(/\d/g, (digit) => 'ghijklmnop'[digit]);
    const known = { name: `Nomen ${mark}`, at_door: `firm-${mark}`, hidden: `diet-${mark}`,
        email: `post-${mark}@example.org` };
    const answer = await house.signUp(event, guest({ email: known.email, attendees: [{ name: known.name,
        answers: { company: known.at_door, lunch: true, diet: known.hidden } }] }));
    assert.equal(answer.status, 201, answer.body);
    const { id: registration, attendees: [{ id: attendee, ticket: token }] } = answer.json();
    const ticketId = await house.database.value('select ticket_id from ticket where attendee_id = $1', [attendee]);
    return { ...known, registration, attendee, token, ticket_id: ticketId };
}

// → the body of a request from the knowledge of one thing
function bodyOf(route, { token, ticket_id, attendee, scan, ...query }) {
    if (!route.path.endsWith('/checkins')) return query;
    if (scan) return { nonce: scan, ticket: 'NONE' };
    return token ? { ticket: token } : ticket_id ? { ticket_id } : attendee ? { attendee } : { ticket: 'NONE' };
}

// → the answer's text
async function ask(route, caller, given) {
    if (route.path.endsWith('/live')) return await told(caller);
    const values = { event, ticket: given.token, nonce: given.scan, ...given };
    const at = route.path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(values[name] ?? randomUUID()));
    const q = given.name ?? given.email ?? given.at_door ?? given.hidden;
    const isRead = ['GET', 'DELETE'].includes(route.method);
    const sent = isRead ? {} : { [['page', 'desk'].includes(route.mount) ? 'form' : 'json']: bodyOf(route, given) };
    const answer = await house.http.request(route.method, q ? `${at}?${new URLSearchParams({ q })}` : at,
        { ...sent, token: caller });
    return answer.body;
}

// → what the live stream tells of all scans so far
async function told(caller) {
    const stream = await listen(house.service.url, event, caller, { lastEventId: everything });
    after(() => stream.close());
    await stream.next('scan');
    return JSON.stringify(stream.events);
}

const fields = ['name', 'at_door', 'hidden', 'email', 'registration', 'attendee', 'token'];

// Asks every route that the role may call, with one thing known at a time. may: {known: [learnt]}.
// → what was learnt besides: "METHOD path, known: learnt"
async function learn(role, caller, may) {
    const mine = routes.filter(({ who }) => who.includes(role) || who.includes('anybody'))
        .filter(({ method, path: at }) => !(method === 'DELETE' && at.endsWith('/device')));
    assert.ok(mine.length > 30);
    const found = [];
    for (const known of ['nothing', 'ticket_id', 'attendee', 'registration', 'scan', 'email', 'hidden',
        'at_door', 'name', 'token']) {
        const guests = await newGuest();
        const { nonce } = (await house.http.post(`${path}/checkins`,
            { token: caller, json: caller === manager ? { door: 'main', ticket: guests.token }
                : { ticket_id: guests.ticket_id } })).json();
        assert.ok(nonce);
        const given = known === 'nothing' ? {} : { [known]: known === 'scan' ? nonce : guests[known] };
        for (const route of mine) {
            const text = await ask(route, caller, given);
            const learnt = fields.filter((field) => field !== known && text.includes(guests[field]));
            for (const field of learnt.filter((one) => !may[known]?.includes(one)))
                found.push(`${route.method} ${route.path}, ${known}: ${field}`);
        }
    }
    return found;
}

const asTheDoorSees = ['name', 'at_door', 'attendee'];

test('a phone that only scans learns who a guest is from the ticket and from nothing else', async () => {
    assert.deepEqual(await learn('scanner', scanner, { token: asTheDoorSees }), []);
});

// The live stream and the list of conflicts tell a staff phone by themselves who came.
test('a staff phone never learns an address, a hidden answer or a link', async () => {
    const may = Object.fromEntries(['nothing', 'ticket_id', 'attendee', 'registration', 'scan', 'email', 'hidden',
        'at_door', 'name', 'token'].map((known) => [known, asTheDoorSees]));
    assert.deepEqual(await learn('device', staff, may), []);
});

test('a caller that learns more is found', async () => {
    const found = await learn('device', manager, {});
    for (const field of ['email', 'hidden', 'registration'])
        assert.ok(found.includes(`GET /api/v1/events/{event}/attendees, name: ${field}`), found.join('\n'));
    assert.ok(found.includes('DELETE /api/v1/events/{event}/checkins/{nonce}, scan: name'), found.join('\n'));
});

test('the role door finds nobody by what the door may not see', async () => {
    const door = await house.token({ role: 'door' });
    const found = async (q) => (await house.http.get(`${path}/attendees?${new URLSearchParams({ q })}`,
        { token: door })).json();
    const ada = await newGuest();
    for (const known of ['name', 'at_door'])
        assert.deepEqual((await found(ada[known])).attendees.map(({ id }) => id), [ada.attendee]);
    for (const secret of ['email', 'hidden', 'registration'])
        assert.deepEqual(await found(ada[secret]), { attendees: [], more: false }, secret);
});
