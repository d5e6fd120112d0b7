// What the event page has besides text: the programme (also in the calendar and in copies), the contact,
// a picture, a link to share with its preview, and who comes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signIn } from '../harness/desk.js';
import { plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { until } from '../harness/wait.js';

const house = await openHouse({ settings: { workers: 2 } });
const bilingual = { languages: ['en', 'de'], title: { en: 'Party', de: 'Fest' } };
const open = { opens_at: '2020-01-01T00:00', closes_at: undefined };
const item = (starts_at, title, more) => ({ starts_at, title, ...more });

async function page(slug, language = 'en') {
    const answer = await house.http.get(`/events/${slug}`, { headers: { 'accept-language': language } });
    assert.equal(answer.status, 200, answer.body);
    return answer.body;
}
const main = (body) => body.replace(/^.*<main[^>]*>/s, '').replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');
const programmeOf = (body) => main(/<section class="programme".*?<\/section>/s.exec(body)[0]).trim();
const file = async (slug) => JSON.parse(await house.mustCommand(['event', 'show', slug]));
await house.apply(plainEvent());
const { headers } = await signIn(house);
const desk = (slug, rest) => house.http.get(`/desk/events/${slug}/${rest}`, { headers: { ...headers, 'accept-language': 'en' } });
const send = (slug, rest, form) => house.http.post(`/desk/events/${slug}/${rest}`, { headers: { ...headers, 'accept-language': 'en' }, form });

test('the programme stands on the page by day, in the API, and in the calendar', async () => {
    const event = plainEvent({ ...bilingual, starts_at: '2030-05-13T10:00', ends_at: '2030-05-14T18:00',
        contact: { name: 'Anna', phone: '+49 341 1234567', url: 'https://example.org/party' },
        programme: [item('2030-05-14T09:00', { en: 'Second day', de: 'Zweiter Tag' }),
            item('2030-05-13T10:30', 'Talk <1>', { ends_at: '2030-05-13T11:00', speakers: 'Jonas Klein', room: 'Hall 1', text: { en: 'With questions.', de: 'Mit Fragen.' } }),
            item('2030-05-13T10:30', 'Talk <1>')] });
    const slug = await house.apply(event);
    assert.match(await house.mustCommand(['event', 'apply', house.file('again.json', JSON.stringify(event))]), /unchanged/);
    const body = await page(slug);
    assert.equal(programmeOf(body), 'Programme Monday, 13 May 2030 10:30–11:00 Talk &lt;1&gt; Jonas Klein · Hall 1 With questions. ' +
        '10:30 Talk &lt;1&gt; Tuesday, 14 May 2030 09:00 Second day');
    assert.match(programmeOf(await page(slug, 'de')), /^Programm Montag, 13\. Mai 2030 .* Mit Fragen\. .* Dienstag, 14\. Mai 2030 09:00 Zweiter Tag$/);
    assert.match(body, /Anna.*href="tel:\+49 341 1234567".*href="https:\/\/example\.org\/party"/s);
    assert.match(body, new RegExp(`data-share="Party">${house.service.url}/events/${slug}<`));
    const seen = (await house.http.get(`/api/v1/events/${slug}`)).json();
    assert.deepEqual(seen.programme.map((entry) => [entry.slug, entry.starts_at, entry.local.ends_at, entry.room]),
        [['talk-1', '2030-05-13T08:30:00Z', '2030-05-13T11:00', 'Hall 1'], ['talk-1-2', '2030-05-13T08:30:00Z', null, null],
            ['second-day', '2030-05-14T07:00:00Z', null, null]]);
    assert.deepEqual(seen.contact, event.contact);
    const calendar = (await house.http.get(`/events/${slug}/calendar.ics`, { headers: { 'accept-language': 'en' } })).body.replace(/\r\n /g, '');
    assert.match(calendar, /DESCRIPTION[^:]*:.*Monday\\, 13 May 2030\\n10:30–11:00 {2}Talk <1> – Jonas Klein \(Hall 1\)\\n10:30 {2}Talk <1>\\n\\nTuesday/);
    assert.equal(calendar.match(/BEGIN:VEVENT/g).length, 1);
});

test('a mistake in the file is named with its place', async () => {
    const wrong = plainEvent({ starts_at: '2031-03-30T10:00', ends_at: '2031-03-31T10:00', contact: { phone: 'call me' }, who_comes: { shown: true, company: 'nope' },
        programme: [item('2031-03-30T02:30', 'Skipped'), item('2031-03-30T12:00', 'Backwards', { ends_at: '2031-03-30T11:00' }), { title: 'When?' }],
        consents: [{ slug: 'a', version: 1, required: true, label: 'A', shows_name: true }] });
    const { status, stderr } = await house.command(['event', 'apply', house.file('wrong.json', JSON.stringify(wrong))]);
    assert.equal(status, 1);
    for (const place of ['/programme/0/starts_at', '/programme/1/ends_at', '/programme/2/starts_at', '/contact/phone',
        '/consents/0/required', '/who_comes/company'])
        assert.ok(stderr.includes(place), `${place} — not in ${stderr}`);
});

test('at the desk items are added in the order of time, and changes are told in words', async () => {
    const slug = await house.apply(plainEvent({ ...bilingual, starts_at: '2030-05-13T10:00', ends_at: '2030-05-13T18:00' }));
    const add = (title, time, more) => send(slug, 'edit/programme/new', { 'title.en': title, 'title.de': '', 'starts_at.date': '2030-05-13',
        'starts_at.time': time, 'ends_at.date': '', 'ends_at.time': '', speakers: '', room: '', 'text.en': '', 'text.de': '', ...more });
    assert.match((await desk(slug, 'edit/programme/new')).body, /name="starts_at\.time" value="10:00"/);
    assert.equal((await add('Lunch', '12:00', { 'ends_at.date': '2030-05-13', 'ends_at.time': '13:00' })).headers.location,
        `/desk/events/${slug}/edit/programme?done=editor.added`);
    assert.match((await desk(slug, 'edit/programme/new')).body, /name="starts_at\.time" value="13:00"/, 'the next one begins where the last one ends');
    for (const [title, time] of [['Welcome', '10:00'], ['Late', '19:00'], ['Beside', '12:00']]) assert.equal((await add(title, time)).status, 303);
    const list = main((await desk(slug, 'edit/programme')).body);
    assert.match(list, /Welcome 13 May 2030, 10:00 .*Lunch 13 May 2030, 12:00–13:00 .*Beside.*Late 13 May 2030, 19:00 outside the time of the event/);
    assert.equal((await send(slug, 'edit/programme/beside/move', { to: 'up' })).status, 303);
    assert.deepEqual((await file(slug)).programme.map((entry) => entry.slug), ['welcome', 'beside', 'lunch', 'late']);
    const refused = await add('', '14:00', { 'ends_at.date': '2030-05-13', 'ends_at.time': '13:30', room: 'Cellar' });
    assert.equal(refused.status, 422);
    assert.match(refused.body, /The end must be after the start[^]*value="Cellar"/);
    const missing = main((await desk(slug, 'publish')).body);
    assert.match(missing, /German is incomplete: 4 texts are missing \(Programme item “Welcome”/);
    assert.match(missing, /A programme item is outside the time of the event: Late/);
    assert.equal((await send(slug, 'edit/programme/late/remove', {})).status, 303);
    assert.equal((await send(slug, 'edit/programme/welcome', { 'title.en': 'Welcome', 'starts_at.date': '2030-05-13', 'starts_at.time': '10:15' })).status, 303);
    const told = main((await desk(slug, 'publish/versions')).body);
    assert.match(told, /Programme item “Welcome”: Start of a programme item: 13 May 2030, 10:00 → 13 May 2030, 10:15/);
    assert.match(told, /Programme item “Late” removed/);
});

test('a copy moves the programme along with the clocks, and says where they skip a time', async () => {
    const slug = await house.apply(plainEvent({ ...bilingual, starts_at: '2030-10-05T22:00', ends_at: '2030-10-06T05:00',
        programme: [item('2030-10-06T02:30', { en: 'Night', de: 'Nacht' }, { room: '2030-10-06' }), item('2030-10-06T04:00', 'Morning')] }));
    const copy = { 'title.en': 'Again', 'title.de': '', day: '2031-03-29' };
    assert.match(main((await send(slug, 'publish/copy', copy)).body), /Start of a programme item: 30 Mar(ch)? 2031, 03:00 instead of 02:30/);
    const made = (await send(slug, 'publish/copy', { ...copy, accept: 'true' })).headers.location;
    assert.deepEqual((await file(/events\/([^/]+)/.exec(made)[1])).programme.map((entry) => [entry.starts_at, entry.room]),
        [['2031-03-30T03:00', '2030-10-06'], ['2031-03-30T04:00', undefined]]);
});

// --- Pictures -------------------------------------------------------------------------------------

const drawing = (colour) => `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 160 90"><rect width="160" height="90" fill="${colour}"/><script>alert(1)</script></svg>`;

async function upload(slug, bytes, alt = {}) {
    const form = new FormData();
    if (bytes !== undefined) form.append('picture', new Blob([bytes]), 'hall.svg');
    for (const [language, text] of Object.entries(alt)) form.append(`alt.${language}`, text);
    const sent = new Response(form);
    return house.http.post(`/desk/events/${slug}/edit/picture`, { body: Buffer.from(await sent.arrayBuffer()),
        headers: { ...headers, 'accept-language': 'en', 'content-type': sent.headers.get('content-type') } });
}
const imageOf = (body) => /<img class="picture"[^>]*>/.exec(body)?.[0];
const shareOf = (body) => new URL(/property="og:image" content="([^"]+)"/.exec(body)[1]).pathname;

// → {type, width, height} of a PNG or JPEG
function measure({ headers: { 'content-type': type }, bytes }) {
    if (type === 'image/png') return { type, width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
    let at = 2;
    while (bytes[at + 1] < 0xc0 || bytes[at + 1] > 0xc2) at += 2 + bytes.readUInt16BE(at + 2);
    return { type, width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) };
}

test('a picture is written anew, stands on the page with its words, and goes along with a copy', async () => {
    const slug = await house.apply(plainEvent({ ...bilingual, starts_at: '2030-05-13T10:00', ends_at: '2030-05-13T18:00' }));
    assert.match(main((await upload(slug)).body), /Choose a picture/);
    const refused = await upload(slug, 'no picture', { en: 'A hall' });
    assert.equal(refused.status, 422);
    assert.match(refused.body, /href="#picture"[^]*name="alt\.en"[^>]*value="A hall"/);
    assert.equal((await upload(slug, drawing('#a03'), { en: 'A "full" hall', de: '' })).headers.location, `/desk/events/${slug}/edit?done=editor.saved`);
    const image = imageOf(await page(slug));
    assert.match(image, /src="\/pictures\/[0-9a-f]{32}\.jpg" width="1600" height="900" alt="A &quot;full&quot; hall" loading="lazy"/);
    const path = /src="([^"]+)"/.exec(image)[1];
    const served = await house.http.get(path);
    assert.deepEqual(measure(served), { type: 'image/jpeg', width: 1600, height: 900 });
    assert.match(served.headers['cache-control'], /immutable/);
    assert.deepEqual((await house.http.get(`/api/v1/events/${slug}`)).json().picture, { url: path, width: 1600, height: 900, alt: { en: 'A "full" hall' } });
    assert.match(main((await desk(slug, 'publish')).body), /German is incomplete: one text is missing \(What the picture shows\)/);
    assert.equal((await upload(slug, undefined, { en: 'A hall', de: 'Ein Saal' })).status, 303, 'new words for the same picture');
    assert.ok(imageOf(await page(slug, 'de')).includes(`src="${path}"`));
    assert.match(imageOf(await page(slug, 'de')), /alt="Ein Saal"/);
    const copied = (await send(slug, 'publish/copy', { 'title.en': 'Again', 'title.de': 'Wieder', day: '2031-05-13' })).headers.location;
    const copy = (await desk(/events\/([^/]+)/.exec(copied)[1], 'publish/page')).body;
    assert.ok(imageOf(copy).includes(`src="${path}"`));
    assert.equal((await send(slug, 'edit/picture/remove', {})).status, 303);
    assert.equal(imageOf(await page(slug)), undefined);
    const actions = await house.database.query(`select before ->> 'alt' as before, after ->> 'alt' as after from audit_entry join event using (event_id)
        where slug = $1 and action = 'event.picture' order by entry_id`, [slug]);
    assert.deepEqual(actions.map(({ before, after }) => [before, after]), [[null, 'A "full" hall'], ['A "full" hall', 'Ein Saal / A hall'], [null, null]]);
});

