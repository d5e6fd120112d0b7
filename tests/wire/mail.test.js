// Letters through a real mail server: what arrives, and the outcomes of the server's answers.
// tests/unit/mail-runner.c sends them.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { simpleParser } from 'mailparser';
import { refuseSanitizerReports, run } from '../harness/command.js';
import { program, temporaryDirectory } from '../harness/paths.js';
import { freePort } from '../harness/service.js';
import { makeCertificate, startMail } from '../harness/smtp.js';
import { until } from '../harness/wait.js';

const runner = join(dirname(program), '../tests/unit/mail-runner');
const directory = temporaryDirectory();

function file(name, bytes) {
    writeFileSync(join(directory, name), bytes);
    return join(directory, name);
}

const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=',
    'base64');
const calendar = 'BEGIN:VCALENDAR\r\nSUMMARY:Künstliche Intelligenz\r\nEND:VCALENDAR\r\n';

const letter = (more) => ({
    from: { name: 'Tickets', address: 'tickets@example.org' },
    to: { name: 'Ada Lovelace', address: 'ada@example.org' },
    subject: 'Your ticket', message_id: 'letter-1@example.org', date_us: 1652428800000000,
    text: 'Hello Ada\n', ...more,
});

const letters = (count) => Array.from({ length: count }, (_, index) => letter({
    message_id: `letter-${index}@example.org`, to: { address: `guest-${index}@example.org` },
}));

async function drive(input) {
    const { status, stdout, stderr } = await run(runner, [], { input: JSON.stringify(input) });
    refuseSanitizerReports(stderr);
    return { status, stdout, stderr };
}

// → {outcomes, order, longest_ms}
async function send(mail, list, options) {
    const { status, stdout, stderr } = await drive({ smtp: mail.url ?? mail, letters: list, ...options });
    assert.equal(status, 0, stderr);
    return JSON.parse(stdout);
}

// → its outcome
async function sendOne(mail, more, options) {
    return (await send(mail, [letter(more)], options)).outcomes[0];
}

const accepted = { fate: 'accepted', code: 250, concerns_all: false, in_doubt: false };

// --- What arrives ---------------------------------------------------------------------------------

test('a plain letter arrives, and the server\'s words come back', async () => {
    const mail = await startMail();
    assert.deepEqual(await sendOne(mail), { ...accepted, words: '250 2.0.0 Ok: queued as 1' });
    const { from, to, parsed } = mail.letters[0];
    assert.deepEqual([from, to], ['tickets@example.org', 'ada@example.org']);
    assert.equal(parsed.from.text, '"Tickets" <tickets@example.org>');
    assert.equal(parsed.subject, 'Your ticket');
    assert.equal(parsed.text, 'Hello Ada\n');
    assert.equal(parsed.messageId, '<letter-1@example.org>');
    assert.equal(parsed.date.toISOString(), '2022-05-13T08:00:00.000Z');
    assert.equal(parsed.headers.get('auto-submitted'), 'auto-generated');
});

test('every letter of every language arrives as it was written', async () => {
    const mail = await startMail({ hide: ['SMTPUTF8'] }); // A-labels are ASCII
    const name = 'Zoë “Ђорђе” 山田 太郎, 🎟'.repeat(6), subject = 'Grüße aus Zürich – Ihre Plätze für „KI“: 人工知能 🎟 '
        .repeat(5).trim();
    const text = `Grüße!\n\n.\n..dot\nFrom here\n${'lange Zeile ohne Ende '.repeat(60)}\ntrailing  \n\ttab\n=3D 山田太郎\n`;
    const html = `<p lang="de">Grüße, ${'山田'.repeat(300)} 🎟</p>`;
    await sendOne(mail, {
        to: { name, address: 'ada@bücher.example' }, subject, text, html, language: 'de',
        reply_to: { name: 'Müller, "Anna"', address: 'anna@example.org' },
        in_reply_to: 'earlier@example.org', unsubscribe_url: 'https://example.org/stop?k=1',
    });
    const { parsed, raw, to } = await mail.arrives();
    assert.equal(to, 'ada@bücher.example');
    assert.match(raw, /<ada@xn--bcher-kva\.example>/);
    assert.equal(parsed.to.value[0].name, name);
    assert.equal(parsed.replyTo.value[0].name, 'Müller, "Anna"');
    assert.equal(parsed.subject, subject);
    assert.equal(parsed.text, text);
    assert.equal(parsed.html, html);
    assert.equal(parsed.inReplyTo, '<earlier@example.org>');
    assert.equal(parsed.references, '<earlier@example.org>');
    assert.equal(parsed.headers.get('content-language'), 'de');
    assert.match(raw, /^List-Unsubscribe: <https:\/\/example\.org\/stop\?k=1>\r$/m);
    assert.ok(raw.split('\r\n').every((line) => line.length <= 78 && /^[\t\x20-\x7e]*$/.test(line)));
});

