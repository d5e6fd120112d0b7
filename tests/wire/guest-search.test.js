// Search by name for guests without a ticket: what a device finds, and what it must not see.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expect } from '../harness/attendee.js';
import { exampleEvent, guest, plainEvent } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { until } from '../harness/wait.js';

const house = await openHouse();
const event = await house.apply(exampleEvent({ registration: { capacity: 200 } }));
const device = await house.device(event);

function search(q, { token = device, at = event, headers } = {}) {
    const query = q === undefined ? '' : `?${new URLSearchParams({ q })}`;
    return house.http.get(`/api/v1/events/${at}/attendees${query}`, { token, headers });
}

async function found(q) {
    return (await expect(200, search(q))).json().attendees.map(({ name }) => name);
}

async function signUp(name, company, { email, ...answers } = {}) {
    const body = guest({ attendees: [{ name, answers: { company, lunch: false, ...answers } }] });
    if (email) body.email = email;
    return (await expect(201, house.signUp(event, body))).json();
}

// → the token of a device that may only scan
async function scannerAt(slug) {
    const [code] = (await house.mustCommand(['door', 'pair', slug, 'main'])).split('\n');
    const { token: scanner, device: { id } } = (await house.http.post('/api/v1/devices',
        { json: { code } })).json();
    await expect(200, house.http.patch(`/api/v1/events/${slug}/devices/${id}`,
        { token: await house.token(), json: { role: 'scanner' } }));
    return scanner;
}

const ada = await signUp('Ada Lovelace', 'Analytical Engines');
await signUp('Zoë Brontë-Ångström', '100% Öko_logisch');
await signUp('Jürgen Groß', 'Lovelace & Söhne', { email: 'secret-address@example.org' });
await signUp('Grace Hopper', 'Navy', { lunch: true, diet: 'peanuts' });
await signUp('Peanut Butler', 'Analytical Engines');

test('guests are found by name or company, those with the name first, however it is typed', async () => {
    assert.deepEqual(await found('lovelace'), ['Ada Lovelace', 'Jürgen Groß']);
    assert.deepEqual(await found('analytical'), ['Ada Lovelace', 'Peanut Butler']);
    assert.deepEqual(await found('GROSS'), ['Jürgen Groß']);
    assert.deepEqual(await found('angstrom zoe'), ['Zoë Brontë-Ångström']);
    assert.deepEqual(await found('ada engines'), ['Ada Lovelace']);
    assert.deepEqual(await found('ada hopper'), []);
    assert.deepEqual(await found('o_l'), ['Zoë Brontë-Ångström']);
    assert.deepEqual(await found('00%'), ['Zoë Brontë-Ångström']);
});

test('namesakes are told apart, by no more than is needed', async () => {
    const seen = async () => (await expect(200, search('doppel'))).json().attendees
        .map(({ answers: [{ text }], masked_email: email, number }) => [text, email ?? null, /^[0-9A-Z]{4}-[0-9A-Z]{4}$/.test(number)]);
    await signUp('Dora Doppel', 'Doppel Ltd', { email: 'dora@example.org' });
    await signUp('Dora Doppel', 'Other Ltd', { email: 'd.doppel@example.net' });
    assert.deepEqual((await seen()).sort(), [['Doppel Ltd', null, false], ['Other Ltd', null, false]]);
    await signUp('Dora Döppel', 'Doppel Ltd', { email: 'ödora@example.net' });
    assert.deepEqual((await seen()).sort(), [['Doppel Ltd', 'd…@example.org', false],
        ['Doppel Ltd', 'ö…@example.net', false], ['Other Ltd', null, false]]);
    await signUp('Dora Doppel', 'Doppel Ltd', { email: 'diane@example.org' });
    assert.deepEqual((await seen()).sort(), [['Doppel Ltd', 'd…@example.org', true], ['Doppel Ltd', 'd…@example.org', true],
        ['Doppel Ltd', 'ö…@example.net', false], ['Other Ltd', null, false]]);
});

