// Public events: the API, the pages, and how soon they show changes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exampleEvent, guest, localTime, plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { until } from '../harness/wait.js';

const house = await openHouse();

async function view(slug, query = '', options) {
    const answer = await house.http.get(`/api/v1/events/${slug}${query}`, options);
    assert.equal(answer.status, 200, answer.body);
    return answer.json();
}

async function page(slug, language = 'en', query = '') {
    const answer = await house.http.get(`/events/${slug}${query}`,
        { headers: { 'accept-language': language } });
    assert.equal(answer.status, 200, answer.body);
    return answer.body;
}

// Repeats check until no assertion fails; for changes that travel by notification.
async function eventually(check) {
    let reason;
    await until(() => check().then(() => true, (error) => {
        reason = error;
        return false;
    }), () => reason.stack);
}

test('the view says what the file says, with times in UTC and places left', async () => {
    const event = exampleEvent({ timezone: 'Europe/Berlin', starts_at: '2030-07-01T10:00',
        ends_at: '2030-07-01T14:00', registration: { opens_at: undefined, closes_at: undefined } });
    await house.apply(event);
    const seen = await view(event.slug);
    for (const key of ['slug', 'organiser', 'title', 'summary', 'description', 'venue', 'timezone',
        'languages', 'questions', 'consents']) assert.deepEqual(seen[key], event[key], key);
    assert.equal(seen.starts_at, '2030-07-01T08:00:00Z');
    assert.equal(seen.ends_at, '2030-07-01T12:00:00Z');
    assert.equal(seen.local.starts_at, '2030-07-01T10:00');
    const { registration } = seen;
    assert.equal(registration.state, 'open');
    assert.equal(registration.opens_at, null);
    assert.equal(registration.closes_at, seen.ends_at);
    assert.equal(registration.capacity, 78);
    assert.equal(registration.places_left, 78);
    assert.equal(registration.waiting, 0);
    assert.deepEqual(seen.ticket_types.map((type) => [type.slug, type.places_left]),
        [['guest', 78], ['press', 6]]);
    assert.equal(seen.doors, undefined);
});

test('ticket types behind an access code show to who has it, and the code to nobody', async () => {
    const event = exampleEvent();
    await house.apply(event);
    const slugs = (seen) => seen.ticket_types.map((type) => type.slug);
    assert.deepEqual(slugs(await view(event.slug)), ['guest', 'press']);
    assert.deepEqual(slugs(await view(event.slug, '?code=wrong')), ['guest', 'press']);
    const opened = await view(event.slug, '?code=SPEAKER-2022');
    assert.deepEqual(slugs(opened), ['guest', 'speaker', 'press']);
    assert.equal(opened.ticket_types[1].needs_code, true);
    const organiser = await view(event.slug, '', { token: await house.token() });
    assert.deepEqual(slugs(organiser), ['guest', 'speaker', 'press']);
    for (const seen of [opened, organiser]) assert.doesNotMatch(JSON.stringify(seen), /SPEAKER-2022/);
    assert.doesNotMatch(await page(event.slug), /SPEAKER-2022|Speaker/);
    assert.match(await page(event.slug, 'en', '?code=SPEAKER-2022'), /Speaker/);
    assert.doesNotMatch(await page(event.slug), /Speaker/, 'what one visitor opened is not kept for others');
});

test('whoever was answered sees counts at least as new, on every worker', async () => {
    const slug = await house.apply(plainEvent({ registration: { capacity: 30 } }));
    for (let taken = 1; taken <= 20; taken++) {
        assert.equal((await house.signUp(slug, plainGuest())).status, 201);
        const seen = await Promise.all(Array.from({ length: 6 }, () => view(slug)));
        for (const { registration } of seen) assert.equal(registration.places_left, 30 - taken);
        assert.match(await page(slug), new RegExp(`${30 - taken} places left`));
    }
});

test('the page follows registration from not yet open to over', async () => {
    const slug = (changes) => house.apply(plainEvent(changes));
    const later = { registration: { opens_at: localTime(1), closes_at: localTime(2) },
        starts_at: localTime(3), ends_at: localTime(4) };
    const notYet = await slug(later);
    assert.equal((await view(notYet)).registration.state, 'not_yet_open');
    assert.match(await page(notYet), /Registration opens on/);
    const closed = await slug({ ...later,
        registration: { opens_at: localTime(-2), closes_at: localTime(-1) } });
    assert.equal((await view(closed)).registration.state, 'closed');
    assert.match(await page(closed), /Registration closed on/);
    const over = await slug({ starts_at: localTime(-5), ends_at: localTime(-4),
        registration: { opens_at: localTime(-9), closes_at: undefined } });
    assert.equal((await view(over)).registration.state, 'closed');
    assert.match(await page(over), /This event is over/);
    assert.doesNotMatch(await page(over), /class="button" href="[^"]*register/);
});

