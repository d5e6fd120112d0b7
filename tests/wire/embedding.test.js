// An event in a frame of the organiser's site: who may frame which page, and that the visitor stays in
// the frame.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { signIn } from '../harness/desk.js';
import { exampleEvent, guest, plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { fieldsOf, LEAST_MS } from '../harness/sign_up_form.js';
import { until } from '../harness/wait.js';

const house = await openHouse();
const origins = ['https://www.example.org', 'http://localhost:8123'];
const open = { opens_at: '2020-01-01T00:00', closes_at: undefined };
const shown = await house.apply(plainEvent({ embed_on: origins, registration: open }));
const alone = await house.apply(plainEvent({ registration: open }));

const ancestors = (answer) => /frame-ancestors ([^;]*)/.exec(answer.headers['content-security-policy'])[1];
const get = (path, headers) => house.http.get(path, { headers });

async function registered(slug) {
    const answer = await house.signUp(slug, plainGuest());
    assert.equal(answer.status, 201, answer.body);
    const registration = answer.json();
    const { pathname, search } = new URL(registration.manage_url);
    return { manage: pathname + search, ticket: new URL(registration.attendees[0].ticket_url).pathname };
}

async function pagesOf(slug) {
    const { manage, ticket } = await registered(slug);
    return [`/events/${slug}`, `/events/${slug}?code=x`, `/events/${slug}/register`, manage, ticket];
}

test('pages of an event stand in frames of the origins it names', async () => {
    for (const path of await pagesOf(shown)) {
        const answer = await get(path);
        assert.equal(answer.status, 200, path);
        assert.equal(ancestors(answer), origins.join(' '), path);
        assert.equal(answer.headers['x-frame-options'], undefined, path);
    }
});

test('no other page stands in any frame', async () => {
    for (const path of [...await pagesOf(alone), '/', '/events/nowhere', '/nothing']) {
        for (const query of ['', `${path.includes('?') ? '&' : '?'}embed=1`]) {
            const answer = await get(path + query, { accept: 'text/html' });
            assert.equal(ancestors(answer), "'none'", path + query);
            assert.equal(answer.headers['x-frame-options'], 'DENY', path + query);
        }
    }
});

test('pages of the desk stand in no frame, not even those of an event that may be framed', async () => {
    const { cookie } = await signIn(house);
    for (const path of ['', '/attendees', '/doors', '/live']) {
        const answer = await get(`/desk/events/${shown}${path}?embed=1`, { cookie });
        assert.equal(answer.status, 200, path);
        assert.equal(ancestors(answer), "'none'", path);
        assert.equal(answer.headers['x-frame-options'], 'DENY', path);
    }
});

test('an origin that is taken out of the file is out at once', async () => {
    const event = plainEvent({ embed_on: origins, registration: open });
    await house.apply(event);
    const first = await get(`/events/${event.slug}?embed=1`);
    assert.equal(ancestors(first), origins.join(' '));
    await house.apply({ ...event, embed_on: [origins[0]] });
    await until(async () => {
        const answer = await get(`/events/${event.slug}?embed=1`, { 'if-none-match': first.headers.etag });
        return answer.status === 200 && ancestors(answer) === origins[0];
    }, () => 'what the browser has is still called good');
});

test('in a frame there is the content and nothing around it, in the language and colours asked for', async () => {
    const framed = (await get(`/events/${shown}?embed=dark&lang=de`, { 'accept-language': 'en' })).body;
    assert.match(framed, /<html lang="de" class="embedded" data-scheme="dark">/);
    assert.doesNotMatch(framed, /class="(masthead|colophon|skip)"/);
    assert.match(framed, new RegExp(`<meta name="frame-origins" content="${origins.join(' ')}">`));
    assert.match(framed, new RegExp(`href="/events/${shown}/register\\?embed=dark&amp;lang=de"`));
    assert.match(framed, /calendar\.ics" target="_blank"/);
    const whole = (await get(`/events/${shown}`)).body;
    assert.match(whole, /class="masthead"/);
    assert.doesNotMatch(whole.replace(/<style>.*?<\/style>/s, ''), /embed|frame-origins/);
    assert.match((await get(`/events/${shown}?embed=1`)).body, /data-scheme="1"/);
    assert.match((await get(`/events/${shown}?embed=light`)).body, /data-scheme="light"/);
    for (const odd of ['2', '', 'dark"x', 'DARK'])
        assert.match((await get(`/events/${shown}?embed=${encodeURIComponent(odd)}`)).body, /class="masthead"/);
});

test('who registers in a frame stays in it, from the event to the registration', async () => {
    const event = exampleEvent({ embed_on: origins, registration: { ...open, most_attendees: 1 } });
    await house.apply(event);
    const follow = async (path) => {
        const answer = await get(path);
        assert.equal(answer.status, 200, path);
        assert.match(answer.body, /<html lang="de" class="embedded" data-scheme="light">/, path);
        return answer.body.replaceAll('&amp;', '&');
    };
    const first = await follow(`/events/${event.slug}?code=SPEAKER-2022&embed=light&lang=de`);
    const form = await follow(/class="button" href="([^"]+)"/.exec(first)[1]);
    assert.match(form, /Vortrag/, 'the access code came along');
    const action = /<form[^>]* method="post" action="([^"]+)"/.exec(form)[1];
    const fields = fieldsOf(form);
    await sleep(LEAST_MS);
    const wrong = await house.http.post(action, { form: fields, headers: { 'sec-fetch-site': 'same-origin' } });
    assert.equal(wrong.status, 422);
    assert.match(wrong.body, /class="embedded"/);
    assert.equal(ancestors(wrong), origins.join(' '));
    const foreign = await house.http.post(action, { form: fields, headers: { 'sec-fetch-site': 'cross-site', origin: origins[0] } });
    assert.equal(foreign.status, 403, 'a page that may frame us may not send our forms');
});

