// Invitations: the list, the mails, the answers, and places that are kept for the invited.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { expect } from '../harness/attendee.js';
import { signIn } from '../harness/desk.js';
import { plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { repository } from '../harness/paths.js';
import { buttonOf, startMail } from '../harness/smtp.js';
import { fieldsOf, openForm } from '../harness/sign_up_form.js';
import { until } from '../harness/wait.js';
import { words } from '../harness/words.js';

const mail = await startMail();
const house = await openHouse({ settings: { smtp: mail.url, trusted_proxies: '127.0.0.1' } });
await house.apply(plainEvent()); // makes the organiser
const editor = await signIn(house, { role: 'manager' });
const said = words('en').invitation;
const count = (list, value) => list.filter((one) => one === value).length;
const fresh = (name) => `${name}-${randomUUID().slice(0, 8)}@example.org`;

const get = (path, who = editor) => house.http.get(path, { headers: who.headers });
const post = (path, form, who = editor) => house.http.post(path, { form, headers: who.headers });
const api = (event, rest = '') => `/api/v1/events/${event}/invitations${rest}`;
const desk = (event, rest = '') => `/desk/events/${event}/invitations${rest}`;
const call = (event, rest, json) => house.http.post(api(event, rest), { json, headers: editor.headers });

// Puts people on the list. → their addresses
async function invite(event, people) {
    const answer = await expect(200, call(event, '/add', { people }));
    assert.equal(answer.json().added, people.length, answer.body);
    return people.map(({ email }) => email);
}

const send = async (event, kind = 'send', json = {}) => (await expect(200, call(event, `/${kind}`, json))).json().count;

// → the invitations by address
async function invited(event) {
    const { invitations } = (await expect(200, get(api(event)))).json();
    return Object.fromEntries(invitations.map((one) => [one.email, one]));
}
const stateOf = async (event, email) => (await invited(event))[email].state;

// → {accept, decline}: the links in the last mail to an address
async function linksOf(email, which = () => true) {
    const { parsed } = await mail.arrives(({ to, parsed: { subject } }) => to === email && which(subject));
    const accept = buttonOf({ parsed }, '(?:Yes, I’m coming|Ja, ich komme)');
    assert.match(accept, /register\?invitation=/);
    const [decline] = /http\S+invitations\/\S+/.exec(parsed.text);
    const path = (url) => { const { pathname, search } = new URL(url); return pathname + search; };
    return { accept: path(accept), decline: path(decline), text: parsed.text, subject: parsed.subject };
}

// The personal link of an invitation, without waiting for its mail. → the value of `invitation`
async function token(event, email) {
    const { id } = (await invited(event))[email];
    const { body } = await expect(200, get(desk(event, `/${id}`)));
    return `${id}.${/invitations\/[^?]+\?key=([a-z2-7]+)/.exec(body)[1]}`;
}
const accept = async (event, email, more = {}) =>
    house.signUp(event, plainGuest({ email, invitation: await token(event, email), ...more }));
const kept = async (event) => (await get(api(event, '/places'))).json().kept;
const placesLeft = async (event) => (await house.http.get(`/api/v1/events/${event}`)).json().registration.places_left;
const dayFromNow = (days) => new Date(Date.now() + days * 86400_000).toISOString().slice(0, 10);

test('people come onto the list from pasted lines, once each, and what is wrong is said at its line', async () => {
    const event = await house.apply(plainEvent());
    assert.match((await get(desk(event))).body, new RegExp(said.none));
    const text = `Name\tAddress\nGödel, Kurt <kurt@example.org>\n\n"Ada Lovelace"; ADA@example.org\ngrace@example.org\t\nAda@Example.org`;
    assert.match((await expect(303, post(desk(event, '/add'), { text }))).headers.location, /added&n=3&known=1/);
    const list = await invited(event);
    assert.deepEqual(Object.values(list).map(({ name, state, good_for }) => [name, state, good_for]),
        [['Ada Lovelace', 'not_sent', 1], ['Gödel, Kurt', 'not_sent', 1], ['', 'not_sent', 1]]);
    const wrong = await expect(422, post(desk(event, '/add'), { text: 'Bob <bob@example.org>\nno address\neve@', good_for: '101' }));
    for (const sign of ['Line 2', 'Line 3', 'bob@example.org', 'good_for-error']) assert.ok(wrong.body.includes(sign), sign);
    assert.match((await expect(422, post(desk(event, '/add'), { text: 'kurt@example.org' }))).body, /kurt@example\.org is already on the list/);
    await expect(201, house.signUp(event, plainGuest({ email: 'known@example.org' })));
    assert.equal((await call(event, '/add', { people: [{ email: 'known@example.org' }] })).json().people[0].outcome, 'registered');
    assert.match((await get(desk(event, '?q=godel+KURT'))).body, /<span class="count">3<\/span>[^]*Gödel, Kurt/);
    assert.doesNotMatch((await get(desk(event, '?q=godel'))).body, /grace@/);
    assert.match((await get(desk(event, '.csv'))).body, /Ada Lovelace,ADA@example\.org,,1,not sent yet/);
    // A file of a spreadsheet, in its own encoding and with more columns; its lines come back to be mended.
    const file = 'Nachname;Vorname;Firma;E-Mail\r\nMüller;Jörg;"Werk; Halle";joerg@example.org\r\n';
    const bring = (content) => house.http.post(desk(event, '/add'), {
        headers: { ...editor.headers, 'content-type': 'multipart/form-data; boundary=edge' },
        body: Buffer.from(`--edge\r\nContent-Disposition: form-data; name="file"; filename="list.csv"\r\n\r\n${content}\r\n--edge--\r\n`, 'latin1') });
    assert.match((await expect(422, bring(`${file}Noether;Emmy;;emmy@\r\n`))).body, /Line 3[^]*Jörg\tMüller\tjoerg@example\.org/);
    await expect(303, bring(file));
    assert.equal((await invited(event))['joerg@example.org'].name, 'Jörg Müller');
    await expect(422, bring('PK\x03\x04'));
    const viewer = await signIn(house, { role: 'viewer' });
    await expect(200, get(desk(event), viewer));
    await expect(403, post(desk(event, '/add'), { text }, viewer));
});

test('the mail leads to a form that knows the guest; they are registered at once, come, and are marked so', async () => {
    const event = await house.apply(plainEvent({
        registration: { verify_email: true }, languages: ['de', 'en'], title: { de: 'Fest', en: 'Party' } }));
    const [email, other] = await invite(event, [
        { name: 'Ada Lovelace', email: fresh('ada'), language: 'de' }, { name: 'Bob', email: fresh('bob'), language: 'en' }]);
    const asked = (await expect(200, get(desk(event, '/send')))).body;
    const [, preview] = /<iframe[^>]*src="([^"]+)"/.exec(asked);
    const shown = await expect(200, post(preview.replaceAll('&amp;', '&'), { 'words.de': 'Wir freuen uns.\n\nBis bald', 'words.en': '' }));
    for (const sign of ['Ada Lovelace', 'Wir freuen uns.', 'Sie sind eingeladen', email]) assert.ok(shown.body.includes(sign), sign);
    const form = { ...fieldsOf(asked), 'words.de': 'Wir freuen uns.' };
    assert.match((await expect(303, post(desk(event, '/send'), form))).headers.location, /sent&n=2/);
    await expect(303, post(desk(event, '/send'), form)); // the same form again
    const links = await linksOf(email);
    assert.match(links.text, /Guten Tag Ada Lovelace,[^]*Wir freuen uns\.[^]*Ja, ich komme/);
    assert.match((await linksOf(other)).text, /Hello Bob,[^]*Yes, I’m coming/);
    await until(async () => await stateOf(event, email) === 'no_answer');
    assert.equal(mail.letters.filter(({ to }) => to === email).length, 1);

    const page = await openForm(house, event, { query: links.accept.slice(links.accept.indexOf('?')) });
    const fields = fieldsOf(page.page.body);
    assert.deepEqual([fields.email, fields['attendees.0.name'], fields.language], [email, 'Ada Lovelace', 'de']);
    assert.doesNotMatch(page.page.body, new RegExp(words('de').register.then_verify));
    const sent = await expect(303, page.send());
    assert.equal(await stateOf(event, email), 'registered');
    assert.equal(await house.database.value('select status::text from registration where email = $1', [email]), 'confirmed');
    await house.http.get(sent.headers.location);
    // Somebody else's address is verified like any other.
    await expect(201, accept(event, other, { email: fresh('colleague') }));
    assert.equal((await invited(event))[other].registrations, 1);
    assert.equal(await house.database.value("select count(*)::integer from registration where status = 'unverified' and email like 'colleague%'"), 1);

    const attendee = await house.database.value('select attendee_id from attendee join registration using (registration_id) where registration.email = $1', [email]);
    assert.match((await get(`/desk/events/${event}/attendees/${attendee}`)).body, new RegExp(`Invited[^]*${editor.email}`));
    await house.database.query("update attendee set first_admitted_at = now(), days = array[(select min(day) from event_day where event_day.event_id = attendee.event_id)] where attendee_id = $1", [attendee]);
    assert.equal(await stateOf(event, email), 'came');
    assert.match((await house.http.get(links.decline)).body, new RegExp(words('de').invitation.answer.registered));
    const actions = await house.database.query("select action, actor from audit_entry where action like 'invitee%' and event_id = (select event_id from event where slug = $1) order by entry_id", [event]);
    assert.deepEqual(actions.map(({ action }) => action), ['invitee.add', 'invitee.send']);
});

