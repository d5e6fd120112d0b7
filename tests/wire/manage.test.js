// What an attendee does with the manage link, as API and as pages without JavaScript: change, hand
// on, cancel, have mail sent again, verify, see and erase the data held.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { blake2b } from '@noble/hashes/blake2b';
import { guest, localTime, plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';

const house = await openHouse();
await house.apply(plainEvent());
const manager = await house.token();

async function registered(event, body = plainGuest(), options = {}) {
    const answer = await house.signUp(event, body, options);
    assert.equal(answer.status, 201, answer.body);
    return answer.json();
}

// The path of a registration's page or API with its key.
function page({ manage_url }, rest = '') {
    const { pathname, search } = new URL(manage_url);
    return `${pathname}${rest}${search}`;
}
const api = (registration, rest) => `/api/v1${page(registration, rest)}`;
const shown = async (registration) => (await house.http.get(api(registration))).json();
const attendeePath = ({ attendees }, at, rest = '') => `/attendees/${attendees[at].id}${rest}`;

async function expect(status, promise, code) {
    const answer = await promise;
    assert.equal(answer.status, status, answer.body);
    if (code !== undefined) assert.equal(answer.json().code, code);
    return answer;
}

// → the kinds of messages of a registration, in the order in which they were put into the outbox
async function messages({ id }) {
    const rows = await house.database.query(
        'select kind from message where registration_id = $1 order by created_at, kind', [id]);
    return rows.map(({ kind }) => kind);
}

async function forgetMessages({ id }) {
    await house.database.query('delete from message where registration_id = $1', [id]);
}

// The key that is mailed to an address, as the service makes it: see secret_link_key().
function verifyKey({ id }, email) {
    const secret = Buffer.from(
        readFileSync(join(house.settings.keys, 'secret'), 'utf8').trim(), 'hex');
    const input = Buffer.concat([
        Buffer.from(`verify ${email}\0`), Buffer.from(id.replaceAll('-', ''), 'hex')]);
    const hash = blake2b(input, { key: secret, dkLen: 20 });
    const bits = [...hash].map((byte) => byte.toString(2).padStart(8, '0')).join('');
    return bits.match(/.{5}/g).map((five) => 'abcdefghijklmnopqrstuvwxyz234567'[parseInt(five, 2)])
        .join('');
}

const several = (count, changes = {}) => plainGuest({
    attendees: Array.from({ length: count }, (_, i) => ({ name: `Person ${i + 1}` })), ...changes,
});

// A form as a page has it: → [[name, value], …] of its fields, as a browser would send them.
function formFields(html) {
    const unescape = (text) => text.replaceAll('&quot;', '"').replaceAll('&#39;', "'")
        .replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
    const attribute = (tag, name) => {
        const found = new RegExp(` ${name}="([^"]*)"`).exec(tag);
        return found && unescape(found[1]);
    };
    const fields = [];
    const controls = /<(input)\b[^>]*>|<(textarea|select)\b[^]*?<\/\2>/g;
    for (const [tag, input, other] of html.matchAll(controls)) {
        const kind = input ?? other;
        const name = attribute(tag, 'name');
        if (!name) continue;
        if (kind === 'textarea')
            fields.push([name, unescape(/>([^]*)<\/textarea>/.exec(tag)[1])]);
        else if (kind === 'select')
            fields.push([name, /<option value="([^"]*)" selected/.exec(tag)?.[1] ?? '']);
        else if (!/type="(radio|checkbox)"/.test(tag) || / checked/.test(tag))
            fields.push([name, attribute(tag, 'value') ?? '']);
    }
    return fields;
}

const withField = (fields, wanted, value) =>
    [...fields.filter(([name]) => name !== wanted), [wanted, value]];

// --- The outcome --------------------------------------------------------------------------------

test('each state has a page that says it and what happens next', async () => {
    const confirmed = await registered(await house.apply(plainEvent()));
    const html = (await expect(200, house.http.get(page(confirmed)))).body;
    assert.match(html, /<h1>You are registered<\/h1>/);
    assert.match(html, /<svg/);
    for (const rest of ['', '/ticket.pdf', '/calendar.ics'])
        assert.ok(html.includes(`href="/tickets/${confirmed.attendees[0].ticket}${rest}"`), rest);
    assert.match(html, /openstreetmap/);

    const one = await house.apply(plainEvent({ registration: { capacity: 1, waiting_list: true } }));
    await registered(one);
    await registered(one);
    const second = await registered(one);
    assert.match((await house.http.get(page(second))).body, /You are number 2 on the list/);

    const asks = await house.apply(plainEvent({ registration: { approval: true } }));
    assert.match((await house.http.get(page(await registered(asks)))).body, /is being looked at/);

    const verifies = await house.apply(plainEvent({ registration: { verify_email: true, verify_hours: 5 } }));
    const unverified = await registered(verifies);
    const { body } = await house.http.get(page(unverified));
    const until = localTime(5).slice(11, 13);
    assert.match(body, new RegExp(`held until [^;]+ ${until}:`));
    assert.match(body, /Send it again/);
    assert.doesNotMatch(body, /<svg/);

    const file = plainEvent();
    const cancelled = await registered(await house.apply(file));
    await house.apply({ ...file, cancelled: true });
    const off = (await house.http.get(page(cancelled))).body;
    assert.match(off, /does not take place/);
    assert.doesNotMatch(off, /<svg/, 'a ticket to nothing is none');
});

test('the page is not for search engines or caches, and its words are in the reader\'s language', async () => {
    const registration = await registered(await house.apply(plainEvent()));
    const answer = await house.http.get(page(registration), { headers: { 'accept-language': 'de' } });
    assert.match(answer.body, /noindex/);
    assert.equal(answer.headers['cache-control'], 'no-store');
    assert.match(answer.body, /Sie sind angemeldet/);
    assert.match(answer.body, /\d\d:\d\d<\/time>|\d\d:\d\d–\d\d:\d\d Uhr/);
});

// --- Changing -----------------------------------------------------------------------------------

test('the form has what is there, and saves what was changed in it', async () => {
    const event = await house.apply();
    const registration = await registered(event, guest({ attendees: [
        { name: 'Ada "Countess" <Lovelace>', answers: { company: 'Engines & Co', lunch: true, diet: 'no nuts', field: 'ict' } },
        { name: 'Charles', email: 'charles@example.org', answers: { company: 'Mill', lunch: false } }] }));
    const form = formFields((await expect(200, house.http.get(page(registration, '/change')))).body);
    const unchanged = await expect(303,
        house.http.post(page(registration, '/change'), { form }));
    assert.match(unchanged.headers.location, /done=changed$/);
    const clean = ({ version, ...rest }) => rest;
    assert.deepEqual(clean(await shown(registration)), clean(await shown(registration)));
    assert.deepEqual((await shown(registration)).attendees.map(({ answers }) => answers),
        registration.attendees.map(({ answers }) => answers));
    assert.equal((await shown(registration)).version, 1, 'nothing changed');
    assert.deepEqual(await messages(registration), ['confirmed', 'confirmed']);

    let changed = withField(form, 'attendees.0.name', 'Ada King');
    changed = withField(changed, 'attendees.0.answers.lunch', 'false'); // so diet is not asked
    changed = withField(changed, 'attendees.1.email', '');
    await expect(303, house.http.post(page(registration, '/change'), { form: changed }));
    const [ada, charles] = (await shown(registration)).attendees;
    assert.equal(ada.name, 'Ada King');
    assert.deepEqual(ada.answers, { company: 'Engines & Co', field: 'ict', lunch: false });
    assert.equal(charles.email, undefined);
    assert.match((await house.http.get(`${page(registration)}&done=changed`)).body, /Your changes are saved/);
    assert.deepEqual(await messages(registration), ['confirmed', 'confirmed', 'changed']);
});

test('errors are listed with links to their fields, and what was typed is kept', async () => {
    const event = await house.apply();
    const registration = await registered(event, guest());
    let form = formFields((await house.http.get(page(registration, '/change'))).body);
    form = withField(form, 'attendees.0.name', ' ');
    form = withField(form, 'attendees.0.answers.company', 'Typed & kept');
    form = withField(form, 'attendees.0.email', 'no address');
    const { body } = await expect(422, house.http.post(page(registration, '/change'), { form }));
    assert.match(body, /href="#attendees\.0\.name"/);
    assert.match(body, /href="#attendees\.0\.email"/);
    assert.match(body, /Typed &amp; kept/);
    assert.equal((await shown(registration)).version, 1);
});

test('after changes_until attendees are refused and organisers are not', async () => {
    const event = await house.apply(plainEvent({ registration: { changes_until: localTime(-1) } }));
    const registration = await registered(event);
    const json = { attendees: [{ id: registration.attendees[0].id, name: 'Ada' }] };
    await expect(409, house.http.patch(api(registration), { json }), 'too_late_to_change');
    assert.match((await house.http.get(page(registration, '/change'))).body, /time for changes is over/);
    assert.doesNotMatch((await house.http.get(page(registration))).body, /\/change\?/);
    const late = await house.http.post(page(registration, '/change'),
        { form: { 'attendees.0.id': json.attendees[0].id, 'attendees.0.name': 'Ada' } });
    assert.equal(late.status, 409);
    assert.match(late.body, /time for changes is over/);
    await expect(200, house.http.patch(`/api/v1/registrations/${registration.id}`, { json, token: manager }));
    assert.equal((await shown(registration)).attendees[0].name, 'Ada');
});

test('changes are told once in ten minutes, and only when something changed', async () => {
    const registration = await registered(await house.apply(plainEvent()));
    await forgetMessages(registration);
    const [{ id, name }] = registration.attendees;
    const rename = (to) => expect(200,
        house.http.patch(api(registration), { json: { attendees: [{ id, name: to }] } }));
    await rename(name);
    assert.deepEqual(await messages(registration), []);
    await rename('One');
    await rename('Two');
    assert.deepEqual(await messages(registration), ['changed']);
    await house.database.query(
        "update message set state = 'sent', created_at = now() - interval '11 minutes' where registration_id = $1",
        [registration.id]);
    await rename('Three');
    assert.deepEqual(await messages(registration), ['changed', 'changed']);
});

test('changes at the same time are all kept', async () => {
    const questions = Array.from({ length: 8 }, (_, i) =>
        ({ slug: `q${i}`, label: `Question ${i}`, kind: 'text', required: false }));
    const event = await house.apply(plainEvent({ questions }));
    for (let round = 0; round < 5; round++) {
        const registration = await registered(event);
        const [{ id }] = registration.attendees;
        const answers = await Promise.all(questions.map(({ slug }) => house.http.patch(api(registration),
            { json: { attendees: [{ id, answers: { [slug]: `${round}` } }] } })));
        assert.deepEqual(answers.map(({ status }) => status), questions.map(() => 200));
        const kept = (await shown(registration)).attendees[0].answers;
        assert.deepEqual(kept, Object.fromEntries(questions.map(({ slug }) => [slug, `${round}`])));
    }
});

test('who says which version they saw overwrites no other; a form shows it and can be sent again', async () => {
    const registration = await registered(await house.apply(plainEvent()));
    const [{ id }] = registration.attendees;
    const form = formFields((await house.http.get(page(registration, '/change'))).body);
    const patch = (json) => house.http.patch(api(registration), { json });
    const first = await expect(200, patch({ version: 1, attendees: [{ id, name: 'First' }] }));
    assert.equal(first.json().version, 2);
    await expect(409, patch({ version: 1, attendees: [{ id, name: 'Second' }] }), 'not_current');
    const mine = withField(form, 'attendees.0.name', 'Mine');
    const refused = await expect(409, house.http.post(page(registration, '/change'), { form: mine }));
    assert.match(refused.body, /Something has changed meanwhile/);
    const again = formFields(refused.body);
    assert.ok(again.some(([name, value]) => name === 'attendees.0.name' && value === 'Mine'));
    await expect(303, house.http.post(page(registration, '/change'), { form: again }));
    assert.equal((await shown(registration)).attendees[0].name, 'Mine');
});

// --- Handing on ---------------------------------------------------------------------------------

test('a ticket handed on: the old code says replaced at the door, both are told', async () => {
    const event = await house.apply(plainEvent());
    const device = await house.device(event);
    const registration = await registered(event);
    const [{ ticket }] = registration.attendees;
    const path = page(registration, attendeePath(registration, 0, '/hand-on'));
    const form = formFields((await expect(200, house.http.get(path))).body);
    const missing = await expect(422, house.http.post(path, { form: withField(form, 'name', 'Grace') }));
    assert.match(missing.body, /value="Grace"/);
    assert.match(missing.body, /id="email-error"/);
    let sent = withField(form, 'name', 'Grace Hopper');
    sent = withField(sent, 'email', 'grace@example.org');
    await expect(303, house.http.post(path, { form: sent }));
    await expect(303, house.http.post(path, { form: sent }), undefined); // sent twice
    const [now] = (await shown(registration)).attendees;
    assert.deepEqual([now.name, now.email], ['Grace Hopper', 'grace@example.org']);
    const verdict = async (code) => (await house.scan(event, device, { ticket: code })).json().verdict;
    assert.equal(await verdict(ticket), 'replaced');
    assert.equal(await verdict(now.ticket), 'admitted');
    assert.deepEqual(await messages(registration), ['confirmed', 'handed_on', 'handed_over']);
    const rows = await house.database.query(
        "select kind, recipient, about ->> 'name' as name from message where registration_id = $1 and kind like 'handed%' order by kind",
        [registration.id]);
    assert.deepEqual(rows.map(({ kind, recipient, name }) => [kind, recipient, name]), [
        ['handed_on', null, registration.attendees[0].name],
        ['handed_over', registration.email, registration.attendees[0].name]]);
});

test('a ticket is not handed on after check-in, after the event, or twenty times a day', async () => {
    const event = await house.apply(plainEvent());
    const device = await house.device(event);
    const came = await registered(event);
    await house.scan(event, device, { ticket: came.attendees[0].ticket });
    const handOn = (registration, name = 'Grace') => house.http.post(
        api(registration, attendeePath(registration, 0, '/ticket')), { json: { name, email: 'grace@example.org' } });
    await expect(409, handOn(came), 'not_possible_after_check_in');

    const file = plainEvent({ registration: { closes_at: undefined, changes_until: undefined } });
    const soon = await house.apply(file);
    const late = await registered(soon);
    await house.apply({ ...file, starts_at: localTime(-3), ends_at: localTime(-1), check_in: undefined });
    await expect(409, handOn(late), 'event_over');
    await expect(409, house.http.delete(api(late)), 'event_over');
    assert.match((await house.http.get(page(late))).body, /Thank you for being there/);

    const restless = await registered(event);
    for (let i = 0; i < 20; i++) await expect(200, handOn(restless, `Grace ${i}`));
    await expect(429, handOn(restless), 'too_often');
});

// --- Cancelling ---------------------------------------------------------------------------------

test('one attendee cancels, and the first who waits and fits moves up at once', async () => {
    const event = await house.apply(plainEvent({ registration: { capacity: 3, waiting_list: true } }));
    const registration = await registered(event, several(3));
    const pair = await registered(event, several(2));
    const single = await registered(event, several(1));
    assert.deepEqual([pair.status, single.status], ['waitlisted', 'waitlisted']);
    const path = page(registration, attendeePath(registration, 0, '/cancel'));
    const asked = await expect(200, house.http.get(path));
    assert.match(asked.body, /Cancel this place\?/);
    assert.match(asked.body, /Person 1/);
    assert.doesNotMatch(asked.body, /Person 2/);
    assert.equal((await shown(registration)).attendees[0].status, 'confirmed', 'asking changes nothing');
    await expect(303, house.http.post(path, { form: {} }));
    assert.deepEqual((await shown(registration)).attendees.map(({ status }) => status),
        ['cancelled', 'confirmed', 'confirmed']);
    assert.equal((await shown(pair)).status, 'waitlisted', 'whole or not at all');
    assert.equal((await shown(single)).status, 'waitlisted', 'nobody is overtaken');
    await expect(200, house.http.delete(api(registration, attendeePath(registration, 1))));
    assert.equal((await shown(pair)).status, 'confirmed');
    assert.equal((await shown(single)).status, 'waitlisted');
    assert.deepEqual(await messages(pair), ['waitlisted', 'promoted']);
    assert.deepEqual(await messages(registration), ['confirmed', 'changed', 'changed']);
    const last = await expect(200, house.http.delete(api(registration, attendeePath(registration, 2))));
    assert.equal(last.json().status, 'cancelled');
    assert.equal((await shown(single)).status, 'confirmed');
    assert.ok((await messages(registration)).includes('cancelled'));
});

test('who has come does not cancel, the others of the registration do', async () => {
    const event = await house.apply(plainEvent());
    const device = await house.device(event);
    const registration = await registered(event, several(2));
    await house.scan(event, device, { ticket: registration.attendees[0].ticket });
    await expect(409, house.http.delete(api(registration)), 'not_possible_after_check_in');
    await expect(409, house.http.delete(api(registration, attendeePath(registration, 0))),
        'not_possible_after_check_in');
    await expect(200, house.http.delete(api(registration, attendeePath(registration, 1))));
    assert.equal((await shown(registration)).status, 'confirmed');
});

test('a registration is cancelled after a page that asks, with the names of all', async () => {
    const registration = await registered(await house.apply(plainEvent()), several(2));
    const asked = (await expect(200, house.http.get(page(registration, '/cancel')))).body;
    assert.match(asked, /Person 1[^]*Person 2/);
    const done = await expect(303, house.http.post(page(registration, '/cancel'), { form: {} }));
    assert.match((await house.http.get(done.headers.location)).body, /no longer counts/);
    const closed = await expect(303, house.http.get(page(registration, '/change')));
    assert.equal(closed.headers.location, page(registration));
    await expect(409, house.http.patch(api(registration), { json: {} }), 'not_held');
});

test('an organiser declines what is pending, which frees its place; nobody else may', async () => {
    const event = await house.apply(plainEvent(
        { registration: { approval: true, capacity: 1, waiting_list: true } }));
    const pending = await registered(event);
    const waiting = await registered(event);
    await expect(422, house.http.patch(api(pending), { json: { status: 'declined' } }));
    const decline = ({ id }) => house.http.patch(`/api/v1/registrations/${id}`,
        { json: { status: 'declined' }, token: manager });
    assert.equal((await expect(200, decline(pending))).json().status, 'cancelled');
    assert.deepEqual(await messages(pending), ['declined', 'pending'].sort().reverse());
    assert.equal((await shown(waiting)).status, 'pending');
    await expect(200, decline(pending));
    assert.equal(await house.database.value(
        "select count(*)::integer from audit_entry where action = 'registration.decline' and detail ->> 'registration' = $1",
        [pending.id]), 1);
    const confirmed = await registered(await house.apply(plainEvent()));
    await expect(409, decline(confirmed), 'not_pending');
});

// --- Verifying ----------------------------------------------------------------------------------

const verifying = (more = {}) => plainEvent({ registration: { verify_email: true, ...more } });

test('opening the link verifies nothing, its button does, and leads to the registration', async () => {
    const registration = await registered(await house.apply(verifying()));
    const path = `/registrations/${registration.id}/verify?key=${verifyKey(registration, registration.email)}`;
    for (let i = 0; i < 3; i++) {
        const { body } = await expect(200, house.http.get(path));
        assert.equal([...body.matchAll(/<button/g)].length, 1);
        assert.ok(!body.includes(new URL(registration.manage_url).searchParams.get('key')));
    }
    assert.equal((await shown(registration)).status, 'unverified');
    const done = await expect(303, house.http.post(path, { form: {} }));
    assert.equal(done.headers.location, `${page(registration)}&done=verified`);
    assert.equal((await shown(registration)).status, 'confirmed');
    assert.equal((await expect(303, house.http.get(path))).headers.location, page(registration));
    assert.deepEqual(await messages(registration), ['unverified', 'confirmed']);
});

test('a wrong key, also the one of the manage link, verifies nothing', async () => {
    const registration = await registered(await house.apply(verifying()));
    const other = await registered(await house.apply(verifying()));
    const wrong = ['a'.repeat(32), '', new URL(registration.manage_url).searchParams.get('key'),
        verifyKey(other, other.email), verifyKey(registration, 'other@example.org')];
    for (const key of wrong) {
        const path = `/registrations/${registration.id}/verify?key=${key}`;
        assert.equal((await house.http.get(path)).status, 403, key);
        assert.equal((await house.http.post(path, { form: {} })).status, 403, key);
        await expect(403, house.http.post(`/api/v1/registrations/${registration.id}/verification`,
            { json: { key } }), 'wrong_key');
    }
    assert.equal((await shown(registration)).status, 'unverified');
});

test('a link that comes too late says so kindly', async () => {
    const event = await house.apply(verifying());
    const registration = await registered(event);
    await expect(200, house.http.delete(api(registration)));
    const path = `/registrations/${registration.id}/verify?key=${verifyKey(registration, registration.email)}`;
    for (const answer of [await house.http.get(path), await house.http.post(path, { form: {} })]) {
        assert.equal(answer.status, 409);
        assert.match(answer.body, /has been given to somebody else/);
        assert.ok(answer.body.includes(`/events/${event}/register`));
    }
    await expect(409, house.http.post(`/api/v1/registrations/${registration.id}/verification`,
        { json: { key: verifyKey(registration, registration.email) } }), 'not_held');
});

test('a wrong address is corrected until it is verified; the key of the old one opens nothing', async () => {
    const event = await house.apply(verifying());
    const registration = await registered(event);
    const path = page(registration, '/address');
    const before = (await house.database.query('select held_until from registration where registration_id = $1', [registration.id]))[0];
    await expect(422, house.http.post(path, { form: { email: 'nonsense' } }));
    await expect(422, house.http.post(path, { form: {} }));
    await expect(303, house.http.post(path, { form: { email: 'right@example.org' } }));
    assert.equal((await shown(registration)).email, 'right@example.org');
    const after = (await house.database.query('select held_until from registration where registration_id = $1', [registration.id]))[0];
    assert.deepEqual(after, before, 'nobody holds a place for ever by correcting');
    const found = await house.http.get(`/api/v1/events/${event}/attendees?q=right@example.org`, { token: manager });
    assert.equal(found.json().attendees.length, 1, 'it is found by its new address');
    const verify = (email) => house.http.post(`/api/v1/registrations/${registration.id}/verification`,
        { json: { key: verifyKey(registration, email) } });
    await expect(403, verify(registration.email), 'wrong_key');
    await expect(200, verify('right@example.org'));
    await expect(409, house.http.patch(api(registration), { json: { email: 'else@example.org' } }), 'address_settled');
    await expect(303, house.http.get(path));
    await expect(200, house.http.patch(`/api/v1/registrations/${registration.id}`,
        { json: { email: 'else@example.org' }, token: manager }));
});

test('correcting the address writes to few addresses, and to none that is registered', async () => {
    const event = await house.apply(verifying());
    const taken = await registered(event);
    const registration = await registered(event);
    const correct = (email) => house.http.patch(api(registration), { json: { email } });
    await expect(409, correct(taken.email), 'already_registered');
    const sent = () => house.database.query("update message set state = 'sent' where registration_id = $1", [registration.id]);
    await sent();
    for (let i = 0; i < 4; i++) {
        await expect(200, correct(`victim-${i}@example.org`));
        await expect(200, correct(`victim-${i}@example.org`));
        await sent();
    }
    await expect(429, correct('victim-5@example.org'), 'too_often');
    assert.equal((await messages(registration)).length, 5);
});

test('the mail is sent again once in ten minutes', async () => {
    const event = await house.apply(verifying());
    const registration = await registered(event);
    const again = () => expect(303, house.http.post(page(registration, '/resend'), { form: {} }));
    await again();
    assert.deepEqual(await messages(registration), ['unverified'], 'the first is on its way');
    await house.database.query("update message set created_at = now() - interval '11 minutes'");
    await again();
    await again();
    assert.deepEqual(await messages(registration), ['unverified', 'unverified']);
});

// --- The ticket again, by address ---------------------------------------------------------------

const resend = (event, email) => house.http.post(`/api/v1/events/${event}/resend`, { json: { email } });

test('who asks for the ticket of an address is not told whether there is one', async () => {
    const event = await house.apply(plainEvent());
    const registration = await registered(event);
    const known = await expect(202, resend(event, registration.email.toUpperCase().replace('EXAMPLE.ORG', 'example.org')));
    const unknown = await expect(202, resend(event, 'nobody@example.org'));
    assert.equal(known.body, unknown.body);
    assert.deepEqual(await messages(registration), ['confirmed', 'resent']);
    const fill = (email) => house.http.post(`/events/${event}/resend`, { form: { email } });
    const without = (html) => html.replaceAll(/[0-9a-f]{6,}-[0-9a-f]{6}/g, '');
    assert.equal(without((await fill(registration.email)).body), without((await fill('nobody@example.org')).body));
    assert.match((await expect(422, fill('nonsense'))).body, /value="nonsense"/);
    await expect(200, house.http.get(`/events/${event}/resend`));
    await expect(422, resend(event, 7));
    await expect(404, resend('no-such-event', 'a@example.org'));
});

test('the answer takes the same time whether the address is known or not', async () => {
    const event = await house.apply(plainEvent());
    const registration = await registered(event);
    const median = async (email) => {
        const times = [];
        for (let i = 0; i < 7; i++) {
            await house.database.query('delete from message where registration_id = $1', [registration.id]);
            const start = performance.now();
            await expect(202, resend(event, email));
            times.push(performance.now() - start);
        }
        return times.sort((a, b) => a - b)[3];
    };
    const [known, unknown] = [await median(registration.email), await median('nobody@example.org')];
    assert.ok(Math.abs(known - unknown) < 20, `${known} ms, ${unknown} ms`);
});

test('asked many times at once it is sent once, for every registration of the address', async () => {
    const event = await house.apply(plainEvent({ registration: { once_per_email: false } }));
    const email = `many-${randomUUID()}@example.org`;
    const mine = [await registered(event, plainGuest({ email })), await registered(event, plainGuest({ email }))];
    const cancelled = await registered(event, plainGuest({ email }));
    await expect(200, house.http.delete(api(cancelled)));
    await Promise.all(Array.from({ length: 20 }, () => expect(202, resend(event, email))));
    for (const registration of mine)
        assert.deepEqual(await messages(registration), ['confirmed', 'resent']);
    assert.ok(!(await messages(cancelled)).includes('resent'));
});

test('an attendee with an address of their own gets their ticket, and only theirs', async () => {
    const event = await house.apply(plainEvent());
    const email = `own-${randomUUID()}@Example.org`;
    const registration = await registered(event, plainGuest({
        attendees: [{ name: 'Ada' }, { name: 'Charles', email }] }));
    await forgetMessages(registration);
    await expect(202, resend(event, email));
    await expect(202, resend(event, email));
    const rows = await house.database.query(
        'select kind, attendee_id from message where registration_id = $1', [registration.id]);
    assert.deepEqual(rows, [{ kind: 'resent', attendee_id: registration.attendees[1].id }]);
});

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

// → how often a text stands in any row of the tables that hold what people said
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
    assert.match(asked, /cannot be undone/);
    assert.ok((await occurrences(word)) >= 2, 'asking erases nothing');
    await expect(303, house.http.post(page(registration, '/erase'), { form: {} }));
    assert.equal(await occurrences(word), 0);
    assert.equal((await shown(waiting)).status, 'confirmed');
    assert.deepEqual(await messages(registration), []);
    const scan = await house.scan(event, device, { ticket: registration.attendees[0].ticket });
    assert.equal(scan.json().verdict, 'cancelled');

    await expect(200, house.http.delete(api(registration, '/data')));
    const entries = await house.database.query(
        "select actor, detail from audit_entry where action = 'registration.erase' and detail ->> 'registration' = $1",
        [registration.id]);
    assert.deepEqual(entries, [{ actor: 'manage link', detail: { registration: registration.id } }]);
    const after = await shown(registration);
    assert.ok(after.erased_at);
    assert.equal(after.email, undefined);
    for (const rest of ['', '/change', '/cancel', '/erase', attendeePath(registration, 0, '/hand-on')]) {
        const answer = await house.http.get(page(registration, rest));
        const { body } = answer.status === 303 ? await house.http.get(answer.headers.location) : answer;
        assert.match(body, /The data of this registration is erased/, rest);
    }
    await expect(410, house.http.patch(api(registration), { json: {} }), 'erased');
    const listed = await house.http.get(`/api/v1/events/${event}/attendees`, { token: manager });
    assert.deepEqual(listed.json().attendees.map(({ name, status }) => [name, status])[0], ['–', 'cancelled']);
    await registered(event, plainGuest({ email: `${word}@example.org` })); // as if never met
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
        'select confirmed, admitted from tally join event using (event_id) where slug = $1', [event]);
    assert.deepEqual(tally, { confirmed: 1, admitted: 1 });
    assert.equal((await shown(registration)).status, 'confirmed');
    assert.equal((await house.scan(event, device, { ticket: registration.attendees[0].ticket })).json().verdict, 'replaced');
    assert.equal(await house.database.value('select reason from scan where attendee_id = $1 and forced',
        [registration.attendees[0].id]), '–');
});

// --- What opens what ----------------------------------------------------------------------------

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

