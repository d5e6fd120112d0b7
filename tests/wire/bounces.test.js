// Mails that come back: a mail server passes its report on, and the mail that it is about is marked. Nobody
// can mark the mail of somebody else. And what the desk says of the sender's domain.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signIn } from '../harness/desk.js';
import { startDns } from '../harness/dns.js';
import { plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { startService } from '../harness/service.js';
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
    assert.deepEqual(await posted(report(guest)), { outcome: 'again', of: guest.id, message: guest.id });
    assert.equal(await house.database.value(
        "select count(*) from audit_entry where action = 'message.bounced'"), '1', 'noted once');
    const desk = `/desk/events/${event}`;
    assert.match(await page(desk), /<a href="[^"]*\/messages\?state=bounced">One email bounced<\/a>/);
    assert.match(await page('/desk'), /One email bounced/);
    const list = await page(`${desk}/messages?state=bounced`);
    assert.match(list, /One email bounced[^]*Bounced<\/span><br><span class="fine">This address doesn’t exist/);
    assert.match(await page(`${desk}/attendees/${guest.attendee}`),
        /<h2>Emails to nobody@example\.org don’t arrive<\/h2><p>This address doesn’t exist/);
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
        { outcome: 'marked', of: guest.id, message: guest.id }, 'it gave up after days');
    const path = `/desk/events/${event}/messages/${guest.id}/${guest.id}`;
    assert.match(await page(path), /Bounced[^]*couldn’t be delivered for days[^]*over quota/);
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

test('an invitation that comes back is marked on the list of who is invited', async () => {
    const email = 'invited@example.org';
    const base = `/api/v1/events/${event}/invitations`;
    assert.equal((await house.http.post(`${base}/add`, { headers, json: { people: [{ email }] } })).status, 200);
    assert.equal((await house.http.post(`${base}/send`, { headers, json: {} })).json().count, 1);
    const { raw } = await mail.arrives(({ to }) => to === email);
    const invited = async () => (await house.http.get(base, { headers })).json().invitations.find((one) => one.email === email);
    await until(async () => (await house.database.value('select state from invitation_mail')) === 'sent');
    const { outcome, of } = await posted(report({ raw, email }));
    assert.deepEqual([outcome, of], ['marked', (await invited()).id]);
    assert.equal((await invited()).state, 'bounced');
    assert.match(await piped(report({ raw, email })), /^nothing new/);
});

test('reports in the own words of Exim and qmail are understood, also in an encoding', async () => {
    const exim = await mailed('exim@example.org');
    assert.match(await piped('X-Failed-Recipients: exim@example.org\r\nFrom: Mail Delivery System <Mailer-Daemon@mx.example>\r\n' +
        `Subject: Mail delivery failed\r\n\r\n  exim@example.org\r\n    SMTP error after RCPT TO:<exim@example.org>:\r\n` +
        `    554 5.7.1 Message rejected as spam\r\n\r\n------ This is a copy ------\r\n\r\n${exim.raw}`), /^marked/);
    assert.match(await page(`/desk/events/${event}/messages/${exim.id}/${exim.id}`), /looks like spam/);
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
    await house.database.query("update message set state = 'sending', due_at = now() + interval '1 hour' where registration_id = $1", [guest.id]);
    assert.equal((await pipe(report(guest))).status, 75, 'not noted yet that it was sent');
    assert.equal((await post(report(guest))).status, 503);
    await house.database.query("update message set state = 'sent' where registration_id = $1", [guest.id]);
    assert.equal((await post(report(guest), { type: 'application/json' })).status, 415);
    assert.equal((await post('')).status, 400);
    assert.equal((await post(`${report(guest)}${'x'.repeat(1 << 20)}`)).status, 413);
    assert.match(await piped(`${report(guest)}${'x'.repeat(4 << 20)}`), /^marked/, 'a long mail counts by its beginning');
});

// --- The sender's domain in the DNS --------------------------------------------------------------

