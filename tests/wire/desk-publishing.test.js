// An event at the desk and by API: its definition, drafts, publishing, versions, copies, files.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signIn } from '../harness/desk.js';
import { exampleEvent, plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';

const house = await openHouse();
await house.apply(exampleEvent());
const manager = await signIn(house);
const token = await house.token();

const definitionOf = (slug) => `/api/v1/events/${slug}/definition`;
const bearer = (more = {}) => ({ authorization: `Bearer ${token}`, ...more });

async function read(slug, query = '') {
    const answer = await house.http.get(`${definitionOf(slug)}${query}`, { headers: bearer() });
    assert.equal(answer.status, 200, answer.body);
    return { document: answer.json(), etag: answer.headers.etag };
}

const put = (slug, document, more = {}, query = '') =>
    house.http.request('PUT', `${definitionOf(slug)}${query}`, { headers: bearer(more), json: document });

const texts = (answer) => answer.json().changes.map(({ text }) => text);

test('a definition that was read and sent back changes nothing; a change is a version with its author and in words', async () => {
    const slug = await house.apply(exampleEvent());
    const { document, etag } = await read(slug);
    assert.equal(etag, '"1"');
    const same = await put(slug, document, { 'if-match': etag });
    assert.deepEqual([same.status, same.json()], [200, { version: 1, changes: [], told: 0, moved: 0 }]);
    document.registration.capacity = 80;
    document.questions[0].required = false;
    const trial = await put(slug, document, { 'if-match': etag }, '?trial=true');
    assert.deepEqual(texts(trial), ['Places: 78 → 80', 'Question “Company or institution”: Required: yes → no']);
    assert.equal((await read(slug)).etag, etag, 'a trial writes nothing');
    const changed = await put(slug, document, { 'if-match': etag, 'accept-language': 'de' });
    assert.equal(changed.headers.etag, '"2"');
    assert.deepEqual(texts(changed), ['Plätze: 78 → 80', 'Frage „Firma oder Einrichtung“: Antwort erforderlich: ja → nein']);
    assert.equal((await house.http.get(`/api/v1/events/${slug}`)).json().registration.capacity, 80, 'who was answered sees it');
    const [version] = await house.database.query(`select event_version.actor, audit_entry.actor as noted, action
        from event join event_version using (event_id, version)
        join audit_entry on audit_entry.event_id = event.event_id and after ->> 'version' = '2'
        where slug = $1`, [slug]);
    assert.match(version.actor, /^token [0-9a-f-]{36}$/);
    assert.deepEqual([version.noted, version.action], [version.actor, 'event.apply']);
    assert.equal((await read(slug, '?version=1')).document.registration.capacity, 78);
    assert.equal((await house.http.get(`${definitionOf(slug)}?version=9`, { headers: bearer() })).status, 404);
});

test('what is wrong with a definition is told with its place, and nothing is written', async () => {
    const slug = await house.apply(plainEvent());
    const { document } = await read(slug);
    const wrong = await put(slug, { ...document, ends_at: document.starts_at, colour: 'red' });
    assert.equal(wrong.status, 422);
    assert.deepEqual(wrong.json().errors.map(({ pointer }) => pointer).sort(), ['/colour', '/ends_at']);
    const other = await house.apply(plainEvent());
    const cases = [[{ ...document, slug: other }, '/slug'], [{ ...document, slug: 'elsewhere' }, '/slug'],
        [{ ...document, organiser: { slug: 'eve', name: 'Eve' } }, '/organiser/slug']];
    for (const [definition, pointer] of cases)
        assert.equal((await put(slug, definition)).json().errors[0].pointer, pointer);
    const renamed = await put(slug, { ...document, organiser: { ...document.organiser, name: 'Mine' } });
    assert.deepEqual(renamed.json().changes, [], 'the organiser has a name of its own');
    assert.equal((await put(slug, document, { 'if-match': 'W/"1"' })).json().code, 'bad_if_match');
    assert.equal((await read(slug)).etag, '"1"');
});

// → the answers of some changes of one event that are sent at once, made from the same version unless `blind`.
async function race(blind) {
    const slug = await house.apply(plainEvent());
    const { document, etag } = await read(slug);
    const answers = await Promise.all([101, 102, 103, 104].map((capacity) => put(slug,
        { ...document, registration: { ...document.registration, capacity } }, blind ? {} : { 'if-match': etag })));
    return { slug, answers, newest: await read(slug) };
}

test('of those who save the same version at once, one saves, and the others are told', async () => {
    const { answers, newest } = await race(false);
    const [saved, ...told] = answers.sort((a, b) => a.status - b.status);
    assert.deepEqual([saved.status, ...told.map(({ status }) => status)], [200, 412, 412, 412]);
    assert.ok(told.every((answer) => answer.json().code === 'stale'));
    assert.equal(newest.etag, '"2"');
    assert.equal(saved.json().changes[0].after, String(newest.document.registration.capacity));
    // Without the version that they were made from, each overwrites the one before.
    const blind = await race(true);
    assert.ok(blind.answers.every(({ status }) => status === 200));
    assert.equal(blind.newest.etag, '"5"');
});

test('an event that is locked holds up its own change only, and that one for a bounded time', async () => {
    const [held, free] = [await house.apply(plainEvent()), await house.apply(plainEvent())];
    const { document } = await read(held);
    const other = await read(free);
    const holder = await house.database.pool.connect();
    await holder.query('begin');
    await holder.query('select from tally join event using (event_id) where slug = $1 for update of tally', [held]);
    const waits = put(held, { ...document, retention_days: 5 });
    assert.equal((await put(free, { ...other.document, retention_days: 5 })).status, 200);
    assert.equal((await house.signUp(free, plainGuest())).status, 201);
    const gaveUp = await waits;
    assert.deepEqual([gaveUp.status, gaveUp.json().code], [503, 'busy']);
    assert.ok(house.service.log.some(({ message, sqlstate }) => message === 'event_change_failed' && sqlstate === '55P03'));
    await holder.query('rollback');
    holder.release();
    assert.equal((await put(held, { ...document, retention_days: 5 })).status, 200);
});

test('managers and owners read and change a definition, and nobody else', async () => {
    const slug = await house.apply(plainEvent());
    const { document } = await read(slug);
    for (const [role, status] of [['viewer', 403], ['door', 403], ['owner', 200]]) {
        const authorization = `Bearer ${await house.token({ role })}`;
        assert.equal((await house.http.get(definitionOf(slug), { headers: { authorization } })).status, status, role);
        assert.equal((await house.http.request('PUT', definitionOf(slug), { headers: { authorization }, json: document }))
            .status, status, role);
    }
});

// --- At the desk ---------------------------------------------------------------------------------

const pageOf = (slug, below = '') => `/desk/events/${slug}/publish${below}`;

async function get(path, { as = manager.headers, status = 200 } = {}) {
    const answer = await house.http.get(path, { headers: as });
    assert.equal(answer.status, status, answer.body);
    return answer.body;
}

const post = (path, form = {}, as = manager.headers) => house.http.post(path, { headers: as, form });

// Sends a form that leads on. → where it leads
async function done(path, form) {
    const answer = await post(path, form);
    assert.equal(answer.status, 303, answer.body);
    return answer.headers.location;
}

const stored = async (slug) => (await read(slug)).document;
const bare = { published: false, venue: undefined, summary: undefined, description: undefined,
    retention_days: undefined, consents: undefined, registration: { opens_at: undefined, closes_at: undefined } };

test('a draft is told what is missing with the way to mend it, is shown by a link that can be revoked, and is published', async () => {
    const slug = await house.apply(plainEvent({ ...bare, title: { en: 'Tea', de: undefined }, languages: ['en', 'de'],
        description: { en: 'With cake', de: undefined }, starts_at: '2031-05-10T10:00', ends_at: '2031-05-10T12:00', check_in: undefined,
        registration: { closes_at: '2031-05-10T11:00', opens_at: undefined, capacity: null } }));
    const page = await get(pageOf(slug));
    const checks = [...page.matchAll(/<li><span>([^<]+)<\/span> <a href="[^"]+(?:\/edit\/|profile#)([a-z]+)"/g)].map(([, text, section]) => [text, section]);
    assert.deepEqual(checks, [
        ['Guests can’t see what you do with their data', 'privacy'], ['The venue is missing', 'where'],
        ['There is no reply address: replies to your emails won’t reach you', 'mails'],
        ['German is incomplete: 2 texts are missing (Title, Description)', 'what'],
        ['Registration closes after the start: 10 May 2031, 11:00', 'places'], ['The number of places is unlimited', 'places'],
        ['You haven’t set how long you keep the data', 'privacy']]);
    assert.match(await get(pageOf(slug, '/preview')), new RegExp(`<iframe class="preview-phone" src="${pageOf(slug, '/page')}"`));

    const framed = await house.http.get(pageOf(slug, '/page'), { headers: manager.headers });
    assert.match(framed.body, /<h1>Tea<\/h1>/);
    assert.match(framed.headers['content-security-policy'], /frame-ancestors 'self'$/);

    // The link shows the page of the draft and nothing else.
    assert.equal((await house.http.get(`/events/${slug}?preview=1`)).status, 404);
    await done(pageOf(slug, '/preview'));
    const [, link] = /<code class="copy">([^<]+)<\/code>/.exec(await get(pageOf(slug)));
    const { pathname, search } = new URL(link.replaceAll('&#x3D;', '='));
    const shown = await house.http.get(`${pathname}${search}`);
    assert.equal(shown.status, 200);
    assert.deepEqual([shown.headers['x-robots-tag'], shown.headers['cache-control']], ['noindex', 'no-store']);
    assert.match(shown.body, /<h1>Tea<\/h1>/);
    assert.match(shown.body, /This is a preview/);
    assert.ok(!shown.body.includes(`/events/${slug}/register`));
    for (const path of [`${pathname}/register${search}`, `/api/v1/events/${slug}${search}`, pathname, `${pathname}${search}x`])
        assert.equal((await house.http.get(path)).status, 404, path);
    assert.equal((await house.signUp(`${slug}`, plainGuest())).status, 404);
    await done(pageOf(slug, '/preview/revoke'));
    assert.equal((await house.http.get(`${pathname}${search}`)).status, 404);
    await done(pageOf(slug, '/preview'));
    assert.equal((await house.http.get(`${pathname}${search}`)).status, 404, 'another link does not bring the old one back');

    // Without a privacy notice it asks first.
    const asked = await post(pageOf(slug, '/publish'), { version: 1 });
    assert.deepEqual([asked.status, (await stored(slug)).published], [200, false]);
    assert.match(asked.body, /Guests can’t see what you do with their data/);
    assert.match(await get(await done(pageOf(slug, '/publish'), { version: 1, sure: 'true' })), /The event is now public/);
    assert.equal((await house.http.get(`/events/${slug}`)).status, 200);
    assert.equal((await house.signUp(slug, plainGuest())).status, 201);
    assert.match(await get(pageOf(slug, '/draft')), /One registration stays as it is/);
    await done(pageOf(slug, '/draft'), { version: 2 });
    assert.equal((await house.http.get(`/events/${slug}`)).status, 404);
});

test('registration closes and opens at once, and an event is cancelled only by its title, which says how many are told', async () => {
    const slug = await house.apply(plainEvent({ title: 'Tea & Cake', starts_at: '2031-05-10T10:00', ends_at: '2031-05-10T12:00',
        check_in: undefined, registration: { opens_at: '2020-01-01T10:00', closes_at: undefined, changes_until: undefined } }));
    assert.equal((await house.signUp(slug, plainGuest())).status, 201);
    await done(pageOf(slug, '/close'), { version: 1 });
    assert.equal((await house.signUp(slug, plainGuest())).json().code, 'closed');
    assert.match(await get(pageOf(slug)), /Registration is closed/);
    await done(pageOf(slug, '/open'), { version: 2 });
    assert.equal((await house.signUp(slug, plainGuest())).status, 201);

    assert.match(await get(pageOf(slug, '/cancel')), /email 2 registrations straight away/);
    const wrong = await post(pageOf(slug, '/cancel'), { version: 3, title: 'Tea' });
    assert.equal(wrong.status, 422);
    assert.match(wrong.body, /<a href="#title">Enter the title of the event exactly as it is shown\.<\/a>/);
    assert.match(wrong.body, /value="Tea"/);
    const stale = await post(pageOf(slug, '/cancel'), { version: 2, title: 'tea & cake' });
    assert.equal(stale.status, 409);
    assert.match(stale.body, /Someone else saved in the meantime[^]*Registration closes/i);
    assert.equal((await stored(slug)).cancelled, undefined);
    const location = await done(pageOf(slug, '/cancel'), { version: 3, title: 'tea & cake' });
    assert.match(await get(location), /The event has been cancelled\. We’re emailing 2 registrations\./);
    assert.equal(await house.database.value(`select count(*)::int from message join event using (event_id)
        where slug = $1 and kind = 'event_cancelled'`, [slug]), 2);
    assert.equal((await post(pageOf(slug, '/cancel'), { version: 4, title: 'Tea & Cake' })).headers.location, pageOf(slug));
    await done(pageOf(slug, '/revive'), { version: 4 });
    assert.equal((await stored(slug)).cancelled, undefined);
    assert.equal((await post(pageOf(slug, '/nothing'), { version: 5 })).status, 404);
});

test('every version is told with who and what, is compared, and comes back as a new one', async () => {
    const event = exampleEvent({ registration: { capacity: 78 } });
    const slug = await house.apply(event);
    await house.apply({ ...event, registration: { ...event.registration, capacity: 80 }, consents: event.consents.map(
        (consent) => ({ ...consent, version: 2, label: { en: 'Other words', de: 'Andere Worte' } })) });
    const second = await stored(slug);
    const changed = await put(slug, { ...second, doors: second.doors.slice(0, 1), cancelled: true });
    assert.equal(changed.status, 200, changed.body);
    const list = await get(pageOf(slug, '/versions'));
    assert.deepEqual([...list.matchAll(/<strong>(Version \d)<\/strong>/g)].map(([, number]) => number), ['Version 3', 'Version 2', 'Version 1']);
    for (const text of ['A command on the server', 'Program ', 'Places: 78 → 80', 'Door “Speakers&#39; entrance” removed', 'Cancelled: no → yes',
        'Consent “Other words”: Version: 1 → 2', 'The event was created.'])
        assert.ok(list.includes(text), text);
    const german = await get(`${pageOf(slug, '/versions/1')}?with=2&lang=de`);
    assert.match(german, /Was sich bis Version 2 geändert hat[^]*Plätze: 78 → 80/);
    assert.ok(!german.includes('entfernt'));
    const first = await get(pageOf(slug, '/versions/1'));
    assert.match(first, /Restore this version[^]*Places: 80 → 78[^]*added/);
    assert.ok(!/Cancelled: yes → no/.test(first), 'an event that is cancelled stays so');
    assert.equal((await post(pageOf(slug, '/versions/1'), { version: 2 })).status, 409);
    assert.match(await get(await done(pageOf(slug, '/versions/1'), { version: 3 })), /The version has been restored/);
    const back = await read(slug);
    assert.deepEqual([back.etag, back.document.registration.capacity, back.document.doors.length, back.document.cancelled,
        back.document.consents[0].version, back.document.consents[0].label.en],
    ['"4"', 78, 2, true, 3, event.consents[0].label.en], 'the old words are another version of the consent');
    const actor = await house.database.value(`select actor from event join event_version using (event_id, version) where slug = $1`, [slug]);
    assert.match(actor, /^account /);
    assert.match(await get(pageOf(slug, '/versions')), new RegExp(manager.email));
    await get(pageOf(slug, '/versions/9'), { status: 404 });
    await get(pageOf(slug, '/versions/x'), { status: 404 });
});

test('a copy has everything but people; its times move along with the clocks, which may skip one', async () => {
    const event = exampleEvent({ title: { en: 'Käse & Wein', de: 'Käse & Wein' }, starts_at: '2031-05-10T02:30', ends_at: '2031-05-11T10:00',
        cancelled: true, check_in: { opens_at: '2031-05-10T01:30', closes_at: undefined },
        registration: { opens_at: undefined, closes_at: '2031-05-09T18:00', changes_until: undefined } });
    event.ticket_types = [{ ...event.ticket_types[0], days: ['2031-05-11'] }];
    event.doors = event.doors.slice(0, 1);
    const slug = await house.apply(event);
    const before = await read(slug);
    const form = { 'title.en': 'Käse & Wein', 'title.de': '', day: '2032-03-28' };
    const empty = await post(pageOf(slug, '/copy'), { ...form, 'title.en': ' ', day: '' });
    assert.equal(empty.status, 422);
    for (const field of ['title.en', 'day']) assert.ok(empty.body.includes(`<a href="#${field}">`), field);
    const asked = await post(pageOf(slug, '/copy'), form);
    assert.equal(asked.status, 200);
    assert.match(asked.body, /Some times don’t exist on that day[^]*Start: 28 March 2032, 03:00 instead of 02:30/);
    const location = await done(pageOf(slug, '/copy'), { ...form, accept: 'true' });
    assert.equal(location, `${pageOf('kaese-wein')}?done=publishing.copied`);
    assert.match(await get(location), /German is incomplete/);
    const { document } = await read('kaese-wein');
    const { registration, check_in } = document;
    assert.deepEqual([document.starts_at, document.ends_at, registration.closes_at, check_in.opens_at, document.ticket_types[0].days],
        ['2032-03-28T03:00', '2032-03-29T10:00', '2032-03-27T18:00', '2032-03-28T01:30', ['2032-03-29']]);
    assert.deepEqual([document.published, document.cancelled, document.title], [false, undefined, { en: 'Käse & Wein' }]);
    assert.deepEqual(document.questions, before.document.questions);
    assert.deepEqual(await read(slug), before, 'the original stays as it is');

    // An hour that comes twice is the first one; the slug is free.
    const again = await done(pageOf(slug, '/copy'), { ...form, day: '2031-10-26' });
    assert.equal(again, `${pageOf('kaese-wein-2')}?done=publishing.copied`);
    assert.equal((await read('kaese-wein-2')).document.starts_at, '2031-10-26T02:30+02:00');
    const { headers } = await signIn(house, { event: slug });
    assert.match(await get(pageOf(slug, '/copy'), { as: headers }), /You can only edit this event/);
    assert.equal((await post(pageOf(slug, '/copy'), { ...form, day: '2031-06-01' }, headers)).status, 422);
});

test('the file of an event is downloaded, and changes it after a look at what would change', async () => {
    const slug = await house.apply(exampleEvent());
    const download = await house.http.get(pageOf(slug, '/file/download'), { headers: manager.headers });
    assert.match(download.headers['content-disposition'], new RegExp(`attachment; filename="${slug}\\.json"`));
    const file = download.json();
    assert.deepEqual(file, JSON.parse(await house.mustCommand(['event', 'show', slug])));
    assert.match((await post(pageOf(slug, '/file'), { file: download.body })).body, /doesn’t change anything/);
    file.title.en = 'An evening <of> tea';
    const text = JSON.stringify(file);
    const looked = await post(pageOf(slug, '/file'), { file: text });
    assert.match(looked.body, /Title \(English\): [^<]+ → An evening &lt;of&gt; tea/);
    assert.equal((await read(slug)).etag, '"1"');
    await house.apply({ ...file, retention_days: 7 });
    const stale = await post(pageOf(slug, '/file/apply'), { file: text, version: 1 });
    assert.equal(stale.status, 409);
    assert.match(stale.body, /Someone else saved in the meantime/);
    assert.ok(stale.body.includes('An evening &lt;of&gt; tea'), 'the file is not lost');
    assert.match(await done(pageOf(slug, '/file/apply'), { file: text, version: 2 }), /done=publishing.applied/);
    assert.notEqual((await stored(slug)).retention_days, 7);
    const broken = await post(pageOf(slug, '/file'), { file: '{"title": "Tea"' });
    assert.equal(broken.status, 422);
    assert.match(broken.body, /something is wrong in line 1[^]*\{&quot;title&quot;: &quot;Tea&quot;/);
    const wrong = await post(pageOf(slug, '/file'), { file: JSON.stringify({ ...file, colour: 'red' }) });
    assert.match(wrong.body, /<code>\/colour<\/code>/);
    assert.equal((await house.apply({ ...file, retention_days: 8 })), slug, 'the command goes on working');
});

test('viewers and the door have no part in it, and the menu shows it to editors only', async () => {
    const slug = await house.apply(plainEvent());
    assert.ok((await get(`/desk/events/${slug}`)).includes(`href="${pageOf(slug)}"`));
    const viewer = await signIn(house, { role: 'viewer' });
    assert.ok(!(await get(`/desk/events/${slug}`, { as: viewer.headers })).includes(pageOf(slug)));
    for (const below of ['', '/preview', '/page', '/versions', '/copy', '/file', '/file/download', '/cancel'])
        await get(pageOf(slug, below), { as: viewer.headers, status: 403 });
    assert.equal((await post(pageOf(slug, '/draft'), { version: 1 }, viewer.headers)).status, 403);
});
