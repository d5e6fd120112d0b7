// Mails about all changes, through a real mail server, read by an independent parser.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readCalendar } from '../harness/calendar.js';
import { pdfText, scanPdf, scanPicture } from '../harness/documents.js';
import { exampleEvent, guest, localTime, plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { buttonOf, startMail } from '../harness/smtp.js';
import { until } from '../harness/wait.js';

const mail = await startMail();
const house = await openHouse({ settings: { smtp: mail.url, mail_from: 'tickets@einlass.example' } });
await house.apply(plainEvent());
const manager = await house.token();

async function signUp(event, body = guest()) {
    const answer = await house.signUp(event, body);
    assert.equal(answer.status, 201, answer.body);
    return { ...answer.json(), email: body.email };
}

const to = (email, subject = /./) => (letter) => letter.to === email && subject.test(letter.parsed.subject);

function messages(id) {
    return house.database.query(
        'select *, state::text as state from message where registration_id = $1 order by created_at, kind', [id]);
}

// Waits until the message is in one of these states. → its row
async function reaches(id, kind, ...states) {
    let row;
    await until(async () => {
        row = (await messages(id)).find((one) => one.kind === kind);
        return states.includes(row?.state);
    }, () => `${kind} is ${row?.state} (${row?.words}), not ${states}`);
    return row;
}

const change = (id, json) => house.http.patch(`/api/v1/registrations/${id}`, { token: manager, json });
const cancel = (id) => house.http.delete(`/api/v1/registrations/${id}`, { token: manager });
const due = () => house.database.query("update message set due_at = now() where state in ('queued', 'sending')");

test('a confirmed guest gets the ticket: words, code, PDF and calendar entry', async () => {
    const slug = await house.apply(exampleEvent({ reply_to: 'team@biosaxony.example', contact: { name: 'Berta', email: 'berta@biosaxony.example' } }));
    const registered = await signUp(slug, guest({ attendees: [{ name: 'Käthe Größe', answers: { company: 'Ä', lunch: false } }] }));
    const [attendee] = registered.attendees;
    const { parsed, from } = await mail.arrives(to(registered.email));
    assert.equal(from, 'tickets@einlass.example');
    assert.equal(parsed.subject, 'You’re registered: bionection meets Artificial Intelligence');
    assert.deepEqual(parsed.from.value, [{ address: 'tickets@einlass.example', name: 'biosaxony' }]);
    assert.deepEqual(parsed.to.value, [{ address: registered.email, name: 'Käthe Größe' }]);
    assert.equal(parsed.replyTo.value[0].address, 'team@biosaxony.example');
    assert.match(parsed.messageId, /^<[a-z2-7]{72}@einlass\.example>$/);
    assert.ok(Math.abs(parsed.date - Date.now()) < 60_000);
    assert.equal(parsed.headers.get('auto-submitted'), 'auto-generated');
    assert.equal(parsed.headers.get('content-language'), 'en');
    assert.equal(parsed.headers.has('list-unsubscribe'), false);
    for (const body of [parsed.text, parsed.html]) {
        assert.ok(body.includes('Käthe Größe') || body.includes('K&auml;the'), body);
        assert.ok(body.includes(registered.manage_url.split('?')[0]), 'the manage link');
        assert.ok(body.includes('BIO CITY LEIPZIG') && body.includes('Europe/Berlin'));
        assert.match(body, /biosaxony[^]*Berta[^]*berta@biosaxony\.example/, 'whom to ask');
    }
    assert.match(parsed.html, /name="color-scheme" content="light dark"/);
    assert.doesNotMatch(parsed.html.replace(/<img[^>]*>/g, ''), /[;"]background:#f|[;"]color:#[^f]/, 'dark modes choose the colours');
    assert.ok(parsed.text.includes(registered.manage_url));
    const [code] = parsed.attachments.filter(({ related }) => related);
    assert.ok(parsed.html.includes(`src="cid:${code.cid}"`), 'the picture stands in the HTML');
    assert.equal(scanPicture(code.content), attendee.ticket);
    const pdf = parsed.attachments.find(({ contentType }) => contentType === 'application/pdf');
    assert.match(pdf.filename, /Käthe Größe\.pdf$/);
    const { number } = (await house.http.get(`/api/v1/tickets/${attendee.ticket}`)).json().attendee;
    for (const text of [parsed.text, parsed.html, pdfText(pdf.content)])
        assert.ok(text.includes(number) && /Ticket number/.test(text), text);
    assert.ok(pdfText(pdf.content).includes('Käthe Größe'));
    assert.equal(scanPdf(pdf.content), attendee.ticket);
    const entry = parsed.attachments.find(({ contentType }) => contentType === 'text/calendar');
    const { calendar, event } = readCalendar(entry.content.toString());
    assert.equal(calendar.getFirstPropertyValue('method'), 'PUBLISH');
    assert.equal(event.summary, 'bionection meets Artificial Intelligence');
    assert.ok(event.uid.includes('@'));
    const row = await reaches(registered.id, 'confirmed', 'sent');
    assert.equal(row.code, 250);
    assert.match(row.words, /queued as \d+/);
    assert.ok(row.sent_at);
});

test('the letter speaks the language of the registration', async () => {
    const slug = await house.apply();
    const { email } = await signUp(slug, guest({ language: 'de' }));
    const { parsed } = await mail.arrives(to(email));
    assert.equal(parsed.subject, 'Sie sind angemeldet: bionection meets Künstliche Intelligenz');
    assert.equal(parsed.headers.get('content-language'), 'de');
    assert.match(parsed.text, /Guten Tag Guest/);
    assert.match(parsed.text, / Uhr \(Europe\/Berlin\)/);
    assert.match(parsed.html, /<html lang="de">/);
});

test('colleagues with an address of their own get their own ticket and no key to the others', async () => {
    const slug = await house.apply();
    const own = `colleague-${process.pid}@example.org`;
    const answers = { company: 'x', lunch: false };
    const registered = await signUp(slug, guest({
        attendees: [{ name: 'Ada', answers }, { name: 'Grace', email: own, answers }],
    }));
    const whole = await mail.arrives(to(registered.email));
    assert.equal(whole.parsed.attachments.filter(({ related }) => related).length, 2);
    assert.match(whole.parsed.subject, /You’re registered/);
    const own_state = async () => (await messages(registered.id)).find(({ attendee_id }) => attendee_id).state;
    const open = (url) => house.http.get(url.replace(/^https?:\/\/[^/]+/, ''));
    assert.deepEqual(registered.attendees.map(({ mail: letter }) => letter), [undefined, 'held']);
    assert.match((await open(registered.manage_url)).body, /The email to Grace is ready/);
    assert.equal(await own_state(), 'held', 'the link in the answer is no proof of an address');
    const [mailed] = whole.parsed.text.match(/http\S+&mail=\S+/);
    assert.ok(mailed.startsWith(`${registered.manage_url}&mail=`));
    await open(mailed.replace(/&mail=..../, '&mail=aaaa'));
    assert.equal(await own_state(), 'held');
    assert.doesNotMatch((await open(mailed)).body, /is ready/);
    const { parsed } = await mail.arrives(to(own));
    const codes = parsed.attachments.filter(({ related }) => related);
    assert.equal(codes.length, 1);
    assert.equal(scanPicture(codes[0].content), registered.attendees[1].ticket);
    const key = new URL(registered.manage_url).searchParams.get('key');
    assert.ok(!parsed.text.includes(key) && !parsed.html.includes(key), 'the key is not theirs');
    assert.match(parsed.text, /Hello Grace,\s+Your place is confirmed\. Here is your ticket\.\s+Ada registered you for “/,
        'in German, a sentence in small letters follows the greeting');
    const [link] = /\/registrations\/\S+\/attendees\/\S+/.exec(parsed.text);
    assert.match((await house.http.get(link)).body, /Ada registered you/);
    const taken = await house.http.post(link, { form: {} });
    assert.equal(taken.status, 303);
    const sent = (id) => house.http.post(`/api/v1/registrations/${id}/resend`, { token: manager, json: {} });
    await sent(registered.id);
    const rest = await mail.arrives(to(registered.email, /Your registration:/));
    assert.equal(rest.parsed.attachments.filter(({ related }) => related).length, 1, 'the ticket that was taken over is not theirs');
    assert.doesNotMatch(rest.parsed.text, /Grace/);
    await sent(/registrations\/([^?]+)/.exec(taken.headers.location)[1]);
    const theirs = await mail.arrives(to(own, /Your registration:/));
    assert.ok(theirs.parsed.text.includes(taken.headers.location), 'the manage link of their own');
});

test('who waits is told the number, and told at once when there is a place', async () => {
    const slug = await house.apply(plainEvent({ registration: { capacity: 1, waiting_list: true } }));
    const first = await signUp(slug, plainGuest());
    await signUp(slug, plainGuest());
    const third = await signUp(slug, plainGuest());
    const waiting = await mail.arrives(to(third.email));
    assert.match(waiting.parsed.subject, /waiting list/);
    assert.match(waiting.parsed.text, /number 2 on the waiting list/);
    buttonOf(waiting, 'View your registration');
    assert.equal(waiting.parsed.attachments.length, 0);
    await cancel(first.id);
    const gone = await mail.arrives(to(first.email, /Cancelled/));
    const entry = gone.parsed.attachments.find(({ contentType }) => contentType === 'text/calendar');
    assert.equal(readCalendar(entry.content.toString()).calendar.getFirstPropertyValue('method'), 'CANCEL');
    const [second] = await house.database.query(
        "select email from registration join message using (event_id, registration_id) where kind = 'promoted' and event_id = (select event_id from event where slug = $1)", [slug]);
    const moved = await mail.arrives(to(second.email, /^Confirmed: you have a place/));
    assert.ok(moved.parsed.attachments.some(({ contentType }) => contentType === 'application/pdf'));
});

test('a request for a place is told, and so is the answer: yes', async () => {
    const slug = await house.apply(plainEvent({ registration: { approval: true } }));
    const registered = await signUp(slug, plainGuest());
    const asked = await mail.arrives(to(registered.email));
    assert.match(asked.parsed.subject, /Request received/);
    assert.equal(asked.parsed.attachments.length, 0);
    assert.equal((await change(registered.id, { status: 'confirmed' })).status, 200);
    const { parsed } = await mail.arrives(to(registered.email, /Confirmed/));
    assert.ok(parsed.attachments.some(({ contentType }) => contentType === 'application/pdf'));
});

test('and no', async () => {
    const slug = await house.apply(plainEvent({ registration: { approval: true } }));
    const registered = await signUp(slug, plainGuest());
    await mail.arrives(to(registered.email));
    assert.equal((await change(registered.id, { status: 'declined' })).status, 200);
    const { parsed } = await mail.arrives(to(registered.email, /^Not approved/));
    assert.match(parsed.text, /couldn’t approve/);
});

test('an address is verified by the link in the mail, and by nothing in it that is fetched', async () => {
    const slug = await house.apply(plainEvent({ registration: { verify_email: true } }));
    const registered = await signUp(slug, plainGuest());
    const { parsed } = await mail.arrives(to(registered.email, /^Confirm your address/));
    const link = buttonOf({ parsed }, 'Confirm my address');
    assert.match(link, /\/verify\?key=/);
    assert.ok(!parsed.text.includes(registered.manage_url), 'the key comes once the address is verified');
    const { pathname, search } = new URL(link);
    assert.equal((await house.http.get(pathname + search)).status, 200);
    const status = async () => (await house.database.query('select status::text from registration where registration_id = $1', [registered.id]))[0].status;
    assert.equal(await status(), 'unverified', 'a scanner of links changes nothing');
    const sent = await house.http.post(pathname + search, { form: {} });
    assert.equal(sent.status, 303, sent.body);
    assert.equal(await status(), 'confirmed');
    await mail.arrives(to(registered.email, /You’re registered/));
});

test('who waits may verify the address meanwhile, and then has the place as soon as it is free', async () => {
    const slug = await house.apply(plainEvent({ registration: { verify_email: true, capacity: 1, waiting_list: true } }));
    const first = await signUp(slug, plainGuest());
    const second = await signUp(slug, plainGuest());
    const manage = new URL(second.manage_url);
    const shown = async () => (await house.http.get(manage.pathname + manage.search)).body;
    assert.match(await shown(), /confirm your address now/);
    const { parsed } = await mail.arrives(to(second.email, /waiting list/));
    const { pathname, search } = new URL(parsed.text.match(/http\S+\/verify\?key=\S+/)[0]);
    assert.equal((await house.http.post(pathname + search, { form: {} })).status, 303);
    assert.doesNotMatch(await shown(), /confirm your address now/);
    assert.equal((await change(first.id, { status: 'cancelled' })).status, 200);
    const { parsed: moved } = await mail.arrives(to(second.email, /^Confirmed: you have a place/));
    assert.doesNotMatch(moved.text, /\/verify\?key=/);
    assert.match(moved.text, /\/tickets\//);
});

test('a ticket handed on: both are told, each their own', async () => {
    const slug = await house.apply(plainEvent());
    const registered = await signUp(slug, plainGuest());
    await mail.arrives(to(registered.email));
    const heir = `heir-${process.pid}@example.org`;
    const [attendee] = registered.attendees;
    const answer = await house.http.post(`/api/v1/registrations/${registered.id}/attendees/${attendee.id}/ticket`,
        { token: manager, json: { name: 'Grace Hopper', email: heir } });
    assert.equal(answer.status, 200, answer.body);
    const theirs = await mail.arrives(to(heir, /A ticket for you/));
    assert.match(theirs.parsed.text, new RegExp(`Hello Grace Hopper,\\s+${attendee.name} has passed a ticket on`));
    const codes = theirs.parsed.attachments.filter(({ related }) => related);
    const { registration } = answer.json().attendees[0].handed_on_to;
    const theirOwn = (await house.http.get(`/api/v1/registrations/${registration}`, { token: manager })).json();
    assert.equal(scanPicture(codes[0].content), theirOwn.attendees[0].ticket);
    assert.ok(theirs.parsed.text.includes(theirOwn.manage_url));
    const { parsed } = await mail.arrives(to(registered.email, /^Passed on/));
    assert.match(parsed.text, /belongs to G…, /);
    assert.doesNotMatch(parsed.text, /Grace|\/registrations\//);
    assert.equal(parsed.attachments.filter(({ related }) => related).length, 0);
});

test('when the event moves, or does not take place, all who are registered are told', async () => {
    const event = plainEvent({ starts_at: localTime(30), ends_at: localTime(33) });
    const slug = await house.apply(event);
    const registered = await signUp(slug, plainGuest());
    const first = await mail.arrives(to(registered.email));
    const before = readCalendar(first.parsed.attachments.find(({ contentType }) => contentType === 'text/calendar').content.toString());
    await house.apply({ ...event, ends_at: localTime(35) });
    const moved = await mail.arrives(to(registered.email, /^Changed/));
    assert.match(moved.parsed.headers.get('list').unsubscribe.url, /\/registrations\//);
    const after = readCalendar(moved.parsed.attachments.find(({ contentType }) => contentType === 'text/calendar').content.toString());
    assert.equal(after.event.uid, before.event.uid);
    assert.ok(after.event.sequence > before.event.sequence);
    await house.apply({ ...event, ends_at: localTime(35), cancelled: true });
    const off = await mail.arrives(to(registered.email, /^Cancelled/));
    assert.equal(off.parsed.text.split(registered.manage_url).length, 2, 'the way to the data held, and no word of plans that may change');
    assert.doesNotMatch(off.parsed.text, /Change of plans/);
    const gone = readCalendar(off.parsed.attachments.find(({ contentType }) => contentType === 'text/calendar').content.toString());
    assert.equal(gone.calendar.getFirstPropertyValue('method'), 'CANCEL');
    assert.equal((await house.signUp(slug, plainGuest())).json().code, 'closed');
    await house.apply({ ...event, ends_at: localTime(35) });
    const on = await mail.arrives(to(registered.email, /^Going ahead after all/));
    assert.match(on.parsed.text, /It’s going ahead after all, and your registration is valid again/);
    const revived = readCalendar(on.parsed.attachments.find(({ contentType }) => contentType === 'text/calendar').content.toString());
    assert.equal(revived.calendar.getFirstPropertyValue('method'), 'PUBLISH');
    assert.ok(revived.event.sequence > gone.event.sequence);
});

test('who never heard of a cancellation does not hear that the event takes place after all', async () => {
    const event = plainEvent({ starts_at: localTime(30), ends_at: localTime(33) });
    const slug = await house.apply(event);
    const registered = await signUp(slug, plainGuest());
    await reaches(registered.id, 'confirmed', 'sent');
    mail.answer('connect', { times: 4, delayMs: 1500 });
    await house.apply({ ...event, cancelled: true });
    await house.database.query("update message set due_at = now() + interval '1 hour', state = 'queued' where registration_id = $1 and kind = 'event_cancelled'", [registered.id]);
    await house.apply(event);
    assert.match((await reaches(registered.id, 'event_revived', 'obsolete')).words, /take back/);
});

test('a letter names its reader: who cancels the own place of three hears of that', async () => {
    const slug = await house.apply(plainEvent({ registration: { most_attendees: 3 } }));
    const people = ['Ada', 'Lena', 'Ben'];
    const registered = await signUp(slug, plainGuest({ attendees: people.map((name) => ({ name })) }));
    await mail.arrives(to(registered.email, /You’re registered/));
    const give = (at) => house.http.delete(`/api/v1/registrations/${registered.id}/attendees/${registered.attendees[at].id}`, { token: manager });
    assert.equal((await give(0)).status, 200);
    const { parsed } = await mail.arrives(to(registered.email, /^Cancelled: your place/));
    assert.match(parsed.text, /Hello Ada,\s+Your place has been cancelled. Your ticket is no longer valid. Still registered: Lena, Ben/);
    assert.doesNotMatch(parsed.text, /\/tickets\//);
    assert.deepEqual(parsed.attachments.map(({ contentType }) => contentType), ['text/calendar']);
    assert.match(parsed.attachments[0].content.toString(), /METHOD:CANCEL/);
    assert.equal((await give(1)).status, 200);
    const other = await mail.arrives(to(registered.email, /^Cancelled: a place/));
    assert.match(other.parsed.text, /Hello Ada,\s+Lena’s place has been cancelled.*Still registered: Ben/);
    assert.equal(other.parsed.attachments.length, 0);
});

test('who waits and asks again hears the position, and so does who registers again', async () => {
    const slug = await house.apply(plainEvent({ registration: { capacity: 1, waiting_list: true } }));
    await signUp(slug, plainGuest());
    await signUp(slug, plainGuest());
    const third = await signUp(slug, plainGuest({ language: 'de' }));
    await mail.arrives(to(third.email));
    await house.http.post(`/api/v1/events/${slug}/resend`, { json: { email: third.email } });
    const again = await mail.arrives(to(third.email, /^Ihre Anmeldung/));
    assert.match(again.parsed.text, /Sie stehen auf Platz 2 der Warteliste/);
    const twice = await house.signUp(slug, plainGuest({ email: third.email }));
    assert.deepEqual([twice.status, twice.json().code], [409, 'already_registered']);
    assert.doesNotMatch(twice.json().detail, /ticket/i);
    const known = await mail.arrives(to(third.email, /^Bereits angemeldet/));
    assert.match(known.parsed.text, /Sie stehen auf Platz 2 der Warteliste/);
});

test('a known address learns by mail that it is registered, with the link', async () => {
    const slug = await house.apply(plainEvent({ registration: { verify_email: true } }));
    const first = await signUp(slug, plainGuest());
    const key = (await mail.arrives(to(first.email, /^Confirm/))).parsed.text.match(/verify\?key=(\S+)/)[1];
    assert.equal((await house.http.post(`/registrations/${first.id}/verify?key=${key}`, { form: {} })).status, 303);
    const again = await signUp(slug, plainGuest({ email: first.email }));
    assert.equal(again.status, 'unverified');
    const { parsed } = await mail.arrives(to(first.email, /already registered/));
    assert.ok(parsed.text.includes(new URL(first.manage_url).pathname) && !parsed.text.includes(again.id));
    assert.doesNotMatch(parsed.text, /verify/);
    await cancel(again.id); // the person keeps a registration, and hears nothing
    await reaches(again.id, 'cancelled', 'obsolete');
});

test('where an address may register twice, the second letter says so and how to give it back', async () => {
    const slug = await house.apply(plainEvent({ registration: { once_per_email: false } }));
    const first = await signUp(slug, plainGuest());
    const { parsed: plain } = await mail.arrives(to(first.email));
    assert.doesNotMatch(plain.text, /another registration/);
    const second = await signUp(slug, plainGuest({ email: first.email }));
    await reaches(second.id, 'confirmed', 'sent');
    const [letter] = mail.letters.filter(({ parsed, to: address }) => address === first.email && parsed.text.includes(second.id));
    assert.match(letter.parsed.text, /another registration for this event/);
    const { pathname, search } = new URL(letter.parsed.text.match(/http\S+\/cancel\?\S+/)[0]);
    assert.match((await house.http.get(pathname + search)).body, /Cancel your registration\?/);
    const page = new URL(second.manage_url);
    assert.doesNotMatch((await house.http.get(page.pathname + page.search)).body, /another registration/);
});

test('whoever is confirmed is reminded once, but not right after signing up', async () => {
    const slug = await house.apply(plainEvent({ starts_at: localTime(5), ends_at: localTime(8), reminder_hours: 12 }));
    const early = await signUp(slug, plainGuest());
    const late = await signUp(slug, plainGuest());
    await house.database.query("update registration set created_at = now() - interval '2 days' where registration_id = $1", [early.id]);
    const remind = () => house.database.query(`select tell_all(event_id, 'reminder') from event where slug = $1`, [slug]);
    await remind(); // the service does this every minute, see below
    const { parsed } = await mail.arrives(to(early.email, /^Coming up/));
    assert.match(parsed.headers.get('list').unsubscribe.url, /\/registrations\//);
    assert.deepEqual((await messages(late.id)).map(({ kind }) => kind), ['confirmed']);
});

test('a letter names the organiser also if the event changes while it is written', async () => {
    const file = exampleEvent();
    const slug = await house.apply(file);
    let isOver = false;
    const changing = (async () => {
        for (let i = 0; !isOver; i++) await house.apply({ ...file, title: `Version ${i}` });
    })();
    try {
        const guests = [];
        for (let i = 0; i < 30; i++) guests.push(await signUp(slug));
        for (const { email } of guests) {
            const { parsed } = await mail.arrives(to(email));
            assert.deepEqual(parsed.from.value, [{ address: 'tickets@einlass.example', name: 'biosaxony' }]);
        }
    } finally {
        isOver = true;
        await changing;
    }
});

test('what was overtaken before it went is not sent', async () => {
    mail.answer('connect', { times: 4, delayMs: 1500 });
    const slug = await house.apply(plainEvent());
    const registered = await signUp(slug, plainGuest());
    await house.database.query("update message set due_at = now() + interval '1 hour' where registration_id = $1 and state = 'queued'", [registered.id]);
    const [{ state }] = await messages(registered.id);
    await cancel(registered.id);
    await due();
    if (state === 'queued') {
        await reaches(registered.id, 'confirmed', 'obsolete');
        assert.match((await reaches(registered.id, 'cancelled', 'obsolete')).words, /take back/);
    } else {
        await mail.arrives(to(registered.email, /Cancelled/));
    }
});

test('an address the server refuses: the message has failed, with the server\'s words', async () => {
    const body = plainGuest({ email: `nobody-${process.pid}@example.org` });
    mail.answer('recipient', { address: body.email, code: 550, words: '5.1.1 no such user here' });
    const slug = await house.apply(plainEvent());
    const registered = await signUp(slug, body);
    const row = await reaches(registered.id, 'confirmed', 'failed');
    assert.equal(row.code, 550);
    assert.match(row.words, /5\.1\.1 no such user here/);
    const list = (await house.http.get(`/api/v1/events/${slug}/messages?state=failed`, { token: manager })).json();
    assert.deepEqual(list.messages.map(({ to: address, kind }) => [address, kind]), [[body.email, 'confirmed']]);
    mail.rules = mail.rules.filter(({ address }) => address !== body.email);
    const path = `/api/v1/registrations/${registered.id}/messages/${list.messages[0].id}`;
    assert.equal((await house.http.post(`${path}/retry`, { token: manager, json: {} })).status, 200);
    await mail.arrives(to(body.email));
    await reaches(registered.id, 'confirmed', 'sent');
    assert.equal((await house.http.post(`${path}/retry`, { token: manager, json: {} })).status, 409);
});

test('what is refused for now comes again after a pause, and goes once', async () => {
    const body = plainGuest({ email: `grey-${process.pid}@example.org` });
    mail.answer('recipient', { address: body.email, code: 451, words: '4.7.1 come back later', times: 1 });
    const slug = await house.apply(plainEvent());
    const registered = await signUp(slug, body);
    const put_off = "select words, extract(epoch from due_at - clock_timestamp())::float as pause from message where registration_id = $1 and state = 'queued' and code = 451";
    const [row] = await until(async () => {
        const rows = await house.database.query(put_off, [registered.id]);
        return rows.length > 0 && rows;
    });
    assert.match(row.words, /come back later/);
    assert.ok(row.pause > 0 && row.pause <= 60, `${row.pause} s`);
    await due();
    await mail.arrives(to(body.email));
    await reaches(registered.id, 'confirmed', 'sent');
    assert.equal(mail.letters.filter(to(body.email)).length, 1);
});

test('a connection lost behind the server\'s yes does not send the letter twice', async () => {
    const body = plainGuest({ email: `once-${process.pid}@example.org` });
    mail.answer('answered', { address: body.email, drop: true });
    const slug = await house.apply(plainEvent());
    const registered = await signUp(slug, body);
    await reaches(registered.id, 'confirmed', 'sent');
    await due();
    await sleep(2500);
    assert.equal(mail.letters.filter(to(body.email)).length, 1);
});

test('a message that a dead service held is due again', async () => {
    const slug = await house.apply(plainEvent());
    const body = plainGuest();
    mail.answer('data', { address: body.email, times: 1, delayMs: 10_000 });
    const registered = await signUp(slug, body);
    await reaches(registered.id, 'confirmed', 'sending');
    await house.service.kill();
    await house.service.start();
    assert.equal((await messages(registered.id))[0].state, 'sending', 'nobody else takes it yet');
    await due(); // as if ten minutes had passed
    await mail.arrives(to(body.email));
    await reaches(registered.id, 'confirmed', 'sent');
});

test('a service that stops hands over what it has begun', async () => {
    const slug = await house.apply(plainEvent());
    const body = plainGuest();
    mail.answer('end', { address: body.email, times: 1, delayMs: 1500 });
    const registered = await signUp(slug, body);
    await reaches(registered.id, 'confirmed', 'sending');
    await until(() => mail.unanswered.some(({ to: address }) => address === body.email));
    await house.service.stop();
    assert.equal((await messages(registered.id))[0].state, 'sent');
    assert.equal(mail.letters.filter(to(body.email)).length, 1);
    await house.service.start();
});

test('two services share the outbox: each of many letters goes exactly once', async () => {
    const other = await openHouseBeside();
    const slug = await house.apply(plainEvent());
    const guests = Array.from({ length: 60 }, () => plainGuest());
    await Promise.all(guests.map((body) => signUp(slug, body)));
    for (const { email } of guests) await mail.arrives(to(email));
    await sleep(500);
    const counts = guests.map(({ email }) => mail.letters.filter(to(email)).length);
    assert.deepEqual([...new Set(counts)], [1]);
    await other.stop();
});

async function openHouseBeside() {
    const { startService } = await import('../harness/service.js');
    const { listen, ...settings } = house.service.settings;
    return startService({ ...settings, smtp: mail.url });
}

test('a mail server that is away loses nothing', async () => {
    const slug = await house.apply(plainEvent());
    const { port } = mail;
    await mail.close();
    const registered = await signUp(slug, plainGuest());
    const row = await until(async () => (await messages(registered.id)).find(({ words }) => words));
    assert.equal(row.state, 'queued');
    assert.ok(row.words.length > 10, row.words);
    mail.options.port = port;
    await mail.listen();
    await house.service.stop(); // the pause is in the process's memory
    await due();
    await house.service.start();
    await mail.arrives(to(registered.email));
});

test('the metrics tell what became of mails', async () => {
    const outcomes = async () => Object.fromEntries([...(await house.http.get('/metrics')).body
        .matchAll(/^einlass_mails_total\{outcome="(\w+)"\} (\d+)$/gm)].map(([, name, count]) => [name, Number(count)]));
    const before = await outcomes();
    assert.deepEqual(Object.keys(before), ['sent', 'put_off', 'failed', 'obsolete']);
    const { id } = await signUp(await house.apply(plainEvent()), plainGuest());
    await reaches(id, 'confirmed', 'sent');
    await until(async () => (await outcomes()).sent > before.sent);
});

test('messages are for those who organise: a door sees none, another organiser neither', async () => {
    const slug = await house.apply(plainEvent());
    const { id } = await signUp(slug, plainGuest());
    const [{ message_id }] = await messages(id);
    const door = await house.token({ role: 'door' });
    const viewer = await house.token({ role: 'viewer' });
    const list = `/api/v1/events/${slug}/messages`;
    const one = `/api/v1/registrations/${id}/messages/${message_id}`;
    assert.equal((await house.http.get(list)).status, 401);
    assert.equal((await house.http.get(list, { token: door })).status, 403);
    assert.equal((await house.http.get(list, { token: viewer })).status, 200);
    assert.equal((await house.http.get(one, { token: viewer })).status, 403, 'a letter holds tickets');
    const shown = await house.http.get(one, { token: manager });
    assert.equal(shown.status, 200, shown.body);
    assert.match(shown.json().text, /Hello/);
    assert.match(shown.json().html, /<html/);
    assert.equal((await house.http.get(`${list}?state=lost`, { token: manager })).status, 400);
    assert.equal((await house.http.get(`${list}?limit=1`, { token: manager })).json().messages.length, 1);
});
