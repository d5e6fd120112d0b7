// The ticket's page, and the public keys.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { readCalendar } from '../harness/calendar.js';
import { exampleEvent, guest, plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { until } from '../harness/wait.js';

// Not imported: its ES modules name exports that Node 18 cannot find.
const { Sign1 } = createRequire(import.meta.url)('@auth0/cose');

const house = await openHouse();
const event = await house.apply(exampleEvent());
const manager = await house.token();

// → {registration, attendee, path}
async function ticketFor(name, { language = 'en', of = event } = {}) {
    const body = of === event
        ? guest({ language, attendees: [{ name, answers: { company: 'c', lunch: false } }] })
        : plainGuest({ language, attendees: [{ name }] });
    const answer = await house.signUp(of, body);
    assert.equal(answer.status, 201, answer.body);
    const registration = answer.json();
    const [attendee] = registration.attendees;
    return { registration, attendee, path: `/tickets/${attendee.ticket}` };
}

async function stateOf(path) {
    const answer = await house.http.get(`/api/v1${path}`);
    assert.equal(answer.status, 200, answer.body);
    return answer.json();
}

// RFC 4648 section 6, without padding.
function fromBase32(text) {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
    const bits = [...text].map((c) => alphabet.indexOf(c).toString(2).padStart(5, '0')).join('');
    return Uint8Array.from(bits.match(/.{8}/g), (byte) => parseInt(byte, 2));
}

test('whoever holds the link sees the ticket with its code, name and event', async () => {
    const { attendee, path } = await ticketFor('Ada Lovelace');
    assert.equal(attendee.ticket_url, `${house.service.url}${path}`);
    const page = await house.http.get(path);
    assert.equal(page.status, 200, page.body);
    assert.match(page.headers['content-type'], /^text\/html/);
    for (const shown of ['Ada Lovelace', 'Guest', 'BIO CITY LEIPZIG', 'Europe/Berlin', '<svg',
        'bionection meets Artificial Intelligence'])
        assert.ok(page.body.includes(shown), shown);
    assert.match(page.headers['cache-control'], /private/);
    assert.match(page.headers['x-robots-tag'], /noindex/);
    assert.doesNotMatch(page.body, /<script(?! type="module" src="\/assets\/[^"]+"><\/script>)/i, 'files of ours only');
});

test('the ticket as JSON says the same', async () => {
    const { attendee, path } = await ticketFor('Grace Hopper');
    const ticket = await stateOf(path);
    assert.equal(ticket.token, attendee.ticket);
    assert.equal(ticket.url, attendee.ticket_url);
    assert.equal(ticket.state, 'valid');
    assert.equal(ticket.event.slug, event);
    assert.equal(ticket.event.venue.name, 'BIO CITY LEIPZIG');
    assert.match(ticket.event.starts_at, /Z$/);
    assert.match(ticket.expires_at, /Z$/);
    const { number, ...rest } = ticket.attendee;
    assert.match(number, /^[2-9B-DF-HJKMNP-TV-Z]{4}-[2-9B-DF-HJKMNP-TV-Z]{4}$/);
    assert.ok((await house.http.get(path)).body.includes(`Ticket number <b translate="no">${number}</b>`));
    assert.deepEqual(rest, {
        name: 'Grace Hopper', ticket_type: 'guest', ticket_type_title: 'Guest', status: 'confirmed',
    });
    assert.equal(ticket.qr, undefined, 'the picture is for the page');
});

test('it speaks the language of the registration, whatever the browser prefers, until asked', async () => {
    const { path } = await ticketFor('Käthe', { language: 'de' });
    const headers = { 'accept-language': 'en' };
    const german = await house.http.get(path, { headers });
    assert.match(german.body, /<html lang="de">/);
    assert.ok(german.body.includes('Zeigen Sie diesen Code'));
    assert.ok(german.body.includes('bionection meets Künstliche Intelligenz'));
    const english = await house.http.get(`${path}?lang=en`, { headers });
    assert.match(english.body, /<html lang="en">/);
    assert.ok(english.body.includes('Show this code'));
});

test('a name cannot become markup', async () => {
    const name = `<img src=x onerror=alert(1)> "&' O’Hara`;
    const { path } = await ticketFor(name);
    const { body } = await house.http.get(path);
    assert.equal(body.includes('<img'), false);
    assert.ok(body.includes('&lt;img src=x onerror=alert(1)&gt;'));
    const svg = await house.http.get(`${path}/qr.svg`);
    assert.equal(svg.body.includes('<img'), false);
});

test('the code alone comes as SVG and as PNG', async () => {
    const { path } = await ticketFor('Picture');
    const svg = await house.http.get(`${path}/qr.svg`);
    assert.equal(svg.headers['content-type'], 'image/svg+xml');
    assert.match(svg.body, /^<svg/);
    const png = await house.http.get(`${path}/qr.png`);
    assert.equal(png.headers['content-type'], 'image/png');
    assert.deepEqual([...png.bytes.subarray(0, 4)], [0x89, 0x50, 0x4e, 0x47]);
});

// Runs a tool on a file with these bytes. → its output
function tool(bytes, command, ...words) {
    const file = house.file('document.pdf', bytes);
    const run = spawnSync(command, words.map((word) => word === '%' ? file : word), { maxBuffer: 1 << 26 });
    assert.equal(run.status, 0, `${command}: ${run.stderr}`);
    return run.stdout;
}

// → the text of the QR codes in a PDF
function scan(pdf) {
    const picture = house.file('page.png', tool(pdf, 'pdftoppm', '-r', '110', '-png', '%'));
    const run = spawnSync('zbarimg', ['--quiet', '--raw', '-Sdisable', '-Sqrcode.enable', picture]);
    assert.equal(run.status, 0);
    return run.stdout.toString().trim();
}

test('the ticket to print has name, event and code, in the language of its holder', async () => {
    const { attendee, path } = await ticketFor('Jürgen 山田 Ångström', { language: 'de' });
    const answer = await house.http.get(`${path}/ticket.pdf`, { headers: { 'accept-language': 'en' } });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['content-type'], 'application/pdf');
    assert.match(answer.headers['cache-control'], /private/);
    assert.match(answer.headers['x-robots-tag'], /noindex/);
    assert.match(answer.headers['content-disposition'],
        /^inline; filename="bionection [^"]*\.pdf"; filename\*=UTF-8''bionection%20.*%E5%B1%B1.*\.pdf$/);
    assert.ok(answer.bytes.length < 100_000, `${answer.bytes.length} bytes`);
    tool(answer.bytes, 'qpdf', '--check', '%');
    const text = tool(answer.bytes, 'pdftotext', '-raw', '%', '-').toString().replace(/\s+/g, ' ');
    for (const shown of ['Jürgen 山田 Ångström', 'bionection meets Künstliche Intelligenz',
        'BIO CITY LEIPZIG', 'Zeigen Sie diesen Code', 'Europe/Berlin', 'biosaxony', 'Hier falten'])
        assert.ok(text.includes(shown), `${shown} is not in: ${text}`);
    assert.ok(text.includes(`Ticketnummer ${(await stateOf(path)).attendee.number}`), text);
    assert.ok(!text.replaceAll(' ', '').includes(attendee.ticket.slice(0, 50)), 'nobody types the whole code');
    assert.equal(scan(answer.bytes), attendee.ticket);
    const about = tool(answer.bytes, 'pdfinfo', '%').toString();
    assert.match(about, /Tagged: +yes/);
    assert.match(about, /Title: +bionection meets Künstliche Intelligenz – Jürgen/);
    const english = await house.http.get(`${path}/ticket.pdf?lang=en`);
    assert.ok(tool(english.bytes, 'pdftotext', '%', '-').toString().includes('Fold here'));
    const page = await house.http.get(path);
    assert.ok(page.body.includes(`${path}/ticket.pdf`) && page.body.includes(`${path}/calendar.ics`));
});

test('many tickets printed at once are each their own', async () => {
    const tickets = await Promise.all([...Array(12).keys()].map((i) => ticketFor(`Crowd Number${i}`)));
    const answers = await Promise.all(tickets.map(({ path }) => house.http.get(`${path}/ticket.pdf`)));
    answers.forEach(({ status, bytes }, i) => {
        assert.equal(status, 200);
        assert.match(tool(bytes, 'pdftotext', '%', '-').toString(), new RegExp(`Crowd Number${i}\\n`));
    });
    assert.equal(scan(answers[7].bytes), tickets[7].attendee.ticket);
});

test('the ticket goes into a calendar, with the way back to it', async () => {
    const { attendee, path } = await ticketFor('Calendar', { language: 'de' });
    const answer = await house.http.get(`${path}/calendar.ics`);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['content-type'], 'text/calendar; charset=utf-8');
    assert.match(answer.headers['cache-control'], /private/);
    assert.match(answer.headers['content-disposition'], /^attachment; filename=".*\.ics"/);
    const { event: entry } = readCalendar(answer.body);
    const ticket = await stateOf(path);
    assert.equal(entry.summary, 'bionection meets Künstliche Intelligenz');
    assert.equal(entry.description, `Ihr Ticket: ${attendee.ticket_url}`);
    assert.equal(entry.startDate.toJSDate().getTime(), Date.parse(ticket.event.starts_at));
    assert.equal(entry.endDate.toJSDate().getTime(), Date.parse(ticket.event.ends_at));
    assert.equal(ticket.calendar_url, `${attendee.ticket_url}/calendar.ics`);
    assert.equal(ticket.pdf_url, `${attendee.ticket_url}/ticket.pdf`);
    const { event: same } = readCalendar((await house.http.get(`/events/${event}/calendar.ics`)).body);
    assert.equal(same.uid, entry.uid, 'one entry, whichever file it came from');
});