test('pictures stand in the text; files are attached with their names and methods', async () => {
    const mail = await startMail();
    const long = `Eintrittskarte für „Künstliche Intelligenz“ ${'山'.repeat(20)}.pdf`;
    await sendOne(mail, {
        html: '<p>Hello <img src="cid:qr-1@example.org" alt="QR code">',
        pictures: [{ file: file('qr.png', png), type: 'image/png', cid: 'qr-1@example.org', name: 'qr.png' }],
        attachments: [
            { file: file('a.pdf', Buffer.alloc(100_000, 7)), type: 'application/pdf', name: long },
            { file: file('a.ics', calendar), type: 'text/calendar', method: 'PUBLISH', name: 'a "b" \\ c;.ics' },
            { file: file('none', ''), type: 'application/octet-stream', name: '../../etc/x\r\nX: 1' },
        ],
    });
    const { parsed, raw } = await mail.arrives();
    assert.match(parsed.html, /<img src="cid:qr-1@example\.org"/);
    const [qr, pdf, ics, none] = parsed.attachments;
    assert.deepEqual([qr.cid, qr.related, qr.contentDisposition], ['qr-1@example.org', true, 'inline']);
    assert.ok(qr.content.equals(png));
    assert.deepEqual([pdf.filename, pdf.contentType, pdf.size], [long, 'application/pdf', 100_000]);
    assert.equal(pdf.contentDisposition, 'attachment');
    assert.deepEqual([ics.filename, ics.content.toString()], ['a "b" \\ c;.ics', calendar]);
    assert.deepEqual([ics.headers.get('content-type').value, ics.headers.get('content-type').params],
        ['text/calendar', { charset: 'utf-8', method: 'PUBLISH' }]);
    assert.deepEqual([none.size, none.headers.get('x')], [0, undefined]);
    assert.match(raw, /multipart\/mixed[^]*multipart\/alternative[^]*text\/plain[^]*multipart\/related[^]*text\/html/);
});

test('a kept letter is the same as the one that is sent', async () => {
    const mail = await startMail();
    const one = letter({ subject: 'Grüße', html: '<p>Grüße', text: 'a\n.\n' });
    const kept = (await drive({ letters: [one] })).stdout;
    await send(mail, [one]);
    assert.equal(mail.letters[0].raw, kept);
    assert.equal((await simpleParser(kept)).subject, 'Grüße');
});

test('a letter with a flaw is never sent, and says why', async () => {
    const mail = await startMail();
    const outcome = await sendOne(mail, { to: { address: 'ada@example.org>\r\nRCPT TO:<bob@example.org' } });
    assert.deepEqual(outcome, {
        fate: 'never', code: 0, words: 'an address is none', concerns_all: false, in_doubt: false,
    });
    assert.equal(mail.sessions, 0);
});

test('an address beyond ASCII is written to where the server can', async () => {
    const more = { to: { name: 'Jörg', address: 'jörg@bücher.example' } };
    const mail = await startMail();
    assert.equal((await sendOne(mail, more)).fate, 'accepted');
    assert.equal(mail.letters[0].to, 'jörg@bücher.example');
    const old = await startMail({ hide: ['SMTPUTF8'] });
    const outcome = await sendOne(old, more);
    assert.deepEqual([outcome.fate, outcome.code, outcome.concerns_all], ['never', 0, false]);
    assert.match(outcome.words, /does not take addresses in letters beyond ASCII/);
    // Nor on a connection that is already open.
    const { outcomes } = await send(old, [letter(), letter(more), letter()], { parallel: 1 });
    assert.deepEqual(outcomes.map(({ fate }) => fate), ['accepted', 'never', 'accepted']);
    assert.deepEqual(old.letters.map(({ to }) => to), ['ada@example.org', 'ada@example.org']);
});

// --- Connections ----------------------------------------------------------------------------------

for (const tls of ['starttls', 'implicit']) {
    test(`${tls}: letters go through TLS, with user and password`, async () => {
        const mail = await startMail({ tls, user: 'ada@example.org', password: 'pa:ss/wörd @%' });
        assert.equal((await sendOne(mail)).fate, 'accepted');
        assert.deepEqual(mail.logins, ['ada@example.org']);
    });

    test(`${tls}: a certificate that is not trusted, not the server's or has expired ends it`, async () => {
        for (const [certificate, trusted] of [
            [makeCertificate(), makeCertificate()], // another certificate is trusted
            [makeCertificate({ name: 'mail.example.org' })],
            [makeCertificate({ days: -1 })],
        ]) {
            const mail = await startMail({ tls, certificate, user: 'ada', password: 'secret' });
            const url = mail.url.replace(certificate.path, (trusted ?? certificate).path);
            const outcome = await sendOne(url);
            assert.deepEqual([outcome.fate, outcome.code, outcome.concerns_all], ['later', 0, true]);
            assert.match(outcome.words, /certificate of the mail server is not trusted/);
            assert.deepEqual(mail.logins, []);
        }
    });
}

