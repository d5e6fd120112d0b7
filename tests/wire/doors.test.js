// Devices: a pairing code works once and for minutes; a device has few rights, and they can be revoked at
// once.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { exampleEvent, guest, plainEvent } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { until } from '../harness/wait.js';

const house = await openHouse();
const event = await house.apply(exampleEvent());
const manager = await house.token();

const devices = (at = event) => `/api/v1/events/${at}/devices`;

async function code(door = 'main', ...more) {
    return (await house.mustCommand(['door', 'pair', event, door, ...more])).trim();
}

function scan(token, json, headers) {
    return house.http.post(`/api/v1/events/${event}/checkins`, { token, json, headers });
}

function pair(json) {
    return house.http.post('/api/v1/devices', { json });
}

async function anyTicket() {
    const answer = await house.signUp(event, guest());
    assert.equal(answer.status, 201, answer.body);
    return answer.json().attendees[0].ticket;
}

test('a code makes a device that stands at its door', async () => {
    const made = await code('speakers', '--name', 'Red phone');
    assert.match(made, /^[0-9A-Z]{4}-[0-9A-Z]{4}$/);
    const paired = await pair({ code: made });
    assert.equal(paired.status, 201, paired.body);
    const { token, device, ...where } = paired.json();
    assert.match(token, /^einlass_door_[a-z2-7]{32}$/);
    assert.deepEqual(where, { event, door: 'speakers' });
    assert.equal(device.name, 'Red phone');
    const scanned = await scan(token, { ticket: await anyTicket() });
    assert.equal(scanned.json().verdict, 'wrong_door', 'its own door is where it stands');
});

test('a code is typed as people type', async () => {
    const made = await code();
    const typed = made.replace('-', ' ').toLowerCase().replaceAll('0', 'o').replaceAll('1', 'l');
    const paired = await pair({ code: ` ${typed} `, name: 'Phone of Ada' });
    assert.equal(paired.status, 201, paired.body);
    assert.equal(paired.json().device.name, 'Phone of Ada');
});

test('a code works once, also when many try it at the same moment', async () => {
    const made = await code();
    const answers = await Promise.all(Array.from({ length: 20 }, () => pair({ code: made })));
    const statuses = answers.map((answer) => answer.status).sort();
    assert.deepEqual(statuses, [201, ...Array(19).fill(404)]);
    const refused = answers.find((answer) => answer.status === 404).json();
    assert.equal(refused.code, 'pairing_code_unknown');
    assert.match(refused.detail, /already been used/);
});

test('a code that is too old says so', async () => {
    const made = await code();
    await house.database.query(`update device set pairing_until = now() - interval '1 second'
                                 where pairing_until is not null`);
    const refused = await pair({ code: made });
    assert.equal(refused.status, 410);
    assert.match(refused.json().detail, /15 minutes/);
});

test('what is no code, or no name, is refused with its place', async () => {
    assert.equal((await pair({ code: '0000-0000' })).status, 404);
    assert.equal((await pair({ code: 'x'.repeat(10_000) })).status, 404);
    for (const [json, pointer] of [[{}, '/code'], [{ code: 5 }, '/code'], [{ code: '' }, '/code'],
        [{ code: 'A', name: 'x'.repeat(101) }, '/name'], [{ code: 'A', role: 'owner' }, '/role']]) {
        const refused = await pair(json);
        assert.equal(refused.status, 422, JSON.stringify(json));
        assert.equal(refused.json().errors[0].pointer, pointer);
    }
});

test('a device sees the doors of its event and the counts', async () => {
    const token = await house.device(event);
    const answer = await house.http.get(`/api/v1/events/${event}/doors`,
        { token, headers: { 'accept-language': 'de' } });
    assert.equal(answer.status, 200, answer.body);
    const view = answer.json();
    assert.equal(view.event.slug, event);
    assert.deepEqual(view.doors.map(({ slug, title, ticket_types: types }) =>
        [slug, title, types.map((type) => type.slug)]), [
        ['main', 'Haupteingang', ['guest', 'speaker', 'press']],
        ['speakers', 'Eingang Vortragende', ['speaker']],
    ]);
    assert.deepEqual(Object.keys(view.counts), ['expected', 'admitted', 'inside']);
});

test('editors see the devices and take their tokens away at once, on every worker', async () => {
    const token = await house.device(event);
    const close = { connection: 'close' }; // so both workers are asked
    const ask = async () => (await scan(token, { ticket: 'nothing' }, close)).status;
    const list = async () =>
        (await house.http.get(devices(), { token: manager })).json().devices;
    const [{ id, name, paired_at: pairedAt }] = await list();
    assert.equal(name, '');
    assert.ok(Date.parse(pairedAt) > Date.now() - 60_000);
    for (let i = 0; i < 10; i++) assert.equal(await ask(), 200);
    const revoke = () => house.http.delete(`${devices()}/${id}`, { token: manager });
    assert.equal((await revoke()).status, 204);
    const deadline = Date.now() + 2000; // sooner than the cache expires (three seconds), so the notification works
    for (let refused = 0; refused < 10; refused = (await ask()) === 401 ? refused + 1 : 0)
        assert.ok(refused > 0 || Date.now() < deadline, 'still works');
    assert.equal((await revoke()).status, 204, 'again changes nothing');
    assert.ok((await list()).every((device) => device.id !== id));
    const unknown = await house.http.delete(`${devices()}/${randomUUID()}`, { token: manager });
    assert.equal(unknown.status, 404);
    assert.equal((await house.http.delete(`${devices()}/x`, { token: manager })).status, 404);
});

test('a device of another event is not there', async () => {
    const other = await house.apply(plainEvent());
    await house.device(event);
    const [{ id }] = (await house.http.get(devices(), { token: manager })).json().devices;
    const answer = await house.http.delete(`${devices(other)}/${id}`, { token: manager });
    assert.equal(answer.status, 404);
});

test('the commands pair, list and unpair, and say what is wrong', async () => {
    const token = await house.device(event, 'speakers');
    const list = await house.mustCommand(['door', 'list', event]);
    const [id] = list.split('\n').find((line) => / speakers .* paired /.test(line)).split(' ');
    assert.match(await house.mustCommand(['door', 'unpair', event, id]), /unpaired/);
    assert.ok(!(await house.mustCommand(['door', 'list', event])).includes(id));
    await until(async () => (await scan(token, { ticket: 'nothing' })).status === 401); // all workers heard it
    for (const [words, status, sentence] of [
        [['door', 'pair', 'nowhere', 'main'], 1, /no event "nowhere"/],
        [['door', 'pair', event, 'roof'], 1, /no door "roof"/],
        [['door', 'pair', event, 'main', '--name', 'x'.repeat(101)], 1, /100 characters/],
        [['door', 'pair', event], 2, /usage: einlass door pair/],
        [['door', 'list', 'nowhere'], 1, /no event "nowhere"/],
        [['door', 'unpair', event, 'x'], 1, /door list/],
        [['door', 'unpair', event, randomUUID()], 1, /no device/],
    ]) {
        const said = await house.command(words);
        assert.equal(said.status, status, words.join(' '));
        assert.match(said.stderr, sentence);
    }
    const actions = await house.database.query('select distinct action from audit_entry');
    for (const action of ['door.pair', 'device.paired', 'device.revoke'])
        assert.ok(actions.some((entry) => entry.action === action), action);
});

test('the token itself is kept nowhere', async () => {
    const token = await house.device(event);
    const [{ found }] = await house.database.query(
        'select count(*)::integer as found from device where device::text like $1', [`%${token}%`]);
    assert.equal(found, 0);
});