test('the sender\'s domain', async (t) => { // with a service of its own, whose mail server does not exist
    const domain = 'events.example.org';
    const dns = await startDns();
    const sending = await startService({ ...house.settings, smtp: 'smtp://mail.example.net', workers: 1,
        mail_from: `Tickets <tickets@${domain}>`, dkim_selector: 'mail', resolver: dns.address });

    // Looks at the DNS with these records of the domain, by their names. → {spf, dkim, dmarc, mx: {state, reason, …}}
    async function looked(records) {
        const server = { 'mail.example.net A': ['192.0.2.25'], 'mail.example.net AAAA': ['2001:0db8:0:0:0:0:0:19'] };
        dns.records = { ...server, ...Object.fromEntries(Object.entries(records).map(([key, value]) => [
            key.includes(' ') ? key : { spf: `${domain} TXT`, dkim: `mail._domainkey.${domain} TXT`,
                dmarc: `_dmarc.${domain} TXT`, mx: `${domain} MX` }[key], [value].flat()])) };
        const since = Date.now();
        const view = await until(async () => {
            const answer = await sending.http.get(`/api/v1/events/${event}/messages/sender?again=1`, { token: manager });
            assert.equal(answer.status, 200, answer.body);
            return new Date(answer.json().checked_at) > since && answer.json();
        });
        return Object.fromEntries(view.records.map(({ record, ...rest }) => [record, rest]));
    }
    const verdicts = ({ spf, dkim, dmarc, mx }) => [spf, dkim, dmarc, mx].map(({ state, reason }) => `${state} ${reason}`);
    const good = { spf: 'v=spf1 a:mail.example.net -all', dkim: 'v=DKIM1; k=rsa; p=MIGf', dmarc: 'v=DMARC1; p=reject', mx: 'mx.example.org' };

    await t.test('an empty DNS: what is missing, and what to enter, also where organisers look', async () => {
        const found = await looked({});
        assert.deepEqual(verdicts(found), ['missing missing', 'missing missing', 'missing missing', 'missing missing']);
        assert.deepEqual([found.spf.name, found.spf.enter], [domain, 'v=spf1 mx a:mail.example.net ~all']);
        assert.deepEqual([found.dmarc.name, found.dmarc.enter], [`_dmarc.${domain}`, 'v=DMARC1; p=none']);
        assert.equal(found.dkim.name, `mail._domainkey.${domain}`);
        const at = async (path, more = '') => (await sending.http.get(`/desk/events/${event}${path}${more}`, { headers })).body;
        const link = `<a href="/desk/events/${event}/messages/sender">`;
        assert.ok((await at('')).includes(`${link}Emails may land in spam: SPF is missing.</a>`));
        assert.ok((await at('/messages')).includes(`SPF is missing. ${link}View the records to add</a>`));
        const page = await at('/messages/sender', '?lang=de');
        assert.match(page, /Ihre E-Mails kommen von tickets@events\.example\.org/);
        assert.match(page, /Bitte eintragen[^]*<code>events\.example\.org<\/code>[^]*v=spf1 mx a:mail\.example\.net ~all/);
    });

    await t.test('a DNS in order has no complaint; long records come by TCP', async () => {
        const long = `v=spf1 ${Array.from({ length: 90 }, (_, i) => `ip4:198.51.100.${i}`).join(' ')} ip6:2001:db8::/64 -all`;
        const found = await looked({ ...good, spf: ['google-site-verification=1', long] });
        assert.deepEqual(verdicts(found), ['good good', 'good good', 'good good', 'good good']);
        assert.deepEqual(found.spf.found, [long]);
        assert.doesNotMatch((await sending.http.get(`/desk/events/${event}`, { headers })).body, /land in spam/);
        const includes = await looked({ ...good, spf: 'v=spf1 include:a.example -all', 'a.example TXT': ['v=spf1 redirect=b.example'],
            'b.example TXT': ['v=spf1 mx/24 ~all'], 'b.example MX': ['c.example'], 'c.example A': ['192.0.2.1'], dmarc: 'v=DMARC1; p=none' });
        assert.deepEqual(verdicts(includes), ['good good', 'good good', 'good none', 'good good']);
    });

    await t.test('each mistake is named', async () => {
        const spf = async (record, more) => (await looked({ ...good, spf: record, ...more })).spf;
        const unlisted = await looked({ ...good, spf: 'v=spf1 ip4:192.0.2.24 ip6:2001:db8:1::/48 -mx ~all', dkim: 'v=DKIM1; p=' });
        assert.deepEqual(verdicts(unlisted), ['odd not_listed', 'odd revoked', 'odd alone', 'good good']);
        assert.equal(unlisted.spf.enter, 'v=spf1 a:mail.example.net ip4:192.0.2.24 ip6:2001:db8:1::/48 -mx ~all');
        const several = await looked({ spf: ['v=spf1 mx -all', 'v=spf1 a -all'], dmarc: ['v=DMARC1; p=none', 'v=DMARC1; p=reject'],
            mx: '', 'example.org TXT': [] });
        assert.deepEqual(verdicts(several), ['odd several', 'missing missing', 'odd several', 'odd refuses']);
        const parent = await looked({ ...good, dmarc: [], '_dmarc.example.org TXT': ['v=DMARC1; sp=none'], spf: 'v=spf1 +all' });
        assert.deepEqual(verdicts(parent), ['odd all', 'good good', 'odd broken', 'good good']);
        assert.equal(parent.dmarc.name, '_dmarc.example.org', 'that of the domain above counts');
        assert.equal((await spf('v=spf1 ip4:192.0.2.300 -all')).reason, 'broken');
        assert.equal((await spf('v=spf1 include:nowhere.example -all')).reason, 'broken');
        assert.equal((await spf('v=spf1 exists:%{i}.example -all')).reason, 'there', 'nobody can tell from here');
        const chain = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`c${i}.example TXT`, [`v=spf1 include:c${i + 1}.example -all`]]));
        assert.equal((await spf('v=spf1 include:c0.example -all', chain)).reason, 'too_many');
        assert.equal((await spf('v=spf1 include:events.example.org -all')).reason, 'too_many', 'a loop ends');
    });

    await t.test('a DNS that does not answer is said to be silent, and holds up nobody', async () => {
        dns.silent = true;
        const slow = looked(good);
        await until(() => dns.asked.length > 0);
        const began = Date.now();
        assert.equal((await sending.http.get('/healthz')).status, 200, 'the only worker answers others meanwhile');
        assert.ok(Date.now() - began < 2000);
        assert.deepEqual(verdicts(await slow), Array(4).fill('open unanswered'));
        const { body } = await sending.http.get(`/desk/events/${event}/messages/sender`, { headers });
        assert.match(body, /The DNS didn’t answer in time/);
        const bad = await house.command(['check'], { settings: { resolver: 'dns.example.org' } });
        assert.match(bad.stderr, /^einlass: resolver: "dns\.example\.org" is no list of addresses; it looks like /);
    });
});
