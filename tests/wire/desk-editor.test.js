// The editor at the desk: a draft from a few fields, a page for each section, pages for questions, ticket
// types, consents and doors, and two people who edit at once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signIn } from '../harness/desk.js';
import { exampleEvent, plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';

const house = await openHouse();
await house.apply(plainEvent());
const { headers } = await signIn(house);
const other = await signIn(house, { email: 'berta@example.org' });
const sections = ['what', 'where', 'text', 'programme', 'contact', 'places', 'questions', 'mails', 'door', 'privacy'];

const at = (slug, rest) => `/desk/events/${slug}/edit${rest ? `/${rest}` : ''}`;
const page = async (slug, rest, who = headers) => (await house.http.get(at(slug, rest), { headers: { ...who, 'accept-language': 'en' } })).body;
const send = (slug, rest, form, who = headers) =>
    house.http.post(at(slug, rest), { headers: { ...who, 'accept-language': 'en' }, form });
const file = async (slug) => JSON.parse(await house.mustCommand(['event', 'show', slug]));
const plain = (body) => body.replace(/<head>.*<main[^>]*>/s, '').replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ').trim();
const includes = (body, ...all) => { for (const words of all) assert.ok(plain(body).includes(words), `${words} — not in: ${plain(body)}`); };
const versionOf = (body) => /name="version" value="(\d+)"/.exec(body)[1];

async function saved(answer) {
    assert.equal(answer.status, 303, plain(answer.body));
    return answer.headers.location;
}

// → the names of the fields of a page
const names = (body) => [...body.matchAll(/<(?:input|select|textarea)[^>]* name="([^"]+)"/g)].map(([, name]) => name);

// The program itself says which members it knows at each place of a file.
async function knownMembers() {
    const event = structuredClone(exampleEvent());
    const places = { '': event, organiser: event.organiser, venue: event.venue, registration: event.registration,
        check_in: (event.check_in ??= {}), ticket_types: event.ticket_types[0], questions: event.questions[0],
        consents: event.consents[0], doors: event.doors[0], programme: (event.programme = [{ starts_at: event.starts_at, title: 'Talk' }])[0],
        contact: (event.contact = {}), who_comes: (event.who_comes = {}) };
    for (const place of Object.values(places)) place.zzz = 1;
    const { stderr } = await house.command(['event', 'apply', house.file('unknown.json', JSON.stringify(event))]);
    const told = [...stderr.matchAll(/(\/?[a-z_]*)(?:\/0)?\/zzz\b[^\n]*possible keys are ([^\n]*)/g)]
        .map(([, place, members]) => [place.replace('/', ''), members.split(/[, ]+/).map((key) => key.replace(/[^a-z_]/g, ''))]);
    assert.deepEqual(told.map(([place]) => place).sort(), Object.keys(places).sort(), stderr);
    return Object.fromEntries(told);
}

test('every member of the event file has its field', async () => {
    const slug = await house.apply(exampleEvent({ starts_at: '2030-05-13T10:00', ends_at: '2030-05-14T14:00' }));
    const at = { '': [], ticket_types: [], questions: [], consents: [], doors: [], programme: [] };
    for (const section of sections) at[''].push(...names(await page(slug, section)));
    for (const [list, item, member] of [['tickets', 'new', 'ticket_types'], ['questions', 'lunch', 'questions'], ['questions', 'diet', 'questions'],
        ['questions', 'new', 'questions'], ['consents', 'new', 'consents'], ['doors', 'new', 'doors'],
        ['programme', 'new', 'programme']])
        at[member].push(...names(await page(slug, `${list}/${item}`)));
    const elsewhere = {
        '': ['organiser', 'slug', 'published', 'cancelled', 'ticket_types', 'questions', 'consents', 'doors', 'programme'], // by the program, by publishing, on pages of their own
        organiser: ['slug', 'name'], ticket_types: ['slug'], questions: ['slug'], consents: ['slug', 'version'], doors: ['slug'], programme: ['slug'],
    };
    for (const [place, members] of Object.entries(await knownMembers())) {
        const fields = at[place] ?? at[''].filter((name) => name.startsWith(`${place}.`)).map((name) => name.slice(place.length + 1));
        const missing = members.filter((member) => !elsewhere[place]?.includes(member) &&
            !fields.some((name) => name.split(/[.[]/)[0] === member));
        assert.ok(members.length > 1);
        assert.deepEqual(missing, [], `members of “${place}” without a field`);
    }
});

test('a title, a time and a zone make a draft, whose link comes from the title', async () => {
    const body = (await house.http.get('/desk/events/new', { headers })).body;
    assert.match(body, /name="timezone"[^>]* value="Europe\/Berlin"/);
    const form = { title: 'Sömmerfest & Tanz', 'languages.main': 'de', 'languages.others[]': 'en', 'starts_at.date': '2031-07-01',
        'starts_at.time': '18:00', 'ends_at.date': '2031-07-01', 'ends_at.time': '23:00', timezone: 'Europe/Berlin' };
    const make = (more) => house.http.post('/desk/events/new', { headers, form: { ...form, ...more } });
    assert.equal(await saved(await make()), '/desk/events/soemmerfest-tanz/edit?done=editor.made');
    assert.equal(await saved(await make()), '/desk/events/soemmerfest-tanz-2/edit?done=editor.made');
    const made = await file('soemmerfest-tanz');
    assert.deepEqual([made.title, made.published, made.languages, made.starts_at], [{ de: 'Sömmerfest & Tanz' }, false, ['de', 'en'], '2031-07-01T18:00']);
    const wrong = await make({ title: '', 'ends_at.date': '2031-06-01', timezone: 'Berlin' });
    assert.equal(wrong.status, 422);
    for (const field of ['title', 'ends_at', 'timezone']) assert.ok(wrong.body.includes(`href="#${field}"`), field);
    assert.match(wrong.body, /name="ends_at\.date" value="2031-06-01"/);
    const only = await signIn(house, { event: 'soemmerfest-tanz' });
    assert.match((await house.http.get('/desk/events/new', { headers: only.headers })).body, /notice-look/);
    assert.equal((await house.http.post('/desk/events/new', { headers: only.headers, form })).status, 422);
    assert.equal((await house.http.get(at('soemmerfest-tanz', 'what'), { headers: only.headers })).status, 200);
});

test('a new event is suggested in the language of the person who makes it, and no list has the main language twice', async () => {
    const organiser = { slug: 'tongues', name: 'Tongues' };
    const me = await house.apply(plainEvent({ organiser, languages: ['en'], title: 'Tea', summary: undefined, description: undefined })) && await signIn(house, { organiser: organiser.slug });
    const open = async (path, language) => (await house.http.get(path, { headers: { ...me.headers, 'accept-language': language } })).body;
    const chosen = (body) => [/name="languages\.main">.*?value="(\w+)" selected/.exec(body)[1],
        ...[...body.matchAll(/<div class="choice"><input type="checkbox"[^>]* name="languages\.others\[\]" value="(\w+)" checked/g)].map(([, code]) => code)];
    const visible = (body) => [...body.matchAll(/<div class="choice"><input type="checkbox"[^>]* name="languages\.others\[\]" value="(\w+)"/g)].map(([, code]) => code);
    for (const [language, wanted] of [['de', ['de']], ['en', ['en']]]) {
        const body = await open('/desk/events/new', language);
        assert.deepEqual(chosen(body), wanted, 'not the language that others made an event in');
        assert.ok(!visible(body).includes(language) && visible(body).length > 10, language);
    }
    const both = await house.apply(plainEvent({ organiser, languages: ['en', 'de'], title: { en: 'Tea', de: 'Tee' } }));
    assert.deepEqual(chosen(await open('/desk/events/new', 'de')), ['de', 'en'], 'the habit to write in two languages stays');
    const edited = await open(at(both, 'what'), 'de');
    assert.deepEqual([chosen(edited), visible(edited).includes('en')], [['en', 'de'], false]);

    // Another main language on the page: the former one stays a language of an event, and is none of a new one.
    const boxes = (body) => [...body.matchAll(/name="languages\.others\[\]" value="(\w+)" checked/g)].map(([, code]) => ['languages.others[]', code]);
    await saved(await send(both, 'what', [['languages.main', 'de'], ...boxes(edited)], me.headers));
    assert.deepEqual((await file(both)).languages, ['de', 'en']);
    const fresh = await open('/desk/events/new', 'en');
    assert.deepEqual(boxes(fresh), [['languages.others[]', 'de']]);
});

test('sections save what was typed, and what a newer program wrote stays', async () => {
    const slug = await house.apply(plainEvent({ languages: ['en', 'de'], title: { en: 'Party', de: 'Fest' } }));
    await house.database.query(`update event_version set definition = definition || '{"newer": {"x": 1}}'
        from event where event.event_id = event_version.event_id and slug = $1`, [slug]);
    await saved(await send(slug, 'what', { 'title.en': 'Party', 'title.de': 'Großes Fest', 'summary.en': '', 'summary.de': 'Kommt!' }));
    await saved(await send(slug, 'where', { 'venue.name': 'Town hall', 'venue.address': '' }));
    await saved(await send(slug, 'text', { 'description.en': '# Hello\n\n*you*', 'description.de': '' }));
    await saved(await send(slug, 'places', { 'registration.capacity': '40', 'registration.waiting_list': 'true', 'registration.most_attendees': '',
        'registration.opens_at.date': '2024-12-01', 'registration.opens_at.time': '10:00',
        'registration.closes_at.date': '2025-01-01', 'registration.closes_at.time': '10:00', embed_on: 'https://a.example/\nhttps://b.example' }));
    await saved(await send(slug, 'mails', { reply_to: 'us@example.org', reminder_hours: '0' }));
    await saved(await send(slug, 'privacy', { retention_days: '30' }));
    const now = await file(slug);
    assert.deepEqual([now.title.de, now.summary, now.venue, now.description, now.registration.capacity, now.registration.waiting_list,
        now.registration.closes_at, now.embed_on, now.reply_to, now.reminder_hours, now.retention_days, now.newer],
    ['Großes Fest', { de: 'Kommt!' }, { name: 'Town hall' }, { en: '# Hello\n\n*you*' }, 40, true, '2025-01-01T10:00',
        ['https://a.example', 'https://b.example'], 'us@example.org', 0, 30, { x: 1 }]);
    const overview = await page(slug);
    includes(overview, 'Party', 'Town hall', '40 places, with a waiting list', 'Replies go to us@example.org', 'No reminder');
    const preview = await send(slug, 'text/preview', { 'description.en': '**bold** <b>', 'description.de': '' });
    assert.match(preview.body, /<strong>bold<\/strong> &lt;b&gt;/);
    assert.equal((await file(slug)).description.en, '# Hello\n\n*you*');
    const wrong = await send(slug, 'places', { 'registration.capacity': 'many', 'registration.closes_at.date': '', 'registration.closes_at.time': '10:00' });
    assert.equal(wrong.status, 422);
    assert.match(wrong.body, /name="registration\.capacity"[^>]* value="many"/);
    assert.match(wrong.body, /Enter a whole number/);
    assert.match(wrong.body, /Please enter a day and a time/);
    const [entry] = await house.database.query(`select actor from event_version join event using (event_id, version) where slug = $1`, [slug]);
    assert.match(entry.actor, /^account /);
});

test('a removed language takes its texts along', async () => {
    const slug = await house.apply(plainEvent({ languages: ['en', 'de'], title: { en: 'Party', de: 'Fest' },
        questions: [{ slug: 'de', kind: 'yes_no', label: { en: 'A', de: 'B' } }, { slug: 'x', kind: 'text', label: { en: 'C', de: 'D' }, shown_if: { de: true } }] }));
    await saved(await send(slug, 'what', { 'languages.main': 'en', 'languages.others[]': '' }));
    const now = await file(slug);
    assert.deepEqual([now.languages, now.title, now.questions[1].label, now.questions[1].shown_if], [['en'], { en: 'Party' }, { en: 'C' }, { de: true }]);
});

test('in the hour that a clock change skips or doubles, the two times are offered', async () => {
    const slug = await house.apply(plainEvent({ timezone: 'Europe/Berlin' }));
    const when = { 'starts_at.date': '2030-03-31', 'starts_at.time': '02:30', 'ends_at.date': '2030-10-27', 'ends_at.time': '02:30' };
    const asked = await send(slug, 'what', when);
    assert.equal(asked.status, 422);
    const offers = [...asked.body.matchAll(/name="(\w+)\.choice" value="([^"]+)"/g)].map(([, name, value]) => `${name} ${value}`);
    assert.deepEqual(offers, ['starts_at 2030-03-31T01:59', 'starts_at 2030-03-31T03:00',
        'ends_at 2030-10-27T02:30+02:00', 'ends_at 2030-10-27T02:30+01:00']);
    await saved(await send(slug, 'what', { ...when, 'starts_at.offered': '2030-03-31T02:30', 'starts_at.choice': '2030-03-31T03:00',
        'ends_at.offered': '2030-10-27T02:30', 'ends_at.choice': '2030-10-27T02:30+01:00' }));
    const now = await file(slug);
    assert.deepEqual([now.starts_at, now.ends_at], ['2030-03-31T03:00', '2030-10-27T02:30+01:00']);
    await saved(await send(slug, 'what', { ...when, 'starts_at.time': '03:00', 'ends_at.time': '04:00',
        'ends_at.offered': '2030-10-27T02:30', 'ends_at.choice': '2030-10-27T02:30+01:00' }));
    assert.equal((await file(slug)).ends_at, '2030-10-27T04:00', 'a choice counts only for the time that it was offered for');
});

test('questions are added, made conditional, ordered and removed; others that depend on them are told', async () => {
    const slug = await house.apply(plainEvent());
    const add = (form) => send(slug, 'questions/new', { kind: 'text', ...form });
    await saved(await add({ 'label.en': 'Will you eat?', kind: 'choice', 'choices.n-0.label.en': 'Yes, meat', 'choices.n-1.label.en': '', 'choices.n-2.label.en': 'Yes, vegan' }));
    await saved(await add({ 'label.en': 'Allergies?', shown_if: 'will-you-eat=yes-vegan' }));
    await saved(await add({ 'label.en': 'Will you eat?', kind: 'yes_no', required: 'true' }));
    const order = async () => (await file(slug)).questions.map((question) => question.slug);
    assert.deepEqual(await order(), ['will-you-eat', 'allergies', 'will-you-eat-2']);
    const { questions: [eat, allergies] } = await file(slug);
    assert.deepEqual([eat.choices.map((choice) => choice.slug), allergies.shown_if], [['yes-meat', 'yes-vegan'], { 'will-you-eat': 'yes-vegan' }]);
    await saved(await send(slug, 'questions/will-you-eat-2/move', { to: 'up' }));
    await saved(await send(slug, 'questions/will-you-eat-2/move', { before: 'will-you-eat' }));
    assert.deepEqual(await order(), ['will-you-eat-2', 'will-you-eat', 'allergies']);
    for (const [action, form] of [['allergies/move', { before: 'will-you-eat' }], ['will-you-eat/remove', {}]]) {
        const refused = await send(slug, `questions/${action}`, form);
        assert.equal(refused.status, 422);
        assert.ok(refused.body.includes(`href="${at(slug, 'questions/allergies')}">This question depends on another one`), plain(refused.body));
    }
    const list = await page(slug, 'questions');
    assert.match(list, /only if “Will you eat\? – Yes, vegan”/);
    const tried = await page(slug, 'form-preview');
    assert.match(tried, /data-if="answers\.will-you-eat" data-is="yes-vegan"/);
    const unsaved = await send(slug, 'questions/new/preview', { 'label.en': 'Shoe size?', kind: 'number' });
    assert.match(unsaved.body, /Shoe size\?/);
    const rows = await send(slug, 'questions/will-you-eat', { 'label.en': 'Eat?', kind: 'choice', act: 'up:yes-vegan',
        'choices.c-yes-meat.label.en': 'Meat', 'choices.c-yes-vegan.label.en': 'Vegan' });
    assert.deepEqual([...rows.body.matchAll(/name="choices\.(c-[a-z-]+)\.label\.en/g)].map(([, key]) => key), ['c-yes-vegan', 'c-yes-meat']);
    assert.match(rows.body, /value="Eat\?"/);
    assert.equal((await file(slug)).questions.length, 3, 'previews and rows store nothing');
    await saved(await send(slug, 'questions/allergies/remove', {}));
    await saved(await send(slug, 'questions/will-you-eat', { 'label.en': 'Eat?', kind: 'text' }));
    const [, text] = (await file(slug)).questions;
    assert.deepEqual([text.slug, text.kind, text.choices], ['will-you-eat', 'text', undefined]);
    const none = await add({ 'label.en': '', kind: 'several' });
    assert.equal(none.status, 422);
    assert.ok(none.body.includes('href="#label"') && none.body.includes('href="#choices"'), plain(none.body));
});

test('each rule says what it means for those who are registered', async () => {
    const slug = await house.apply(plainEvent({ registration: { capacity: 2, waiting_list: true },
        ticket_types: [{ slug: 'a', title: 'A' }, { slug: 'b', title: 'B' }],
        questions: [{ slug: 'diet', label: 'Diet', kind: 'choice', choices: [{ slug: 'vegan', label: 'Vegan' }] }],
        consents: [{ slug: 'photos', version: 1, label: 'Photos' }] }));
    for (const answers of [{ diet: 'vegan' }, {}, {}])
        await house.signUp(slug, plainGuest({ consents: ['photos'], attendees: [{ name: 'Ada', answers }] }));
    const places = await page(slug, 'places');
    includes(places, '2 places are taken, so you can’t go lower.', 'one registration is waiting', 'Nothing changes for 3 people who have already registered');
    const question = await page(slug, 'questions/diet');
    includes(question, '2 people who have already registered aren’t asked again', 'One person chose this', 'You can’t change the kind');
    includes(await page(slug, 'tickets/a'), '3 people have this ticket type, so you can’t remove it');
    const lowered = await send(slug, 'places', { 'registration.capacity': '1' });
    assert.equal(lowered.status, 422);
    includes(lowered.body, '2 places are already taken');
    assert.match(await saved(await send(slug, 'places', { 'registration.capacity': '9' })), /done=editor\.saved_moved&n=1$/);
    await saved(await send(slug, 'consents/photos', { 'label.en': 'Photos and films' }));
    await saved(await send(slug, 'consents/photos', { required: 'true' }));
    const [consent] = (await file(slug)).consents;
    assert.deepEqual([consent.version, consent.required], [2, true], 'only other words make a new version');
    await saved(await send(slug, 'consents/new', { 'label.en': 'Newsletter' }));
    await saved(await send(slug, 'doors/new', { 'title.en': 'Side door', 'ticket_types[]': 'b' }));
    await saved(await send(slug, 'tickets/new', { 'title.en': 'New', capacity: '0', code: 'XY-1' }));
    const now = await file(slug);
    assert.deepEqual([now.consents[1], now.doors.at(-1), now.ticket_types[2]], [{ slug: 'newsletter', version: 1, required: false, label: { en: 'Newsletter' } },
        { slug: 'side-door', title: { en: 'Side door' }, ticket_types: ['b'] }, { slug: 'new-2', title: { en: 'New' }, capacity: 0, code: 'XY-1' }]);
    const removed = await send(slug, 'tickets/b/remove', {});
    includes(removed.body, '“Side door”: This door admits a ticket type that no longer exists');
});

test('of two people who edit at once, both keep what they changed, and the second sees where they differ', async () => {
    const slug = await house.apply(plainEvent({ questions: [{ slug: 'size', label: 'Size', kind: 'text' }] }));
    const mine = versionOf(await page(slug, 'what')), theirs = versionOf(await page(slug, 'what', other.headers));
    assert.equal(mine, theirs);
    const before = await file(slug);
    const form = { version: mine, 'title.en': before.title.en, 'summary.en': before.summary.en };
    await saved(await send(slug, 'what', { ...form, 'title.en': 'Theirs', 'summary.en': 'A summary' }, other.headers));
    await saved(await send(slug, 'what', { ...form, 'starts_at.date': '2020-01-01', 'starts_at.time': '10:00' }));
    const merged = await file(slug);
    assert.deepEqual([merged.title.en, merged.summary.en, merged.starts_at], ['Theirs', 'A summary', '2020-01-01T10:00']);
    const differs = await send(slug, 'what', { ...form, 'title.en': 'Mine' });
    assert.equal(differs.status, 409);
    includes(differs.body, 'has saved something else in the meantime', 'Saved now: Theirs', 'A summary');
    assert.match(differs.body, /id="title\.en"[^>]* value="Mine"/);
    const again = { ...form, version: versionOf(differs.body), 'title.en': 'Mine', 'summary.en': 'A summary' };
    await saved(await send(slug, 'what', { ...again, 'theirs.title.en': 'true' }));
    assert.equal((await file(slug)).title.en, 'Theirs');
    await saved(await send(slug, 'what', again));
    assert.deepEqual([(await file(slug)).title.en, (await file(slug)).summary.en], ['Mine', 'A summary']);

    const version = versionOf(await page(slug, 'questions/size'));
    await saved(await send(slug, 'questions/size/remove', {}, other.headers));
    const gone = await send(slug, 'questions/size', { version, 'label.en': 'Shoe size', kind: 'text' });
    assert.equal(gone.status, 409);
    includes(gone.body, 'berta@example.org has removed this in the meantime');
    await saved(await send(slug, 'questions/size', { version: versionOf(gone.body), 'label.en': 'Shoe size', kind: 'text' }));
    assert.deepEqual((await file(slug)).questions, [{ slug: 'size', label: { en: 'Shoe size' }, kind: 'text', required: false }]);
});
