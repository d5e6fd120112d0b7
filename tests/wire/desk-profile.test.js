// The organiser's profile: what guests see of it on pages and in mails, who may change it, and which pictures
// are refused as a logo.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { crc32, deflateSync } from 'node:zlib';
import { attendeeOf, expect, page as manage } from '../harness/attendee.js';
import { signIn } from '../harness/desk.js';
import { plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { startMail } from '../harness/smtp.js';
import { until } from '../harness/wait.js';
import { words } from '../harness/words.js';

const mail = await startMail();
const house = await openHouse({ settings: { smtp: mail.url, mail_from: 'tickets@example.org' } });
const { registered } = attendeeOf(house);
const event = await house.apply(plainEvent({ embed_on: ['https://www.example.org'] }));
const foreign = { slug: 'others', name: 'The others' };
const foreignEvent = await house.apply(plainEvent({ organiser: foreign }));
const owner = await signIn(house, { role: 'owner' });
const path = '/organisers/biosaxony/profile';
const said = words('en');

const get = (at, who) => house.http.get(at, { headers: who?.headers });

// Sends the desk's form. logo: bytes
async function save(fields, { logo, who = owner, at = `/desk${path}` } = {}) {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    if (logo !== undefined) form.append('logo', new Blob([logo]), 'logo.svg');
    const sent = new Response(form);
    const headers = { ...who.headers, 'content-type': sent.headers.get('content-type') };
    return await house.http.post(at, { body: Buffer.from(await sent.arrayBuffer()), headers });
}

const stored = async () => (await expect(200, house.http.get(`/api/v1${path}`, { token: await reader }))).json();
const reader = house.token({ role: 'viewer' });

// The page of the event, once it shows what was saved: a notice of the database tells the workers.
const pageWith = (text, at = `/events/${event}`) => until(async () => {
    const answer = await get(at);
    return answer.body.includes(text) && answer;
}, () => text);

const svg = (content, more = '') => `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 50 10">${content}</svg>${more}`;
const notice = '# Who\n\nWe keep <b>your</b> data for *30* days.';
const full = {
    name: 'BIO Sachsen & Partner', contact_email: 'hallo@bio.example', contact_phone: '+49 341 123-45',
    website: 'https://www.bio.example/', reply_to: 'antwort@bio.example', own_colour: 'true', accent: '#ffcc00',
    'imprint.de': 'https://www.bio.example/impressum', 'imprint.en': '', 'privacy.de': '', 'privacy.en': notice,
};

test('the profile stands at the head and foot of every page for guests', async () => {
    assert.equal((await expect(303, get('/desk/organisers', owner))).headers.location, `/desk${path}`);
    const before = (await expect(200, get(`/desk${path}`, owner))).body;
    assert.match(before, /name="name"[^>]*value="biosaxony"/);
    const logo = svg('<script>alert(1)</script><rect width="50" height="10" fill="red"/>');
    const answer = await expect(303, save({ ...full, version: '0' }, { logo }));
    assert.equal(answer.headers.location, `/desk${path}?done=profile.saved`);
    const { logo: picture, tones, version } = await stored();
    assert.deepEqual([picture.width, picture.height, version], [480, 96, 1]);

    const page = await pageWith('BIO Sachsen &amp; Partner');
    const head = `<img class="logo" src="${picture.url}" width="240" height="48" alt="BIO Sachsen &amp; Partner">`;
    const foot = ['mailto:hallo@bio.example', 'tel:+4934112345', '>www.bio.example</a>',
        '"https://www.bio.example/impressum"', '/organisers/biosaxony/privacy?lang=en'];
    const registration = await registered(event);
    const pages = [`/events/${event}/register`, manage(registration), new URL(registration.attendees[0].ticket_url).pathname];
    for (const { body } of [page, ...await Promise.all(pages.map((at) => expect(200, get(at))))])
        for (const text of [head, ...foot]) assert.ok(body.includes(text), text);

    // A frame has no head, and leads to imprint and notice in a new tab.
    const framed = (await expect(200, get(`/events/${event}/register?embed=1`))).body;
    assert.match(framed, /href="\/organisers\/biosaxony\/privacy\?lang=en" target="_blank"/);
    assert.ok(!framed.includes('class="logo"'));

    // The colours come with the page; the policy allows exactly this style. Yellow became readable.
    const [, style] = /<style>(@media screen[^<]*)<\/style>/.exec(page.body);
    assert.ok(style.includes(`{--accent:${tones.light.accent};`) && tones.light.is_changed && !tones.dark.is_changed);
    const source = `'sha256-${createHash('sha256').update(style).digest('base64')}'`;
    assert.ok(page.headers['content-security-policy'].includes(source));
    const other = await expect(200, get(`/events/${foreignEvent}`));
    assert.ok(!other.headers['content-security-policy'].includes(source) && !other.body.includes('bio.example'));

    // The logo is a picture that the service made; its address never shows another one.
    const shown = await expect(200, get(picture.url));
    assert.equal(shown.headers['content-type'], 'image/png');
    assert.equal(shown.headers['x-content-type-options'], 'nosniff');
    assert.match(shown.headers['cache-control'], /immutable/);
    assert.equal(shown.bytes.subarray(1, 4).toString(), 'PNG');
    assert.ok(!shown.bytes.includes('alert'));
    await expect(404, get('/pictures/0000.png'));
});

test('imprint and privacy notice are pages of ours unless they are links', async () => {
    const german = await expect(200, get('/organisers/biosaxony/privacy?lang=de'));
    assert.match(german.body, /<h1>Datenschutz<\/h1>\s*<div class="prose" lang="en">\s*<h2>Who<\/h2>/);
    assert.match(german.body, /&lt;b&gt;your&lt;\/b&gt; data for <em>30<\/em> days/);
    assert.match(german.body, /class="logo"/);
    await expect(404, get('/organisers/others/privacy'));
    await expect(404, get('/organisers/nobody/imprint'));
});

test('mails have the logo, the colours, the foot and the address for replies', async () => {
    const { logo, tones } = await stored();
    await registered(event, plainGuest({ email: 'guest@example.org' }));
    const { parsed } = await mail.arrives(({ to }) => to === 'guest@example.org');
    assert.equal(parsed.replyTo.text, 'antwort@bio.example');
    assert.ok(parsed.html.includes(`<img src="${house.service.url}${logo.url}" alt="BIO Sachsen &amp; Partner" width="240" height="48"`));
    assert.ok(parsed.html.includes(`background:${tones.light.accent}`) || parsed.html.includes(`color:${tones.light.accent}`));
    for (const text of [parsed.html, parsed.text])
        for (const part of ['hallo@bio.example', 'https://www.bio.example/impressum',
            `${house.service.url}/organisers/biosaxony/privacy?lang=en`])
            assert.ok(text.includes(part), part);

    // The event's own address wins.
    const own = await house.apply(plainEvent({ reply_to: 'event@example.org' }));
    await registered(own, plainGuest({ email: 'second@example.org' }));
    assert.equal((await mail.arrives(({ to }) => to === 'second@example.org')).parsed.replyTo.text, 'event@example.org');
});

// A PNG that says it has so many pixels.
function png(side) {
    const chunk = (kind, content) => {
        const body = Buffer.concat([Buffer.from(kind), content]);
        const number = (value) => Buffer.from(Uint32Array.of(value).buffer).reverse();
        return Buffer.concat([number(content.length), body, number(crc32(body))]);
    };
    const head = Buffer.alloc(13);
    head.writeUInt32BE(side, 0);
    head.writeUInt32BE(side, 4);
    head[8] = 1;
    return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', head),
        chunk('IDAT', deflateSync(Buffer.alloc(Math.min(side, 100) * Math.ceil(side / 8 + 1)))), chunk('IEND', Buffer.alloc(0))]);
}

