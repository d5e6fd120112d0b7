// Whose ticket it is: handed on, or of a companion, each holder sees and changes their own part only.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { attendeeOf, api, attendeePath, expect, formFields, page, several, withField } from '../harness/attendee.js';
import { guest, plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';

const house = await openHouse();
const open = await house.apply(plainEvent());
const manager = await house.token();
const { registered, shown, messages, companionPath, handOn } = attendeeOf(house);

const address = (name) => `${name}-${randomUUID()}@example.org`;
const asOrganiser = async (id) =>
    (await expect(200, house.http.get(`/api/v1/registrations/${id}`, { token: manager }))).json();
const counts = (slug) => house.database.query(
    `select taken, confirmed, tally.cancelled, over_capacity from tally join event using (event_id)
      where slug = $1`, [slug]);
const findings = (answer) => Object.fromEntries(answer.json().errors.map(({ pointer, code }) => [pointer, code]));

// --- Handing on ---------------------------------------------------------------------------------

test('who handed a ticket on sees the first letter of who has it, and nothing else', async () => {
    const event = await house.apply();
    const device = await house.device(event);
    const registration = await registered(event, guest({ consents: ['privacy'],
        attendees: [{ name: 'Ada Lovelace', answers: { company: 'Engines', lunch: true, diet: 'no nuts' } }] }));
    const lena = { name: 'Lena Beck', email: address('lena') };
    const theirs = await handOn(registration, 0, lena, manager);
    const before = await shown(registration);
    const [former] = before.attendees;
    assert.deepEqual([before.status, former.status, former.name, former.handed_on_to],
        ['cancelled', 'cancelled', 'Ada Lovelace', { name: 'L…' }]);
    assert.equal(former.ticket, undefined);
    for (const rest of ['', '/cancel', '/change', '/erase', '/data.json']) {
        const { body } = await house.http.get(page(registration, rest));
        for (const secret of ['Lena', lena.email, theirs.attendees[0].ticket, theirs.attendees[0].id])
            assert.ok(!body.includes(secret), `${rest} tells ${secret}`);
    }
    const { body } = await house.http.get(page(registration));
    assert.match(body, /Passed on to L…/);
    assert.doesNotMatch(body, /<svg/);

    // The new holder starts with nothing of the former one's.
    assert.deepEqual([theirs.email, theirs.status, theirs.consents, theirs.attendees[0].answers],
        [lena.email, 'confirmed', [], {}]);
    assert.deepEqual(theirs.attendees[0].handed_on_by, { name: 'Ada Lovelace', registration: registration.id });
    const own = await shown(theirs);
    assert.equal(own.attendees[0].name, 'Lena Beck');
    const verdict = async (ticket) => (await house.scan(event, device, { ticket })).json().verdict;
    assert.equal(await verdict(registration.attendees[0].ticket), 'replaced');
    assert.equal(await verdict(own.attendees[0].ticket), 'admitted');
    assert.deepEqual(await messages(registration), ['confirmed', 'handed_over']);
    assert.deepEqual(await messages(theirs), ['handed_on']);
    const data = (await expect(200, house.http.get(api(theirs, '/data')))).body;
    assert.doesNotMatch(data, /no nuts|Engines/);

    // Their page asks for what the event needs to know of everybody.
    assert.doesNotMatch(body, /Answer the questions/);
    const asked = (await house.http.get(page(theirs))).body;
    assert.match(asked, /Answer the questions/);
    assert.match(asked, /Read and agree/);
    await expect(200, house.http.patch(api(theirs), { json: { attendees: [
        { id: theirs.attendees[0].id, answers: { company: 'Beck', lunch: false } }] } }));
    await expect(200, house.http.post(api(theirs, '/consents'), { json: { consent: 'privacy', version: 1, given: true } }));
    assert.doesNotMatch((await house.http.get(page(theirs))).body, /Answer the questions|Read and agree/);
    assert.deepEqual((await shown(registration)).consents.length, 1, 'the former holder’s own');
});

test('who handed a ticket on can neither rename, take back, cancel nor erase it', async () => {
    const registration = await registered(open, several(2));
    const theirs = await handOn(registration, 0, { name: 'Lena', email: address('lena') }, manager);
    const [{ id }] = theirs.attendees;
    const renamed = await expect(422, house.http.patch(api(registration), { json: { attendees: [{ id, name: 'Mine' }] } }));
    assert.deepEqual(findings(renamed), { '/attendees/0/id': 'unknown_attendee' });
    await expect(404, house.http.delete(api(registration, `/attendees/${id}`)));
    await expect(404, house.http.post(api(registration, `/attendees/${id}/ticket`), { json: {} }));
    await expect(409, house.http.post(api(registration, attendeePath(registration, 0, '/ticket')), { json: {} }), 'not_confirmed');
    await expect(200, house.http.delete(api(registration)));
    await expect(200, house.http.delete(api(registration, '/data')));
    const kept = await shown(theirs);
    assert.deepEqual([kept.status, kept.attendees[0].name, kept.attendees[0].status], ['confirmed', 'Lena', 'confirmed']);
    assert.deepEqual(kept.attendees[0].handed_on_by, { name: '–' }, 'who handed it on is erased');
});

test('the new holder cancels, corrects, hands on and erases their own', async () => {
    const registration = await registered(open, several(3));
    const lena = await handOn(registration, 0, { name: 'Lena', email: address('lena') }, manager);
    const mona = await handOn(registration, 1, { name: 'Mona', email: address('mona') }, manager);
    const renamed = await expect(200, house.http.patch(api(lena), { json: { attendees: [{ id: lena.attendees[0].id, name: 'Lena Beck' }] } }));
    assert.equal(renamed.json().attendees[0].name, 'Lena Beck');
    const nora = await handOn(lena, 0, { name: 'Nora', email: address('nora') }, manager);
    await expect(200, house.http.delete(api(mona, '/data')));
    const now = await shown(registration);
    assert.deepEqual([now.status, ...now.attendees.map(({ status, handed_on_to: to }) => [status, to?.name])],
        ['confirmed', ['cancelled', 'L…'], ['cancelled', '–'], ['confirmed', undefined]]);
    assert.deepEqual((await shown(lena)).attendees.map(({ handed_on_to: to }) => to.name), ['N…']);
    assert.deepEqual((await asOrganiser(lena.id)).attendees.map(({ handed_on_to: to }) => to),
        [{ name: 'Nora', registration: nora.id }]);
    await expect(200, house.http.delete(api(nora)));
    assert.equal((await shown(nora)).status, 'cancelled');
});

test('a ticket handed on keeps its place, also in a full event and beyond its capacity', async () => {
    const event = await house.apply(plainEvent({ registration: { capacity: 1, waiting_list: true } }));
    const registration = await registered(event);
    const waiting = await registered(event);
    assert.equal(waiting.status, 'waitlisted');
    await expect(201, house.http.post(`/api/v1/events/${event}/walk-ins`, { token: manager,
        json: { name: 'Late', email: address('late'), over_capacity: true, reason: 'speaker' } }));
    await handOn(registration, 0, { name: 'Lena', email: address('lena') }, manager);
    assert.deepEqual(await counts(event), [{ taken: 2, confirmed: 2, cancelled: 1, over_capacity: 1 }]);
    assert.equal((await shown(waiting)).status, 'waitlisted');
});

test('the new holder counts as registered, the former one does not, and nobody learns who is', async () => {
    const event = await house.apply(plainEvent({ registration: { once_per_email: true } }));
    const body = plainGuest();
    const registration = await registered(event, body);
    const lena = { name: 'Lena', email: address('lena') };
    const theirs = await handOn(registration, 0, lena, manager);
    await registered(event, body);
    assert.equal((await house.signUp(event, plainGuest({ email: lena.email }))).status, 409);
    const taken = await registered(event, plainGuest());
    const also = await handOn(taken, 0, lena, manager);
    assert.notEqual(also.id, theirs.id);
    await expect(202, house.http.post(`/api/v1/events/${event}/resend`, { json: { email: lena.email } }));
    assert.deepEqual(await messages(theirs), ['handed_on', 'already_registered', 'resent']);
    assert.deepEqual(await messages(also), ['handed_on', 'resent']);
    await house.http.post(`/api/v1/events/${event}/resend`, { json: { email: taken.email } });
    assert.deepEqual(await messages(taken), ['confirmed', 'handed_over']);
});

test('a ticket is handed on once, with a name and an address, and not twenty times a day', async () => {
    const event = await house.apply(plainEvent());
    const registration = await registered(event);
    const path = page(registration, attendeePath(registration, 0, '/hand-on'));
    let form = formFields((await expect(200, house.http.get(path))).body);
    form = withField(form, 'name', 'Grace');
    const missing = await expect(422, house.http.post(path, { form }));
    assert.match(missing.body, /value="Grace"/);
    assert.match(missing.body, /id="email-error"/);
    form = withField(form, 'email', address('grace'));
    for (let i = 0; i < 2; i++)
        assert.match((await expect(303, house.http.post(path, { form }))).headers.location, /done=handed_on$/);
    assert.equal((await house.database.query('select from attendee where handed_on_by = $1', [registration.attendees[0].id])).length, 1);
    const nameless = await expect(422, house.http.post(api(registration, attendeePath(registration, 0, '/ticket')), { json: { name: 'Grace' } }));
    assert.deepEqual(findings(nameless), { '/email': 'email_needed' });

    const many = await registered(await house.apply(plainEvent({ registration: { most_attendees: 30 } })), several(21));
    const to = (at) => house.http.post(api(many, attendeePath(many, at, '/ticket')), { json: { name: 'Grace', email: address('grace') } });
    for (let at = 0; at < 20; at++) await expect(200, to(at));
    await expect(429, to(20), 'too_often');
});

test('organisers see in the list and in the exports who handed on to whom', async () => {
    const event = await house.apply(plainEvent());
    const registration = await registered(event, plainGuest({ attendees: [{ name: 'Ada' }] }));
    await handOn(registration, 0, { name: 'Lena Beck', email: address('lena') }, manager);
    const wanted = [['Ada', 'cancelled', undefined, 'Lena Beck'], ['Lena Beck', 'confirmed', 'Ada', undefined]];
    const seen = ({ name, status, handed_on_by: by, handed_on_to: to }) => [name, status, by, to];
    const get = (rest) => house.http.get(`/api/v1/events/${event}/attendees${rest}`, { token: manager });
    assert.deepEqual((await get('')).json().attendees.map(seen), wanted);
    assert.deepEqual((await get('.jsonl')).body.trim().split('\n').map((line) => seen(JSON.parse(line))), wanted);
    const [heading, ...rows] = (await get('.csv?lang=en')).body.trim().split(/\r?\n/).map((line) => line.split(/[;,]/));
    const columns = ['Name', 'Passed on by', 'Passed on to'].map((one) => heading.indexOf(one));
    assert.deepEqual(rows.map((row) => columns.map((at) => row[at])), [['Ada', '', 'Lena Beck'], ['Lena Beck', 'Ada', '']]);
});

// --- Companions ---------------------------------------------------------------------------------

test('a companion sees their ticket by a link of their own, and makes it a registration of their own', async () => {
    const charles = address('charles');
    const registration = await registered(open, plainGuest({
        attendees: [{ name: 'Ada Lovelace' }, { name: 'Charles', email: charles }] }));
    const path = companionPath(registration, 1);
    for (let i = 0; i < 2; i++) {
        const { body } = await expect(200, house.http.get(path));
        assert.match(body, /Ada Lovelace registered you/);
        assert.match(body, /<svg/);
        assert.match(body, /Ticket number <b translate="no">[0-9A-Z]{4}-[0-9A-Z]{4}<\/b>/);
        assert.ok(!body.includes(registration.attendees[0].ticket));
    }
    assert.equal((await shown(registration)).attendees.length, 2, 'a page that is opened changes nothing');

    const { location } = (await expect(303, house.http.post(path, { form: {} }))).headers;
    const own = (await expect(200, house.http.get(`/api/v1${location}`))).json();
    assert.deepEqual([own.email, own.status, own.attendees[0].name, own.attendees[0].ticket],
        [charles, 'confirmed', 'Charles', registration.attendees[1].ticket]);
    assert.equal((await expect(303, house.http.get(path))).headers.location, location, 'the mailed link goes there');
    assert.equal((await expect(303, house.http.post(path, { form: {} }))).headers.location, location);
    const byApi = (await expect(200, house.http.post(`/api/v1${path.split('?')[0]}`, { json: { key: path.split('=')[1] } }))).json();
    assert.deepEqual(byApi, { registration: own.id, manage_url: own.manage_url });

    const left = await shown(registration);
    assert.deepEqual(left.attendees.map(({ name }) => name), ['Ada Lovelace']);
    assert.deepEqual(left.companions, [{ name: 'Charles', ticket_type: own.attendees[0].ticket_type, status: 'confirmed' }]);
    const { body } = await house.http.get(page(registration));
    assert.match(body, /Charles[^]*Manages their own registration/);
    await expect(404, house.http.delete(api(registration, attendeePath(registration, 1))));
    await expect(200, house.http.delete(api(registration)));
    assert.equal((await shown(own)).status, 'confirmed');
    await expect(200, house.http.delete(api(own)));
    assert.equal((await shown(registration)).companions[0].status, 'cancelled');
    assert.deepEqual(await messages(own), ['confirmed', 'cancelled']);
});

test('until then the place is with the person who registered them', async () => {
    const registration = await registered(open, plainGuest({
        attendees: [{ name: 'Ada' }, { name: 'Charles', email: address('charles') }] }));
    const path = companionPath(registration, 1);
    await expect(200, house.http.delete(api(registration, attendeePath(registration, 1))));
    assert.match((await expect(200, house.http.get(path))).body, /This place is no longer yours/);
    await expect(409, house.http.post(path, { form: {} }));
    for (const wrong of [path.slice(0, -1), `${path}-1`, path.replace(/=.*/, `=${'a'.repeat(32)}`),
        path.replace(registration.attendees[1].id, registration.attendees[0].id)])
        assert.match((await expect(404, house.http.get(wrong))).body, /<h1>This link doesn’t work<\/h1>/, wrong);
    await expect(404, house.http.post(path.slice(0, -1), { form: {} }));
});

test("a companion's link that was cut off offers to send the mail again, which reaches the companion", async () => {
    const charles = address('cut-off');
    const registration = await registered(open, plainGuest({ attendees: [{ name: 'Ada' }, { name: 'Charles', email: charles }] }));
    const path = companionPath(registration, 1), accept = { accept: 'text/html' };
    await house.database.query('delete from message where registration_id = $1', [registration.id]);
    for (const cut of [path.slice(0, -5), path.slice(0, path.indexOf('=') + 1), path.split('?')[0], path.split('?')[0].slice(0, -9),
        path.slice(0, path.indexOf('/attendees/') + 5), path.slice(0, path.indexOf('/attendees/') + 11)]) {
        const { body } = await expect(404, house.http.get(cut, { headers: accept }));
        assert.match(body, /<h1>This link doesn’t work<\/h1>[^]*cut long links off/, cut);
        const action = /<form method="post" action="([^"]+)"/.exec(body)?.[1];
        assert.equal(action, `/registrations/${registration.id}/again`, cut);
        await expect(200, house.http.post(action, { form: { email: charles } }));
    }
    assert.equal(await house.database.value('select count(*)::integer from message where attendee_id = $1', [registration.attendees[1].id]), 1);
    await expect(404, house.http.get('/registrations/nothing/here', { headers: accept }));
});