test('a cancelled ticket says so and shows no code', async () => {
    const { registration, path } = await ticketFor('Gone');
    await house.http.delete(`/api/v1/registrations/${registration.id}`, { token: manager });
    assert.equal((await stateOf(path)).state, 'cancelled');
    const { body } = await house.http.get(path);
    assert.ok(body.includes('Cancelled: this ticket is no longer valid'));
    assert.equal(body.includes('<svg'), false);
    for (const file of ['qr.png', 'qr.svg', 'ticket.pdf', 'calendar.ics']) {
        const answer = await house.http.get(`${path}/${file}`);
        assert.equal(answer.status, 410, file);
        assert.equal(answer.json().code, 'ticket_not_valid');
    }
});

test('a ticket that was handed on does not tell who has it now', async () => {
    const { registration, attendee, path } = await ticketFor('First Holder');
    const replaced = await house.http.post(
        `/api/v1/registrations/${registration.id}/attendees/${attendee.id}/ticket`,
        { token: manager, json: { name: 'Second Holder', email: 'second@example.org' } });
    assert.ok([200, 201].includes(replaced.status), replaced.body);
    const old = await stateOf(path);
    assert.equal(old.state, 'replaced');
    assert.equal(old.attendee, null);
    const { body } = await house.http.get(path);
    assert.ok(body.includes('Replaced: there is a newer ticket'));
    assert.equal(body.includes('Holder'), false);
    assert.equal(body.includes('<svg'), false);
});