test('a link to the page has a preview that we draw, in each language, at an address of its own', async () => {
    const event = plainEvent({ ...bilingual, starts_at: '2030-05-13T10:00', ends_at: '2030-05-13T18:00' });
    const slug = await house.apply(event);
    const body = await page(slug);
    for (const tag of ['property="og:title" content="Party"', 'property="og:type" content="event"', `property="og:url" content="${house.service.url}/events/${slug}"`,
        'property="og:image:width" content="1200"', 'name="twitter:card" content="summary_large_image"'])
        assert.ok(body.includes(tag), tag);
    const plain = shareOf(body), german = shareOf(await page(slug, 'de'));
    assert.notEqual(plain, german);
    for (const path of [plain, german, plain]) {
        const drawn = await house.http.get(path);
        assert.deepEqual(measure(drawn), { type: 'image/png', width: 1200, height: 630 });
        assert.match(drawn.headers['cache-control'], /immutable/);
        assert.ok(drawn.bytes.length < 100_000, `${drawn.bytes.length} bytes`);
        assert.equal((await house.http.get(path, { headers: { 'if-none-match': drawn.headers.etag } })).status, 304);
    }
    await house.apply({ ...event, title: { en: 'Ball', de: 'Ball' } });
    const later = shareOf(await page(slug));
    assert.notEqual(later, plain);
    assert.equal((await house.http.get(plain)).headers.location, later, 'an older link gets the picture of now');
    await upload(slug, drawing('#06c'), { en: 'Blue' });
    const pictured = await house.http.get(shareOf(await page(slug)));
    assert.deepEqual(measure(pictured), { type: 'image/jpeg', width: 1200, height: 630 });
    assert.equal((await house.http.get(`/events/${slug}/share/nothing.png`)).status, 404);
    await house.apply({ ...event, published: false });
    assert.equal((await house.http.get(later)).status, 404, 'nobody sees a draft by it');
});