test('a person who registers only others is left with nothing but their names', async () => {
    const registration = await registered(open, plainGuest({
        attendees: [{ name: 'Charles', email: address('charles') }] }));
    const { location } = (await expect(303, house.http.post(companionPath(registration, 0), { form: {} }))).headers;
    const { body } = await expect(200, house.http.get(page(registration)));
    assert.match(body, /Charles/);
    assert.doesNotMatch(body, /<svg/);
    const now = await shown(registration);
    assert.deepEqual([now.status, now.attendees, now.companions.length], ['cancelled', [], 1]);
    await expect(200, house.http.get(api(registration, '/data')));
    await expect(200, house.http.get(location));
});

// --- Corrected addresses ------------------------------------------------------------------------

const tickets = (registration) => registration.attendees.map(({ ticket }) => ticket);
const stateOf = async (ticket) => (await house.http.get(`/api/v1/tickets/${ticket}`)).json().state;

test('a corrected address gets new tickets, and what went to the mistyped one stops working', async () => {
    const registration = await registered(open, plainGuest({
        attendees: [{ name: 'Ada' }, { name: 'Charles', email: address('charles') }] }));
    const ofCharles = companionPath(registration, 1);
    const email = address('right');
    const corrected = (await expect(200, house.http.patch(`/api/v1/registrations/${registration.id}`,
        { token: manager, json: { email } }))).json();
    assert.notEqual(corrected.manage_url, registration.manage_url);
    for (const rest of ['', '/change', '/data.json']) await expect(404, house.http.get(page(registration, rest)));
    await expect(404, house.http.delete(api(registration)));
    for (const ticket of tickets(registration)) assert.equal(await stateOf(ticket), 'replaced');
    for (const ticket of tickets(corrected)) assert.equal(await stateOf(ticket), 'valid');
    assert.equal((await shown(corrected)).email, email);
    await expect(200, house.http.get(ofCharles));
    const told = await house.database.query(
        `select kind, attendee_id is null as is_own from message where registration_id = $1 and kind = 'resent' order by 2`,
        [registration.id]);
    assert.deepEqual(told, [{ kind: 'resent', is_own: false }, { kind: 'resent', is_own: true }]);
    const forged = new URL(registration.manage_url);
    forged.searchParams.set('key', `${forged.searchParams.get('key')}-1`);
    await expect(404, house.http.get(`${forged.pathname}${forged.search}`));
});