test('names are found as people hear them', async () => {
    for (const name of ['Łukasz Bąk', 'Øystein Berg', 'Jörg Müller', 'Petra Mueller', 'Aoife O’Brien', 'Anna Schmidt'])
        await signUp(name, 'Ears');
    for (const [heard, ...names] of [['lukasz', 'Łukasz Bąk'], ['oystein', 'Øystein Berg'], ['mueller', 'Jörg Müller', 'Petra Mueller'],
        ['müller', 'Jörg Müller', 'Petra Mueller'], ["o'brien", 'Aoife O’Brien'], ['schmidt, anna', 'Anna Schmidt'],
        ['\u00adSchmidt\u200b', 'Anna Schmidt']])
        assert.deepEqual((await found(heard)).sort(), names, heard);
});

test('the number beside the QR code finds its guest at the door and at the desk, also after a correction', async () => {
    const numberOf = async ({ ticket }) => (await house.http.get(`/api/v1/tickets/${ticket}`)).json().attendee.number;
    const people = await Promise.all(['Number One', 'Number Two'].map((name) => signUp(name, 'Digits')));
    const [one, two] = await Promise.all(people.map(({ attendees: [attendee] }) => numberOf(attendee)));
    const manager = await house.token();
    for (const written of [one, one.toLowerCase(), one.replace('-', ''), one.replace('-', ' – '), one.replace('-', '\u2011')])
        assert.deepEqual(await found(written), ['Number One'], written);
    assert.deepEqual(await found(two), ['Number Two']);
    const atDesk = async (q) => (await search(q, { token: manager })).json().attendees.map(({ name }) => name);
    await until(async () => (await atDesk(two)).length === 1); // a job writes the list's index
    assert.deepEqual(await atDesk(one.toLowerCase()), ['Number One']);
    const [{ id, attendees: [attendee] }] = people;
    await expect(200, house.http.patch(`/api/v1/registrations/${id}`, { token: manager,
        json: { attendees: [{ id: attendee.id, name: 'Number Eins' }] } }));
    assert.deepEqual(await found(one), ['Number Eins']);
    assert.deepEqual((await search(one, { at: await house.apply(plainEvent()), token: manager })).json().attendees, []);
});

test('what the door may not see finds nobody either', async () => {
    assert.deepEqual(await found('secret-address'), []);
    assert.deepEqual(await found('example.org'), []);
    assert.deepEqual(await found('peanut'), ['Peanut Butler']);
    const manager = await house.token();
    const all = (await search('secret-address', { token: manager })).json().attendees;
    assert.equal(all.length, 1, 'it is there to be found');
});

test('a guest is shown with what the door needs and nothing else', async () => {
    const [seen] = (await search('ada lovelace', { headers: { 'accept-language': 'de' } })).json().attendees;
    assert.deepEqual(seen, {
        id: ada.attendees[0].id, name: 'Ada Lovelace', ticket_type: 'guest', ticket_type_title: 'Gast',
        status: 'confirmed', present: false, first_admitted_at: null, admitted_at: null, days: [],
        answers: [{ label: 'Firma oder Einrichtung', text: 'Analytical Engines' }],
    });
    await house.scan(event, device, { attendee: seen.id });
    const [inside] = (await search('ada lovelace')).json().attendees;
    assert.equal(inside.present, true);
    assert.ok(Math.abs(Date.parse(inside.first_admitted_at) - Date.now()) < 60_000);
    await house.scan(event, device, { attendee: seen.id, direction: 'out' });
    const [outside] = (await search('ada lovelace')).json().attendees;
    assert.equal(outside.present, false);
    assert.equal(outside.first_admitted_at, inside.first_admitted_at);
    assert.deepEqual([outside.admitted_at, outside.days.length], [inside.admitted_at, 1]);
});

test('fewer than three letters are too few, and that is said', async () => {
    for (const q of [undefined, '', 'ab', ' a b ', '  ']) {
        const answer = await expect(422, search(q), 'search_too_short');
        assert.match(answer.json().detail, /at least 3 letters/);
    }
    await expect(200, search('a b c'));
    await expect(400, search('x'.repeat(201)), 'wrong_parameter');
});

