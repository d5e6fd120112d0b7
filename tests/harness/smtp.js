// A real mail server for tests (npm's smtp-server); an independent parser (npm's mailparser) reads its
// letters.
//
//     const mail = await startMail({ tls: 'starttls', user: 'ada', password: 'secret' });
//     mail.answer('recipient', { address: 'bob@example.org', code: 550, words: '5.1.1 no such user' });
//     … settings: { smtp: mail.url } …
//     const letter = await mail.arrives((letter) => letter.to === 'ada@example.org');
//     letter.parsed.subject, letter.parsed.attachments, letter.raw, letter.from, letter.to
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { temporaryDirectory } from './paths.js';
import { until } from './wait.js';

const directory = temporaryDirectory();
let made = 0;

// → {key, cert, path}: a self-signed certificate; days < 0: an expired one
export function makeCertificate({ name = 'localhost', days = 2 } = {}) {
    const file = (end) => join(directory, `${made}-${end}`);
    made += 1;
    const openssl = (...words) => execFileSync('openssl', words, { stdio: 'pipe' });
    openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
        '-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`,
        '-keyout', file('key.pem'), '-out', file('request.pem'));
    openssl('x509', '-req', '-in', file('request.pem'), '-copy_extensions', 'copy',
        '-signkey', file('key.pem'), '-days', String(days), '-out', file('cert.pem'));
    return {
        key: readFileSync(file('key.pem')), cert: readFileSync(file('cert.pem')), path: file('cert.pem'),
    };
}

// → the link of the letter's button with this label, a pattern. Its address also stands below the button, and in the text.
export function buttonOf({ parsed }, label) {
    const [, said, address] = new RegExp(`(${label}):\\n(https?:\\S+)`).exec(parsed.text) ?? [];
    assert.ok(address, `no "${label}" in ${parsed.text}`);
    const links = [...parsed.html.replaceAll('&amp;', '&').matchAll(/<a href="([^"]+)"[^>]*>([^<]*)<\/a>/g)]
        .filter(([, url]) => url === address);
    assert.deepEqual(links.slice(0, 2).map(([, , text]) => text), [said, address], parsed.html);
    assert.match(links[0][0], /display:inline-block;padding:[^"]*background:#\w{6};color:#ffffff/);
    return address;
}

const refusal = ({ code, words }) => Object.assign(new Error(words), { responseCode: code });

async function contentOf(stream) {
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
}

class Mail {
    constructor(options) {
        this.options = options;
        this.letters = []; // accepted
        this.unanswered = []; // received completely, but not accepted
        this.sessions = 0; // all connections
        this.open = 0; // open connections
        this.logins = [];
        this.rules = [];
    }

    // The setting `smtp` for this server.
    get url() {
        const { tls, user, password, certificate } = this.options;
        const scheme = { starttls: 'smtp+starttls', implicit: 'smtps' }[tls] ?? 'smtp';
        const who = user === undefined ? '' : `${encodeURIComponent(user)}:${encodeURIComponent(password)}@`;
        const ca = certificate ? `?ca=${certificate.path}` : '';
        return `${scheme}://${who}localhost:${this.port}${ca}`;
    }

    // Sets a special reaction for a stage: connect, sender, recipient, data (before the text), end (after
    // the text), answered (after the 250).
    //   address: only for this one; times: only so often
    //   code, words: the answer; drop: close the connection; delayMs: wait first
    answer(stage, rule) {
        this.rules.push({ times: Infinity, ...rule, stage });
    }

    async apply(stage, session, address) {
        const rule = this.rules.find((one) => one.stage === stage && one.times > 0 &&
            (one.address === undefined || one.address === address));
        if (!rule) return;
        rule.times -= 1;
        if (rule.delayMs) await sleep(rule.delayMs);
        if (rule.drop) this.drop(session);
        if (rule.drop || rule.code) throw refusal(rule);
    }

    drop(session) {
        for (const connection of this.server.connections)
            if (connection.session.id === session.id) connection._socket.destroy();
    }

    async receive(stream, session) {
        const to = session.envelope.rcptTo[0].address;
        await this.apply('data', session, to);
        const raw = await contentOf(stream);
        const letter = { from: session.envelope.mailFrom.address, to, raw, session: session.id };
        letter.parsed = await simpleParser(raw, { keepCidLinks: true });
        this.unanswered.push(letter);
        await this.apply('end', session, to);
        this.unanswered.splice(this.unanswered.indexOf(letter), 1);
        this.letters.push(letter);
        // Behind the answer, and before the next letter can have come.
        setImmediate(() => this.apply('answered', session, to).catch(() => {}));
        return `2.0.0 Ok: queued as ${this.letters.length}`;
    }

    login({ username, password }, callback) {
        const { user, password: right } = this.options;
        this.logins.push(username);
        if (username === user && password === right) callback(null, { user });
        else callback(refusal({ code: 535, words: '5.7.8 user or password is wrong' }));
    }

    // Waits for the first letter for which isIt is true. → the letter
    arrives(isIt = () => true) {
        return until(() => this.letters.find(isIt), () => `the letter; these did:\n` +
            this.letters.map(({ to, parsed }) => `${to}: ${parsed.subject}`).join('\n'));
    }

    async listen() {
        const { tls, user, certificate, hide = [] } = this.options;
        const hook = (stage) => (given, session, callback) =>
            this.apply(stage, session, given.address).then(() => callback(), callback);
        const hidden = Object.fromEntries(hide.map((name) => [`hide${name}`, true]));
        this.server = new SMTPServer({
            ...hidden, ...certificate, logger: false, closeTimeout: 100,
            secure: tls === 'implicit', authOptional: user === undefined, allowInsecureAuth: true,
            disabledCommands: [...(tls ? [] : ['STARTTLS']), ...(user === undefined ? ['AUTH'] : [])],
            onConnect: (session, callback) => {
                this.sessions += 1;
                this.open += 1;
                this.apply('connect', session).then(() => callback(), callback);
            },
            onClose: () => (this.open -= 1),
            onAuth: (auth, session, callback) => this.login(auth, callback),
            onMailFrom: hook('sender'),
            onRcptTo: hook('recipient'),
            onData: (stream, session, callback) =>
                this.receive(stream, session).then((words) => callback(null, words), (error) => {
                    stream.resume();
                    callback(error);
                }),
        });
        this.server.on('error', () => {}); // clients may disconnect
        this.server.listen(this.options.port ?? 0, '127.0.0.1');
        await once(this.server.server, 'listening');
        this.port = this.server.server.address().port;
        return this;
    }

    close() {
        return new Promise((resolve) => this.server.close(resolve));
    }
}

// tls: 'starttls' or 'implicit' (default: none); user, password: required log-in; certificate: from
// makeCertificate(); hide: extensions it does not offer ('SMTPUTF8', 'STARTTLS'); port: a fixed one. It
// closes at the end of the test or file that started it.
export async function startMail(options = {}) {
    const certificate = options.tls ? options.certificate ?? makeCertificate() : undefined;
    const mail = await new Mail({ ...options, certificate }).listen();
    after(() => mail.close());
    return mail;
}
