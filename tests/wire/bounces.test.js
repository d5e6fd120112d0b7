// Mails that come back: a mail server passes its report on, and the mail that it is about is marked. Nobody
// can mark the mail of somebody else. And what the desk says of the sender's domain.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signIn } from '../harness/desk.js';
import { plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { startMail } from '../harness/smtp.js';
import { until } from '../harness/wait.js';

const mail = await startMail();
const house = await openHouse({ settings: { smtp: mail.url, mail_from: 'tickets@einlass.example' } });
const event = await house.apply(plainEvent());
const { headers } = await signIn(house);
const manager = await house.token();

// Signs up; waits until the mail was sent and that is noted. → {id, attendee, email, raw}
async function mailed(email, slug = event) {
    const { id, attendees: [attendee] } = (await house.signUp(slug, plainGuest({ email }))).json();
    const { raw } = await mail.arrives(({ to }) => to === email);
    await until(async () => (await stateOf(id)).state === 'sent');
    return { id, attendee: attendee.id, email, raw };
}

const stateOf = async (id) => (await house.database.query(
    'select state, code, words from message where registration_id = $1 order by created_at, message_id', [id]))[0];
const headOf = (raw) => raw.slice(0, raw.indexOf('\r\n\r\n') + 2);

// → a report as Postfix writes it (RFC 3464)
function report({ raw, email }, { action = 'failed', status = '5.1.1', more = '',
    said = `smtp; 550 5.1.1 <${email}>: Recipient address rejected:\r\n    User unknown` } = {}) {
    return ['Return-Path: <>', 'From: MAILER-DAEMON@mx.example (Mail Delivery System)', 'To: tickets@einlass.example',
        'Subject: Undelivered Mail Returned to Sender', 'Auto-Submitted: auto-replied', 'MIME-Version: 1.0',
        'Content-Type: multipart/report; report-type=delivery-status; boundary="=_b"', '', '--=_b',
        'Content-Description: Notification', 'Content-Type: text/plain; charset=utf-8', '',
        'I am sorry to have to inform you that your message could not be delivered.', '', '--=_b',
        'Content-Type: message/delivery-status', '', 'Reporting-MTA: dns; mx.example', '',
        `Final-Recipient: rfc822; ${email}`, `Original-Recipient: rfc822;${email}`, `Action: ${action}`,
        `Status: ${status}`, 'Remote-MTA: dns; mx.example', `Diagnostic-Code: ${said}`, more, '--=_b',
        'Content-Type: text/rfc822-headers', '', headOf(raw), '--=_b--', ''].join('\r\n');
}

const pipe = (input, words = []) => house.command(['message', 'bounced', ...words], { input });
async function piped(input, words) {
    const { status, stdout, stderr } = await pipe(input, words);
    assert.deepEqual([status, stderr], [0, '']);
    return stdout.trim();
}
const post = (body, { token = manager, type = 'message/rfc822' } = {}) =>
    house.http.request('POST', '/api/v1/messages/bounced', { token, body, headers: { 'content-type': type } });
async function posted(body, options) {
    const answer = await post(body, options);
    assert.equal(answer.status, 200, answer.body);
    return answer.json();
}
async function page(path) {
    const answer = await house.http.get(path, { headers });
    assert.equal(answer.status, 200, answer.body);
    return answer.body.replaceAll('&#39;', '\'');
}

test('a report marks the mail once, at the person and in the lists; corrected and sent again, all is well', async () => {
    const guest = await mailed('nobody@example.org');
    assert.equal(await piped(report(guest), [event]), 'marked: the mail to nobody@example.org came back');
    assert.deepEqual(await stateOf(guest.id), { state: 'bounced', code: 550,
        words: '550 5.1.1 <nobody@example.org>: Recipient address rejected: User unknown' });
    assert.match(await piped(report(guest)), /^nothing new/);
    assert.deepEqual(await posted(report(guest)), { outcome: 'again', registration: guest.id, message: guest.id });
    assert.equal(await house.database.value(
        "select count(*) from audit_entry where action = 'message.bounced'"), '1', 'noted once');
    const desk = `/desk/events/${event}`;
    assert.match(await page(desk), /<a href="[^"]*\/messages\?state=bounced">One mail came back<\/a>/);
    assert.match(await page('/desk'), /One mail came back/);
    const list = await page(`${desk}/messages?state=bounced`);
    assert.match(list, /One mail came back[^]*Came back<\/span><br><span class="fine">This address does not exist/);
    assert.match(await page(`${desk}/attendees/${guest.attendee}`),
        /<h2>Mails to nobody@example\.org do not arrive<\/h2><p>This address does not exist/);
    const change = await house.http.patch(`/api/v1/registrations/${guest.id}`, { token: manager,
        json: { version: 1, email: 'somebody@example.org' } });
    assert.equal(change.status, 200, change.body);
    await mail.arrives(({ to }) => to === 'somebody@example.org');
    assert.equal((await stateOf(guest.id)).state, 'obsolete', 'the mail to the corrected address replaces it');
    assert.doesNotMatch(await page(desk), /came back<\/a>/);
    assert.deepEqual((await posted(report(guest))).outcome, 'out_of_date');
});

test('what came back is sent again from its page', async () => {
    const guest = await mailed('full@example.org');
    assert.deepEqual(await posted(report(guest, { status: '4.2.2', said: 'smtp; 452 4.2.2 over quota' })),
        { outcome: 'marked', registration: guest.id, message: guest.id }, 'it gave up after days');
    const path = `/desk/events/${event}/messages/${guest.id}/${guest.id}`;
    assert.match(await page(path), /Came back[^]*could not be delivered for days[^]*over quota/);
    const again = await house.http.post(`${path}/retry`, { headers, form: {} });
    assert.equal(again.status, 303, again.body);
    await until(() => mail.letters.filter(({ to }) => to === guest.email).length === 2);
    await until(async () => (await stateOf(guest.id)).state === 'sent');
});

test('a delay, a delivery, a note of an absence, a reply and a mail of others mark nothing', async () => {
    const guest = await mailed('fine@example.org');
    assert.match(await piped(report(guest, { action: 'delayed', status: '4.4.1', said: 'smtp; timed out' })),
        /goes on trying/);
    assert.equal((await posted(report(guest, { action: 'relayed', status: '2.0.0', said: 'smtp; 250 ok' }))).outcome, 'not_final');
    const id = /^Message-ID: (.*)$/m.exec(guest.raw)[1];
    const absence = `Return-Path: <>\r\nFrom: fine@example.org\r\nAuto-Submitted: auto-replied\r\nIn-Reply-To: ${id}\r\n` +
        `References: ${id}\r\nSubject: Abwesenheit\r\n\r\nIch bin bis 5.1.1 nicht da. 550 Mails warten.\r\n`;
    assert.match(await piped(absence), /does not report/);
    assert.equal((await posted(report({ ...guest, raw: guest.raw.replace(id, '<strange@example.org>') }))).outcome, 'not_ours');
    assert.equal((await posted(report({ ...guest, email: 'other@example.org' }))).outcome, 'out_of_date',
        'the mail did not go to the address of the report');
    assert.equal((await stateOf(guest.id)).state, 'sent');
});

test('nobody marks a mail by guessing its id, and no role elsewhere marks it', async () => {
    const guest = await mailed('victim@example.org');
    const id = /^Message-ID: <(.*)@/m.exec(guest.raw)[1];
    const flipped = id.slice(0, -1) + (id.at(-1) === 'a' ? 'b' : 'a');
    assert.equal((await posted(report({ ...guest, raw: guest.raw.replace(id, flipped) }))).outcome, 'not_ours');
    await house.apply(plainEvent({ organiser: { slug: 'others', name: 'Others' } }));
    const foreign = await house.token({ organiser: 'others' });
    assert.equal((await posted(report(guest), { token: foreign })).outcome, 'not_ours');
    const other = await house.apply(plainEvent());
    assert.match(await piped(report(guest), [other]), /not of these events/);
    assert.equal((await post(report(guest), { token: await house.token({ role: 'viewer' }) })).status, 403);
    assert.equal((await stateOf(guest.id)).state, 'sent');
    assert.equal((await posted(report(guest))).outcome, 'marked', 'the same report by the right one');
});

test('reports in the own words of Exim and qmail are understood, also in an encoding', async () => {
    const exim = await mailed('exim@example.org');
    assert.match(await piped('X-Failed-Recipients: exim@example.org\r\nFrom: Mail Delivery System <Mailer-Daemon@mx.example>\r\n' +
        `Subject: Mail delivery failed\r\n\r\n  exim@example.org\r\n    SMTP error after RCPT TO:<exim@example.org>:\r\n` +
        `    554 5.7.1 Message rejected as spam\r\n\r\n------ This is a copy ------\r\n\r\n${exim.raw}`), /^marked/);
    assert.match(await page(`/desk/events/${event}/messages/${exim.id}/${exim.id}`), /takes it for spam/);
    const qmail = await mailed('qmail@example.org');
    const words = Buffer.from(`Hi. This is the qmail-send program.\n\n<qmail@example.org>:\n192.0.2.1 does not like recipient.\n` +
        `Remote host said: 550 5.1.1 sorry, no mailbox here\n\n--- Below this line is a copy of the message.\n\n${headOf(qmail.raw)}`);
    assert.match(await piped('From: MAILER-DAEMON@mx.example\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n' +
        `Content-Transfer-Encoding: base64\r\n\r\n${words.toString('base64').replace(/.{76}/g, '$&\r\n')}\r\n`), /^marked/);
});

test('exit status and answers tell a mail server what to do with the mail', async () => {
    const guest = await mailed('later@example.org');
    const nothing = await pipe('');
    assert.deepEqual([nothing.status, nothing.stderr], [65, 'einlass: the input is no mail\n']);
    const away = await house.command(['message', 'bounced'], { input: report(guest),
        settings: { database: 'host=127.0.0.1 port=9 dbname=none connect_timeout=2' } });
    assert.equal(away.status, 75, away.stdout);
    await house.database.query("update message set state = 'sending' where registration_id = $1", [guest.id]);
    assert.equal((await pipe(report(guest))).status, 75, 'not noted yet that it was sent');
    assert.equal((await post(report(guest))).status, 503);
    await house.database.query("update message set state = 'sent' where registration_id = $1", [guest.id]);
    assert.equal((await post(report(guest), { type: 'application/json' })).status, 415);
    assert.equal((await post('')).status, 400);
    assert.equal((await post(`${report(guest)}${'x'.repeat(1 << 20)}`)).status, 413);
    assert.match(await piped(`${report(guest)}${'x'.repeat(4 << 20)}`), /^marked/, 'a long mail counts by its beginning');
});
