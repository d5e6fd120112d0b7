// Attacks and accidents, each of which once succeeded.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { attendeeOf, expect, formFields, page, withField } from '../harness/attendee.js';
import { guest, localTime, plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { repository } from '../harness/paths.js';
import { until } from '../harness/wait.js';

const house = await openHouse();
const { shown } = attendeeOf(house);

async function registered(event, body, options) {
    const answer = await house.signUp(event, body, options);
    assert.equal(answer.status, 201, answer.body);
    return answer.json();
}

function manage({ manage_url }, rest = '') {
    const { pathname, search } = new URL(manage_url);
    return `/api/v1${pathname}${rest}${search}`;
}

// → {pointer: code} of a refused body
function findings(answer) {
    assert.equal(answer.status, 422, answer.body);
    return Object.fromEntries(answer.json().errors.map(({ pointer, code }) => [pointer, code]));
}

function question(slug, more = {}) {
    return { slug, label: slug, kind: 'text', required: false, ...more };
}

// → the number of sign-ups that the batches have sent to the database so far
async function elementsSent() {
    const seen = [];
    return until(async () => { // workers publish their numbers a few times a second, so wait until it is stable
        const { body } = await house.http.get('/metrics');
        seen.unshift(Number(/^einlass_batch_size_sum\{batch="sign_up"\} (\d+)/m.exec(body)[1]));
        await sleep(100);
        return new Set(seen.slice(0, 15)).size === 1 && seen.length >= 15 && seen[0];
    });
}

async function eventId(slug) {
    return await house.database.value('select event_id from event where slug = $1', [slug]);
}

// --- Corrections --------------------------------------------------------------------------------

test('a correction stays possible when the event no longer asks a question, and its answer stays', async () => {
    const file = plainEvent({ questions: [question('company'), question('diet')] });
    const event = await house.apply(file);
    const answers = { company: 'Engines', diet: 'none' };
    const registration = await registered(event, plainGuest({ attendees: [{ name: 'Ada', answers }] }));
    const [{ id }] = registration.attendees;
    await house.apply({ ...file, questions: [question('company')] });
    const named = await house.http.patch(manage(registration),
        { json: { attendees: [{ id, name: 'Ada King' }] } });
    assert.equal(named.status, 200, named.body);
    const answered = await house.http.patch(manage(registration),
        { json: { attendees: [{ id, answers: { company: 'Looms' } }] } });
    assert.equal(answered.status, 200, answered.body);
    const [attendee] = answered.json().attendees;
    assert.equal(attendee.name, 'Ada King');
    assert.deepEqual(attendee.answers, { company: 'Looms', diet: 'none' });
    assert.deepEqual(findings(await house.http.patch(manage(registration),
        { json: { attendees: [{ id, answers: { diet: 'vegan' } }] } })),
    { '/attendees/0/answers/diet': 'unknown_question' });
});

test('who corrects a name need not answer what the event asks since', async () => {
    const file = plainEvent();
    const event = await house.apply(file);
    const registration = await registered(event, plainGuest());
    const [{ id }] = registration.attendees;
    await house.apply({ ...file, questions: [question('why', { required: true })] });
    const named = await house.http.patch(manage(registration),
        { json: { attendees: [{ id, name: 'Ada King' }] } });
    assert.equal(named.status, 200, named.body);
});

// → an event whose questions all change after the first sign-up
async function changedQuestions() {
    const choice = (slug) => ({ slug, label: { en: `Label ${slug}`, de: `Text ${slug}` } });
    const asked = (slug, kind, more) => question(slug, { kind, ...more });
    const file = plainEvent({ languages: ['en', 'de'], questions: [
        asked('diet', 'choice', { at_door: true, choices: ['vegan', 'meat'].map(choice) }),
        asked('topics', 'several', { choices: ['ai', 'cells'].map(choice) }),
        asked('years', 'number'), asked('lunch', 'yes_no'), asked('note', 'text'), asked('shirt', 'text')] });
    const event = await house.apply(file);
    const answers = { diet: 'vegan', topics: ['ai', 'cells'], years: 3, lunch: false, note: 'aisle', shirt: 'M' };
    const registration = await registered(event, plainGuest({ attendees: [{ name: 'Ada', answers }] }));
    const later = { ...file, questions: [
        asked('diet', 'choice', { at_door: true, choices: ['meat', 'fish'].map(choice), required: true }),
        asked('topics', 'several', { choices: ['ai'].map(choice) }),
        asked('years', 'number', { required: true }), asked('lunch', 'yes_no'),
        asked('note', 'text', { shown_if: { lunch: true } }),
        asked('size', 'choice', { required: true, choices: ['s', 'm'].map(choice) }),
        asked('why', 'text', { required: true })] };
    await house.apply(later);
    return { registration, answers, later };
}

test('a correction deletes no answer unseen and needs none, however the questions change', async () => {
    const { registration, answers } = await changedQuestions();
    const html = (await house.http.get(page(registration, '/change'), { headers: { 'accept-language': 'en' } })).body;
    assert.match(html, /value="vegan" checked><label for="[^"]+">Label vegan \(no longer offered\)</);
    const german = (await house.http.get(page(registration, '/change'), { headers: { 'accept-language': 'de' } })).body;
    assert.match(german, /Text cells \(nicht mehr zur Auswahl\)/);
    const form = withField(formFields(html), 'attendees.0.name', 'Ada King');
    await expect(303, house.http.post(page(registration, '/change'), { form }));
    const corrected = (await shown(registration)).attendees[0];
    assert.equal(corrected.name, 'Ada King');
    assert.deepEqual(corrected.answers, answers);

    // The API may send back what it got.
    const [{ id }] = registration.attendees;
    const patch = (changes) => house.http.patch(manage(registration), { json: { attendees: [{ id, answers: changes }] } });
    const same = await expect(200, patch(answers));
    assert.deepEqual(same.json().attendees[0].answers, answers);

    // What the person changes is checked as the event asks now, and only that.
    const changed = await expect(200, patch({ topics: ['cells'], size: 'm', shirt: null }));
    assert.deepEqual(changed.json().attendees[0].answers, { diet: 'vegan', topics: ['cells'], years: 3, lunch: false, note: 'aisle', size: 'm' });
    assert.deepEqual(findings(await patch({ diet: null, topics: ['mars'], years: '' })), {
        '/attendees/0/answers/diet': 'answer_needed', '/attendees/0/answers/topics': 'no_such_choice',
        '/attendees/0/answers/years': 'answer_needed' });
    await expect(200, patch({ diet: 'fish' }));
    assert.deepEqual(findings(await patch({ diet: 'vegan' })), { '/attendees/0/answers/diet': 'no_such_choice' });

    // A condition of today takes an answer away only when the person changes it.
    await expect(200, patch({ lunch: true, note: 'window' }));
    assert.equal((await expect(200, patch({ lunch: false }))).json().attendees[0].answers.note, undefined);

    // Boxes that a form leaves out are unticked.
    const boxes = formFields((await house.http.get(page(registration, '/change'))).body);
    await expect(303, house.http.post(page(registration, '/change'),
        { form: boxes.filter(([name]) => !name.includes('topics')) }));
    assert.equal((await shown(registration)).attendees[0].answers.topics, undefined);
});

test('an event that is cancelled, moved and takes place after all keeps what people said', async () => {
    const { registration, answers, later } = await changedQuestions();
    for (const changes of [{ cancelled: true }, { starts_at: localTime(30), ends_at: localTime(40) }, { cancelled: false }])
        await house.apply({ ...later, registration: { capacity: 78, most_attendees: 3 }, ...changes });
    const now = await shown(registration);
    assert.deepEqual([now.status, now.attendees[0].answers, now.consents], ['confirmed', answers, registration.consents]);
    const found = await expect(200, house.http.get(`/api/v1/events/${later.slug}/attendees?q=Ada`,
        { token: await house.device(later.slug), headers: { 'accept-language': 'en' } }));
    assert.deepEqual(found.json().attendees[0].answers, [{ label: 'diet', text: 'Label vegan' }], 'the door says it in words');
});

test('answers of a correction that are no object are found', async () => {
    const event = await house.apply();
    const registration = await registered(event, guest());
    const [{ id }] = registration.attendees;
    for (const answers of [5, 'x', []])
        assert.deepEqual(findings(await house.http.patch(manage(registration),
            { json: { attendees: [{ id, answers }] } })),
        { '/attendees/0/answers': 'object_expected' });
});

test('a correction names each attendee once, however large its body may be', async () => {
    const event = await house.apply();
    const registration = await registered(event, guest());
    const [{ id }] = registration.attendees;
    const attendees = Array.from({ length: 5000 }, () => ({ id }));
    const found = findings(await house.http.patch(manage(registration), { json: { attendees } }));
    assert.equal(found['/attendees/1/id'], 'attendee_twice');
    assert.equal(Object.keys(found).length, 100);
});

test('the audit log says once what an organiser did once', async () => {
    const event = await house.apply(plainEvent({ registration: { approval: true } }));
    const { id } = await registered(event, plainGuest());
    const token = await house.token();
    const path = `/api/v1/registrations/${id}`;
    for (const status of ['confirmed', 'confirmed', 'cancelled', 'cancelled'])
        assert.equal((await house.http.patch(path, { token, json: { status } })).json().status, status);
    assert.deepEqual((await house.database.query(
        `select action from audit_entry where registration_id = $1 order by entry_id`, [id]))
        .map(({ action }) => action), ['registration.approve', 'registration.cancel']);
});

// --- A connection that dies after the commit ------------------------------------------------------

test('a new ticket that is asked for again because no answer came is the same ticket', async () => {
    const event = await house.apply();
    const { id, attendees: [attendee] } = await registered(event, guest());
    const sql = readFileSync(
        join(repository, 'service/features/registration/replace_ticket.sql'), 'utf8');
    const values = [await eventId(event), id, attendee.id, randomUUID(), 'guest'];
    for (let times = 0; times < 2; times++)
        assert.equal(await house.database.value(sql, values), 'replaced');
    assert.deepEqual((await house.database.query(
        'select ticket_id from ticket where attendee_id = $1 and replaced_at is null', [attendee.id]))
        .map((row) => row.ticket_id), [values[3]]);
});

// --- Roles --------------------------------------------------------------------------------------

test('who may only read a registration gets no key to it: no manage link and no ticket', async () => {
    const event = await house.apply();
    const { id, attendees: [{ ticket }] } = await registered(event, guest());
    const shown = async (role) =>
        await house.http.get(`/api/v1/registrations/${id}`, { token: await house.token({ role }) });
    const viewer = await shown('viewer');
    assert.equal(viewer.status, 200, viewer.body);
    assert.ok(viewer.json().attendees[0].name);
    assert.doesNotMatch(viewer.body, /key=|ticket_url|manage_url/);
    assert.ok(!viewer.body.includes(ticket));
    assert.equal((await shown('manager')).json().attendees[0].ticket, ticket);
    assert.equal((await shown('door')).status, 403);
});

// --- Crowds with one address --------------------------------------------------------------------

test('a burst from one address that is registered goes to the database hardly more than once each', async () => {
    const event = await house.apply(plainEvent());
    const body = plainGuest();
    await registered(event, body);
    const before = await elementsSent();
    const burst = await Promise.all(Array.from({ length: 200 }, () => house.signUp(event, body)));
    for (const answer of burst) assert.equal(answer.json().code, 'already_registered', answer.body);
    const sent = await elementsSent() - before;
    // On a busy machine the lock on the event may take long, and then some wait for it in another lane.
    assert.ok(sent >= 200 && sent < 400, `sent ${sent} times`);
    assert.equal(Number(await house.database.value(
        `select count(*) from message where event_id = $1 and kind = 'already_registered'`,
        [await eventId(event)])), 1, 'one reminder');
});

test('a burst from one address where all is sold out ends soon', async () => {
    const event = await house.apply(
        plainEvent({ registration: { capacity: 1, waiting_list: false, once_per_email: true } }));
    await registered(event, plainGuest());
    const body = plainGuest();
    const before = await elementsSent();
    const burst = await Promise.all(Array.from({ length: 150 }, () => house.signUp(event, body)));
    for (const answer of burst) assert.match(answer.json().code, /^(sold_out|busy)$/, answer.body);
    assert.ok(burst.some((answer) => answer.json().code === 'sold_out'));
    assert.ok(await elementsSent() - before <= 150 * 9);
});

// --- Waiting lists ------------------------------------------------------------------------------

const CROWD = 20000;

// A crowd that came in a rush: it waits for the limit ('' is the event), and no table was ever analyzed.
async function addCrowd(id, { ticketType, limit }) {
    await house.database.query('alter table registration set (autovacuum_enabled = off)');
    await house.database.query('alter table attendee set (autovacuum_enabled = off)');
    await house.database.query(`
        with crowd as (
          insert into registration (event_id, registration_id, number, status, email, email_key,
                                    once_per_email, language, fingerprint, waits_for)
          select $1, gen_random_uuid(), number, 'waitlisted', 'x@example.org', number::text,
                 true, 'en', '', $3
            from generate_series(10, 10 + $4 - 1) as number
          returning registration_id)
        insert into attendee (event_id, attendee_id, registration_id, position, ticket_type, status,
                              name, search)
        select $1, gen_random_uuid(), registration_id, 1, ticket_type.slug, 'waitlisted', 'X', 'x'
          from crowd join ticket_type on event_id = $1 and slug = coalesce($2, slug)`,
    [id, ticketType, limit, CROWD]);
}

// → how many rows the statement reads from the tables that grow with the crowd
async function rowsRead(statement, values) {
    const client = await house.database.pool.connect();
    try {
        await client.query('begin');
        await client.query(statement, values);
        const { rows: [{ read }] } = await client.query(`
            select sum(seq_tup_read + idx_tup_fetch)::integer as read from pg_stat_xact_user_tables
             where relname in ('registration', 'attendee', 'ticket', 'message')`);
        await client.query('rollback');
        return read;
    } finally {
        client.release();
    }
}

test('a crowd that waits for one ticket type keeps nobody from a place of another', async () => {
    const event = await house.apply(plainEvent({
        registration: { capacity: 5, waiting_list: true, most_attendees: 2 },
        ticket_types: [{ slug: 'a', title: 'A', capacity: 2 }, { slug: 'b', title: 'B', capacity: 1 }],
    }));
    const wants = (...types) =>
        plainGuest({ attendees: types.map((ticket_type) => ({ name: 'Ada', ticket_type })) });
    const holdsB = await registered(event, wants('b'));
    await registered(event, wants('a'));
    const id = await eventId(event);
    // Two guests want two places of A, but only one is left. Then a crowd waits behind them.
    assert.equal((await registered(event, wants('a', 'a'))).status, 'waitlisted');
    await addCrowd(id, { ticketType: 'a', limit: 'a' });
    const next = await registered(event, wants('b'));
    assert.equal(next.status, 'waitlisted');
    assert.ok(await rowsRead('select cancel_registration($1, $2)', [id, holdsB.id]) < 150);
    assert.equal((await house.http.delete(manage(holdsB))).json().status, 'cancelled');
    assert.equal((await house.http.get(manage(next))).json().status, 'confirmed');
});

test('what a cancellation reads does not grow with the crowd that waits behind it', async () => {
    const event = await house.apply(plainEvent({ registration: { capacity: 2, waiting_list: true } }));
    const held = await registered(event, plainGuest());
    await registered(event, plainGuest());
    const id = await eventId(event);
    await addCrowd(id, { limit: '' });
    assert.ok(await rowsRead('select cancel_registration($1, $2)', [id, held.id]) < 150);
    assert.ok(await rowsRead('select erase_registration($1, $2)', [id, held.id]) < 150);
    // Control: a condition that takes the index of the event reads everybody.
    assert.ok(await rowsRead(`select from attendee where event_id = $1 and status = 'waitlisted'`, [id]) >= CROWD);
    assert.equal((await house.http.delete(manage(held))).json().status, 'cancelled');
    assert.equal(await confirmedOf(id), 2);
});

// → how many hold a place; fails if somebody was overtaken
async function confirmedOf(id) {
    const [{ count, overtaken }] = await house.database.query(`
        select count(*) filter (where status = 'confirmed')::integer as count,
               max(number) filter (where status = 'confirmed')
                 > min(number) filter (where status = 'waitlisted') as overtaken
          from registration where event_id = $1`, [id]);
    assert.equal(overtaken, false);
    return count;
}

test('many places move up many people in portions, also where the first portion was the last words of a process',
    async () => {
        const file = plainEvent({ registration: { capacity: 1, waiting_list: true } });
        const id = await eventId(await house.apply(file));
        await registered(file.slug, plainGuest());
        await addCrowd(id, { limit: '' });
        file.registration.capacity = 501;
        const { stdout } = await house.command(
            ['event', 'apply', house.file(`${file.slug}.json`, JSON.stringify(file))]);
        const moved = [...stdout.matchAll(/: (\d+) (?:more )?registrations move up/g)].map(([, many]) => Number(many));
        assert.ok(moved.length > 0 && Math.max(...moved) <= 200, stdout);
        await until(async () => await confirmedOf(id) === 501);
        await house.database.query('update tally set capacity = 901 where event_id = $1', [id]);
        assert.equal(await house.database.value('select move_up($1)', [id]), 200);
        await until(async () => await confirmedOf(id) === 901);
    });

// --- The form -----------------------------------------------------------------------------------

test('the form names a ticket type with an access code only to who gave the right one', async () => {
    const event = await house.apply(plainEvent({ ticket_types: [
        { slug: 'guest', title: 'Guest' }, { slug: 'vip', title: 'Crown Jewels', code: 'OPEN-SESAME' }] }));
    const shown = async (query) => (await house.http.get(`/events/${event}/register${query}`)).body;
    assert.doesNotMatch(await shown(''), /Crown Jewels/);
    assert.doesNotMatch(await shown('?code=GUESS'), /Crown Jewels/);
    assert.match(await shown('?code=OPEN-SESAME'), /Crown Jewels/);
});

test('the form is never drawn for more people than the event takes', async () => {
    const event = await house.apply(plainEvent({ registration: { most_attendees: 2 } }));
    const form = Array.from({ length: 100 }, (_, i) => [`attendees.${i}.name`, 'X']);
    const { status, body } = await house.http.post(`/events/${event}/register`, { form });
    assert.equal(status, 422);
    assert.equal(body.match(/<fieldset class="person"/g).length, 2);
});