// --- Who comes ------------------------------------------------------------------------------------

const names = (body) => [...(/<section class="who-comes".*?<\/section>/s.exec(body)?.[0] ?? '').matchAll(/<li>(.*?)<\/li>/g)].map(([, name]) => main(name).trim());
const party = (changes) => plainEvent({ ...bilingual, starts_at: '2030-05-13T10:00', ends_at: '2030-05-13T18:00', registration: { ...open, most_attendees: 3 },
    questions: [{ slug: 'company', label: 'Company', kind: 'text' }], ...changes });

// Somebody new appears soon, on each worker. A name that may not stand there goes at once.
async function appears(slug, expected) {
    let times = 0;
    await until(async () => {
        times = JSON.stringify(names(await page(slug))) === JSON.stringify(expected) ? times + 1 : 0;
        return times === 6;
    }, () => `${expected}`);
}

async function comes(slug, name, consents, more) {
    const answer = await house.signUp(slug, plainGuest({ consents, attendees: [{ name, ...more }, ...(more?.others ?? [])].map(({ others, ...one }) => one) }));
    assert.equal(answer.status, 201, answer.body);
    return answer.json();
}
const consent = (registration, json) => house.http.post(`/api/v1/registrations/${registration.id}/consents${new URL(registration.manage_url).search}`, { json });