test('a full event says so, and offers the waiting list where there is one', async () => {
    const full = await house.apply(plainEvent({ registration: { capacity: 1, waiting_list: false } }));
    const waiting = await house.apply(plainEvent({ registration: { capacity: 1, waiting_list: true } }));
    for (const slug of [full, waiting]) {
        assert.match(await page(slug), /One place left/);
        assert.equal((await house.signUp(slug, plainGuest())).status, 201);
    }
    assert.equal((await view(full)).registration.state, 'sold_out');
    assert.match(await page(full), /there is no waiting list/);
    assert.doesNotMatch(await page(full), /\/register"/);
    assert.equal((await view(waiting)).registration.state, 'waiting_list');
    assert.match(await page(waiting), /Join the waiting list/);
    assert.equal((await house.signUp(waiting, plainGuest())).json().status, 'waitlisted');
    assert.equal((await view(waiting)).registration.waiting, 1);
    assert.match(await page(waiting), /One registration is on the waiting list/);
    assert.match(await page(waiting, 'de'), /Eine Anmeldung steht auf der Warteliste/);
});

test('a ticket type that is full is said to be full and nothing else, whatever the event has left', async () => {
    const slug = await house.apply(plainEvent({ registration: { capacity: 40 }, ticket_types: [
        { slug: 'a', title: 'Seat' }, { slug: 'b', title: 'Box', capacity: 0 }] }));
    const cells = [...(await page(slug)).matchAll(/<th scope="row">([^<]+)<\/th><td>([^<]+)</g)];
    assert.deepEqual(cells.map(([, title, left]) => [title, left]), [['Seat', '40 places left'], ['Box', 'None left']]);
});

test('a changed file shows on every worker', async () => {
    const event = plainEvent({ title: 'Before' });
    await house.apply(event);
    for (let i = 0; i < 8; i++) assert.match(await page(event.slug), /Before/);
    await house.apply({ ...event, title: 'After', organiser: { slug: 'biosaxony', name: 'Renamed' } });
    await eventually(async () => {
        for (let i = 0; i < 12; i++) {
            const body = await page(event.slug);
            assert.match(body, /After/);
            assert.match(body, /Renamed/);
        }
    });
});

test('the page is whole without scripts, small, and in the visitor’s language', async () => {
    const event = exampleEvent({ timezone: 'Europe/Berlin', starts_at: '2030-05-13T10:00',
        ends_at: '2030-05-13T14:00', registration: { opens_at: '2020-01-01T00:00', closes_at: undefined } });
    await house.apply(event);
    const english = await page(event.slug), german = await page(event.slug, 'de-AT,de;q=0.9');
    assert.match(english, /<html lang="en">/);
    assert.match(english, /Monday, 13 May 2030<.*>10:00–14:00</);
    assert.match(english, /Europe\/Berlin/);
    assert.match(english, /78 places left/);
    assert.match(english, new RegExp(`href="/events/${event.slug}/register">Register<`));
    assert.match(english, /href="https:\/\/www\.openstreetmap\.org\/search\?query=Deutscher%20Platz/);
    assert.match(english, /<strong>medicine<\/strong>/);
    assert.match(german, /<html lang="de">/);
    assert.match(german, /Montag, 13\. Mai 2030<.*>10:00–14:00 Uhr/);
    assert.match(german, /bionection meets Künstliche Intelligenz/);
    assert.match(german, /Noch 78 Plätze frei/);
    assert.match(english, /property="og:title" content="bionection meets Artificial Intelligence"/);
    assert.doesNotMatch(english, /<script(?! type="(application\/ld\+json"|module" src="\/assets\/))/);
    const data = JSON.parse(/<script type="application\/ld\+json">(.*?)<\/script>/s.exec(english)[1]);
    assert.equal(data['@type'], 'Event');
    assert.equal(data.startDate, '2030-05-13T08:00:00Z');
    assert.equal(data.location.address, event.venue.address);
    const again = await house.http.get(`/events/${event.slug}?lang=de`);
    assert.match(again.body, /Künstliche Intelligenz/);
});

test('a page that has not changed is not sent again', async () => {
    const slug = await house.apply(plainEvent({ registration: { capacity: 5 } }));
    const first = await house.http.get(`/events/${slug}`);
    const headers = { 'if-none-match': first.headers.etag };
    assert.equal((await house.http.get(`/events/${slug}`, { headers })).status, 304);
    assert.equal((await house.signUp(slug, plainGuest())).status, 201);
    assert.equal((await house.http.get(`/events/${slug}`, { headers })).status, 200);
});

test('texts of organisers cannot become markup or script', async () => {
    const nasty = '</script><script>alert(1)</script><img src=x onerror=alert(1)>"\'&{{slug}}';
    const event = plainEvent({ title: nasty, summary: nasty, description: `${nasty}\n\n[x](javascript:alert)`,
        venue: { name: nasty, address: nasty }, ticket_types: [{ slug: 'a', title: nasty },
            { slug: 'b', title: nasty }] });
    await house.apply(event);
    const body = await page(event.slug);
    assert.equal(body.match(/<script/g).length, 2, 'the data and one file');
    assert.equal(body.match(/<\/script/g).length, 2);
    assert.doesNotMatch(body, /<img|href="javascript/);
    assert.equal(JSON.parse(/ld\+json">(.*?)<\/script>/s.exec(body)[1]).name, nasty);
    assert.equal((await view(event.slug)).title.en, nasty);
});

test('what is not published is there for its organiser alone', async () => {
    const slug = await house.apply(plainEvent({ published: false }));
    await house.apply(plainEvent({ organiser: { slug: 'others', name: 'Others' } }));
    const path = `/api/v1/events/${slug}`;
    assert.equal((await house.http.get(path)).status, 404);
    assert.equal((await house.http.get(`/events/${slug}`)).status, 404);
    assert.equal((await house.http.get(path, { token: await house.token() })).status, 200);
    const stranger = await house.token({ organiser: 'others' });
    assert.equal((await house.http.get(path, { token: stranger })).status, 404);
    assert.equal((await house.http.get(`${path}/attendees`, { token: stranger })).status, 404);
    const listed = (await house.http.get('/api/v1/events?limit=200')).json().events;
    assert.ok(!listed.some((event) => event.slug === slug));
});

test('a role counts for the events it was given for, and no others', async () => {
    const [slug, other] = [await house.apply(plainEvent()), await house.apply(plainEvent())];
    await house.apply(plainEvent({ organiser: { slug: 'others', name: 'Others' } }));
    const attendees = (at, token) => house.http.get(`/api/v1/events/${at}/attendees`, { token });
    const only = await house.token({ event: slug });
    assert.equal((await attendees(slug, only)).status, 200);
    assert.equal((await attendees(other, only)).status, 403);
    const stranger = await house.token({ organiser: 'others' });
    assert.equal((await attendees(slug, stranger)).status, 403);
    assert.equal((await house.http.get(`/api/v1/events/${slug}`, { token: stranger })).status, 200);
    const coded = exampleEvent();
    await house.apply(coded);
    const seen = await view(coded.slug, '', { token: stranger });
    assert.ok(!seen.ticket_types.some((type) => type.slug === 'speaker'),
        'a role elsewhere opens nothing here');
});

test('what names no event finds none', async () => {
    for (const path of ['/api/v1/events/nowhere', '/events/nowhere', '/events/NOWHERE',
        `/events/${'a'.repeat(300)}`, '/events/%00', '/events/a%2Fb',
        '/api/v1/registrations/00000000-0000-7000-8000-000000000000',
        '/api/v1/registrations/nonsense', '/tickets/2KCENONSENSE']) {
        const answer = await house.http.get(path);
        assert.ok([401, 404].includes(answer.status), `${path}: ${answer.status}`);
    }
});

test('the list pages through all published events, the next one first', async () => {
    const own = [];
    for (let i = 0; i < 7; i++) {
        const hours = [30, 10, -30, 20, -10, 40, -20][i];
        own.push(await house.apply(plainEvent({ starts_at: localTime(hours), ends_at: localTime(hours + 1),
            registration: { opens_at: localTime(-99), closes_at: undefined } })));
    }
    const seen = [];
    let next = '';
    do {
        const list = (await house.http.get(`/api/v1/events?limit=3${next && `&cursor=${next}`}`)).json();
        assert.ok(list.events.length <= 3);
        seen.push(...list.events.map((event) => event.slug));
        next = list.next;
    } while (next);
    assert.equal(new Set(seen).size, seen.length, 'none twice');
    const rows = await house.database.query('select slug from event where published');
    assert.deepEqual([...seen].sort(), rows.map((row) => row.slug).sort(), 'none missing');
    const order = seen.filter((slug) => own.includes(slug));
    assert.deepEqual(order, [1, 3, 0, 5, 4, 6, 2].map((i) => own[i]));
    for (const query of ['cursor=x', 'cursor=ended.1', 'cursor=upcoming.x.y', 'limit=0', 'limit=1e3']) {
        const refused = await house.http.get(`/api/v1/events?${query}`);
        assert.equal(refused.status, 400, query);
        assert.equal(refused.json().code, 'bad_page');
    }
});

test('a start page without events says what to do next', async () => {
    const empty = await openHouse();
    const answer = await empty.http.get('/');
    assert.equal(answer.status, 200);
    assert.match(answer.body, /There are no events yet/);
    assert.match(answer.body, /einlass event apply/);
    const slug = await empty.apply(plainEvent({ title: 'First of all' }));
    await eventually(async () => { // the empty answer is cached until the notification
        const start = await empty.http.get('/', { headers: { 'accept-language': 'de' } });
        assert.match(start.body, new RegExp(`href="/events/${slug}"`));
        assert.match(start.body, /First of all/);
    });
});