test('a ticket that was used stays the same when its address is corrected', async () => {
    const device = await house.device(open);
    const registration = await registered(open, several(2));
    await house.scan(open, device, { ticket: registration.attendees[0].ticket });
    const corrected = (await expect(200, house.http.patch(`/api/v1/registrations/${registration.id}`,
        { token: manager, json: { email: address('right') } }))).json();
    assert.deepEqual(tickets(corrected).map((ticket, at) => ticket === tickets(registration)[at]), [true, false]);
});

test('a companion\'s corrected address gets a ticket and a link, and the mistyped one loses both', async () => {
    const registration = await registered(open, plainGuest({
        attendees: [{ name: 'Ada' }, { name: 'Charles', email: address('wrong') }] }));
    const wrong = companionPath(registration, 1);
    const correct = (email) => house.http.patch(api(registration), {
        json: { attendees: [{ id: registration.attendees[1].id, email }] } });
    const corrected = (await expect(200, correct(address('right')))).json();
    await expect(404, house.http.get(wrong));
    await expect(404, house.http.post(wrong, { form: {} }));
    assert.equal(await stateOf(tickets(registration)[1]), 'replaced');
    assert.deepEqual([corrected.manage_url, tickets(corrected)[0]], [registration.manage_url, tickets(registration)[0]]);
    await expect(200, house.http.get(companionPath(registration, 1, 1)));
    assert.deepEqual((await house.database.query(
        'select kind from message where attendee_id = $1', [registration.attendees[1].id])).map(({ kind }) => kind),
    ['confirmed'], 'the queued letter goes to the right address');
    await house.database.query("update message set state = 'sent' where registration_id = $1", [registration.id]);
    for (let i = 0; i < 4; i++) {
        await expect(200, correct(address(`other-${i}`)));
        await house.database.query("update message set state = 'sent' where registration_id = $1", [registration.id]);
    }
    await expect(429, correct(address('another')), 'too_often');
});

test('when the address of a companion who took over is corrected, their former links end', async () => {
    const registration = await registered(open, plainGuest({
        attendees: [{ name: 'Ada' }, { name: 'Charles', email: address('wrong') }] }));
    const path = companionPath(registration, 1);
    const { location } = (await expect(303, house.http.post(path, { form: {} }))).headers;
    const own = (await expect(200, house.http.get(`/api/v1${location}`))).json();
    await expect(200, house.http.patch(`/api/v1/registrations/${own.id}`, { token: manager, json: { email: address('right') } }));
    await expect(404, house.http.get(location));
    await expect(404, house.http.get(path));
});