test('who says no gets no reminder and may change their mind; others get one a day at most', async () => {
    const event = await house.apply(plainEvent());
    const [no, silent, bounced] = await invite(event, [{ email: fresh('no') }, { email: fresh('silent') }, { email: fresh('bounced') }]);
    mail.answer('recipient', { address: bounced, code: 550, words: '5.1.1 no such user' });
    assert.equal(await send(event), 3);
    assert.equal(await send(event), 0);
    const { decline } = await linksOf(no);
    assert.match((await expect(200, house.http.get(decline))).body, new RegExp(said.answer.no_send.replace('’', '.')));
    assert.notEqual(await stateOf(event, no), 'said_no', 'opening the link says nothing');
    const action = decline.replace('?', '/decline?');
    const long = await expect(422, house.http.post(action, { form: { word: 'x'.repeat(1001) } }));
    assert.ok(long.body.includes('x'.repeat(1001)));
    await expect(303, house.http.post(action, { form: { word: 'Sorry, <holiday>' } }));
    assert.match((await house.http.get(decline)).body, /Thank you for letting us know[^]*Sorry, &lt;holiday&gt;/);
    assert.equal((await invited(event))[no].word, 'Sorry, <holiday>');
    await until(async () => await stateOf(event, bounced) === 'bounced' && await stateOf(event, silent) === 'no_answer');
    assert.match((await get(desk(event, '?state=bounced'))).body, new RegExp(said.bounced_mend));
    const wrong = (await invited(event))[bounced].id, right = fresh('right');
    assert.match((await expect(422, post(desk(event, `/${wrong}`), { email: no }))).body, /is already on the list/);
    await expect(303, post(desk(event, `/${wrong}`), { email: right }));
    assert.equal(await send(event), 1);
    const { id: gone } = (await invited(event))[no];
    await until(async () => await stateOf(event, right) === 'no_answer');
    await expect(409, call(event, `/${gone}`, { email: fresh('other') }), 'invitation_has_gone_out');

    assert.equal(await send(event, 'remind'), 0, 'the mail is not a day old');
    assert.match((await get(desk(event, '/remind'))).body, /less than a day ago/);
    const aDayLater = () => house.database.query("update invitation_mail set created_at = created_at - interval '25 hours'");
    await aDayLater();
    assert.deepEqual((await Promise.all([send(event, 'remind'), send(event, 'remind')])).sort(), [0, 2]);
    const reminder = await linksOf(silent, (subject) => subject.startsWith('Will you come?'));
    assert.equal(mail.letters.filter(({ to }) => to === no).length, 1);

    await expect(201, accept(event, no));
    assert.equal(await stateOf(event, no), 'registered');
    const { id } = (await invited(event))[silent];
    await expect(303, post(desk(event, `/${id}/withdraw`), {}));
    assert.equal(await stateOf(event, silent), 'withdrawn');
    const form = await expect(303, house.http.get(reminder.accept));
    assert.match((await house.http.get(form.headers.location)).body, new RegExp(words('en').problem.not_invited.title));
    await aDayLater();
    assert.equal(await send(event, 'remind'), 1, 'only who has not answered at all');
});

