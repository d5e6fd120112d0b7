// The audit log: every write notes who made it and what changed, holds no secret and cannot be changed.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import pg from 'pg';
import { api, attendeeOf, attendeePath, expect, page, several } from '../harness/attendee.js';
import { plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { repository } from '../harness/paths.js';
import { words } from '../harness/words.js';

const house = await openHouse();
const { registered, companionPath } = attendeeOf(house);
const question = { slug: 'diet', label: { en: 'Diet', de: 'Kost' }, kind: 'choice', required: false,
    choices: [{ slug: 'vegan', label: { en: 'Vegan food', de: 'Vegan' } }, { slug: 'all', label: 'Everything' }] };
const event = await house.apply(plainEvent({ languages: ['en', 'de'], questions: [question],
    registration: { approval: true }, ticket_types: [{ slug: 'guest', title: 'Guest' }] }));
const manager = await house.token({ role: 'manager' });
const managerId = await house.database.value("select token_id from api_token where role = 'manager'");
const asEditor = (method, path, json) => house.http.request(method, `/api/v1${path}`, { json, token: manager });

// → the entries of a registration, the oldest first: [actor, action, before, after]
async function entries({ id }) {
    const rows = await house.database.query(
        `select actor, action, before, after from history_of((select event_id from event where slug = $1), $2)
          order by entry_id`, [event, id]);
    return rows.map(({ actor, action, before, after }) => [actor, action, before, after]);
}

test('a history says who changed what, before and after: guest, token and phone', async () => {
    const person = await registered(event, plainGuest({ email: 'ada@example.org',
        attendees: [{ name: 'Ada', answers: { diet: 'vegan' } }] }));
    assert.deepEqual(await entries(person), [], 'who signs up for themselves writes no entry');
    await expect(200, asEditor('PATCH', `/registrations/${person.id}`, { status: 'confirmed' }));
    const shown = (await house.http.get(api(person))).json();
    await expect(200, house.http.patch(api(person), { json: { version: shown.version,
        attendees: [{ id: person.attendees[0].id, name: 'Ada Lovelace', answers: { diet: 'all' } }] } }));
    await expect(200, asEditor('PATCH', `/registrations/${person.id}`,
        { version: shown.version + 1, email: 'ada@lovelace.example' }));
    await expect(200, asEditor('POST', `/registrations/${person.id}/resend`, {}));
    await expect(200, asEditor('PATCH', `/registrations/${person.id}`, { status: 'cancelled' }));
    const token = `token ${managerId}`;
    assert.deepEqual(await entries(person), [
        [token, 'registration.approve', { status: 'pending' }, { status: 'confirmed' }],
        ['guest', 'registration.change', { name: 'Ada', 'answers.diet': 'vegan' }, { name: 'Ada Lovelace', 'answers.diet': 'all' }],
        [token, 'registration.change', { email: 'ada@example.org' }, { email: 'ada@lovelace.example' }],
        [token, 'registration.resend', null, null],
        [token, 'registration.cancel', { status: 'confirmed' }, { status: 'cancelled' }],
    ]);
});

test('who is added by an organiser or at the door is noted, with who added them', async () => {
    const added = await registered(event, plainGuest(), { token: manager });
    assert.deepEqual(await entries(added), [[`token ${managerId}`, 'registration.add', null, { status: 'pending' }]]);
    const device = await house.device(event);
    const came = (await expect(201, house.http.post(`/api/v1/events/${event}/walk-ins`,
        { token: device, json: { name: 'Late', email: 'late@example.org' } }))).json();
    const [[actor, action, before, after]] = await entries(came);
    const deviceId = await house.database.value('select device_id from device order by created_at desc limit 1');
    assert.deepEqual([actor, action, before, after], [`device ${deviceId}`, 'walk_in', null, { status: 'confirmed' }]);
});

test('a history goes on where a companion takes the place over, and the former holder is not told the new name', async () => {
    const open = await house.apply(plainEvent({ slug: undefined, ...{ slug: `open-${randomUUID().slice(0, 8)}` } }));
    const own = (registration) => house.database.query(
        `select action, attendee_id, after from history_of((select event_id from event where slug = $1), $2) order by entry_id`,
        [open, registration]);
    const both = await registered(open, several(2, { attendees: [{ name: 'One' }, { name: 'Two', email: 'two@example.org' }] }));
    const [one, two] = both.attendees;
    await expect(200, house.http.patch(api(both), { json: { version: 1, attendees: [{ id: two.id, name: 'Two Two' }] } }));
    await expect(303, house.http.post(companionPath(both, 1), { form: {} }));
    const moved = await house.database.value('select registration_id from attendee where attendee_id = $1', [two.id]);
    assert.notEqual(moved, both.id);
    assert.deepEqual((await own(moved)).map(({ action }) => action), ['registration.change', 'attendee.take_over']);
    await expect(200, house.http.post(api(both, attendeePath(both, 0, '/ticket')), { json: { name: 'Heir', email: 'heir@example.org' } }));
    const history = await own(both.id);
    assert.deepEqual(history.map(({ action }) => action), ['registration.change', 'attendee.hand_on']);
    assert.doesNotMatch(JSON.stringify(history.at(-1)), /Heir|heir/);
    const heir = await house.database.value('select registration_id from attendee where handed_on_by = $1', [one.id]);
    assert.deepEqual((await own(heir)).map(({ action, after }) => [action, after]),
        [['attendee.receive', { name: 'Heir', email: 'heir@example.org' }]]);

    // Erasing the companion empties what both registrations noted of them.
    await expect(200, house.http.delete(`/api/v1/registrations/${moved}/data`, { token: manager }));
    assert.equal(await house.database.value("select count(*)::integer from audit_entry where audit_entry::text like '%Two%'"), 0);
    assert.equal(await house.database.value("select count(*)::integer from audit_entry where audit_entry::text like '%Heir%'"), 1);
    assert.deepEqual((await own(moved)).map(({ action }) => action),
        ['registration.change', 'attendee.take_over', 'registration.erase'], 'what was done stays');
});

test('the service can empty the entries of an erased person, and change no other', async () => {
    const person = await registered(event, plainGuest());
    await expect(200, house.http.patch(api(person), { json: { version: 1,
        attendees: [{ id: person.attendees[0].id, name: 'Before' }] } }));
    const { cluster, name } = house.database;
    const client = new pg.Client({ host: cluster.socket, user: 'einlass', database: name });
    await client.connect();
    const empty = () => client.query('update audit_entry set before = null, after = null where registration_id = $1', [person.id]);
    await assert.rejects(empty(), /never changed/);
    await assert.rejects(client.query("update audit_entry set action = 'x'"), (error) => error.code === '42501');
    await expect(200, house.http.delete(`/api/v1/registrations/${person.id}/data`, { token: manager }));
    await empty();
    await assert.rejects(client.query(`update audit_entry set after = '{}' where registration_id = $1`, [person.id]), /never changed/);
    await client.end();
});

test('no entry holds a secret: no token, key, code or hash', async () => {
    const text = await house.database.value("select string_agg(audit_entry::text, '\n') from audit_entry");
    assert.ok(text.length > 1000);
    assert.ok(!text.includes(manager));
    assert.doesNotMatch(text, /einlass_|hash|password|key=|\$argon2/);
});

// Statements that need no entry: what they do has rows of its own, or nobody does it.
const silent = {
    'registration/sign_up.sql': 'people who sign up', 'door/check_in.sql': 'scans',
    'event/apply.sql': 'apply_done notes it', 'event/apply_tell.sql': 'apply_done notes it',
    'event/apply_move_up.sql': 'apply_done notes it', 'registration/resend.sql': 'anybody',
    'registration/move_on.sql': 'by itself', 'registration/expire.sql': 'by itself',
    'message/claim.sql': 'the outbox', 'message/note.sql': 'the outbox', 'message/remind.sql': 'by itself',
    'account/manage_link_opened.sql': 'a visit', 'account/code_use.sql': 'signing in', 'door/device_report.sql': 'the state of a phone',
    'account/caller.sql': 'the day of the last use', 'account/invitation_link.sql': 'the letter', 'account/sessions_sweep.sql': 'by itself',
};

test('every statement that changes something notes it', () => {
    const features = join(repository, 'service/features');
    const writes = /\b(insert into|update|delete from)\s+(registration|attendee|ticket|device|account|membership|team_invitation|api_token|message|event|organiser)\b/;
    const calls = /\b(tell_again|tell_address|erase_registration|cancel_registration|cancel_attendee|approve_registration|decline_registration|verify_registration)\(/;
    const found = readdirSync(features, { recursive: true }).filter((path) => path.endsWith('.sql') && !silent[path])
        .map((path) => [path, readFileSync(join(features, path), 'utf8').replace(/^--.*$/gm, '')])
        .filter(([, sql]) => (writes.test(sql) || calls.test(sql)) && !/audit_entry|note_change/.test(sql));
    assert.deepEqual(found.map(([path]) => path), []);
    // The negative control.
    assert.ok(writes.test("update registration set status = 'x'"));
});

test('every action has its words in both languages', () => {
    const sources = ['service/features', 'migrations/functions'].flatMap((folder) =>
        readdirSync(join(repository, folder), { recursive: true }).filter((path) => path.endsWith('.sql'))
            .map((path) => readFileSync(join(repository, folder, path), 'utf8')))
        .filter((sql) => /audit_entry|note_change/.test(sql)).join('\n');
    const actions = [...new Set([...sources.matchAll(/'((?:[a-z_]+\.[a-z_]+)|walk_in)'/g)].map(([, name]) => name))];
    assert.ok(actions.length > 20, actions.join());
    for (const language of ['en', 'de']) {
        const { history } = words(language);
        const missing = actions.filter((action) =>
            typeof action.split('.').reduce((known, key) => known?.[key], history.action) !== 'string');
        assert.deepEqual(missing, [], language);
    }
});

test('a history and a page of the log read few rows of many', async () => {
    const organiser = await house.database.value("select organiser_id from organiser where slug = 'biosaxony'");
    const eventId = await house.database.value('select event_id from event where slug = $1', [event]);
    const registration = randomUUID();
    await house.database.query(
        `insert into audit_entry (organiser_id, event_id, registration_id, at, actor, action, after)
         select $1, case n % 2 when 0 then $2::uuid end,
                case n when 20000 then $3 else gen_random_uuid() end, now() - n * interval '1 minute',
                case n % 3 when 0 then 'guest' when 1 then 'command' else 'token ' || $3 end,
                case n % 5000 when 0 then 'device.revoke' else 'registration.change' end, '{"name": "x"}'
           from generate_series(1, 40000) as n`, [organiser, eventId, registration]);
    // → the most rows that a step of the plan read
    async function rowsRead(sql, values) {
        const [{ 'QUERY PLAN': [{ Plan: plan }] }] = await house.database.query(`explain (analyze, format json) ${sql}`, values);
        const steps = (step) => [step, ...(step.Plans ?? []).flatMap(steps)];
        return Math.max(...steps(plan).map((step) =>
            (step['Actual Rows'] + (step['Rows Removed by Filter'] ?? 0)) * step['Actual Loops']));
    }
    const history = () => rowsRead('select * from history_of($1, $2)', [eventId, registration]);
    assert.ok(await history() < 20);
    await house.database.query('analyze audit_entry');
    assert.ok(await history() < 20);
    assert.ok(await rowsRead('select * from audit_entry where detail = $1', ['{"x": 1}']) > 10_000, 'the control');
});
