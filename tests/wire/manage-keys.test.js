// Personal data is shown and erased; keys open only their own registration.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { attendeeOf, api, attendeePath, expect, page, several } from '../harness/attendee.js';
import { tool } from '../harness/documents.js';
import { exampleEvent, guest, localTime, plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';

const house = await openHouse();
await house.apply(plainEvent());
const manager = await house.token();
const { registered, shown, messages } = attendeeOf(house);

// --- The data held ------------------------------------------------------------------------------

test('the data held is all there, with the questions and the wording agreed to', async () => {
    const event = await house.apply();
    const device = await house.device(event);
    const registration = await registered(event, guest({ language: 'de',
        attendees: [{ name: 'Ada', email: 'ada@example.org', answers: { company: 'Engines', lunch: true, diet: 'no nuts' } }] }));
    const [{ id, ticket }] = registration.attendees;
    await house.scan(event, device, { ticket });
    await house.http.post(api(registration, `/attendees/${id}/ticket`), { json: {} });
    const data = (await expect(200, house.http.get(api(registration, '/data')))).json();
    const [ada] = data.attendees;
    assert.deepEqual([data.registration.email, ada.name, ada.email], [registration.email, 'Ada', 'ada@example.org']);
    assert.deepEqual(ada.answers[0], { question: 'company', label: 'Firma oder Einrichtung', answer: 'Engines' });
    assert.deepEqual(data.consents.map(({ consent, version, wording }) => [consent, version, wording]),
        [['privacy', 1, 'Ich bin einverstanden, dass meine Daten zur Durchführung der Veranstaltung genutzt werden.']]);
    assert.deepEqual(ada.scans.map(({ door, verdict }) => [door, verdict]), [['main', 'admitted']]);
    assert.deepEqual(ada.tickets.map(({ replaced_at }) => replaced_at === null), [false, true]);
    assert.deepEqual(data.messages.map(({ kind }) => kind).sort(), ['confirmed', 'confirmed', 'resent']);

    const file = await expect(200, house.http.get(page(registration, '/data.json')));
    assert.match(file.headers['content-disposition'], /^attachment; filename="event-/);
    assert.deepEqual(file.json(), data);
    assert.match(file.body, /\n {2}"registration": \{\n/, 'readable');
    const viewer = await house.token({ role: 'viewer' });
    await expect(403, house.http.get(`/api/v1/registrations/${registration.id}/data`, { token: viewer }));
    await expect(200, house.http.get(`/api/v1/registrations/${registration.id}/data`, { token: manager }));
});

test('a question that is asked no more and another wording do not change the data held', async () => {
    const event = structuredClone(exampleEvent());
    const registration = await registered(await house.apply(event), guest({ language: 'de' }));
    const held = async () => {
        const { attendees: [{ answers }], consents } =
            (await expect(200, house.http.get(api(registration, '/data')))).json();
        return { answers: answers.sort((a, b) => a.question < b.question ? -1 : 1), consents };
    };
    const before = await held();
    assert.ok(before.answers.some(({ question, label }) => question === 'company' && label === 'Firma oder Einrichtung'));
    event.questions.shift();
    event.consents[0] = { ...event.consents[0], version: 2, label: { en: 'Anything.', de: 'Alles.' } };
    await house.apply(event);
    assert.deepEqual(await held(), before);
});

test('a consent is seen, withdrawn and given again at the manage link, and its history stays', async () => {
    const file = structuredClone(exampleEvent());
    const event = await house.apply(file);
    const registration = await registered(event, guest({ language: 'en', consents: ['privacy', 'photos'] }));
    const html = async (language = 'en') => (await expect(200, house.http.get(page(registration, '/consents'),
        { headers: { 'accept-language': language } }))).body;
    const history = async () => (await shown(registration)).consents
        .map(({ slug, version, given_at: given, withdrawn_at: withdrawn }) => [slug, version, typeof given, typeof withdrawn]);
    const change = (json) => house.http.post(api(registration, '/consents'), { json });
    assert.match((await house.http.get(page(registration))).body, /\/consents\?key=/);
    const seen = await html();
    assert.ok(seen.includes(file.consents[0].label.en) && seen.includes(file.consents[1].label.en));
    assert.match(seen, /Agreed on \d+ \w+ \d{4}, \d\d:\d\d <span class="fine">\(version 1\)/);
    assert.match(seen, /You keep your place\. If you no longer want to come, please cancel your registration\./, 'a required one says what follows');
    assert.match(await html('de'), /Ihren Platz behalten Sie/);

    // By the page: withdrawn as easily as given.
    const sent = await expect(303, house.http.post(page(registration, '/consents'), { form: { consent: 'privacy', given: 'false' } }));
    assert.match((await house.http.get(sent.headers.location, { headers: { 'accept-language': 'en' } })).body, /Your consent has been withdrawn/);
    assert.deepEqual(await history(), [['privacy', 1, 'string', 'string'], ['photos', 1, 'string', 'undefined']]);
    assert.equal((await shown(registration)).status, 'confirmed');
    assert.match(await html(), /Withdrawn on/);
    await expect(200, change({ consent: 'privacy', given: false }));
    assert.equal((await shown(registration)).version, 2, 'the second time changes nothing');

    // Given again, for the text of now only.
    file.consents[0] = { ...file.consents[0], version: 2, label: { en: 'Second words.', de: 'Zweite Worte.' } };
    await house.apply(file);
    await expect(409, change({ consent: 'privacy', version: 1, given: true }), 'consent_outdated');
    await expect(422, change({ consent: 'privacy', given: true }), 'invalid');
    const outdated = await expect(409, house.http.post(page(registration, '/consents'), { form: { consent: 'privacy', version: '1', given: 'true' } }));
    assert.match(outdated.body, /Second words\./);
    assert.match(outdated.body, /name="version" value="2"/);
    await expect(200, change({ consent: 'privacy', version: 2, given: true }));
    await expect(200, change({ consent: 'privacy', version: 2, given: true }));
    assert.deepEqual(await history(), [['privacy', 1, 'string', 'string'], ['photos', 1, 'string', 'undefined'], ['privacy', 2, 'string', 'undefined']]);
    await expect(200, change({ consent: 'photos', given: false }));

    // Everybody who reads the data sees the times: the person, the organiser's list, the files.
    const { consents } = (await expect(200, house.http.get(api(registration, '/data')))).json();
    assert.deepEqual(consents.map(({ consent, version, wording, withdrawn_at: at }) => [consent, version, wording === 'Second words.', at !== null]),
        [['privacy', 1, false, true], ['photos', 1, false, true], ['privacy', 2, true, false]]);
    await house.apply({ ...file, consents: [file.consents[0]] });
    const listed = (kind) => house.http.get(`/api/v1/events/${event}/attendees${kind}`, { token: manager });
    const [{ consents: told }] = (await listed('')).json().attendees;
    assert.deepEqual(told, (await shown(registration)).consents);
    assert.deepEqual(JSON.parse((await listed('.jsonl')).body).consents, told);
    const [heading, row] = (await listed('.csv')).body.trim().split('\r\n').map((line) => line.replace('\ufeff', '').split(','));
    assert.match(heading.join(), /Consent: privacy \(version\),"Consent: privacy, given at \(Europe\/Berlin\)"/);
    assert.match(row.join(), /yes \(2\),\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,,withdrawn \(1\),\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{4}-/, 'a former consent has its columns, too');

    // The organiser withdraws for somebody who called; the log says so. After erasure nothing is left.
    await expect(200, house.http.post(`/api/v1/registrations/${registration.id}/consents`, { json: { consent: 'privacy', given: false }, token: manager }));
    assert.deepEqual(await house.database.value(
        `select jsonb_build_array(before, after) from audit_entry
          where action = 'registration.consent' and registration_id = $1 and actor <> 'guest'`, [registration.id]),
    [{ 'consents.privacy': true }, { 'consents.privacy': false }]);
    await expect(200, house.http.delete(api(registration, '/data')));
    await expect(410, change({ consent: 'privacy', given: false }), 'erased');
});

test('a consent that is given and withdrawn without end is stopped', async () => {
    const registration = await registered(await house.apply(exampleEvent()), guest());
    await house.database.query(`update registration set consents = (
        select jsonb_agg(jsonb_build_object('slug', 'photos', 'version', 1, 'given_at', '2026-01-01T00:00:00Z',
            'withdrawn_at', '2026-01-01T00:00:00Z')) from generate_series(1, 100)) where registration_id = $1`, [registration.id]);
    await expect(409, house.http.post(api(registration, '/consents'), { json: { consent: 'photos', version: 1, given: true } }), 'history_full');
});

// → the number of rows with this text in all tables with personal data
async function occurrences(text) {
    const tables = ['registration', 'attendee', 'message', 'scan', 'audit_entry', 'ticket'];
    const counts = await Promise.all(tables.map((table) => house.database.value(
        `select count(*)::integer from ${table} where ${table}::text ilike $1`, [`%${text}%`])));
    return counts.reduce((sum, count) => sum + count, 0);
}

test('erased data is gone, the place is given on, and the ticket lets nobody in', async () => {
    const event = await house.apply(plainEvent({
        registration: { capacity: 1, waiting_list: true },
        questions: [{ slug: 'diet', label: 'Diet', kind: 'text', required: false }] }));
    const device = await house.device(event);
    const word = randomUUID();
    const registration = await registered(event, plainGuest({ email: `${word}@example.org`,
        attendees: [{ name: `Name ${word}`, answers: { diet: word } }] }));
    const waiting = await registered(event);
    assert.ok((await occurrences(word)) >= 2);
    const asked = (await expect(200, house.http.get(page(registration, '/erase')))).body;
    assert.match(asked, /You can’t undo this/);
    assert.ok((await occurrences(word)) >= 2, 'asking erases nothing');
    await expect(303, house.http.post(page(registration, '/erase'), { form: {} }));
    assert.equal(await occurrences(word), 0);
    assert.equal((await shown(waiting)).status, 'confirmed');
    assert.deepEqual(await messages(registration), []);
    const scan = await house.scan(event, device, { ticket: registration.attendees[0].ticket });
    assert.equal(scan.json().verdict, 'cancelled');

    await expect(200, house.http.delete(api(registration, '/data')));
    const entries = await house.database.query(
        "select actor, before, after from audit_entry where action = 'registration.erase' and registration_id = $1",
        [registration.id]);
    assert.deepEqual(entries, [{ actor: 'guest', before: null, after: null }]);
    const after = await shown(registration);
    assert.ok(after.erased_at);
    assert.equal(after.email, undefined);
    for (const rest of ['', '/change', '/cancel', '/erase', attendeePath(registration, 0, '/hand-on')]) {
        const answer = await house.http.get(page(registration, rest));
        const { body } = answer.status === 303 ? await house.http.get(answer.headers.location) : answer;
        assert.match(body, /Erased: the data of this registration/, rest);
    }
    await expect(410, house.http.patch(api(registration), { json: {} }), 'erased');
    const listed = await house.http.get(`/api/v1/events/${event}/attendees`, { token: manager });
    assert.deepEqual(listed.json().attendees.map(({ name, status }) => [name, status])[0], ['–', 'cancelled']);
    await registered(event, plainGuest({ email: `${word}@example.org` })); // like a new guest
});

test('erased after they came or after the event, it stays counted that somebody was there', async () => {
    const file = plainEvent({ registration: { closes_at: undefined, changes_until: undefined } });
    const event = await house.apply(file);
    const device = await house.device(event);
    const registration = await registered(event);
    await house.scan(event, device, { ticket: registration.attendees[0].ticket });
    await house.database.query('update scan set forced = true, reason = $2 where attendee_id = $1',
        [registration.attendees[0].id, 'Name was not on the list']);
    await house.apply({ ...file, starts_at: localTime(-3), ends_at: localTime(-1) });
    await expect(200, house.http.delete(api(registration, '/data')));
    const [tally] = await house.database.query(
        `select confirmed, (select sum(admitted)::integer from event_day
                              where event_day.event_id = event.event_id) as admitted
           from tally join event using (event_id) where slug = $1`, [event]);
    assert.deepEqual(tally, { confirmed: 1, admitted: 1 });
    assert.equal((await shown(registration)).status, 'confirmed');
    assert.equal((await house.scan(event, device, { ticket: registration.attendees[0].ticket })).json().verdict, 'replaced');
    assert.equal(await house.database.value('select reason from scan where attendee_id = $1 and forced',
        [registration.attendees[0].id]), '–');
});

// --- Keys ---------------------------------------------------------------------------------------

test('a ticket and its page give no key to the registration', async () => {
    const event = await house.apply(plainEvent());
    const registration = await registered(event, several(2));
    const key = new URL(registration.manage_url).searchParams.get('key');
    const [{ ticket, id }] = registration.attendees;
    for (const path of [`/tickets/${ticket}`, `/api/v1/tickets/${ticket}`, `/tickets/${ticket}/qr.svg`]) {
        const { status, body } = await house.http.get(path);
        assert.equal(status, 200, path);
        assert.ok(!body.includes(key) && !body.includes('key='), path);
        assert.ok(!body.includes(registration.id), `${path}: not even whose it is`);
        assert.ok(!body.includes(registration.attendees[1].ticket), path);
    }
    for (const file of ['ticket.pdf', 'calendar.ics']) {
        const { status, bytes } = await house.http.get(`/tickets/${ticket}/${file}`);
        assert.equal(status, 200, file);
        const open = file.endsWith('.pdf') ? tool(bytes, 'qpdf', '--qdf', '--object-streams=disable', '%', '-') : bytes;
        for (const secret of [key, 'key=', registration.id])
            assert.ok(!open.toString('latin1').includes(secret), `${file}: ${secret}`);
    }
    const claims = Buffer.from(ticket.toLowerCase());
    for (const given of [ticket, ticket.slice(-32).toLowerCase(), claims.toString('hex').slice(0, 32), id]) {
        const path = `/registrations/${registration.id}`;
        for (const rest of ['', '/change', '/cancel', '/erase', '/data.json'])
            assert.equal((await house.http.get(`${path}${rest}?key=${given}`)).status, 404, rest);
        await expect(404, house.http.get(`/api/v1${path}/data?key=${given}`));
    }
});

test('the key of one registration opens nothing of another', async () => {
    const event = await house.apply(plainEvent());
    const [mine, theirs] = [await registered(event, several(2)), await registered(event, several(2))];
    const key = new URL(mine.manage_url).search;
    const before = await shown(theirs);
    const attempts = [
        // their registration with my key
        ['GET', `/registrations/${theirs.id}${key}`], ['PATCH', `/registrations/${theirs.id}${key}`],
        ['DELETE', `/registrations/${theirs.id}${key}`],
        ['POST', `/registrations/${theirs.id}/resend${key}`],
        ['GET', `/registrations/${theirs.id}/data${key}`], ['DELETE', `/registrations/${theirs.id}/data${key}`],
        ['DELETE', `/registrations/${theirs.id}/attendees/${theirs.attendees[0].id}${key}`],
        // my registration with their attendee
        ['DELETE', `/registrations/${mine.id}/attendees/${theirs.attendees[0].id}${key}`],
        ['POST', `/registrations/${mine.id}/attendees/${theirs.attendees[0].id}/ticket${key}`],
        ['DELETE', `/registrations/${mine.id}/attendees/nonsense${key}`],
    ];
    for (const [method, path] of attempts) {
        const json = method === 'POST' || method === 'PATCH' ? { name: 'Mallory' } : undefined;
        assert.equal((await house.http.request(method, `/api/v1${path}`, { json })).status, 404, `${method} ${path}`);
    }
    const foreign = await house.http.patch(api(mine),
        { json: { attendees: [{ id: theirs.attendees[0].id, name: 'Mallory' }] } });
    assert.equal(foreign.json().errors[0].code, 'unknown_attendee');
    for (const rest of ['/hand-on', '/cancel']) {
        const path = `/registrations/${mine.id}/attendees/${theirs.attendees[0].id}${rest}${key}`;
        assert.equal((await house.http.get(path)).status, 404);
        assert.equal((await house.http.post(path, { form: { name: 'M', email: 'm@example.org' } })).status, 404);
    }
    assert.deepEqual(await shown(theirs), before);
    assert.deepEqual(await messages(theirs), ['confirmed']);
});

test('no page of a registration does anything when it is only opened, or sent by another site', async () => {
    const registration = await registered(await house.apply(plainEvent()));
    const before = await shown(registration);
    const rests = ['', '/cancel', '/change', '/erase', '/data.json', attendeePath(registration, 0, '/cancel'),
        attendeePath(registration, 0, '/hand-on')];
    for (const rest of rests) await house.http.get(page(registration, rest));
    for (const rest of rests.filter((one) => !['', '/data.json'].includes(one))) {
        const foreign = await house.http.post(page(registration, rest),
            { form: {}, headers: { 'sec-fetch-site': 'cross-site' } });
        assert.equal(foreign.status, 403, rest);
    }
    assert.deepEqual(await shown(registration), before);
});

test('every page of a registration asks for its key', async () => {
    const registration = await registered(await house.apply(plainEvent()));
    for (const rest of ['', '/cancel', '/change', '/address', '/erase', '/data.json', attendeePath(registration, 0, '/cancel'),
        attendeePath(registration, 0, '/hand-on')]) {
        assert.equal((await house.http.get(`/registrations/${registration.id}${rest}`)).status, 401, rest);
        assert.equal((await house.http.get(`/registrations/${registration.id}${rest}?key=${'a'.repeat(32)}`)).status, 404, rest);
    }
    const viewer = await house.token({ role: 'viewer' });
    const seen = await house.http.get(`/registrations/${registration.id}`, { token: viewer });
    assert.equal(seen.status, 200);
    assert.ok(!seen.body.includes('key='), 'who may only read gets no key');
    assert.ok(!seen.body.includes('/tickets/'));
});

// --- A new link ---------------------------------------------------------------------------------

test('a new link is mailed, the old one ends at once, and the page does not show the new one', async () => {
    const event = await house.apply(plainEvent());
    let registration = await registered(event, plainGuest());
    const { id, manage_url: old, attendees: [{ ticket }] } = registration;
    const start = await expect(200, house.http.get(page(registration)));
    assert.match(start.body, new RegExp(`/registrations/${id}/new-link`));
    assert.match((await expect(200, house.http.get(page(registration, '/new-link')))).body, new RegExp(registration.email));
    const sent = await expect(200, house.http.post(page(registration, '/new-link'), { form: {}, headers: { 'accept-language': 'de' } }));
    assert.match(sent.body, /Ihr neuer Link ist unterwegs/);

    const now = async () => (await house.http.get(`/api/v1/registrations/${id}`, { token: manager })).json();
    const fresh = (await now()).manage_url;
    assert.notEqual(fresh, old);
    assert.ok(!sent.body.includes(new URL(fresh).searchParams.get('key')), 'whoever has the old link does not learn the new one');
    assert.equal(sent.headers['referrer-policy'], 'strict-origin');
    for (const path of [page(registration), page(registration, '/new-link'), api(registration)])
        assert.ok([401, 404].includes((await house.http.get(path)).status), path);
    registration = { ...registration, manage_url: fresh };
    await expect(200, house.http.get(page(registration)));
    await expect(200, house.http.get(`/tickets/${ticket}`));
    assert.deepEqual((await messages(registration)).sort(), ['confirmed', 'resent']);

    for (let i = 1; i < 5; i++) {
        await expect(200, house.http.post(page(registration, '/new-link'), { form: {} }));
        registration = { ...registration, ...await now() };
    }
    await expect(429, house.http.post(page(registration, '/new-link'), { form: {} }));
    await expect(200, house.http.get(page(registration))); // a refusal does not end the link
    await expect(200, house.http.delete(api(registration)));
    await expect(404, house.http.post(page(registration, '/new-link'), { form: {} }));
});