test('a ticket of an event that is over says thank you', async () => {
    const { attendee } = await ticketFor('Past');
    await house.database.query(
        `update ticket set expires_at = now() - interval '1 second'
          where attendee_id = $1`, [attendee.id]);
    const path = `/tickets/${attendee.ticket}`;
    assert.equal((await stateOf(path)).state, 'expired');
    const { body } = await house.http.get(path);
    assert.ok(body.includes('This event is over'));
    assert.equal(body.includes('<svg'), false);
});

test('the token is read whatever its case, and a made-up one finds nothing', async () => {
    const { attendee } = await ticketFor('Any Case');
    const lower = await stateOf(`/tickets/${attendee.ticket.toLowerCase()}`);
    assert.equal(lower.token, attendee.ticket);
    const flipped = attendee.ticket.slice(0, -8) + 'A'.repeat(8);
    for (const wrong of [flipped, 'nonsense', '2KCE', 'A'.repeat(600), '%F0%9F%8E%9F'])
        for (const path of [`/tickets/${wrong}`, `/api/v1/tickets/${wrong}`, `/tickets/${wrong}/qr.svg`,
            `/tickets/${wrong}/ticket.pdf`, `/tickets/${wrong}/calendar.ics`])
            assert.equal((await house.http.get(path)).status, 404, path);
});