test('a hostile logo changes nothing and says why; what was typed stays', async () => {
    const { finding } = said;
    const before = await stored();
    const jpeg = Buffer.from('/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAgGBgcGBQgHBwcJCQgKDBQNDAsLDBkSEw8UHRofHh0aHBwgJC4n', 'base64');
    const entity = `<!DOCTYPE svg [<!ENTITY e SYSTEM "file:///etc/passwd">]>${svg('<text y="9">&e;</text>')}`;
    for (const [bytes, why] of [
        [png(30000), 'picture_too_large'], [jpeg, 'picture_broken'], ['GIF89a', 'picture_unknown'],
        ['<html><script>alert(1)</script></html>', 'picture_unknown'], [`%PDF-1.7\n${svg('')}`, 'picture_unknown'],
        [svg('<rect>', '<html>'), 'picture_broken'], [entity, 'picture_broken'],
        [Buffer.alloc(10 * 1024 * 1024 + 1), 'picture_too_large'],
    ]) {
        const { body } = await expect(422, save({ ...full, name: 'Typed', own_colour: '' }, { logo: bytes }));
        const sentence = finding[why].split('{{')[0];
        assert.ok(body.includes(`id="logo-error">${sentence}`), `${why}: ${/id="logo-error">[^<]*/.exec(body)}`);
        assert.match(body, /name="name"[^>]*value="Typed"/);
    }
    // A page behind a good picture does not survive, and neither does a link in a drawing.
    const linked = svg(`<image width="50" height="10" href="${house.service.url}/events/${event}"/>`);
    for (const bytes of [Buffer.concat([png(60), Buffer.from('<html><script>alert(1)</script>')]), linked]) {
        await expect(303, save({ ...full, version: (await stored()).version }, { logo: bytes }));
        const { logo } = await stored();
        assert.ok(!(await expect(200, get(logo.url))).bytes.includes('alert'));
    }
    await expect(200, get(before.logo.url)); // mails have its address
    await expect(303, save({ ...full, remove_logo: 'true' }));
    assert.equal((await stored()).logo, null);
});