test('a wrong password keeps letters for later', async () => {
    const mail = await startMail({ tls: 'implicit', user: 'ada', password: 'right' });
    const outcome = await sendOne(mail.url.replace('right', 'wrong'));
    assert.deepEqual([outcome.fate, outcome.code, outcome.concerns_all], ['later', 535, true]);
    assert.match(outcome.words, /does not take user and password \(535 5\.7\.8 user or password is wrong\)/);
    assert.doesNotMatch(outcome.words, /right|wrong@/);
});

test('where STARTTLS is required nothing is said without it', async () => {
    const mail = await startMail({ user: 'ada', password: 'secret' });
    const outcome = await sendOne(mail.url.replace('smtp://', 'smtp+starttls://'));
    assert.deepEqual([outcome.fate, outcome.concerns_all], ['later', true]);
    assert.match(outcome.words, /does not offer STARTTLS/);
    assert.deepEqual(mail.logins, []);
});

test('twenty letters need few connections, which are closed at the end', async () => {
    const mail = await startMail({ tls: 'starttls', user: 'ada', password: 'secret' });
    const { outcomes } = await send(mail, letters(20), { parallel: 3 });
    assert.ok(outcomes.every(({ fate }) => fate === 'accepted'));
    assert.equal(new Set(mail.letters.map(({ to }) => to)).size, 20);
    assert.ok(mail.sessions <= 3, `${mail.sessions} connections`);
    await until(() => mail.open === 0);
});

test('the loop goes on while a server thinks', async () => {
    const mail = await startMail();
    for (const stage of ['connect', 'recipient', 'end']) mail.answer(stage, { delayMs: 2000 });
    const { outcomes, longest_ms } = await send(mail, letters(2));
    assert.ok(outcomes.every(({ fate }) => fate === 'accepted'));
    assert.ok(longest_ms < 1500, `it stood for ${longest_ms} ms`);
});

// --- Outcomes -------------------------------------------------------------------------------------

for (const [stage, code, fate, all] of [
    ['connect', 421, 'later', true], ['connect', 554, 'later', true],
    ['sender', 451, 'later', true], ['sender', 550, 'later', true], ['sender', 530, 'later', true],
    ['sender', 552, 'never', false],
    ['recipient', 450, 'later', false], ['recipient', 550, 'never', false], ['recipient', 421, 'later', true],
    ['end', 451, 'later', false], ['end', 554, 'never', false],
]) {
    test(`${code} at stage ${stage} means ${fate}`, async () => {
        const mail = await startMail();
        mail.answer(stage, { code, words: '5.1.1 these are the words', times: 1 });
        const outcome = await sendOne(mail);
        const { words, ...rest } = outcome;
        assert.deepEqual(rest, { fate, code, concerns_all: all, in_doubt: false });
        assert.match(words, new RegExp(`${code} .*these are the words`));
        assert.equal((await sendOne(mail)).fate, 'accepted');
        assert.equal(mail.letters.length, 1);
    });
}