test('a ticket verifies with the published keys and a COSE library, also after a rotation', async () => {
    const { attendee } = await ticketFor('Verified');
    await house.mustCommand(['keys', 'rotate']);
    house.service.signal('SIGHUP');
    const answer = await until(async () => {
        const found = await house.http.get('/.well-known/jwks.json');
        return found.json().keys.length === 2 && found;
    });
    assert.equal(answer.headers['content-type'], 'application/jwk-set+json');
    assert.equal(answer.headers['access-control-allow-origin'], '*');
    assert.equal(answer.headers['cache-control'], 'public, max-age=300');
    const { keys } = answer.json();
    assert.equal(keys.length, 2);
    const message = Sign1.decode(fromBase32(attendee.ticket));
    const kid = Buffer.from(message.kid).toString('hex');
    const jwk = keys.find((key) => key.kid === kid);
    await message.verify(createPublicKey({ key: jwk, format: 'jwk' }), { algorithms: [-8] });
    assert.notEqual(keys[0].kid, kid, 'the newest key stands first');
    assert.equal((await stateOf(`/tickets/${attendee.ticket}`)).state, 'valid');
});

test('the command prints what a ticket says, or why it is refused', async () => {
    const plain = await house.apply(plainEvent());
    const { attendee } = await ticketFor('Command', { of: plain });
    const verify = (input) => house.command(['ticket', 'verify'], { input });
    const typed = attendee.ticket.toLowerCase().replace(/(.{8})/g, '$1 ') + '\n';
    for (const input of [attendee.ticket, typed]) {
        const { status, stdout } = await verify(input);
        assert.equal(status, 0);
        const claims = JSON.parse(stdout);
        const { keys } = (await house.http.get('/.well-known/jwks.json')).json();
        assert.equal(claims.event, plain);
        assert.equal(claims.kid, keys[0].kid);
        assert.match(claims.ticket_id, /^[0-9a-f-]{36}$/);
        assert.ok(Date.parse(claims.expires_at) > Date.now());
    }
    const forged = attendee.ticket.slice(0, -8) + 'A'.repeat(8);
    for (const [input, says] of [
        [forged, /forged/], ['hello', /not a ticket/], ['', /not a ticket/],
        ['\0', /not a ticket/], ['A'.repeat(100_000), /not a ticket/],
    ]) {
        const { status, stdout, stderr } = await verify(input);
        assert.equal(status, 1);
        assert.equal(stdout, '');
        assert.match(stderr, says);
    }
    assert.equal((await house.command(['ticket', 'verify', 'x'])).status, 2);
});

test('a ticket that has expired is refused by the command', async () => {
    const vector = JSON.parse(readFileSync(
        new URL('../../docs/ticket-vector.json', import.meta.url)));
    const { status, stderr } = await house.command(['ticket', 'verify'], { input: vector.token });
    assert.equal(status, 1);
    assert.match(stderr, /forged/, 'its key is not ours');

    const over = await house.apply(plainEvent());
    const { attendee } = await ticketFor('Late', { of: over });
    await house.database.query(
        `update ticket set expires_at = '2020-01-01T00:00:00Z' where attendee_id = $1`,
        [attendee.id]);
    const { token } = await stateOf(`/tickets/${attendee.ticket}`);
    const late = await house.command(['ticket', 'verify'], { input: token });
    assert.equal(late.status, 1);
    assert.match(late.stderr, new RegExp(`${over} expired at 2020-01-01T00:00:00Z`));
});