test('a save that overlaps another one is asked about; everything wrong is told at its field', async () => {
    const { version } = await stored();
    await expect(303, save({ ...full, version, website: 'https://theirs.example' }));
    const late = await expect(409, save({ ...full, version, website: 'https://mine.example' }));
    assert.ok(late.body.includes(said.finding.profile_stale) && late.body.includes('https://mine.example'));
    assert.equal((await stored()).website, 'https://theirs.example');
    const [, again] = /name="version" value="(\d+)"/.exec(late.body);
    await expect(303, save({ ...full, version: again, website: 'https://mine.example' }));
    assert.equal((await stored()).website, 'https://mine.example');

    const wrong = await expect(422, save({ name: '', contact_email: 'x', website: 'ftp://x', own_colour: '1', accent: 'red',
        'privacy.de': 'x'.repeat(20_001) }));
    for (const field of ['name', 'contact_email', 'website', 'accent', 'privacy.de'])
        assert.ok(wrong.body.includes(`href="#${field}"`), field);
});

test('readers see it, editors of the whole organiser change it, and each change is noted', async () => {
    const viewer = await signIn(house, { role: 'viewer' });
    const page = (await expect(200, get(`/desk${path}`, viewer))).body;
    assert.ok(page.includes(said.profile.only_editors) && !page.includes('name="imprint.de"'));
    await expect(403, save(full, { who: viewer }));
    const guest = await signIn(house, { role: 'manager', event });
    assert.ok((await expect(200, get('/desk/organisers', guest))).body.includes(said.profile.none));
    await expect(404, save(full, { who: guest }));
    await expect(404, get(`/desk${path}`, await signIn(house, { role: 'owner', organiser: foreign.slug })));

    const token = await house.token({ role: 'manager' });
    const put = (json) => house.http.request('PUT', `/api/v1${path}`, { token, json });
    const { body } = await expect(200, put({ name: 'BIO', imprint: { en: 'x' }, accent: '#2547c0' }));
    assert.deepEqual([JSON.parse(body).imprint, JSON.parse(body).tones.light.is_changed], [{ en: 'x' }, false]);
    await expect(422, put({ name: 'BIO', colour: 'red' }));
    assert.equal((await expect(409, put({ name: 'BIO', version: 1 }))).json().code, 'profile_stale');
    const log = (await expect(200, get('/desk/log', owner))).body;
    for (const text of [said.history.action.organiser.profile, said.history.action.organiser.logo,
        said.history.member.imprint_en]) assert.ok(log.includes(text), text);
});

test('publishing asks first unless the profile has a privacy notice', async () => {
    const draft = await house.apply(plainEvent({ published: false }));
    const check = async () => (await get(`/desk/events/${draft}/publish`, owner)).body.includes(said.publishing.check.no_privacy);
    const publish = async (more) => {
        const [, version] = /name="version" value="(\d+)"/.exec((await get(`/desk/events/${draft}/publish`, owner)).body);
        return house.http.post(`/desk/events/${draft}/publish/publish`, { form: { version, ...more }, headers: owner.headers });
    };
    await until(check);
    const asked = await publish();
    assert.equal(asked.status, 200);
    assert.ok(asked.body.includes(`href="/desk${path}#privacy"`));
    await expect(303, save({ ...full, 'privacy.en': notice }));
    await until(async () => !await check());
    await expect(303, publish());
});