test('a link opens what needs a code, is good for its number of registrations, and cannot be guessed', async () => {
    const event = await house.apply(plainEvent({ ticket_types: [{ slug: 'speaker', title: 'Speaker', code: 'secret' }] }));
    assert.ok((await call(event, '/add', { people: [{ email: fresh('any') }] })).body.includes('invitee_ticket_type'));
    const [email] = await invite(event, [{ name: 'Company', email: fresh('company'), ticket_type: 'speaker', good_for: 2 }]);
    const link = await token(event, email);
    const page = await openForm(house, event, { query: `?invitation=${link}` });
    await expect(303, page.send());
    const [id, key] = link.split('.');
    assert.match((await house.http.get(`/events/${event}/invitations/${id}?key=${key}`)).body, /One more person can register/);
    const guest = (more) => plainGuest({ attendees: [{ name: 'Colleague', ticket_type: 'speaker' }], ...more });
    await expect(422, house.signUp(event, guest()));
    await expect(409, house.signUp(event, guest({ invitation: `${id}.${'a'.repeat(32)}` })), 'not_invited');
    const { manage_url } = (await expect(201, house.signUp(event, guest({ invitation: link })))).json();
    await expect(409, house.signUp(event, guest({ invitation: link })), 'invitation_used');
    assert.match((await expect(303, house.http.get(`/events/${event}/register?invitation=${link}`))).headers.location, /\/invitations\//);
    // A registration that is cancelled can be made again.
    const { pathname, search } = new URL(manage_url);
    await expect(200, house.http.delete(`/api/v1${pathname}${search}`));
    await expect(201, house.signUp(event, guest({ invitation: link })));

    const outside = { headers: { 'x-forwarded-for': '203.0.113.7' } };
    const wrong = () => house.http.get(`/events/${event}/invitations/${id}?key=${'a'.repeat(32)}`, outside);
    const guesses = await Promise.all(Array.from({ length: 60 }, wrong));
    assert.deepEqual([...new Set(guesses.map(({ status }) => status))].sort(), [404, 429]);
});

test('places are kept for the invited until a day; a no and the end of the day give them to who waits', async () => {
    const event = await house.apply(plainEvent({ registration: { capacity: 4, waiting_list: true } }));
    const [first, second, third] = await invite(event, ['first', 'second', 'third'].map((name) => ({ email: fresh(name) })));
    await expect(422, post(desk(event, '/places'), { day: '' }));
    assert.match((await expect(422, post(desk(event, '/places'), { day: dayFromNow(-2) }))).body, /This day is in the past/);
    await expect(303, post(desk(event, '/places'), { day: dayFromNow(3) }));
    assert.deepEqual([await kept(event), await placesLeft(event)], [3, 1]);
    const stranger = async () => (await expect(201, house.signUp(event, plainGuest()))).json();
    const statusOf = (id) => house.database.value('select status::text from registration where registration_id = $1', [id]);
    assert.equal((await stranger()).status, 'confirmed');
    const waiting = [await stranger(), await stranger(), await stranger()];
    assert.deepEqual(waiting.map(({ status }) => status), Array(3).fill('waitlisted'));
    assert.equal((await expect(201, accept(event, first))).json().status, 'confirmed', 'past the waiting list');
    assert.equal(await kept(event), 2);
    const [id, key] = (await token(event, second)).split('.');
    await expect(204, house.http.post(`/api/v1/events/${event}/invitations/${id}/decline`, { json: { key } }));
    assert.deepEqual([await kept(event), await statusOf(waiting[0].id)], [1, 'confirmed']);
    assert.equal((await accept(event, second)).json().status, 'waitlisted', 'the place is gone');
    await house.database.query("update kept_places set until = now() - interval '1 second'");
    await until(async () => await statusOf(waiting[1].id) === 'confirmed');
    assert.deepEqual([await kept(event), await statusOf(waiting[2].id)], [0, 'waitlisted']);
    assert.equal((await accept(event, third)).json().status, 'waitlisted');

    // A number keeps fewer places than people are invited, and those of a ticket type are its own.
    const types = await house.apply(plainEvent({ registration: { waiting_list: false }, ticket_types: [{ slug: 'vip', title: 'VIP', capacity: 2 }, { slug: 'plain', title: 'Plain', capacity: 2 }] }));
    const vips = await invite(types, ['a', 'b', 'c'].map((name) => ({ email: fresh(name), ticket_type: 'vip' })));
    await expect(200, call(types, '/places', { day: dayFromNow(1), most: 1 }));
    const sign = async (type, more) => (await house.signUp(types, plainGuest({ attendees: [{ name: 'G', ticket_type: type }], ...more }))).status;
    assert.deepEqual([await sign('vip'), await sign('vip'), await sign('plain'), await sign('plain')], [201, 409, 201, 201]);
    assert.deepEqual([await sign('vip', { invitation: await token(types, vips[0]) }), await sign('vip', { invitation: await token(types, vips[1]) })], [201, 409]);
    await expect(200, call(types, '/places', { end: true }));
    assert.equal(await kept(types), 0);
});

test('at once, a link gives no more registrations than it is good for', async () => {
    const event = await house.apply(plainEvent());
    const [email] = await invite(event, [{ email: fresh('many'), good_for: 5 }]);
    const invitation = await token(event, email);
    const answers = await Promise.all(Array.from({ length: 20 }, () => house.signUp(event, plainGuest({ invitation }))));
    const used = () => house.database.value(
        `select count(*)::integer from invitation_use where invitation_id = $1`, [invitation.split('.')[0]]);
    assert.equal(count(answers.map(({ status }) => status), 201), 5);
    assert.equal(await used(), 5);
    // The control: without the lock, what is looked up first is no longer true when it counts.
    await house.database.query('delete from invitation_use where invitation_id = $1', [invitation.split('.')[0]]);
    const others = await house.database.query('select event_id, registration_id from registration where event_id = (select event_id from event where slug = $1) limit 6', [event]);
    for (let more = others.length; more < 6; more++) await house.signUp(event, plainGuest());
    const all = await house.database.query('select event_id, registration_id from registration where event_id = (select event_id from event where slug = $1)', [event]);
    const free = await Promise.all(all.map(() => used()));
    await Promise.all(all.map(({ event_id, registration_id }, at) => free[at] < 5 && house.database.query(
        'insert into invitation_use (event_id, registration_id, invitation_id) values ($1, $2, $3)', [event_id, registration_id, invitation.split('.')[0]])));
    assert.ok(await used() > 5);
});

test('at once, strangers never take a kept place, and nobody gets one that is not there', async () => {
    const race = async (isKept) => {
        const event = await house.apply(plainEvent({ registration: { capacity: 20, waiting_list: false } }));
        const emails = await invite(event, Array.from({ length: 10 }, () => ({ email: fresh('guest') })));
        if (isKept) await expect(200, call(event, '/places', { day: dayFromNow(1) }));
        const links = Object.fromEntries(await Promise.all(emails.map(async (email) => [email, await token(event, email)])));
        const strangers = Array.from({ length: 30 }, () => house.signUp(event, plainGuest()));
        const guests = emails.map((email) => house.signUp(event, plainGuest({ email, invitation: links[email] })));
        const statuses = async (answers) => (await Promise.all(answers)).map(({ status }) => status);
        const [ofStrangers, ofGuests] = [await statuses(strangers), await statuses(guests)];
        assert.equal(count([...ofStrangers, ...ofGuests], 201), 20);
        return count(ofGuests, 201);
    };
    assert.equal(await race(true), 10);
    assert.ok(await race(false) < 10, 'the control: without kept places strangers were first');
});

test('an erased guest is on no list, and invitations end with the event’s data', async () => {
    const event = await house.apply(plainEvent({ retention_days: 1 }));
    const [email] = await invite(event, [{ email: fresh('erased') }]);
    const { manage_url } = (await expect(201, accept(event, email))).json();
    const { pathname, search } = new URL(manage_url);
    await expect(200, house.http.delete(`/api/v1${pathname}/data${search}`));
    assert.deepEqual(await invited(event), {});

    // The service forgets once an hour, by this statement.
    await invite(event, [{ email: fresh('old') }]);
    const later = await house.apply(plainEvent({ retention_days: 30 }));
    await invite(later, [{ email: fresh('kept') }]);
    await house.database.query(`update event set starts_at = now() - interval '3 days', ends_at = now() - interval '2 days'
        where slug = any ($1)`, [[event, later]]);
    await house.database.query(readFileSync(join(repository, 'service/features/invitation/forget.sql'), 'utf8'));
    const left = async (slug) => (await house.database.query(
        'select email from invitation join event using (event_id) where slug = $1', [slug])).length;
    assert.deepEqual([await left(event), await left(later)], [0, 1]);
});
