// The event's public pages: their content in each state, their size, and how soon a change reaches every
// worker.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exampleEvent, guest, localTime, plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { until } from '../harness/wait.js';

const house = await openHouse({ settings: { workers: 2 } });

async function page(path, language = 'en', http = house.http) {
    const answer = await http.get(path, { headers: { 'accept-language': language } });
    assert.equal(answer.status, 200, answer.body);
    return answer.body;
}

const eventPage = (slug, language) => page(`/events/${slug}`, language);
const view = async (slug) => (await house.http.get(`/api/v1/events/${slug}`)).json();
const schema = (body) => JSON.parse(/<script type="application\/ld\+json">(.*?)<\/script>/s.exec(body)[1]);
const applied = (changes) => house.apply(plainEvent(changes));
const open = { opens_at: '2020-01-01T00:00', closes_at: undefined };

// → the visible text of a page
const text = (body) => body.replace(/<(script|style).*?<\/\1>/gs, '').replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');

test('a cancelled event says so everywhere and takes nobody in', async () => {
    const slug = await applied({ cancelled: true, title: 'Gone', starts_at: localTime(5), ends_at: localTime(6),
        registration: open });
    const seen = await view(slug);
    assert.equal(seen.registration.state, 'cancelled');
    const english = await eventPage(slug);
    assert.match(english, /This event has been cancelled/);
    assert.match(await eventPage(slug, 'de'), /Diese Veranstaltung ist abgesagt/);
    assert.doesNotMatch(english, /\/register/);
    assert.doesNotMatch(english, /calendar\.ics/);
    assert.equal(schema(english).eventStatus, 'https://schema.org/EventCancelled');
    assert.equal(schema(english).offers, undefined);
    const refused = await house.signUp(slug, plainGuest());
    assert.equal(refused.status, 409);
    assert.match(refused.json().detail, /has been cancelled/);
    const over = await applied({ cancelled: true, starts_at: localTime(-5), ends_at: localTime(-4),
        registration: { opens_at: localTime(-9), closes_at: undefined } });
    assert.match(await eventPage(over), /This event has been cancelled/);
    assert.doesNotMatch(await eventPage(over), /This event is over/);
});

test('what kind of sign-up it is stands there in words', async () => {
    const strict = await applied({ registration: { ...open, approval: true, verify_email: true, most_attendees: 4,
        waiting_list: true, capacity: 30 } });
    const easy = await applied({ registration: { ...open, approval: false, verify_email: false, most_attendees: 1,
        waiting_list: false, capacity: 30 } });
    const terms = [/organiser approves each registration/, /confirm your email address with a link/,
        /Up to 4 people per registration/, /Waiting list once fully booked/];
    const [many, few] = [await eventPage(strict), await eventPage(easy)];
    for (const term of terms) {
        assert.match(many, term);
        assert.doesNotMatch(few, term);
    }
    for (const body of [many, few]) assert.match(body, /Free, registration required/);
    assert.match(await eventPage(strict, 'de'), /Kostenfrei, Anmeldung erforderlich/);
});