test('a redirect in a frame leads on in the frame', async () => {
    const target = `/events/${shown}/register`;
    const fresh = async (query) => {
        const page = (await get(target + query)).body.replaceAll('&amp;', '&');
        const action = /<form[^>]* method="post" action="([^"]+)"/.exec(page)[1];
        const fields = fieldsOf(page);
        const name = Object.keys(fields).find((key) => /name$/.test(key));
        await sleep(LEAST_MS);
        return house.http.post(action, { form: { ...fields, email: `a${Math.random()}@example.org`, [name]: 'Ada' },
            headers: { 'sec-fetch-site': 'same-origin' } });
    };
    const framed = await fresh('?embed=1&lang=de');
    assert.equal(framed.status, 303, framed.body);
    assert.match(framed.headers.location, /^\/registrations\/[^?]+\?key=[^&]+&embed=1&lang=de$/);
    const whole = await fresh('');
    assert.equal(whole.status, 303);
    assert.doesNotMatch(whole.headers.location, /embed/);
});

test('every link and form of a page in a frame keeps to the frame, or opens outside', async () => {
    const event = plainEvent({ embed_on: origins, registration: open, ticket_types: [
        { slug: 'guest', title: 'Guest', code: 'G' }, { slug: 'press', title: 'Press', code: 'P' }] });
    await house.apply(event);
    const { manage, ticket } = await registered(shown);
    const paths = [`/events/${shown}`, `/events/${event.slug}`, `/events/${shown}/register`,
        `/events/${event.slug}/register`, `/events/${shown}/resend`, manage, manage.replace('?', '/cancel?'),
        manage.replace('?', '/erase?'), manage.replace('?', '/change?'), ticket];
    for (const path of paths) {
        const { status, body } = await get(`${path}${path.includes('?') ? '&' : '?'}embed=dark&lang=en`, { accept: 'text/html' });
        assert.equal(status, 200, path);
        const html = body.split('<main')[1].replaceAll('&amp;', '&');
        for (const [tag] of html.matchAll(/<(a|button)\b[^>]* (form)?(href|action)="\/[^>]*>/g)) {
            const stays = /embed=dark&lang=en/.test(tag) || / target="_blank"| download/.test(tag);
            assert.ok(stays, `${path}: ${tag}`);
        }
        for (const [form, method] of html.matchAll(/<form[^>]* method="(get|post)"[^>]*>[^]*?<\/form>/g)) {
            const stays = method === 'post' ? /action="[^"]*embed=dark/ : /name="embed" value="dark"/;
            assert.match(form, stays, path);
        }
    }
});

test('embed.js keeps its address, may be loaded by any site, and is kept for minutes', async () => {
    const answer = await get('/embed.js', { 'accept-encoding': 'gzip' });
    assert.equal(answer.status, 200);
    assert.match(answer.headers['content-type'], /^text\/javascript/);
    const [, age] = /^public, max-age=(\d+)$/.exec(answer.headers['cache-control']);
    assert.ok(age >= 60 && age <= 3600, age);
    assert.equal(answer.headers['cross-origin-resource-policy'], 'cross-origin');
    assert.equal(answer.headers['access-control-allow-origin'], '*');
    assert.ok(answer.bytes.length < 2048, `${answer.bytes.length} bytes`);
    const again = await get('/embed.js', { 'accept-encoding': 'gzip', 'if-none-match': answer.headers.etag });
    assert.equal(again.status, 304);
});