test('an answer of several lines is one line, and harmless', async () => {
    const server = createServer((socket) => {
        socket.on('error', () => {});
        socket.write('220 x\r\n');
        socket.on('data', (bytes) => socket.write(/^RCPT/.test(bytes)
            ? Buffer.from('550-5.1.1 no such\r\n550-5.1.1 user <\u0007b>\r\n550 5.1.1 Gr\xfc\xdfe\r\n', 'latin1')
            : '250 ok\r\n'));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const outcome = await sendOne(`smtp://127.0.0.1:${server.address().port}`);
    server.close();
    assert.deepEqual([outcome.fate, outcome.words], ['never', '550 5.1.1 no such user < b> Gr??e']);
});

test('a refused recipient does no harm to the next', async () => {
    const mail = await startMail();
    mail.answer('recipient', { address: 'guest-1@example.org', code: 550, words: '5.1.1 no such user' });
    mail.answer('recipient', { address: 'guest-3@example.org', code: 451, words: '4.7.1 greylisted' });
    const { outcomes, order } = await send(mail, letters(5), { parallel: 1 });
    assert.deepEqual(outcomes.map(({ fate }) => fate), ['accepted', 'never', 'accepted', 'later', 'accepted']);
    assert.deepEqual(order, [0, 1, 2, 3, 4]);
    assert.equal(mail.letters.length, 3);
});

test('nobody there: later', async () => {
    const outcome = await sendOne(`smtp://localhost:${await freePort()}`);
    assert.deepEqual([outcome.fate, outcome.code, outcome.concerns_all], ['later', 0, true]);
    assert.match(outcome.words, /cannot be reached/);
    assert.match((await sendOne('smtp://no-such-host.invalid')).words, /name of the mail server is not known/);
});

// --- An accepted letter is never sent twice -------------------------------------------------------

test('a connection lost before the end of a letter: later, and nothing is in doubt', async () => {
    for (const stage of ['connect', 'sender', 'recipient']) {
        const mail = await startMail();
        mail.answer(stage, { drop: true });
        const outcome = await sendOne(mail);
        assert.deepEqual([outcome.fate, outcome.code, outcome.in_doubt], ['later', 0, false], stage);
        assert.match(outcome.words, /hung up|cannot be reached/);
    }
});

test('a connection lost between the end of a letter and its answer is said to be in doubt', async () => {
    const mail = await startMail();
    mail.answer('end', { drop: true });
    const outcome = await sendOne(mail);
    assert.deepEqual([outcome.fate, outcome.code, outcome.in_doubt], ['later', 0, true]);
    assert.equal(mail.unanswered.length, 1);
});

test('once the letter is accepted nothing takes it back', async () => {
    const mail = await startMail();
    mail.answer('answered', { drop: true });
    const { outcomes } = await send(mail, letters(3), { parallel: 1 });
    assert.ok(outcomes.every(({ fate }) => fate === 'accepted'), JSON.stringify(outcomes));
    assert.equal(mail.letters.length, 3);
});

test('the answer to one letter is never taken for that to the next', async () => {
    const mail = await startMail();
    mail.answer('end', { address: 'guest-0@example.org', delayMs: 3000 });
    const { outcomes } = await send(mail, letters(3), { parallel: 1, end_ms: 1000 });
    assert.deepEqual(outcomes.map(({ fate, in_doubt }) => [fate, in_doubt]),
        [['later', true], ['accepted', false], ['accepted', false]]);
    assert.equal(mail.sessions, 2);
});

test('silence has an end before the letter has, and another behind it', async () => {
    const mail = await startMail();
    mail.answer('recipient', { address: 'guest-0@example.org', delayMs: 9000 });
    mail.answer('end', { address: 'guest-1@example.org', delayMs: 9000 });
    const limits = { answer_ms: 3000, end_ms: 20_000 };
    const { outcomes } = await send(mail, letters(2), limits);
    assert.deepEqual(outcomes.map(({ fate, in_doubt }) => [fate, in_doubt]), [['later', false], ['accepted', false]]);
    assert.match(outcomes[0].words, /does not answer any more/);
    const [, late] = (await send(mail, letters(2), { ...limits, end_ms: 1000 })).outcomes;
    assert.deepEqual([late.fate, late.in_doubt], ['later', true]);
});

test('a service that stops waits for what the server has, and gives back the rest', async () => {
    const mail = await startMail();
    mail.answer('end', { address: 'guest-0@example.org', delayMs: 6000 });
    mail.answer('recipient', { address: 'guest-1@example.org', delayMs: 12_000 });
    const { outcomes } = await send(mail, letters(4), { parallel: 2, stop_after_ms: 2500 });
    assert.deepEqual(outcomes.map(({ fate, in_doubt }) => [fate, in_doubt]),
        [['accepted', false], ['later', false], ['later', false], ['later', false]]);
    assert.match(outcomes[1].words, /service stopped meanwhile/);
    assert.match(outcomes[3].words, /service stopped before it was sent/);
    assert.equal(mail.letters.length, 1);
});

test('a carrier that is destroyed calls nobody', async () => {
    const mail = await startMail();
    mail.answer('end', { delayMs: 8000 });
    const { outcomes } = await send(mail, letters(10), { parallel: 2, destroy_after_ms: 500 });
    assert.ok(outcomes.every((outcome) => outcome === null));
    assert.deepEqual(mail.letters, [], 'it waited for the server');
});

test('past a thousand that wait a letter is refused at once', async () => {
    const mail = await startMail();
    mail.answer('connect', { delayMs: 3000 });
    const { outcomes } = await send(mail, letters(1200), { parallel: 2, destroy_after_ms: 200 });
    const refused = outcomes.filter((outcome) => outcome === 'refused').length;
    assert.ok(refused >= 190 && refused <= 200, `${refused} refused`);
});