test('the page names those who agreed, until they withdraw it, cancel or are erased', async () => {
    const slug = await house.apply(party());
    const asked = await send(slug, 'edit/privacy', { 'who_comes.shown': 'true', 'who_comes.company': 'company' });
    assert.equal(asked.status, 303, asked.body);
    const [suggested] = (await file(slug)).consents;
    assert.deepEqual([suggested.shows_name, suggested.required, Object.keys(suggested.label)], [true, false, ['en', 'de']]);
    assert.match((await house.http.get(`/events/${slug}/register`, { headers: { 'accept-language': 'de' } })).body, /Mein Name \(und meine Firma, wenn ich sie angebe\)/);
    assert.doesNotMatch(await page(slug), /class="who-comes"/, 'nobody yet');

    const yes = [suggested.slug];
    const berta = await comes(slug, 'Berta <b>', yes, { answers: { company: 'Bolt & Co' }, others: [{ name: 'Her colleague' }] });
    const ada = await comes(slug, 'ada', yes);
    const carl = await comes(slug, 'Carl', yes);
    await comes(slug, 'Shy', []);
    await appears(slug, ['ada', 'Berta &lt;b&gt; Bolt &amp; Co', 'Carl']);
    assert.match(main(await page(slug)), /and 2 others/);
    for (const path of [`/events/${slug}?code=nothing`, `/desk/events/${slug}/publish/page`])
        assert.deepEqual(names((await house.http.get(path, { headers })).body), names(await page(slug)), path);
    assert.ok(!JSON.stringify((await house.http.get(`/api/v1/events/${slug}`)).json()).includes('Carl'));

    assert.equal((await consent(ada, { consent: yes[0], given: false })).status, 200);
    for (let i = 0; i < 6; i++) assert.deepEqual(names(await page(slug)), ['Berta &lt;b&gt; Bolt &amp; Co', 'Carl'], 'on each worker');
    assert.equal((await consent(ada, { consent: yes[0], version: 1, given: true })).status, 200);
    await appears(slug, ['ada', 'Berta &lt;b&gt; Bolt &amp; Co', 'Carl']);
    const manager = await house.token();
    assert.equal((await house.http.delete(`/api/v1/registrations/${carl.id}`, { token: manager })).status, 200);
    // Another process changes it: what this one keeps does not show a name.
    await house.database.query(`update registration set consents = '[]' where registration_id = $1`, [berta.id]);
    assert.deepEqual(names(await page(slug)), ['ada']);

    const { consents } = await file(slug);
    const unaware = { ...(await file(slug)), consents: [{ ...consents[0], shows_name: undefined }, { slug: 'other', version: 1, required: false, label: 'Other' }], who_comes: undefined };
    await house.apply(unaware);
    assert.deepEqual(names(await page(slug)), []);
    unaware.consents[1].shows_name = true;
    const { stderr } = await house.command(['event', 'apply', house.file('unaware.json', JSON.stringify(unaware))]);
    assert.match(stderr, /\/consents\/1\/shows_name: people may have agreed to version 1/);
    const removed = await send(await shown(), 'edit/consents/names/remove', {});
    assert.equal(removed.status, 422);
    assert.match(main(removed.body), /there is no consent for it/);
});

async function shown() {
    return house.apply(party({ consents: [{ slug: 'names', version: 1, required: false, shows_name: true, label: 'Names' }], who_comes: { shown: true } }));
}

test('another wording asks again, and many are counted', async () => {
    const event = party({ consents: [{ slug: 'names', version: 1, required: false, shows_name: true, label: 'Names' }], who_comes: { shown: true } });
    const slug = await house.apply(event);
    for (let i = 10; i < 75; i++) await comes(slug, `Guest ${i}`, ['names']);
    await appears(slug, Array.from({ length: 60 }, (_, i) => `Guest ${i + 15}`)); // the newest, by name
    assert.match(main(await page(slug)), /and 5 others/);
    event.consents[0] = { ...event.consents[0], version: 2, label: 'Names and photos' };
    await house.apply(event);
    assert.deepEqual(names(await page(slug)), []);
    await comes(slug, 'New', ['names']);
    await appears(slug, ['New']);
});