test('where every ticket wants a code, the page asks for the code and not for patience', async () => {
    const slug = await applied({ registration: { ...open, waiting_list: true },
        ticket_types: [{ slug: 'partner', title: 'Partner', code: 'P-1' }] });
    const body = await eventPage(slug);
    assert.match(body, /By invitation only/);
    assert.doesNotMatch(body, /Fully booked|\/register/);
    const opened = await page(`/events/${slug}?code=P-1`);
    assert.match(opened, /\/register\?code=P-1"/);
    assert.match(await page(`/events/${slug}?code=p-2`), /We don’t recognise this code/);
});

test('a page says until when, and that few places are left', async () => {
    const oneDay = await applied({ timezone: 'Europe/Berlin', starts_at: '2031-05-13T10:00', ends_at: '2031-05-13T14:00',
        registration: { ...open, capacity: 3 } });
    const night = await applied({ timezone: 'Europe/Berlin', starts_at: '2031-05-13T22:00', ends_at: '2031-05-14T04:00',
        registration: { ...open, capacity: 300 } });
    assert.match(text(await eventPage(oneDay)), /Tuesday, 13 May 2031 , 10:00–14:00 /);
    assert.match(text(await eventPage(oneDay, 'de')), /Dienstag, 13\. Mai 2031 , 10:00–14:00 Uhr /);
    assert.match(text(await eventPage(night, 'de')),
        /Dienstag, 13\. Mai 2031, 22:00 Uhr – Mittwoch, 14\. Mai 2031, 04:00 Uhr/);
    assert.match(await eventPage(oneDay), /status-look">3 places left/);
    assert.doesNotMatch(await eventPage(night), /class="[^"]*status-look/);
});

test('calendar, map and contact are links, and the page itself asks nobody else for anything', async () => {
    const slug = await applied({ reply_to: 'events@example.org', registration: open });
    const body = await eventPage(slug);
    assert.match(body, new RegExp(`href="/events/${slug}/calendar\\.ics"`));
    assert.match(body, /href="https:\/\/www\.openstreetmap\.org\/search\?query=/);
    assert.match(body, /href="mailto:events@example\.org"/);
    const loaded = [...body.matchAll(/<(?:script|link rel="(?:stylesheet|icon|preload)"|img|iframe)[^>]*(?:src|href)="([^"]+)"/g)];
    assert.ok(loaded.length >= 2);
    for (const [, address] of loaded) assert.match(address, /^\/assets\//);
});

test('link previews and search engines are told all of it', async () => {
    const slug = await house.apply(exampleEvent({ timezone: 'Europe/Berlin', starts_at: '2031-05-13T10:00',
        ends_at: '2031-05-13T14:00', registration: { opens_at: '2020-01-01T00:00', closes_at: '2031-05-13T12:00', capacity: 78 } }));
    const body = await eventPage(slug), address = `${house.service.url}/events/${slug}`;
    const meta = Object.fromEntries([...body.matchAll(/<meta property="(og:[a-z_]+)" content="([^"]*)">/g)].map(([, k, v]) => [k, v]));
    assert.equal(meta['og:title'], 'bionection meets Artificial Intelligence');
    assert.equal(meta['og:url'], address);
    assert.match(meta['og:description'], /^Tuesday, 13 May 2031, 10:00–14:00 · BIO CITY LEIPZIG · What artificial/);
    assert.equal(meta['og:locale'], 'en_GB');
    assert.match(body, new RegExp(`rel="alternate" hreflang="de" href="${address}\\?lang=de"`));
    const data = schema(body);
    assert.equal(data.eventStatus, 'https://schema.org/EventScheduled');
    assert.equal(data.eventAttendanceMode, 'https://schema.org/OfflineEventAttendanceMode');
    assert.deepEqual(data.offers, { '@type': 'Offer', price: 0, priceCurrency: 'EUR', url: address,
        availability: 'https://schema.org/InStock', validFrom: '2019-12-31T23:00:00Z', validThrough: '2031-05-13T10:00:00Z' });
    assert.equal(data.remainingAttendeeCapacity, 78);
    assert.equal(data.inLanguage, 'en');
});

test('what a client calls us stands on no page that others get', async () => {
    const other = await openHouse({ settings: { public_url: undefined } });
    const slug = await other.apply(plainEvent({ registration: open }));
    const poisoned = await other.http.get(`/events/${slug}`, { headers: { host: 'evil.example' } });
    assert.equal(poisoned.status, 200);
    assert.doesNotMatch(poisoned.body, /evil\.example/);
});

test('page, stylesheet and script together are a few kilobytes, in two requests before the first paint', async () => {
    const slug = await house.apply(exampleEvent());
    const packed = async (path) => {
        const answer = await house.http.get(path, { headers: { 'accept-encoding': 'gzip' } });
        assert.equal(answer.headers['content-encoding'], 'gzip', path);
        return answer.bytes.length;
    };
    const body = await eventPage(slug);
    const [style, ...more] = [...body.matchAll(/<link rel="stylesheet" href="([^"]+)"/g)].map(([, address]) => address);
    assert.deepEqual(more, [], 'one stylesheet');
    assert.match(body.split('</head>')[0], /<script type="module" src=/, 'scripts are modules, which wait for the page');
    const script = /<script type="module" src="([^"]+)"/.exec(body)[1];
    // A server may send 10 segments of 1,460 bytes at once (RFC 6928).
    for (const path of [`/events/${slug}`, style]) assert.ok(await packed(path) < 14_600, path);
    const all = await packed(`/events/${slug}`) + await packed(style) + await packed(script);
    assert.ok(all < 30 * 1024, `${all} bytes`);
});

// Uses a new connection per request, until both workers have answered often enough. → whether check was
// always true
async function onEveryWorker(path, check, times = 12) {
    const seen = new Map();
    let holds = true;
    for (let i = 0; i < 400 && (seen.size < 2 || Math.min(...seen.values()) < times); i++) {
        const answer = await house.http.get(path, { headers: { connection: 'close' } });
        const worker = answer.headers['x-request-id'].split('-')[0];
        seen.set(worker, (seen.get(worker) ?? 0) + 1);
        holds = check(answer.body) && holds;
    }
    assert.equal(seen.size, 2, 'both workers answered');
    return holds;
}

test('a changed file shows on both workers soon', async () => {
    const event = plainEvent({ title: 'Before', registration: open });
    await house.apply(event);
    for (const title of ['After', 'Later still']) {
        await onEveryWorker(`/events/${event.slug}`, () => true); // both workers cache the page
        await house.apply({ ...event, title });
        for (const [path, words] of [[`/events/${event.slug}`, `<h1>${title}<`], ['/', `>${title}<`]])
            await until(() => onEveryWorker(path, (body) => body.includes(words)));
    }
});

test('the list says how each event stands, and what takes place now', async () => {
    const other = await openHouse();
    const make = (title, changes) => other.apply(plainEvent({ title, ...changes }));
    const at = (hours) => ({ starts_at: localTime(hours), ends_at: localTime(hours + 1) });
    const places = (capacity, waiting_list = false) => ({ registration: { ...open, capacity, waiting_list } });
    await make('Roomy', { ...at(20), ...places(100) });
    await make('Scarce', { ...at(21), ...places(2) });
    const full = await make('Full', { ...at(22), ...places(1) });
    const queue = await make('Queue', { ...at(23), ...places(1, true) });
    await make('Off', { ...at(24), ...places(9), cancelled: true });
    await make('Soon', { ...at(48), registration: { opens_at: localTime(24), closes_at: undefined } });
    await make('Invited', { ...at(26), ...places(9), ticket_types: [{ slug: 'a', title: 'A', code: 'X' }] });
    await make('Typed', { ...at(27), ...places(50), ticket_types: [{ slug: 'a', title: 'A', capacity: 1 }, { slug: 'b', title: 'B', capacity: 40, code: 'X' }] });
    await make('Unlimited', { ...at(28), ...places(undefined) });
    await make('Running', { starts_at: localTime(-1), ends_at: localTime(1), ...places(9) });
    for (const slug of [full, queue]) assert.equal((await other.signUp(slug, plainGuest())).status, 201);
    const { events } = await until(async () => { // the list is cached for two seconds
        const list = (await other.http.get('/api/v1/events')).json();
        const left = (wanted) => list.events.find(({ title }) => title.en === wanted)?.places_left;
        return list.events.length === 10 && left('Full') === 0 && left('Queue') === 0 && list;
    });
    const states = Object.fromEntries(events.map(({ title, state, places_left, by_invitation }) =>
        [title.en, [state, places_left, by_invitation]]));
    assert.deepEqual(states, {
        Roomy: ['open', 100, false], Scarce: ['open', 2, false], Full: ['sold_out', 0, false], Queue: ['waiting_list', 0, false],
        Off: ['cancelled', 9, false], Soon: ['not_yet_open', states.Soon[1], false], Invited: ['sold_out', 9, true],
        Typed: ['open', 1, false], Unlimited: ['open', null, false], Running: ['open', 9, false],
    });
    const body = await page('/', 'en', other.http);
    const signs = Object.fromEntries([...body.matchAll(/<h3><a[^>]*>([^<]+)<\/a><\/h3>.*?class="status[^"]*">([^<]+)</gs)]
        .map(([, title, sign]) => [title, sign]));
    assert.equal(signs.Roomy, 'Registration open');
    assert.equal(signs.Unlimited, 'Registration open');
    assert.equal(signs.Scarce, '2 places left');
    assert.equal(signs.Full, 'Fully booked');
    assert.equal(signs.Queue, 'Fully booked, waiting list open');
    assert.equal(signs.Off, 'Cancelled');
    assert.match(signs.Soon, /^Registration opens /);
    assert.equal(signs.Invited, 'By invitation');
    const heads = [...body.matchAll(/<h[23][^>]*>(?:<a[^>]*>)?([^<]+)/g)].map(([, head]) => head);
    assert.deepEqual(heads.slice(0, 4), ['Happening now', 'Running', 'Upcoming', 'Roomy']);
    assert.match(await page('/', 'de', other.http), /Noch 2 Plätze</);
});

test('a sign-up that takes the last place is on the page at once', async () => {
    const slug = await house.apply(exampleEvent({ registration: { capacity: 1, waiting_list: true } }));
    assert.match(await eventPage(slug), /status-look">One place left/);
    assert.equal((await house.signUp(slug, guest())).status, 201);
    await onEveryWorker(`/events/${slug}`, (body) => assert.match(body, /Fully booked/), 3);
});
