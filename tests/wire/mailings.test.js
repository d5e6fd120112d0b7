// Mails to many people: exactly those that a filter shows, each once, with names filled in, stoppable.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attendeeOf, expect } from '../harness/attendee.js';
import { signIn } from '../harness/desk.js';
import { localTime, plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { startService } from '../harness/service.js';
import { startMail } from '../harness/smtp.js';
import { until } from '../harness/wait.js';

const mail = await startMail();
const house = await openHouse({ settings: { smtp: mail.url, mail_from: 'tickets@einlass.example' } });
const { registered } = attendeeOf(house);
await house.apply(plainEvent());
const token = await house.token();
const { headers, email: organiser } = await signIn(house);

const de = { language: 'de', subject: 'Für {name}', text: 'Guten Tag {name},\n\n**bis bald** bei {event}: {ticket}' };
const en = { language: 'en', subject: 'For {name}', text: 'Dear {name},\n\n**see you** at {event}: [your ticket]({ticket}) & more' };
const byLanguage = (...texts) =>
    Object.fromEntries(texts.map(({ language, subject, text }) => [language, { subject, text }]));
const person = (name, changes = {}) => plainGuest({ attendees: [{ name }], ...changes });
const lettersTo = (address, subject = /./) =>
    mail.letters.filter(({ to, parsed }) => to === address && subject.test(parsed.subject));
const audited = (event) => house.database.query(`select action from audit_entry join event using (event_id)
    where slug = $1 and action like 'mailing.%' order by entry_id`, [event]).then((rows) => rows.map(({ action }) => action));

// → the API's address of a new draft for whom a filter shows, or for some attendees
async function draft(event, { filter = 'list=coming', attendees, texts = [en, de] } = {}) {
    const json = { verb: 'write', ...(attendees ? { attendees } : { all: true }) };
    const made = await expect(201, house.http.post(`/api/v1/events/${event}/attendees/bulk?${filter}`, { token, json }));
    const path = made.headers.location;
    await expect(204, house.http.post(`${path}/edit`, { token, json: { texts: byLanguage(...texts) } }));
    return path;
}
const look = async (path) => (await expect(200, house.http.get(path, { token }))).json();
const act = (path, what, json = {}) => expect(200, house.http.post(`${path}/${what}`, { token, json }));

// The minute in which it can be stopped is over.
const begin = () => house.database.query("update mailing set due_at = now() where state = 'planned'");
async function send(path) {
    await act(path, 'send');
    await begin();
}
async function becomes(path, isIt) {
    let now;
    await until(async () => isIt((now = await look(path)).counts, now), () => JSON.stringify(now));
    return now;
}
const allSent = (count) => ({ sent }, { state }) => sent === count && state === 'sent';

test('a mail goes to exactly those whom a filter shows, once to an address, in their language', async () => {
    const event = await house.apply(plainEvent({ languages: ['en', 'de'], reply_to: 'team@biosaxony.example',
        registration: { capacity: 6, waiting_list: true, most_attendees: 4, once_per_email: false } }));
    const ada = await registered(event, person('Ada & [Co](evil) *B* <b>', { email: 'Ada@engine.example' }));
    await registered(event, person('Ada again', { email: 'ada@engine.example' }));
    await registered(event, person('Zoë', { email: 'zoe@mail.example', language: 'de' }));
    await registered(event, plainGuest({ email: 'host@mail.example',
        attendees: [{ name: 'Host' }, { name: 'No Mail' }, { name: 'Guest', email: 'own@mail.example' }] }));
    await registered(event, person('Waiting', { email: 'waiting@mail.example' }));
    // Of an unusual name, people who have not opened a mailed link get the first letter only.
    await house.database.query('update registration set vouched = true where registration_id = $1', [ada.id]);
    const path = await draft(event);
    const { audience, state } = await look(path);
    assert.equal(state, 'draft');
    assert.deepEqual(audience, { people: 6, recipients: 4, held: 1, no_address: 0,
        languages: [{ language: 'en', count: 3 }, { language: 'de', count: 1 }] });
    // Three real people are shown, of each language first one; of a registration who signed up.
    const desk = (await expect(200, house.http.get(path.replace('/api/v1', '/desk'), { headers }))).body;
    assert.deepEqual([...desk.matchAll(/<h3 dir="auto">([^&<]*)/g)].map(([, name]) => name), ['Zoë', 'Ada ', 'Host']);
    mail.letters.length = 0;
    await send(path);
    const done = await becomes(path, ({ sent, held }) => sent === 3 && held === 1);
    assert.deepEqual(done.counts, { sent: 3, waiting: 0, held: 1, failed: 0, not_needed: 0, left_out: 0, not_sent: 0 });
    const got = mail.letters.filter(({ parsed }) => /^F(or|ür) /.test(parsed.subject));
    assert.deepEqual(got.map(({ to }) => to.toLowerCase()).sort(), ['ada@engine.example', 'host@mail.example', 'zoe@mail.example']);

    const { parsed } = got.find(({ to }) => /^ada/i.test(to));
    assert.equal(parsed.subject, 'For Ada & [Co](evil) *B* <b>');
    assert.equal(parsed.replyTo.value[0].address, 'team@biosaxony.example');
    assert.equal(parsed.headers.get('content-language'), 'en');
    assert.equal(parsed.headers.has('list-unsubscribe'), false);
    assert.ok(parsed.html.includes('<p>Dear Ada &amp; [Co](evil) *B* &lt;b&gt;,</p>'), parsed.html);
    assert.ok(parsed.html.includes('<strong>see you</strong>'));
    assert.ok(parsed.html.includes('your ticket</a> &amp; more'), 'an & is escaped exactly once');
    assert.match(parsed.html, /You’re receiving this email because this address was used/);
    assert.ok(parsed.text.startsWith('Dear Ada & [Co](evil) *B* <b>,\n\nsee you at bionection'), parsed.text);
    const link = /your ticket \((\S+)\) & more/.exec(parsed.text)[1];
    assert.ok(link.startsWith(ada.manage_url.split('?')[0]) && parsed.html.includes(link.replaceAll('&', '&amp;').replaceAll('=', '&#x3D;')) ||
        parsed.html.includes(link.replaceAll('&', '&amp;')), link);
    assert.equal((await house.http.get(new URL(link).pathname + new URL(link).search)).status, 200);
    const german = got.find(({ to }) => to === 'zoe@mail.example').parsed;
    assert.equal(german.subject, 'Für Zoë');
    assert.match(german.html, /Guten Tag Zoë/);
    assert.equal(german.headers.get('content-language'), 'de');
    assert.deepEqual(await audited(event), ['mailing.make', 'mailing.change', 'mailing.send']);
});

test('under two services, one of which dies, nobody gets it twice and nobody is left out', async () => {
    const event = await house.apply(plainEvent());
    const count = 40;
    await Promise.all(Array.from({ length: count }, (_, i) => registered(event, person(`Guest ${i}`, { email: `many-${i}@mail.example` }))));
    await until(() => mail.letters.filter(({ to }) => to.startsWith('many-')).length === count, () => 'their tickets');
    const second = await startService({ ...house.settings, smtp: mail.url, mail_from: 'tickets@einlass.example' });
    const path = await draft(event);
    mail.answer('end', { delayMs: 100 });
    const sends = await Promise.all([1, 2, 3].map(() => house.http.post(`${path}/send`, { token, json: {} })));
    assert.deepEqual(sends.map(({ status }) => status).sort(), [200, 409, 409], 'sent once, however often it is asked for');
    await begin();
    await until(() => mail.letters.some(({ parsed }) => /^For /.test(parsed.subject)), () => 'a first mail');
    await second.kill();
    mail.rules.length = 0;
    // What the dead one had leased is due again. Its last transaction may still be under way.
    const leaseEnds = async () => {
        await house.database.query(`update message set due_at = now()
            where state = 'sending' and kind = 'mailing' and changed_at < now() - interval '1 second'`);
        await house.database.query("update mailing set due_at = now() where state = 'sending' and due_at > now() + interval '10 seconds'");
    };
    await until(async () => (await leaseEnds(), allSent(count)((await look(path)).counts, await look(path))),
        async () => JSON.stringify(await look(path)));
    const ids = new Map();
    for (const { to, parsed } of mail.letters.filter(({ parsed }) => /^For Guest/.test(parsed.subject)))
        ids.set(to, (ids.get(to) ?? new Set()).add(parsed.messageId));
    assert.equal(ids.size, count);
    assert.ok([...ids.values()].every(({ size }) => size === 1), 'the same mail only, if the death hid its answer');
    assert.equal(Number(await house.database.value(`select count(*) from message join event using (event_id)
        where slug = $1 and kind = 'mailing'`, [event])), count);
    await act(path, 'send').catch(() => {});
    assert.equal((await look(path)).counts.sent, count, 'to send it again does nothing');
    // Control: without the note at the recipient it would go twice, and the test would see it.
    await house.database.query("update mailing_recipient set message_id = null where address = 'many-0@mail.example'");
    await house.database.query("update mailing set state = 'sending', due_at = now() where mailing_id = $1", [path.split('/').pop()]);
    await becomes(path, allSent(count + 1));
    assert.equal(new Set(lettersTo('many-0@mail.example', /^For Guest/).map(({ parsed }) => parsed.messageId)).size, 2);
    // A second row for an address is refused by the key.
    await assert.rejects(house.database.query(`insert into mailing_recipient
        select * from mailing_recipient where address = 'many-0@mail.example'`), /mailing_recipient_pkey/);
});

test('the recipients are written down in portions, each address once, as they are when it begins', async () => {
    const event = await house.apply(plainEvent({ registration: { once_per_email: false } }));
    const guests = [];
    for (const name of ['first', 'twice', 'second']) guests.push(await registered(event, person(name, { email: `${name}@mail.example` })));
    await expect(200, house.http.delete(`/api/v1/registrations/${guests[1].id}`, { token }));
    const path = await draft(event, { filter: '' });
    await act(path, 'send');
    const again = await registered(event, person('Twice', { email: 'TWICE@mail.example' })); // comes, unlike before
    await registered(event, person('third', { email: 'twice@mail.example' }));
    const [{ mailing_id: id, event_id: of }] = await house.database.query(`update mailing set state = 'sending', due_at = 'infinity'
        where state = 'planned' returning mailing_id, event_id`);
    const goOn = () => house.database.value('select mailing_go_on($1, $2, 0, 2)', [of, id]);
    const listed = () => house.database.query(`select address, registration_id from mailing_recipient
        where mailing_id = $1 order by address`, [id]);
    assert.equal(await goOn(), 'listing');
    assert.equal((await listed()).length, 2);
    // Stopped now, it is a draft again, and begins anew.
    assert.equal((await act(path, 'stop')).json().state, 'draft');
    assert.deepEqual(await listed(), []);
    await house.database.query("update mailing set state = 'sending', due_at = 'infinity' where mailing_id = $1", [id]);
    for (const word of ['listing', 'listing', 'listing', 'sending']) assert.equal(await goOn(), word);
    assert.deepEqual(await listed(), [['first', guests[0]], ['second', guests[2]], ['twice', again]]
        .map(([name, { id: registration_id }]) => ({ address: `${name}@mail.example`, registration_id })));
    const { counts, total } = await look(path);
    assert.deepEqual([total, counts.not_sent], [3, 3]);
});

test('it stops in its first minute, and between portions; the rest can follow', async () => {
    const event = await house.apply(plainEvent());
    const count = 30; // more than go out at once
    await Promise.all(Array.from({ length: count }, (_, i) => registered(event, person(`Stop ${i}`, { email: `stop-${i}@mail.example` }))));
    const path = await draft(event);
    await act(path, 'send');
    const wait = await look(path);
    assert.equal(wait.state, 'planned');
    const seconds = (new Date(wait.due_at) - Date.now()) / 1000;
    assert.ok(seconds > 45 && seconds <= 60, `${seconds} s to stop it`);
    assert.equal((await act(path, 'stop')).json().state, 'draft');
    await until(() => mail.letters.filter(({ to }) => to.startsWith('stop-')).length >= count, () => 'their tickets');

    mail.answer('end', { delayMs: 300 });
    await send(path);
    await becomes(path, ({ sent }) => sent > 0);
    const stopped = (await act(path, 'stop')).json();
    assert.equal(stopped.state, 'stopped');
    assert.ok(stopped.counts.not_sent > 0, JSON.stringify(stopped.counts));
    mail.rules.length = 0;
    const rest = await becomes(path, ({ waiting }) => waiting === 0);
    assert.equal(rest.counts.sent + rest.counts.not_sent, count);
    assert.equal(mail.letters.filter(({ parsed }) => /^For Stop/.test(parsed.subject)).length, rest.counts.sent);
    const page = (await expect(200, house.http.get(path.replace('/api/v1', '/desk'), { headers }))).body;
    assert.match(page, new RegExp(`${rest.counts.not_sent} people didn’t get the email because it was stopped`));
    const cancelled = await house.database.value(`select registration_id from mailing_recipient
        where message_id is null and address like 'stop-%' limit 1`);
    await expect(200, house.http.delete(`/api/v1/registrations/${cancelled}`, { token }));
    await send(path);
    const done = await becomes(path, ({ sent }, { state }) => state === 'sent' && sent === count - 1);
    assert.equal(done.counts.left_out, 1, 'who cancelled meanwhile is left out');
    assert.equal(mail.letters.filter(({ parsed }) => /^For Stop/.test(parsed.subject)).length, count - 1);
    assert.deepEqual(await audited(event), ['mailing.make', 'mailing.change', 'mailing.send', 'mailing.stop', 'mailing.send',
        'mailing.stop', 'mailing.send']);
});

test('failures are told in plain words, and go again to those alone; a ticket never waits behind', async () => {
    const event = await house.apply(plainEvent());
    for (const name of ['wrong', 'right']) await registered(event, person(name, { email: `${name}@mail.example` }));
    await until(() => lettersTo('right@mail.example').length && lettersTo('wrong@mail.example').length, () => 'their tickets');
    mail.answer('recipient', { address: 'wrong@mail.example', code: 550, words: '5.1.1 no such user' });
    const path = await draft(event, { texts: [de] });
    await send(path);
    await becomes(path, ({ sent, failed }) => sent === 1 && failed === 1);
    const desk = path.replace('/api/v1', '/desk');
    const page = (await expect(200, house.http.get(`${desk}?state=failed`, { headers }))).body;
    assert.match(page, /One email didn’t arrive/);
    assert.match(page, /wrong@mail\.example[^]*This address doesn’t exist/);
    assert.doesNotMatch(page.split('<tbody>')[1], /right@mail/);
    mail.rules.length = 0;
    const again = await house.http.post(`${desk}/again`, { headers, form: {} });
    assert.match(again.headers.location, /\?done=mailing\.again&n=1$/);
    await becomes(path, allSent(2));
    assert.equal(lettersTo('right@mail.example', /Für/).length, 1, 'German for all: it is the only text');

    // A ticket that is asked for while many mails to all wait goes first.
    const order = await house.database.query(`select kind from (select 'mailing' as kind, true as to_all, now() - interval '1 hour' as due_at
        union all select kind, to_all, due_at from message where kind in ('confirmed', 'mailing')) as one order by to_all, due_at limit 1`);
    assert.equal(order[0].kind, 'confirmed');
});

test('the desk leads from people to the letter: checks, real letters, a test, a time', async () => {
    const event = await house.apply(plainEvent({ languages: ['en', 'de'], timezone: 'Europe/Berlin',
        mail_texts: { confirmed: { en: 'Bring a **friend**, {name}. {ticket}' }, cancelled: { en: 'Too bad', de: 'Schade, {name}!' } } }));
    const base = `/desk/events/${event}/mailings`;
    const get = async (path, status = 200) => (await expect(status, house.http.get(path, { headers }))).body;
    const post = (path, form, status = 303) => expect(status, house.http.post(path, { headers, form }));
    assert.match(await get(base), /You haven’t written to your guests yet/);
    const ada = await registered(event, person('Ada Lovelace', { email: 'lovelace@mail.example' }));
    const own = (await mail.arrives(({ to }) => to === 'lovelace@mail.example')).parsed;
    assert.match(own.html, /Bring a <strong>friend<\/strong>, Ada Lovelace\. <a href="[^"]+"/, 'the paragraph of the organiser');
    assert.match(own.text, /Bring a friend, Ada Lovelace\. http/);
    const kurt = await registered(event, person('Kurt', { email: 'kurt@mail.example', language: 'de' }));
    const wrong = await house.command(['event', 'apply', house.file('wrong.json', JSON.stringify(plainEvent({ mail_texts: { reminder: { en: '{nmae}' } } })))]);
    assert.match(wrong.stderr, /mail_texts\/reminder[^]*“nmae”/);

    const list = await get(`/desk/events/${event}/attendees?list=coming`);
    assert.match(list, /name="verb" value="write"/);
    const made = await post(`/desk/events/${event}/attendees/bulk?list=coming&q=lovelace`, { verb: 'write', all: 'true' });
    const path = made.headers.location.replace(/\/edit$/, '');
    assert.match(await get(`${path}/edit`), /People who are coming, filtered[^]*list&#x3D;coming|People who are coming, filtered[^]*list=coming/);
    const fields = (text) => ({ 'texts.en.subject': en.subject, 'texts.en.text': text, 'texts.de.subject': '', 'texts.de.text': '' });
    const refused = (await post(`${path}/edit`, fields('Dear {nmae}'), 422)).body;
    assert.match(refused, /We don’t know the placeholder “nmae”\. Use \{name\}, \{event\} or \{ticket\}/);
    assert.match(refused, /Dear \{nmae\}/, 'what was typed stays');
    const { version } = await look(path.replace('/desk', '/api/v1'));
    await post(`${path}/edit`, { ...fields('Theirs'), version });
    const late = (await post(`${path}/edit`, { ...fields('Mine'), version }, 422)).body;
    assert.match(late, /Someone else saved this email after you opened it[^]*Saved now[^]*Theirs[^]*>\s*Mine</);
    await post(`${path}/edit`, { ...fields(''), 'texts.de.subject': 'Nur Betreff' });
    assert.match(await get(path), /English email needs both a subject and a text[^]*German email needs both/);
    await post(`${path}/send`, { when: 'now' }, 422);
    await post(`${path}/edit`, fields(en.text));
    const page = await get(path);
    assert.match(page, /One email will be sent/);
    const [frame] = /\/desk[^"]+\/html/.exec(page);
    assert.ok(frame.includes(ada.attendees[0].id), 'a real recipient');
    const letter = await expect(200, house.http.get(frame, { headers }));
    assert.match(letter.body, /Dear Ada Lovelace,/);
    assert.match(letter.headers['content-security-policy'], /^default-src 'none'/);
    assert.match(await get(frame.replace(/html$/, 'text')), /^Dear Ada Lovelace,/);
    assert.equal(Number(await house.database.value("select count(*) from message where kind = 'mailing' and state = 'queued'")), 0,
        'a preview leaves nothing');

    await post(`${path}/test`, { attendee: ada.attendees[0].id });
    const { parsed } = await mail.arrives(({ to, parsed: { subject } }) => to === organiser && /^For Ada/.test(subject));
    assert.ok(parsed.text.includes(`/events/${event}`) && !parsed.text.includes(ada.id), 'a test has no link of a guest');

    for (const [at, words] of [['', /Enter the day and time/], ['2001-01-01T10:00', /This time is in the past/], ['2031-05-30T02:30', /next 400 days/],
        ['2031-03-30T02:30', /The clocks skip this time/]])
        assert.match((await post(`${path}/send`, { when: 'later', at }, 422)).body, words);
    const at = localTime(5, 'Europe/Berlin').slice(0, 16);
    await post(`${path}/send`, { when: 'later', at });
    assert.match(await get(base), /Scheduled for/);
    const due = await house.database.value("select to_char(due_at at time zone 'Europe/Berlin', 'YYYY-MM-DD\"T\"HH24:MI') from mailing where state = 'planned'");
    assert.equal(due, at);
    await get(`${path}/edit`, 409);
    await post(`${path}/stop`, {});
    await post(`${path}/discard`, {});
    await get(path, 404);
    await expect(200, house.http.delete(`/api/v1/registrations/${kurt.id}`, { token }));
    const { parsed: gone } = await mail.arrives(({ to, parsed: { subject } }) => to === 'kurt@mail.example' && /^Storniert/.test(subject));
    assert.match(gone.text, /Schade, Kurt!/);
    const thanks = await post(base, { purpose: 'thanks' });
    assert.match(await get(thanks.headers.location), /Thank you for coming: \{event\}[^]*Danke für Ihren Besuch/);
});

test('long after the event it still goes; a viewer sees it; an erased person is nowhere in it', async () => {
    const event = await house.apply(plainEvent());
    const gone = await registered(event, person('Gone', { email: 'gone@mail.example' }));
    await registered(event, person('Here', { email: 'here@mail.example' }));
    await until(() => lettersTo('here@mail.example').length && lettersTo('gone@mail.example').length, () => 'their tickets');
    const path = await draft(event, { attendees: [gone, gone].map(({ attendees: [{ id }] }) => id), texts: [en] });
    assert.equal((await look(path)).audience.recipients, 1);
    await send(path);
    await becomes(path, allSent(1));
    const after = await draft(event, { filter: '', texts: [en] });
    await house.apply(plainEvent({ slug: event, starts_at: localTime(-80), ends_at: localTime(-70),
        registration: { closes_at: undefined, opens_at: undefined, changes_until: undefined }, check_in: undefined }));
    const manage = new URL(gone.manage_url);
    const erase = await house.http.delete(`/api/v1${manage.pathname}/data${manage.search}`);
    assert.ok(erase.status < 300, erase.body);
    assert.equal(Number(await house.database.value("select count(*) from mailing_recipient where address = 'gone@mail.example'")), 0);
    const { audience } = await look(after);
    assert.deepEqual([audience.recipients, audience.no_address], [1, 1]);
    await send(after);
    await becomes(after, allSent(1));
    assert.equal(lettersTo('here@mail.example', /^For Here/).length, 1);
    const viewer = await signIn(house, { role: 'viewer' });
    const desk = after.replace('/api/v1', '/desk');
    assert.doesNotMatch((await expect(200, house.http.get(desk, { headers: viewer.headers }))).body, /<form method="post" action="\/desk\/events/);
    await expect(403, house.http.post(`${desk}/stop`, { headers: viewer.headers, form: {} }));
    await expect(403, house.http.get(desk, { headers: (await signIn(house, { role: 'door' })).headers }));
});
