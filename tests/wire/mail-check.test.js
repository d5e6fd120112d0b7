// `einlass check` tests the mail server, shows the conversation, and gives the remedy of a mistake.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { openHouse } from '../harness/house.js';
import { freePort } from '../harness/service.js';
import { makeCertificate, startMail } from '../harness/smtp.js';

const house = await openHouse({ serve: false });

const check = (settings) => house.command(['check'], { settings });

async function succeeds(settings) {
    const { status, stdout, stderr } = await check(settings);
    assert.deepEqual([status, stderr], [0, ''], stdout);
    return stdout;
}

// → the error and the conversation
async function fails(settings) {
    const { status, stdout, stderr } = await check(settings);
    assert.equal(status, 1, stdout);
    assert.match(stderr, /^einlass: .*\n$/, 'one line');
    assert.doesNotMatch(stdout + stderr, /secret|c2VjcmV0/, 'no password, nor its base64');
    return { said: stderr.slice('einlass: '.length, -1), conversation: stdout };
}

test('without a mail server messages are kept, whatever the sender', async () => {
    assert.match(await succeeds({ mail_from: 'nobody' }), /^no mail server is set: messages are kept$/m);
});

test('a good server: the conversation from greeting to goodbye, and no mail', async () => {
    const mail = await startMail();
    const shown = await succeeds({ smtp: mail.url, mail_from: 'Tickets <tickets@example.org>' });
    const lines = shown.split('\n').filter((line) => line.startsWith('  '));
    assert.match(lines[0], /^ {2}< 220 /);
    assert.match(lines[1], /^ {2}> EHLO /);
    assert.deepEqual(lines.filter((line) => /^ {2}>/.test(line)).slice(1),
        ['  > MAIL FROM:<tickets@example.org>', '  > RSET', '  > QUIT']);
    assert.match(lines.at(-1), /^ {2}< 221 /);
    assert.match(shown, /the mail server takes mail from tickets@example\.org\n$/);
    assert.deepEqual([mail.letters.length, mail.unanswered.length], [0, 0]);
});

for (const tls of ['starttls', 'implicit']) {
    test(`${tls}: it logs in, and shows no password`, async () => {
        const mail = await startMail({ tls, user: 'ada', password: 'secret' });
        const shown = await succeeds({ smtp: `${mail.url}&name=tickets.example.org` });
        assert.match(shown, /^ {2}> EHLO tickets\.example\.org$/m);
        assert.match(shown, /^ {2}> AUTH \w+ \*\*\*\*$|^ {2}> AUTH \w+\n {2}< 334.*\n {2}> \*\*\*\*$/m);
        assert.doesNotMatch(shown, /secret|c2VjcmV0|AGFkYQBz/);
        assert.deepEqual(mail.logins, ['ada']);
        assert.equal(/^ {2}> STARTTLS$/m.test(shown), tls === 'starttls');
    });
}

test('a wrong password is said to be one', async () => {
    const mail = await startMail({ tls: 'starttls', user: 'ada', password: 'right' });
    const { said, conversation } = await fails({ smtp: mail.url.replace('right', 'secret') });
    assert.match(said, /does not take user and password \(535 .*\)\. Both are percent-encoded/);
    assert.match(conversation, /^ {2}< 535 5\.7\.8 user or password is wrong$/m);
});

test('a certificate that is not trusted or has expired is said to be so', async () => {
    const mail = await startMail({ tls: 'implicit' });
    assert.match((await fails({ smtp: mail.url.replace(/\?.*/, '') })).said,
        /certificate of the mail server is not trusted \(.*self.signed.*\)\. .*\?ca=/);
    const old = await startMail({ tls: 'implicit', certificate: makeCertificate({ days: -1 }) });
    assert.match((await fails({ smtp: old.url })).said, /not trusted \(.*expired.*\)/);
    assert.match((await fails({ smtp: mail.url.replace(/\?.*/, '?ca=/no/such.pem') })).said, /ca=/);
});

test('STARTTLS that is not offered, TLS that is not spoken', async () => {
    const mail = await startMail();
    assert.match((await fails({ smtp: mail.url.replace('smtp:', 'smtp+starttls:') })).said, /does not offer STARTTLS/);
    assert.match((await fails({ smtp: mail.url.replace('smtp:', 'smtps:') })).said, /TLS does not come about.*465/);
});

test('a sender who is refused is named', async () => {
    const mail = await startMail();
    mail.answer('sender', { address: 'tickets@example.org', code: 550, words: '5.7.1 not yours' });
    const { said } = await fails({ smtp: mail.url, mail_from: 'tickets@example.org' });
    assert.match(said, /does not take mail from this sender \(550 5\.7\.1 not yours\)\. Set mail_from/);
});

test('nobody there, no such name, somebody who hangs up', async () => {
    assert.match((await fails({ smtp: `smtp://127.0.0.1:${await freePort()}` })).said, /cannot be reached .*refused.*\. See whether/i);
    assert.match((await fails({ smtp: 'smtp://no-such-host.invalid' })).said, /name of the mail server is not known/);
    const server = createServer((socket) => socket.on('error', () => {}).end('220 hello\r\n')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    assert.match((await fails({ smtp: `smtp://127.0.0.1:${server.address().port}` })).said, /hung up/);
    server.close();
});

for (const [settings, said] of [
    [{ smtp: 'mail.example.org' }, /^smtp: it is no URL/],
    [{ smtp: 'smtp://ada:secret@mail.example.org' }, /^smtp: a password must not travel unprotected/],
    [{ smtp: 'smtp://localhost', mail_from: 'tickets' }, /^mail_from: "tickets" is no address/],
]) {
    test(`a setting that is wrong is refused at once: ${Object.values(settings)}`, async () => {
        assert.match((await fails(settings)).said, said);
        const { status, stderr } = await house.command(['serve'], { settings });
        assert.equal(status, 1);
        assert.match(stderr.replace('einlass: ', ''), said);
    });
}