test('at most twenty are shown, and whether there are more', async () => {
    for (let i = 0; i < 20; i++) await signUp(`Twin ${String.fromCharCode(97 + i)}`, 'Twenty');
    const twenty = (await search('twin')).json();
    assert.deepEqual([twenty.attendees.length, twenty.more], [20, false]);
    await signUp('Twin z', 'Twenty');
    const more = (await search('twin')).json();
    assert.deepEqual([more.attendees.length, more.more], [20, true]);
    assert.deepEqual(more.attendees, twenty.attendees);
});

test('answers are shown as people read them, in the language of whoever looks', async () => {
    const of = (kind, more) => ({
        slug: kind, label: { en: `The ${kind}`, de: `Das ${kind}` }, kind, at_door: true, ...more,
    });
    const choices = [
        { slug: 'red', label: { en: 'Red', de: 'Rot' } }, { slug: 'blue', label: { en: 'Blue', de: 'Blau' } },
    ];
    const kinds = await house.apply(plainEvent({ questions: [
        of('text'), of('choice', { choices }), of('several', { choices }), of('yes_no'), of('number'),
        of('date'), of('email'), of('phone'), of('country'), of('url'), of('long_text'),
        { slug: 'hidden', label: 'Hidden', kind: 'text' },
    ] }));
    const everything = { email: 'k@example.org', attendees: [{
        name: 'Everything', answers: {
            text: '"<b>', choice: 'blue', several: ['red', 'blue'], yes_no: true, number: 1.5,
            date: '2026-05-03', email: 'e@example.org', phone: '+49 341 12', country: 'DE', url: 'https://example.org/ada',
            hidden: 'h',
        },
    }] };
    await expect(201, house.signUp(kinds, everything));
    const token = await house.device(kinds);
    const seen = async (language) => (await search('everything',
        { token, at: kinds, headers: { 'accept-language': language } })).json().attendees[0].answers;
    assert.deepEqual((await seen('de')).map(({ label, text }) => `${label}: ${text}`), [
        'Das text: "<b>', 'Das choice: Blau', 'Das several: Rot, Blau', 'Das yes_no: ja',
        'Das number: 1,5', 'Das date: 03.05.2026', 'Das email: e@example.org', 'Das phone: +49 341 12',
        'Das country: Deutschland', 'Das url: https://example.org/ada',
    ]);
    assert.deepEqual((await seen('en')).map(({ text }) => text), [
        '"<b>', 'Blue', 'Red, Blue', 'yes', '1.5', '3 May 2026', 'e@example.org', '+49 341 12', 'Germany',
        'https://example.org/ada',
    ]);
});

test('a scanner, another event’s device and a stranger search nothing', async () => {
    const other = await house.apply(exampleEvent());
    assert.ok([403, 404].includes((await search('ada', { at: other })).status));
    const scanner = await scannerAt(event);
    await expect(403, search('ada', { token: scanner }));
    await expect(403, house.http.post(`/api/v1/events/${event}/walk-ins`,
        { token: scanner, json: { name: 'Ada', email: 'a@example.org' } }));
    await expect(401, search('ada', { token: 'einlass_door_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' }));
});

test('a question that is marked later shows from then on', async () => {
    const file = plainEvent({ questions: [{ slug: 'table', label: 'Table', kind: 'number' }] });
    const slug = await house.apply(file);
    await expect(201, house.signUp(slug, {
        email: 't@example.org', attendees: [{ name: 'Tablemate', answers: { table: 7 } }],
    }));
    const token = await house.device(slug);
    const answers = async () => (await search('tablemate', { token, at: slug })).json().attendees[0].answers;
    assert.deepEqual(await answers(), []);
    file.questions[0].at_door = true;
    await house.apply(file);
    await until(async () => (await answers()).length > 0);
    assert.deepEqual(await answers(), [{ label: 'Table', text: '7' }]);
    const shown = await house.mustCommand(['event', 'show', slug]);
    assert.equal(JSON.parse(shown).questions[0].at_door, true);
    for (const [value, sentence] of [['yes', /at_door.*true or false/s], [1, /at_door.*true or false/s]]) {
        const wrong = await house.command(['event', 'apply', house.file('wrong.json',
            JSON.stringify({ ...file, questions: [{ ...file.questions[0], at_door: value }] }))]);
        assert.equal(wrong.status, 1);
        assert.match(wrong.stderr, sentence);
    }
});
