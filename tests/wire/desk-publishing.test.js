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
    assert.deepEqual(texts(changed), ['Plätze: 78 → 80', 'Frage „Firma oder Einrichtung“: Pflichtfrage: ja → nein']);
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
    assert.ok(manager.cookie);
});
