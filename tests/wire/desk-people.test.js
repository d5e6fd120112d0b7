// The people of an event at the desk: the list, and what is done to many at once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attendeeOf, expect } from '../harness/attendee.js';
import { signIn } from '../harness/desk.js';
import { exampleEvent, guest, plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { until } from '../harness/wait.js';

const house = await openHouse();
const { registered, messages } = attendeeOf(house);
await house.apply(plainEvent());
const token = await house.token();

const group = (...names) => plainGuest({ attendees: names.map((name) => ({ name })) });
const people = (...registrations) => registrations.flatMap(({ attendees }) => attendees.map(({ id }) => id));
const bulkPath = (event, rest = '') => `/api/v1/events/${event}/attendees/bulk${rest}`;

// → the path of a new draft
async function draft(event, verb, attendees, more = {}) {
    const answer = await expect(201, house.http.post(bulkPath(event), { token, json: { verb, attendees, ...more } }));
    return bulkPath(event, `/${answer.json().id}`);
}
const look = async (path, query = '') => (await expect(200, house.http.get(`${path}/people${query}`, { token }))).json();
const counts = ({ outcomes }) => Object.fromEntries(outcomes.map(({ outcome, count }) => [outcome, count]));
const confirm = (path, json = { tells: true }) => expect(200, house.http.post(`${path}/start`, { token, json }));
async function over(path) {
    let bulk;
    await until(async () => (bulk = await look(path)).state === 'done', () => JSON.stringify(bulk) + trouble());
    return bulk;
}
const trouble = () => JSON.stringify(house.service.log.filter(({ message }) => message === 'statement_refused').slice(0, 5));
const statusOf = async ({ id }) =>
    (await house.http.get(`/api/v1/registrations/${id}`, { token })).json().status;
const audited = async (event, action) => Number((await house.database.query(
    `select count(*) from audit_entry join event using (event_id) where slug = $1 and action = $2`,
    [event, action]))[0].count);

test('a preview says what would happen to each, and confirming it twice does it once', async () => {
    const event = await house.apply(plainEvent({ registration: { approval: true, capacity: 100 } }));
    const all = [];
    for (let i = 0; i < 5; i++) all.push(await registered(event));
    const [first, second, approved, , gone] = all;
    const approval = await draft(event, 'approve', people(approved));
    await confirm(approval);
    await over(approval);
    await expect(200, house.http.delete(`/api/v1/registrations/${gone.id}`, { token }));

    const path = await draft(event, 'decline', people(first, second, approved, gone));
    const preview = await look(path);
    assert.equal(preview.state, 'draft');
    assert.deepEqual(counts(preview), { done: 2, confirmed: 1, cancelled: 1 });
    assert.deepEqual(preview.outcomes[0].names.map(({ name }) => name),
        [first, second].map(({ attendees: [{ name }] }) => name));
    assert.equal(await statusOf(first), 'pending', 'a preview changes nothing');

    await Promise.all([confirm(path, { words: 'We are full.\nSee you next year!' }), confirm(path, { tells: false }),
        confirm(path)]);
    assert.deepEqual(counts(await over(path)), { done: 2, confirmed: 1, cancelled: 1 });
    await confirm(path);
    assert.equal((await look(path)).state, 'done', 'it is not done again');
    assert.deepEqual(await Promise.all([first, second, approved].map(statusOf)),
        ['cancelled', 'cancelled', 'confirmed']);
    assert.equal(await audited(event, 'registration.decline'), 2);
    const list = (await look(path, '?outcome=confirmed')).people;
    assert.deepEqual(list, [{ id: approved.attendees[0].id, name: approved.attendees[0].name }]);
});

test('people who registered together are approved together, and cancelled one by one', async () => {
    const event = await house.apply(plainEvent({ registration: { approval: true, capacity: 100, most_attendees: 3 } }));
    const three = await registered(event, group('Ada', 'Ben', 'Cem'));
    const [ada, ben, cem] = people(three);
    let path = await draft(event, 'approve', [ben]);
    assert.deepEqual((await look(path)).outcomes[0].names.map(({ name }) => name), ['Ada', 'Ben', 'Cem']);
    await confirm(path, { tells: false });
    assert.deepEqual(counts(await over(path)), { done: 3 });
    assert.deepEqual(await messages(three), ['pending'], 'nobody is told');

    path = await draft(event, 'cancel', [ben]);
    await confirm(path);
    assert.deepEqual(counts(await over(path)), { done: 1 });
    assert.equal(await statusOf(three), 'confirmed');
    path = await draft(event, 'cancel', [ada, ben, cem]);
    assert.deepEqual(counts(await look(path)), { done: 2, cancelled: 1 });
    await confirm(path);
    await over(path);
    assert.equal(await statusOf(three), 'cancelled');
    assert.deepEqual(await messages(three), ['pending', 'place_cancelled', 'cancelled'], 'one mail for the rest');
});

test('moving up stops where no places are left, and nobody passes a capacity', async () => {
    const event = await house.apply(plainEvent({ registration: { capacity: 2, waiting_list: true, most_attendees: 3 } }));
    const inside = await registered(event);
    const big = await registered(event, group('Dan', 'Eva')); // waits for two places
    const small = await registered(event), smaller = await registered(event);
    const path = await draft(event, 'move_up', people(inside, big, small, smaller));
    assert.deepEqual(counts(await look(path)), { done: 1, no_places: 3, confirmed: 1 });
    await confirm(path);
    assert.deepEqual(counts(await over(path)), { done: 1, no_places: 3, confirmed: 1 });
    assert.deepEqual(await Promise.all([big, small, smaller].map(statusOf)), ['waitlisted', 'confirmed', 'waitlisted']);
});

test('mails go again once to each address', async () => {
    const event = await house.apply(plainEvent({ registration: { most_attendees: 2 } }));
    const two = await registered(event, group('Fay', 'Gil'));
    const path = await draft(event, 'resend', people(two));
    await confirm(path, { words: 'Please bring a passport.' });
    assert.deepEqual(counts(await over(path)), { done: 2 });
    assert.deepEqual(await messages(two), ['confirmed', 'resent']);
});

test('what is wrong is said, and other events are not touched', async () => {
    const event = await house.apply(plainEvent()), other = await house.apply(plainEvent());
    const mine = await registered(event), foreign = await registered(other);
    const post = (json) => house.http.post(bulkPath(event), { token, json });
    assert.equal((await expect(422, post({ verb: 'cancel', attendees: [] }), 'invalid')).json().errors[0].code, 'nobody_chosen');
    await expect(422, post({ verb: 'erase', attendees: people(mine) }), 'invalid');
    await expect(404, house.http.get(bulkPath(event, `/${mine.id}/people`), { token }), 'not_found');
    const path = await draft(event, 'cancel', people(mine, foreign));
    assert.equal((await look(path)).total, 1);
    await expect(404, house.http.get(`${path}/people`.replace(event, other), { token }), 'not_found');
    await expect(422, house.http.post(`${path}/start`, { token, json: { words: 'x'.repeat(2001) } }), 'invalid');
    assert.equal((await look(path)).state, 'draft');
});

test('a crash in the middle changes nobody twice and forgets nobody', async () => {
    const event = await house.apply(plainEvent({ registration: { approval: true, capacity: 1000 } }));
    const all = await Promise.all(Array.from({ length: 60 }, () => registered(event)));
    // Each change takes a while, so that the end comes in the middle.
    await house.database.query(`
        create function be_slow() returns trigger language plpgsql as $$ begin perform pg_sleep(0.02); return null; end $$;
        create trigger be_slow after insert on audit_entry for each row execute function be_slow()`);
    const path = await draft(event, 'approve', people(...all));
    await confirm(path);
    await until(async () => (await look(path)).done > 0, trouble);
    await house.service.kill();
    const [{ done_to: before }] = await house.database.query("select done_to from bulk_action where state = 'working'");
    assert.ok(before > 0 && before < 60, `${before} are done`);
    await house.database.query('drop trigger be_slow on audit_entry');
    await house.service.start();
    assert.equal((await look(path)).state, 'working', 'its lease still runs');
    await house.database.query("update bulk_action set due_at = now() where state = 'working'"); // the lease ends
    assert.deepEqual(counts(await over(path)), { done: 60 });
    const twice = await house.database.query(`
        select registration_id, count(*) filter (where kind = 'approved') as told, registration.version
          from registration join event using (event_id) join message using (event_id, registration_id)
         where slug = $1 group by registration_id, registration.version, registration.event_id
        having count(*) filter (where kind = 'approved') <> 1`, [event]);
    assert.deepEqual(twice, []);
    assert.equal(await audited(event, 'registration.approve'), 60);
});

// --- The page ------------------------------------------------------------------------------------

const event = await house.apply(exampleEvent({ languages: ['en', 'de'], registration: { capacity: 100, approval: false } }));
const come = async (name, more = {}, answers = {}) => registered(event, guest({
    ...more, attendees: [{ name, ...more.attendee, answers: { company: 'Nadel GmbH', lunch: false, ...answers } }] }));
const manager = await signIn(house), viewer = await signIn(house, { role: 'viewer' });
const desk = `/desk/events/${event}/attendees`;
const show = async (query = '', { headers } = manager) => (await expect(200, house.http.get(desk + query, { headers }))).body;
const namesOn = (html) => [...html.matchAll(/<th scope="row"><a href="[^"]*" dir="auto">([^<]*)</g)].map(([, name]) => name);
const headsOn = (html) => [...html.matchAll(/<th scope="col"(?: aria-sort="(\w+)")?(?: class="[^"]*")?>(?:<a [^>]*>)?([^<]+)/g)]
    .map(([, sort, text]) => (sort ? `${text} ${sort}` : text));
const tabsOn = (html) => Object.fromEntries([...html.matchAll(
    /<li><a href="[^"]*"(?: aria-current="page")?>([^<]*?) <span class="count">(\d+)</g)].map(([, name, count]) => [name, Number(count)]));
const post = (path, form, { headers } = manager) => house.http.post(path, { headers, form });
const linkIn = (html, text) => new RegExp(`href="([^"]*)"[^>]*>(?:<[^>]*>[^<]*<[^>]*>)?${text}`).exec(html)[1].replaceAll('&amp;', '&');

test('an event without people says what to do next, and people get a list with tabs', async () => {
    const empty = await show();
    assert.match(empty, /Nobody has registered yet/);
    assert.match(empty, new RegExp(`href="/events/${event}"`));
    assert.doesNotMatch(empty, /<table/);
    const ada = await come('Ada Alpha'), ben = await come('Ben <Beta>', {}, { company: 'Faden & Co' });
    await come('Cem Gamma');
    await expect(200, house.http.delete(`/api/v1/registrations/${ben.id}`, { token }));
    const page = await show();
    assert.deepEqual(namesOn(page), ['Cem Gamma', 'Ben &lt;Beta&gt;', 'Ada Alpha'], 'the newest first');
    assert.ok(page.includes(`href="${desk}/${ada.attendees[0].id}"`), 'each name leads to its page');
    const tabs = tabsOn(page);
    assert.deepEqual([tabs.All, tabs.Coming, tabs.Cancelled, tabs.Came, tabs['Not here yet']], [3, 2, 1, 0, 2]);
    assert.deepEqual(namesOn(await show('?list=cancelled')), ['Ben &lt;Beta&gt;']);
    assert.match(await show('?list=to_approve'), /Nobody found/);
    await expect(303, house.http.get(desk));
});

test('the box searches names, companies and addresses, and heads sort', async () => {
    assert.deepEqual(namesOn(await show('?q=faden')), ['Ben &lt;Beta&gt;']);
    assert.match(await show('?q=nobody-of-this-name'), /Nobody found.*\s.*Show all people/);
    const byName = linkIn(await show('?q=nadel'), 'Name</a></th>');
    assert.match(byName, /q=nadel/);
    const sorted = await show(byName.slice(byName.indexOf('?')));
    assert.deepEqual(namesOn(sorted), ['Ada Alpha', 'Cem Gamma']);
    assert.ok(headsOn(sorted).includes('Name ascending'));
    assert.ok(headsOn(await show()).includes('Registered descending'));
});

test('filters are chips that go one by one', async () => {
    await come('Dan Delta', { language: 'de' });
    const page = await show('?language=de&q=d');
    assert.deepEqual(namesOn(page), ['Dan Delta']);
    assert.match(page, /Filter \(1\)/);
    assert.equal(linkIn(page, 'Deutsch</a></li>'), `${desk}?q=d`);
    assert.match(page, /name="language" value="de" checked/);
    const download = linkIn(page, 'Excel file');
    assert.match(download, /attendees\.xlsx\?q=d&language=de&columns=name%2C/);
    await expect(200, house.http.get(download, { headers: manager.headers }));
});

test('each account keeps its own columns', async () => {
    const before = headsOn(await show());
    const answer = await post(`${desk}/columns?q=nadel`, [['columns', 'answers.company'], ['columns', 'number'], ['columns', 'nonsense']]);
    assert.equal(answer.headers.location, `${desk}?q=nadel`);
    assert.deepEqual(headsOn(await show()), ['Name', 'Company or institution', 'Registration number']);
    assert.match(await show(), /<td data-label="Company or institution" dir="auto">Faden &amp; Co<\/td>/);
    assert.deepEqual(headsOn(await show('', await signIn(house))), before);
    await post(`${desk}/columns`, [['columns', 'email']], viewer);
    assert.deepEqual(headsOn(await show('', viewer)), ['Name', 'Email'], 'nobody else has them');
    assert.deepEqual(headsOn(await show()), ['Name', 'Company or institution', 'Registration number']);
    await post(`${desk}/columns`, []);
    assert.deepEqual(headsOn(await show()), ['Name']);
});

test('columns for door, notes and consents, also former ones, are shown and downloaded, each once', async () => {
    const slug = await house.apply(exampleEvent({ registration: { approval: false } }));
    const list = `/desk/events/${slug}/attendees`;
    const answers = { company: 'Acme', lunch: false };
    const ada = await registered(slug, guest({ attendees: [{ name: 'Ada', answers }], consents: ['privacy', 'photos'] }));
    await registered(slug, guest({ attendees: [{ name: 'Ben', answers }] }));
    await house.apply(exampleEvent({ slug, registration: { approval: false },
        consents: [exampleEvent().consents[0]] })); // photos are no longer asked for
    await house.scan(slug, await house.device(slug), { ticket: ada.attendees[0].ticket });
    await expect(200, house.http.post(`/api/v1/events/${slug}/attendees/${ada.attendees[0].id}/note`,
        { token, json: { text: 'Needs a ramp' } }));
    const shown = async (query = '') => (await expect(200, house.http.get(list + query, { headers: manager.headers }))).body;
    assert.ok(headsOn(await shown()).includes('Company or institution'), 'a company is a column at first');
    const label = 'I may appear in photographs of the event.';
    assert.match(await shown(), new RegExp(`value="consents.photos"[^>]*><label[^>]*>${label}`));
    const chosen = ['last_door', 'desk_notes', 'consents.photos', 'consents.gone', 'last_door'];
    await post(`${list}/columns?q=a&cursor=9.1`, chosen.map((key) => ['columns', key]))
        .then(({ headers }) => assert.equal(headers.location, `${list}?q=a&cursor=9.1`));
    assert.deepEqual(headsOn(await shown('?q=ada')), ['Name', 'Last door', 'Notes', label]);
    await house.database.query(`update list_columns set columns = columns || ',last_door,email' from event
        where list_columns.event_id = event.event_id and slug = $1`, [slug]);
    const page = await shown('?sort=name');
    assert.deepEqual(headsOn(page), ['Name ascending', 'Last door', 'Notes', label, 'Email'], 'each column once');
    const cells = [...page.matchAll(/<td data-label="([^"]*)"[^>]*>([^<]*)</g)].map(([, , text]) => text);
    assert.deepEqual(cells.filter((text) => !text.includes('@')), ['Main entrance', 'Needs a ramp', 'yes', '', '', 'no']);
    const csv = (await expect(200, house.http.get(linkIn(page, 'CSV</a>'), { headers: manager.headers }))).body;
    assert.match(csv, /Ada,Main entrance,Needs a ramp,yes \(1\),/);
    const all = (await expect(200, house.http.get(`/api/v1/events/${slug}/attendees.csv`, { token }))).body;
    assert.doesNotMatch(all, /ramp/, 'notes leave only if they are chosen');
});

test('the list is sorted by company, and a person leads back to the same list and page', async () => {
    const slug = await house.apply(exampleEvent({ registration: { approval: false, capacity: 500 } }));
    const list = `/desk/events/${slug}/attendees`;
    for (const [name, company] of [['Ada', 'zeta'], ['Ben', 'Ärzte'], ['Cem', 'Beta'], ['Dan', 'ärzte']])
        await registered(slug, guest({ attendees: [{ name, answers: { company, lunch: false } }] }));
    const shown = async (query) => (await expect(200, house.http.get(list + query, { headers: manager.headers }))).body;
    const head = linkIn(await shown('?list=coming'), 'Company or institution</a></th>');
    const page = await shown(head.slice(head.indexOf('?')));
    assert.deepEqual(namesOn(page), ['Ben', 'Dan', 'Cem', 'Ada']);
    assert.ok(headsOn(page).includes('Company or institution ascending'));
    const { next } = (await house.http.get(`/api/v1/events/${slug}/attendees?sort=answers.company&limit=2`, { token })).json();
    const query = `?list=coming&sort=answers.company&cursor=${next}`;
    const second = await shown(query);
    assert.deepEqual(namesOn(second), ['Cem', 'Ada']);
    const person = linkIn(second, 'Cem</a>');
    const hasBack = async (path) => {
        const { body } = await expect(200, house.http.get(path, { headers: manager.headers }));
        const at = path.includes('/cancel') ? person : list + query;
        assert.ok(body.includes(`<p class="back"><a href="${at.replaceAll('&', '&amp;')}">`), path);
        return body;
    };
    const cancel = linkIn(await hasBack(person), 'Cancel this place');
    const action = /<form method="post" action="([^"]*)"/.exec(await hasBack(cancel))[1].replaceAll('&amp;', '&');
    const done = await expect(303, post(action, { tell: 'false' }));
    await hasBack(done.headers.location);
    const added = /href="([^"]*\/attendees\/new[^"]*)"/.exec(second)[1].replaceAll('&amp;', '&');
    await hasBack(added);
    assert.ok(!(await shown('/new?from=%22%3E')).includes('"%22'), 'a strange list is not linked');
});

test('many are changed by the filter, with a preview and an outcome', async () => {
    const letters = () => house.database.value(`
        select count(*)::integer from message join event using (event_id) where slug = $1 and kind = 'cancelled'`, [event]);
    const before = await letters();
    const nobody = await post(`${desk}/bulk?q=nadel`, { verb: 'cancel' });
    assert.equal(nobody.status, 422);
    assert.match(nobody.body, /Select people in the list first/);
    assert.deepEqual(namesOn(nobody.body).length, 3, 'the list is still there, as filtered');
    await expect(403, post(`${desk}/bulk`, { verb: 'cancel', all: 'true' }, viewer));

    const made = await expect(303, post(`${desk}/bulk?q=nadel`, { verb: 'cancel', all: 'true' }));
    const path = made.headers.location, start = path.replace('/people?', '/start?');
    const preview = (await expect(200, house.http.get(path, { headers: manager.headers }))).body;
    assert.match(preview, /3 places will be cancelled/);
    assert.ok(preview.includes(`href="${desk}?q=nadel"`), 'it leads back to the list as it was');
    const mails = [...preview.matchAll(/formaction="([^"]*mail-preview[^"]*)"[^>]*>(?:<[^>]*>)?([^<]*)/g)]
        .map(([, at, name]) => [at.replaceAll('&amp;', '&'), name]);
    assert.deepEqual(mails.map(([, name]) => name), ['Ada Alpha · English', 'Dan Delta · Deutsch'], 'an example for each language');
    await house.database.query(`update message set state = 'sent' from event
        where message.event_id = event.event_id and slug = $1`, [event]); // nobody is told of the end of what they never heard of
    const inGerman = (await expect(200, post(mails[1][0], { words: 'Bis <bald>!' }))).body;
    assert.match(inGerman, /Bis &lt;bald&gt;!/);
    assert.match(inGerman, /storniert/);
    assert.match(preview, /name="tells" value="true" checked/);
    const long = await post(start, { words: 'x'.repeat(2001), tells: 'true' });
    assert.equal(long.status, 422);
    assert.match(long.body, /x{2001}/, 'what was typed is still there');
    const started = await expect(303, post(start, { words: 'Sorry!' }));
    assert.equal(started.headers.location, path);
    await expect(303, post(start, { tells: 'true' }));
    let page;
    await until(async () => /Places cancelled/.test(page = (await house.http.get(path, { headers: manager.headers })).body), () => page);
    assert.match(page, /3 places were cancelled/);
    assert.match(page, new RegExp(`href="${desk}/[-0-9a-f]{36}\\?from=q%3Dnadel" dir="auto">Ada Alpha<`));
    assert.equal(tabsOn(await show()).Cancelled, 4);
    assert.equal(await letters(), before, 'without the tick nobody is told');
});
