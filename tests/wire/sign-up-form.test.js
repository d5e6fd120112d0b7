// The sign-up form without JavaScript: every field has a label, no input is lost, one form registers once,
// and programs cannot use it.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { exampleEvent, localTime, plainEvent } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { fieldsOf, openForm } from '../harness/sign_up_form.js';

const house = await openHouse({ settings: { workers: 1 } });

let people = 0;
const address = () => `form-${process.pid}-${++people}@example.org`;

const registrations = (event) => house.database.value(
    'select count(*)::int from registration join event using (event_id) where slug = $1', [event]);

// → the form's registration from the API
async function registered(answer) {
    assert.equal(answer.status, 303, answer.body);
    return (await house.http.get(`/api/v1${answer.headers.location}`)).json();
}

// → the tag of the control with this name
const control = (html, name) =>
    new RegExp(`<(?:input|select|textarea)\\b[^>]* name="${name.replace(/[.[\]]/g, '\\$&')}"[^>]*>`).exec(html)?.[0];

const has = (tag, ...attributes) => {
    assert.ok(tag, 'there is no such field');
    for (const attribute of attributes) assert.ok(tag.includes(` ${attribute}`), `${tag} has no ${attribute}`);
};

const title = (html) => /<title>(.*?)<\/title>/.exec(html)[1];
const choices = (count) => Array.from({ length: count }, (_, i) => ({ slug: `c${i}`, label: `Choice ${i}` }));

// → Ada's input for the example event
const ada = () => ({
    email: address(), 'attendees.0.name': 'Ada', 'attendees.0.answers.company': 'Engines',
    'attendees.0.answers.lunch': 'false', 'consents[]': 'privacy',
});

describe('the form', { concurrency: 8 }, () => {
    test('draws each kind of question with its own control, named, described and ready for browsers to help', async () => {
        const kinds = ['text', 'long_text', 'number', 'date', 'email', 'phone', 'country', 'url', 'yes_no'];
        const event = await house.apply(plainEvent({ questions: [
            ...kinds.map((kind) => ({ slug: kind.replace('_', '-'), label: `About ${kind}`, hint: `Hint ${kind}`, kind, required: true })),
            { slug: 'company', label: 'Company', kind: 'text', required: false },
            { slug: 'few', label: 'Few', kind: 'choice', required: true, choices: choices(3) },
            { slug: 'many', label: 'Many', kind: 'choice', required: true, choices: choices(40) },
            { slug: 'several', label: 'Several', kind: 'several', required: true, choices: choices(3) },
        ] }));
        const { page } = await openForm(house, event);
        const field = (slug) => control(page.body, `attendees.0.answers.${slug}`);
        has(field('text'), 'type="text"', 'required');
        has(field('long-text'), 'rows=');
        has(field('number'), 'type="text"', 'inputmode="decimal"');
        has(field('date'), 'type="date"', 'min="1900-01-01"', 'max="2199-12-31"');
        assert.doesNotMatch(field('date'), /autocomplete/);
        has(field('email'), 'type="email"', 'inputmode="email"', 'autocomplete="email"');
        has(field('phone'), 'type="tel"', 'autocomplete="tel"');
        has(field('country'), 'autocomplete="country"');
        has(field('url'), 'type="url"', 'inputmode="url"');
        has(field('yes-no'), 'type="radio"');
        has(field('company'), 'autocomplete="organization"');
        has(field('few'), 'type="radio"');
        assert.match(field('many'), /^<select/);
        has(field('several[]'), 'type="checkbox"');
        has(control(page.body, 'email'), 'autocomplete="email"', 'aria-describedby="email-hint"');
        has(control(page.body, 'attendees.0.name'), 'autocomplete="name"');
        assert.doesNotMatch(page.body, /placeholder/);
        assert.match(page.body, /marked “\(optional\)”/);
        for (const [, id] of page.body.matchAll(/<label[^>]* for="([^"]+)"/g))
            assert.equal(page.body.split(` id="${id}"`).length, 2, `one field ${id}`);
        for (const [, ids] of page.body.matchAll(/aria-describedby="([^"]+)"/g))
            for (const id of ids.split(' ')) assert.equal(page.body.split(` id="${id}"`).length, 2, `one text ${id}`);
        for (const kind of kinds.filter((kind) => kind !== 'yes_no'))
            has(field(kind.replace('_', '-')), `aria-describedby="attendees.0.answers.${kind.replace('_', '-')}-hint"`);
    });

    test('names the countries in the language of the page, in its order', async () => {
        const event = await house.apply(plainEvent({ questions: [{ slug: 'land', label: 'Land', kind: 'country', required: true }] }));
        for (const language of ['en', 'de']) {
            const { page } = await openForm(house, event, { language });
            const options = [...page.body.matchAll(/<option value="([A-Z]{2})">([^<]+)</g)]
                .map(([, code, name]) => [code, name.replaceAll('&amp;', '&')]);
            assert.equal(options.length, 249);
            const names = new Intl.DisplayNames([language], { type: 'region' });
            for (const [code, name] of options) assert.equal(name, names.of(code));
            const { compare } = new Intl.Collator(language);
            assert.deepEqual(options, [...options].sort(([, a], [, b]) => compare(a, b)));
        }
        const form = await openForm(house, event);
        const { attendees } = await registered(await form.send({ email: address(), 'attendees.0.name': 'A', 'attendees.0.answers.land': 'AT' }));
        assert.equal(attendees[0].answers.land, 'AT');
    });

    test('reads numbers and days as people type them', async () => {
        const event = await house.apply(plainEvent({ questions: [
            { slug: 'n', label: 'Number', kind: 'number', required: true }, { slug: 'd', label: 'Day', kind: 'date', required: true }] }));
        const form = await openForm(house, event);
        const wrong = await form.send({ email: address(), 'attendees.0.name': 'A', 'attendees.0.answers.n': '0x10', 'attendees.0.answers.d': '31.2.2026' });
        assert.equal(wrong.status, 422);
        assert.match(wrong.body, /value="0x10"/);
        assert.match(wrong.body, /href="#attendees\.0\.answers\.n"[\s\S]*href="#attendees\.0\.answers\.d"/);
        const { attendees } = await registered(await form.post(form.fields(
            { 'attendees.0.answers.n': ' 1,5', 'attendees.0.answers.d': '3.2.2026' }, wrong.body)));
        assert.deepEqual(attendees[0].answers, { n: 1.5, d: '2026-02-03' });
    });

    test('a number stays what it is, in the language that it was typed in', async () => {
        const event = await house.apply(plainEvent({ questions: ['n', 'm'].map((slug) => ({ slug, label: `Number ${slug}`, kind: 'number', required: true })) }));
        const german = { headers: { 'accept-language': 'de' } };
        const form = await openForm(house, event, { language: 'de' });
        const unclear = await form.send({ email: address(), 'attendees.0.name': 'A', 'attendees.0.answers.n': '1,000', 'attendees.0.answers.m': '1.000' }, german);
        assert.equal(unclear.status, 422);
        assert.match(unclear.body, /Meinten Sie 1000 oder 1,0000\? Bitte schreiben Sie die Zahl so: Number n/);
        assert.doesNotMatch(unclear.body, /href="#attendees\.0\.answers\.m"/);
        const sent = await form.post(form.fields({ 'attendees.0.answers.n': '0,1' }, unclear.body), german);
        assert.deepEqual((await registered(sent)).attendees[0].answers, { n: 0.1, m: 1000 });
        const { location } = sent.headers;
        const raw = (await house.http.get(`/api/v1${location}`)).body;
        assert.match(raw, /"n":0\.1[,}]/);

        const [path, key] = location.split('?');
        for (const [language, typed] of [['de', '2,1250'], ['en', '2.1250']]) {
            await house.database.query(`update attendee set answers = '{"n": 2.125, "m": 0.1}' where name = 'A'
                and event_id = (select event_id from event where slug = $1)`, [event]);
            const headers = { 'accept-language': language };
            const page = await house.http.get(`${path}/change?${key}`, { headers });
            const fields = fieldsOf(page.body);
            assert.equal(fields['attendees.0.answers.n'], typed);
            const changed = await house.http.post(`${path}/change?${key}`, { headers, form: { ...fields, 'attendees.0.name': 'A' } });
            assert.equal(changed.status, 303, changed.body);
            assert.deepEqual((await house.http.get(`/api/v1${location}`)).json().attendees[0].answers, { n: 2.125, m: 0.1 });
        }
    });

    test('years are from 1900 to 2199, and have four digits', async () => {
        const event = await house.apply(plainEvent({ questions: [{ slug: 'd', label: 'Born', kind: 'date', required: true }] }));
        const form = await openForm(house, event);
        for (const [typed, words] of [['13.5.85', /year with four digits/], ['0085-05-13', /between 1900 and 2199/]]) {
            const refused = await form.send({ email: address(), 'attendees.0.name': 'A', 'attendees.0.answers.d': typed });
            assert.equal(refused.status, 422);
            assert.match(refused.body, words);
        }
    });

    test('asks for a day that people know by heart in three fields, and says which part is wrong', async () => {
        const event = await house.apply(plainEvent({ questions: [
            { slug: 'birth-date', label: 'Date of birth', kind: 'date', by_heart: true, required: true },
            { slug: 'wedding', label: 'Wedding day', kind: 'date', by_heart: true }] }));
        const form = await openForm(house, event);
        const born = (part) => `attendees.0.answers.birth-date.${part}`;
        const order = [...form.page.body.matchAll(/name="attendees\.0\.answers\.birth-date\.(\w+)"/g)].map(([, part]) => part);
        assert.deepEqual(order, ['day', 'month', 'year']);
        has(control(form.page.body, born('year')), 'inputmode="numeric"', 'autocomplete="bday-year"');
        has(control(form.page.body, 'attendees.0.answers.wedding.day'), 'autocomplete="off"');
        const typed = { email: address(), 'attendees.0.name': 'Ada' };
        const parts = (day, month, year) => ({ [born('day')]: day, [born('month')]: month, [born('year')]: year });
        const cases = [[['', '', ''], { day: /Please answer|answer/i }], [['13', '', ''], { month: /month as well/, year: /year as well/ }],
            [['32', '5', '1985'], { day: /from 1 to 31/ }], [['13', '13', '1985'], { month: /from 1 to 12/ }],
            [['13', '5', '85'], { year: /four digits/ }], [['13', '5', '0085'], { year: /1900 and 2199/ }],
            [['31', '2', '1985'], { day: /have that many days\. Check the day/ }]];
        await form.ripen();
        for (const [values, wanted] of cases) {
            const { status, body } = await form.post(form.fields({ ...typed, ...parts(...values) }));
            assert.equal(status, 422);
            const links = Object.fromEntries([...body.matchAll(/<a href="#attendees\.0\.answers\.birth-date\.(\w+)">([^<]*)</g)].map(([, part, text]) => [part, text]));
            assert.deepEqual(Object.keys(links), Object.keys(wanted), values.join());
            for (const [part, text] of Object.entries(wanted)) {
                assert.match(links[part], text);
                has(control(body, born(part)), 'aria-invalid="true"');
            }
            assert.equal(body.match(/aria-invalid/g).length, Object.keys(wanted).length);
            assert.equal(fieldsOf(body)[born('day')], values[0]);
        }
        const done = await form.post(form.fields({ ...typed, ...parts('13', 'Mai', ' 1985 ') }));
        const { attendees: [ada] } = await registered(done);
        assert.deepEqual(ada.answers, { 'birth-date': '1985-05-13' }, 'it is one date');
        const change = done.headers.location.replace('?', '/change?');
        const page = await house.http.get(change);
        const shown = fieldsOf(page.body);
        assert.deepEqual(['day', 'month', 'year'].map((part) => shown[born(part)]), ['13', '5', '1985']);
        await house.http.post(change, { form: form.fields({ 'attendees.0.answers.wedding.day': '1', 'attendees.0.answers.wedding.month': '06',
            'attendees.0.answers.wedding.year': '2010' }, page.body) });
        assert.deepEqual((await registered(done)).attendees[0].answers, { 'birth-date': '1985-05-13', wedding: '2010-06-01' });
        const api = await house.signUp(event, { email: address(), attendees: [{ name: 'B', answers: { 'birth-date': { day: '1' } } }] });
        assert.equal(api.status, 422, 'the API takes a date');
        await assert.rejects(house.apply(plainEvent({ questions: [{ slug: 'x', label: 'X', kind: 'text', by_heart: true }] })), /by_heart: only a date/);
    });

    test('asks whether a provider is meant that an address almost names, and takes a no', async () => {
        const event = await house.apply(plainEvent({ registration: { most_attendees: 2, once_per_email: false } }));
        const form = await openForm(house, event);
        const name = `ada-${process.pid}`;
        const typed = { email: `${name}@gmial.com`, 'attendees.0.name': 'Ada', 'attendees.1.name': 'Bob', 'attendees.1.email': 'bob@web.d' };
        const asked = await form.send(typed);
        assert.equal(asked.status, 422);
        assert.match(title(asked.body), /^Error: /);
        assert.match(asked.body, new RegExp(`<a href="#email">Did you mean ${name}@gmail\\.com\\?</a>`));
        assert.match(asked.body, /<a href="#attendees\.1\.email">[^<]*Did you mean bob@web\.de\?<\/a>/);
        assert.match(asked.body, new RegExp(`name="mend_email" value="email"[^>]*>Use ${name}@gmail\\.com<`));
        assert.equal(fieldsOf(asked.body).email, typed.email);
        const half = await form.post(form.fields({ ...typed, mend_email: 'email' }, asked.body));
        assert.equal(half.status, 422);
        assert.equal(fieldsOf(half.body).email, `${name}@gmail.com`);
        const done = await registered(await form.post(form.fields({ keep_email: 'attendees.1.email' }, half.body)));
        assert.deepEqual([done.email, done.attendees[1].email], [`${name}@gmail.com`, 'bob@web.d']);
        const api = await house.signUp(event, { email: 'ada@gmial.com', attendees: [{ name: 'Ada' }] });
        assert.equal(api.status, 201, 'a program is not asked');
    });

    test('asks a question that depends on another with its condition, and ignores what does not apply', async () => {
        const event = await house.apply(plainEvent({ registration: { most_attendees: 2 }, questions: [
            { slug: 'lunch', label: 'Lunch?', kind: 'yes_no', required: true },
            { slug: 'diet', label: 'Diet?', kind: 'choice', required: true, choices: choices(2), shown_if: { lunch: true } },
            { slug: 'why', label: 'Why?', kind: 'number', required: true, shown_if: { diet: 'c1' } } ] }));
        const form = await openForm(house, event);
        assert.match(form.page.body, /Only if you answered “Yes” to “Lunch\?”/);
        assert.match(form.page.body, /Only if you answered “Choice 1” to “Diet\?”/);
        assert.match(form.page.body, /data-if="attendees\.0\.answers\.diet" data-is="c1"/);
        const two = { email: address(),
            'attendees.0.name': 'A', 'attendees.0.answers.lunch': 'false', 'attendees.0.answers.diet': 'no such', 'attendees.0.answers.why': 'not a number',
            'attendees.1.name': 'B', 'attendees.1.answers.lunch': 'true', 'attendees.1.answers.diet': 'c1', 'attendees.1.answers.why': '' };
        const wrong = await form.send(two);
        assert.equal(wrong.status, 422);
        assert.deepEqual([...wrong.body.matchAll(/<li><a href="#([^"]+)">(.*?):/g)].map(([, field, who]) => [field, who]),
            [['attendees.1.answers.why', 'Person 2']], 'only what applies is asked of each');
        const { attendees } = await registered(await form.post(form.fields({ ...two, 'attendees.1.answers.why': '7' })));
        assert.deepEqual(attendees.map(({ answers }) => answers), [{ lunch: false }, { lunch: true, diet: 'c1', why: 7 }]);
    });

    test('says before it is sent that fewer people would get places now, and chooses a ticket that can be had', async () => {
        const event = await house.apply(plainEvent({
            registration: { capacity: 2, waiting_list: true, most_attendees: 3 }, ticket_types: [
                { slug: 'early', title: 'Early bird', capacity: 0 }, { slug: 'box', title: 'Box', capacity: 1 },
                { slug: 'seat', title: 'Seat' }] }));
        const open = await openForm(house, event);
        const card = (html, slug) => new RegExp(`<label class="card[^"]*"[^>]*><input[^>]* value="${slug}"[\\s\\S]*?</label>`).exec(html)[0];
        assert.match(card(open.page.body, 'early'), /card-off[\s\S]* disabled[\s\S]*not available/);
        assert.match(card(open.page.body, 'box'), / checked/);
        assert.doesNotMatch(open.page.body, /id="short"/);
        const hint = (html) => /<p[^>]*id="short"[^>]*>([^<]*)</.exec(html);
        const two = { more: '1', email: address(), 'attendees.0.name': 'A' };
        const boxes = (await open.post(open.fields(two))).body;
        assert.match(hint(boxes)[1], /^Only one place is left for “Box”, and you’re registering 2 people\. All of you would join the waiting list\. To get places now, remove one person\.$/);
        assert.match(boxes, /You can register up to 2 people at once/);
        const three = (await open.post(open.fields({ ...two, 'attendees.1.ticket_type': 'seat', 'attendees.1.name': 'B' }))).body;
        assert.match(hint(three)[1], /^Only 2 places are left, and you’re registering 3 people\. All of you would join the waiting list\. To get places now, remove one person\.$/);
        const fits = (await open.post(open.fields({ 'attendees.1.ticket_type': 'seat', 'attendees.1.name': 'B' }))).body;
        assert.match(hint(fits)[0], / hidden>/);
        assert.equal((await house.signUp(event, { email: address(), attendees: [{ name: 'P', ticket_type: 'seat' }] })).status, 201);
        const german = (await open.post(open.fields({ ...two, 'attendees.0.ticket_type': 'seat', 'attendees.1.ticket_type': 'seat' }),
            { headers: { 'Accept-Language': 'de' } })).body;
        assert.match(hint(german)[1], /^Nur noch ein Platz ist frei, Sie melden aber 3 Personen an\. Alle kämen auf die Warteliste\. Mit 2 Personen weniger bekommen Sie sofort Plätze.$/);
    });

    test('offers few ticket types as cards with their places, many as a list, and nothing that cannot be had', async () => {
        const file = plainEvent({ registration: { capacity: 20, waiting_list: true }, ticket_types: [
            { slug: 'guest', title: 'Guest' }, { slug: 'press', title: 'Press', capacity: 1 }, { slug: 'vip', title: 'VIP', approval: true }] });
        const event = await house.apply(file);
        assert.equal((await house.signUp(event, { email: address(), attendees: [{ name: 'P', ticket_type: 'press' }] })).status, 201);
        const card = (html, slug) => new RegExp(`<label class="card[^"]*"[^>]*><input[^>]* value="${slug}"[\\s\\S]*?</label>`).exec(html)[0];
        const { page } = await openForm(house, event);
        assert.match(card(page.body, 'guest'), / checked[\s\S]*Guest[\s\S]*19 places left/);
        assert.match(card(page.body, 'press'), /fully booked, waiting list open/);
        assert.doesNotMatch(card(page.body, 'press'), / disabled/);
        assert.match(card(page.body, 'vip'), /needs the organiser’s approval/);
        await house.apply({ ...file, registration: { ...file.registration, waiting_list: false } });
        const strict = (await openForm(house, event)).page.body;
        assert.match(card(strict, 'press'), /card-off[\s\S]* disabled[\s\S]*fully booked/);
        const form = await openForm(house, event);
        const refused = await form.send({ email: address(), 'attendees.0.name': 'Kept', 'attendees.0.ticket_type': 'press' });
        assert.equal(refused.status, 409);
        assert.equal(fieldsOf(refused.body)['attendees.0.ticket_type'], 'press', 'what was chosen is not changed unasked');
        assert.equal(fieldsOf(refused.body)['attendees.0.name'], 'Kept');
        const many = await house.apply(plainEvent({ ticket_types: choices(7).map(({ slug, label }) => ({ slug, title: label })) }));
        assert.match(control((await openForm(house, many)).page.body, 'attendees.0.ticket_type'), /^<select/);
        const one = await house.apply(plainEvent());
        assert.equal(control((await openForm(house, one)).page.body, 'attendees.0.ticket_type'), undefined);
    });

    test('says on its button what it will do', async () => {
        const shown = (html) => [...html.matchAll(/<span data-outcome="(\w+)">/g)].map(([, outcome]) => outcome);
        const file = plainEvent({ registration: { capacity: 2, waiting_list: true, most_attendees: 2 } });
        const event = await house.apply(file);
        assert.equal((await house.signUp(event, { email: address(), attendees: [{ name: 'First' }] })).status, 201);
        const form = await openForm(house, event);
        assert.deepEqual(shown(form.page.body), ['register', 'register']);
        assert.match(form.page.body, /Add another person \(one more possible\)/);
        const two = await form.post(form.fields({ more: '1' }));
        assert.deepEqual(shown(two.body), ['wait', 'wait'], 'two do not fit into one place');
        assert.match(two.body, /up to 2 people at once/);
        const asks = await house.apply(plainEvent({ registration: { approval: true } }));
        assert.deepEqual(shown((await openForm(house, asks)).page.body), ['ask', 'ask']);
        assert.equal((await registered(await form.send({ email: address(), 'attendees.0.name': 'A' }))).status, 'confirmed');
        assert.deepEqual(shown((await openForm(house, event)).page.body), ['wait', 'wait']);
    });

    test('says when and where, with the end, in natural words', async () => {
        const event = await house.apply(plainEvent({ starts_at: '2031-05-13T10:00', ends_at: '2031-05-13T14:30', registration: { closes_at: undefined } }));
        assert.match((await openForm(house, event, { language: 'de' })).page.body, /Dienstag, 13\. Mai 2031, 10:00\u2060–\u206014:30\u00a0Uhr/);
        assert.match((await openForm(house, event)).page.body, /Tuesday, 13 May 2031, 10:00\u2060–\u206014:30/);
        const days = await house.apply(plainEvent({ starts_at: '2031-05-13T10:00', ends_at: '2031-05-14T14:30', registration: { closes_at: undefined } }));
        assert.match((await openForm(house, days, { language: 'de' })).page.body,
            /Dienstag, 13\. Mai 2031, 10:00\u00a0Uhr bis Mittwoch, 14\. Mai 2031, 14:30\u00a0Uhr/);
    });

    test('is not there while nobody can register, and says why', async () => {
        const closed = await house.apply(plainEvent({ registration: { closes_at: localTime(-1) } }));
        const full = await house.apply(plainEvent({ registration: { capacity: 1, waiting_list: false } }));
        assert.equal((await house.signUp(full, { email: address(), attendees: [{ name: 'A' }] })).status, 201);
        for (const [event, words] of [[closed, /Registration is closed/], [full, /Fully booked/]]) {
            const { status, body } = await house.http.get(`/events/${event}/register`);
            assert.equal(status, 200);
            assert.match(body, words);
            assert.doesNotMatch(body, /method="post"/);
        }
    });

    test('asks for the code where every ticket wants one, and does not say that places are taken', async () => {
        for (const waiting_list of [false, true]) {
            const event = await house.apply(plainEvent({ registration: { waiting_list },
                ticket_types: [{ slug: 'partner', title: 'Partner', code: 'P-1' }] }));
            const shown = async (query) => (await house.http.get(`/events/${event}/register${query}`)).body;
            for (const [query, wrong] of [['', false], ['?code=p-2', true]]) {
                const body = await shown(query);
                assert.match(body, /By invitation only/);
                assert.match(body, /<input id="code" name="code"/);
                assert.doesNotMatch(body, /method="post"|Fully booked|waiting list/);
                assert.equal(/id="code-error"/.test(body), wrong);
            }
            for (const spelled of ['P-1', 'p-1', 'p1', '%20P%E2%80%931%20', '%EF%BC%B01'])
                assert.match(await shown(`?code=${spelled}`), /method="post"/);
        }
    });

    test('keeps what was typed, lists what is wrong, links each to its field and says so in the title', async () => {
        const event = await house.apply();
        const form = await openForm(house, event, { language: 'de' });
        assert.equal(title(form.page.body), 'Anmelden – bionection meets Künstliche Intelligenz');
        const typed = { email: 'ada@', 'attendees.0.name': 'Ada "L" <b>', 'attendees.0.answers.lunch': 'true',
            'attendees.0.answers.diet': '\nno nuts\n', 'consents[]': 'photos' };
        const wrong = await form.send(typed, { headers: { 'accept-language': 'de' } });
        assert.equal(wrong.status, 422);
        assert.match(title(wrong.body), /^Fehler: /);
        const links = [...wrong.body.matchAll(/<li><a href="#([^"]+)"/g)].map(([, id]) => id);
        assert.deepEqual(links, ['email', 'attendees.0.answers.company', 'consents.privacy']);
        for (const id of links) {
            const tag = new RegExp(`<[^>]* id="${id.replace(/\./g, '\\.')}"[^>]*>`).exec(wrong.body)[0];
            has(tag, 'aria-invalid="true"');
            assert.match(tag, new RegExp(`aria-describedby="[^"]*${id.replace(/\./g, '\\.')}-error"`));
        }
        const kept = fieldsOf(wrong.body);
        for (const [name, value] of Object.entries(typed)) assert.equal(kept[name], value, name);
        assert.equal(kept.idempotency_key, form.stamp, 'it stays the same form');
        const done = await form.post(form.fields({ email: address(), 'attendees.0.answers.company': 'Engines',
            'consents[]': ['privacy', 'photos'] }, wrong.body));
        const outcome = await house.http.get(done.headers.location, { headers: { 'accept-language': 'de' } });
        assert.match(outcome.body, /Sie sind angemeldet/);
        assert.deepEqual((await registered(done)).consents.map(({ slug, version }) => [slug, version]), [['privacy', 1], ['photos', 1]]);
    });

    test('agrees only to the text that was shown: a newer one is asked again, and nothing else is lost', async () => {
        const file = structuredClone(exampleEvent({ consents: [
            { slug: 'privacy', version: 1, required: true, label: { en: 'First words.', de: 'Erste Worte.' } },
            { slug: 'photos', version: 1, required: false, label: { en: 'Photos.', de: 'Fotos.' } },
            { slug: 'letters', version: 1, required: false, label: { en: 'Letters.', de: 'Briefe.' } }] }));
        const event = await house.apply(file);
        const form = await openForm(house, event);
        const [privacy, photos] = file.consents;
        await house.apply({ ...file, consents: [
            { ...privacy, version: 2, label: { en: 'Second words.', de: 'Zweite Worte.' } }, photos] });
        const typed = { ...ada(), 'consents[]': ['privacy', 'photos', 'letters'] };
        const again = await form.send(typed);
        assert.equal(again.status, 422);
        assert.match(again.body, /<label for="consents\.privacy">Second words\./);
        assert.match(again.body, /This text has changed since you opened the form/);
        assert.match(again.body, /href="#consents\.privacy"/);
        assert.match(again.body, / id="consents\.photos"[^>]* checked/);
        assert.doesNotMatch(again.body, / id="consents\.privacy"[^>]* checked/);
        assert.equal(fieldsOf(again.body)['attendees.0.answers.company'], 'Engines');
        const unread = await form.post(form.fields({}, again.body));
        assert.equal(unread.status, 422);
        const done = await form.post(form.fields({ 'consents[]': ['privacy', 'photos'] }, again.body));
        const { consents, created_at: at } = await registered(done);
        assert.deepEqual(consents.map(({ slug, version }) => [slug, version]), [['privacy', 2], ['photos', 1]]);
        for (const { given_at: given } of consents) assert.ok(Math.abs(Date.parse(given) - Date.parse(at)) < 60_000, given);
    });

    test('comes back in German with the text of now', async () => {
        const file = plainEvent({ languages: ['de', 'en'], consents: [
            { slug: '7', version: 1, required: false, label: { en: 'Old.', de: 'Alt.' } }] });
        const form = await openForm(house, await house.apply(file), { language: 'de' });
        await house.apply({ ...file, consents: [{ ...file.consents[0], version: 2, label: { en: 'New.', de: 'Neu.' } }] });
        const again = await form.send({ email: address(), 'attendees.0.name': 'Ada', 'consents[]': '7' },
            { headers: { 'accept-language': 'de' } });
        assert.equal(again.status, 422);
        assert.match(again.body, /Dieser Text hat sich geändert, seit Sie das Formular geöffnet haben/);
        assert.match(again.body, />Neu\. /);
    });

    test('comes in the other language in the middle of it, with all that was typed', async () => {
        const event = await house.apply();
        const form = await openForm(house, event);
        const typed = { email: 'ada@', 'attendees.0.name': 'Ada', 'attendees.0.answers.lunch': 'true', 'consents[]': 'photos' };
        const path = /formaction="([^"]*)"[^>]* name="show_in" value="de"/.exec(form.page.body)[1];
        const { status, body } = await house.http.post(path, { form: form.fields({ ...typed, show_in: 'de' }) });
        assert.equal(status, 200);
        assert.match(body, /<html lang="de"/);
        assert.doesNotMatch(body, /error-summary|field-error|<title>Fehler/);
        const kept = fieldsOf(body);
        assert.deepEqual(Object.keys(typed).map((name) => kept[name]), Object.values(typed));
        assert.equal(kept.idempotency_key, form.stamp);
        assert.equal(kept.language, 'de', 'the mails will be in it, too');
        assert.equal(await registrations(event), 0);
    });

    test('adds people and removes any of them, and keeps what was typed about the others', async () => {
        const event = await house.apply();
        const form = await openForm(house, event);
        let { body } = await form.post(form.fields({ ...ada(), more: '1' }));
        ({ body } = await form.post(form.fields({ 'attendees.1.name': 'Bob', 'attendees.1.answers.lunch': 'true', more: '1' }, body)));
        ({ body } = await form.post(form.fields({ 'attendees.2.name': 'Cleo', 'attendees.2.answers.company': 'C', 'attendees.2.answers.lunch': 'false' , remove: '1' }, body)));
        const left = fieldsOf(body);
        assert.equal(left['attendees.0.name'], 'Ada');
        assert.equal(left['attendees.1.name'], 'Cleo');
        assert.equal(left['attendees.1.answers.lunch'], 'false');
        assert.equal(left['attendees.2.name'], undefined);
        assert.equal(left['consents[]'], 'privacy');
        assert.match(body, /up to 3 more/);
        await form.ripen();
        const { attendees } = await registered(await form.post(form.fields({}, body)));
        assert.deepEqual(attendees.map(({ name }) => name), ['Ada', 'Cleo']);
        for (const remove of ['0', '7', '-1', 'x'])
            assert.ok(fieldsOf((await form.post(form.fields({ remove }))).body)['attendees.0.name'] !== undefined, 'somebody stays');
    });
});

describe('a form that the event allows can be sent', { concurrency: 2 }, () => {
    const long = (count) => Array.from({ length: count }, (_, i) => ({ slug: `q${i}`, label: `Q${i}`, kind: 'long_text', required: true }));
    const umlauts = 'ü'.repeat(5000);

    test('with a hundred people who answer six questions each', async () => {
        const event = await house.apply(plainEvent({ registration: { most_attendees: 100, capacity: 500 },
            questions: Array.from({ length: 6 }, (_, i) => ({ slug: `q${i}`, label: `Q${i}`, kind: 'text', required: true })) }));
        const form = await openForm(house, event);
        const people = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [[`attendees.${i}.name`, `Guest ${i}`],
            ...Array.from({ length: 6 }, (__, q) => [`attendees.${i}.answers.q${q}`, `ü${i}`.repeat(q === 0 ? 100 : 1)])]).flat());
        const typed = { email: address(), ...people };
        const wrong = await form.send({ ...typed, 'attendees.99.answers.q5': '' });
        assert.equal(wrong.status, 422);
        assert.match(wrong.body, /<a href="#attendees\.99\.answers\.q5">/);
        assert.equal(fieldsOf(wrong.body)['attendees.99.answers.q0'], typed['attendees.99.answers.q0']);
        const { attendees } = await registered(await form.post(form.fields(typed)));
        assert.equal(attendees.length, 100);
        assert.equal(attendees[99].answers.q5, 'ü99');
    });

    test('with ten answers of 5,000 umlauts, as a form, as JSON and corrected', async () => {
        const event = await house.apply(plainEvent({ questions: long(10) }));
        const answers = Object.fromEntries(long(10).map(({ slug }) => [slug, umlauts]));
        const form = await openForm(house, event);
        const fields = Object.fromEntries(Object.entries(answers).map(([slug, text]) => [`attendees.0.answers.${slug}`, text]));
        const done = await form.send({ email: address(), 'attendees.0.name': 'Ada', ...fields });
        assert.deepEqual((await registered(done)).attendees[0].answers, answers);
        const change = done.headers.location.replace('?', '/change?');
        const page = await house.http.get(change);
        const changed = await house.http.post(change, { form: form.fields({ 'attendees.0.answers.q9': `${'ö'.repeat(4999)}!` }, page.body) });
        assert.equal(changed.status, 303);
        assert.match((await registered(done)).attendees[0].answers.q9, /^ö+!$/);
        const json = JSON.stringify({ email: address(), attendees: [{ name: 'Ada', answers }] }).replaceAll('ü', '\\u00fc');
        const api = await house.http.post(`/api/v1/events/${event}/registrations`,
            { body: json, headers: { 'content-type': 'application/json' } });
        assert.equal(api.status, 201, api.body);
    });

    test('and one that is longer than any is refused, as is an event whose form could not be sent', async () => {
        const event = await house.apply(plainEvent());
        const body = JSON.stringify({ email: address(), attendees: [{ name: 'A' }], padding: 'x'.repeat(256 * 1024) });
        const large = await house.http.post(`/api/v1/events/${event}/registrations`,
            { body, headers: { 'content-type': 'application/json' } });
        assert.equal(large.status, 413);
        await assert.rejects(house.apply(plainEvent({ registration: { most_attendees: 100 }, questions: long(7) })),
            /most_attendees: the form of one registration could become 41 MiB long; at most 40 MiB can be sent/);
    });
});

describe('an access code', { concurrency: 8 }, () => {
    test('offers its tickets before anybody is registered, typed or as a link', async () => {
        const event = await house.apply();
        const form = await openForm(house, event);
        assert.doesNotMatch(form.page.body, /value="speaker"/);
        const offered = await form.send({ ...ada(), code: 'SPEAKER-2022' });
        assert.equal(offered.status, 200, offered.body);
        assert.match(offered.body, /<input[^>]* value="speaker"/);
        assert.match(offered.body, /Code accepted/);
        assert.match(offered.body, /<input[^>]* checked autofocus/, 'what it opened has the focus');
        assert.equal(fieldsOf(offered.body)['attendees.0.answers.company'], 'Engines');
        assert.equal(await registrations(event), 0);
        const chosen = form.fields({ 'attendees.0.ticket_type': 'speaker' }, offered.body);
        assert.equal((await registered(await form.post(chosen))).attendees[0].ticket_type, 'speaker');
        const linked = await openForm(house, event, { query: '?code=SPEAKER-2022' });
        assert.equal(fieldsOf(linked.page.body)['attendees.0.ticket_type'], 'speaker', 'it is what the link was made for');
        assert.equal((await registered(await linked.send(ada()))).attendees[0].ticket_type, 'speaker');
    });

    test('that is wrong says so at its field, and keeps the rest', async () => {
        const event = await house.apply();
        const linked = await house.http.get(`/events/${event}/register?code=GUESS`);
        assert.match(linked.body, /id="code-error"/);
        assert.doesNotMatch(linked.body, /value="speaker"/);
        const form = await openForm(house, event);
        for (const more of [{}, { apply: '1' }]) {
            const wrong = await form.send({ ...ada(), code: 'GUESS', ...more });
            assert.match(wrong.body, /<a href="#code">/);
            assert.match(wrong.body, /<details class="code" open>/);
            assert.match(title(wrong.body), /^Error: /);
            assert.match(wrong.body, /<input id="code"[^>]* autofocus/);
            assert.equal(wrong.body.match(/autofocus/g).length, 1);
            assert.equal(fieldsOf(wrong.body)['attendees.0.name'], 'Ada');
        }
        assert.equal(await registrations(event), 0);
    });
});

describe('one form registers once', { concurrency: 8 }, () => {
    const many = () => plainEvent({ registration: { once_per_email: false } });
    const body = () => ({ email: address(), 'attendees.0.name': 'Ada' });

    test('pressed twice at once, again later, or after going back', async () => {
        const event = await house.apply(many());
        const form = await (await openForm(house, event)).ripen();
        const fields = form.fields(body());
        const answers = await Promise.all(Array.from({ length: 5 }, () => form.post(fields)));
        const again = await form.post(fields);
        for (const { status, headers } of [...answers, again]) {
            assert.equal(status, 303);
            assert.equal(headers.location, answers[0].headers.location);
        }
        assert.equal(await registrations(event), 1);
    });

    test('changed and sent again it says that it was sent, and is a new form after that', async () => {
        const event = await house.apply(many());
        const form = await openForm(house, event);
        const first = await form.send(body());
        assert.equal(first.status, 303);
        const other = await form.send({ ...body(), 'attendees.0.name': 'Grace' });
        assert.equal(other.status, 409);
        assert.match(other.body, /This form has already been sent/);
        assert.equal(fieldsOf(other.body)['attendees.0.name'], 'Grace');
        assert.equal(await registrations(event), 1);
        const second = await form.post(form.fields({}, other.body));
        assert.equal(second.status, 303);
        assert.notEqual(second.headers.location, first.headers.location);
    });

    test('open in two tabs the second is told that the address is registered, and keeps what was typed', async () => {
        const event = await house.apply(plainEvent());
        const [one, two] = await Promise.all([openForm(house, event), openForm(house, event)]);
        const typed = body();
        assert.equal((await one.send(typed)).status, 303);
        const refused = await two.send(typed);
        assert.equal(refused.status, 409);
        assert.match(refused.body, /Already registered/);
        assert.match(title(refused.body), /^Error: /);
        assert.equal(fieldsOf(refused.body).email, typed.email);
    });
});

describe('programs', { concurrency: 8 }, () => {
    // The service shows the form again with all input and a hint; sent again, it registers.
    async function asksAgain(event, form, fields) {
        const answer = await form.post(fields);
        assert.equal(answer.status, 422, answer.body);
        assert.match(answer.body, /Please press the button again/);
        assert.doesNotMatch(answer.body, /notice-stop|field-error/);
        assert.equal(fieldsOf(answer.body)['attendees.0.name'], 'Ada');
        assert.equal(fieldsOf(answer.body).subject, '');
        assert.equal(await registrations(event), 0);
        return answer;
    }

    test('that send the form at once are asked to press again, and so is a person, once', async () => {
        const event = await house.apply();
        const form = await openForm(house, event);
        const again = await asksAgain(event, form, form.fields(ada()));
        await form.ripen();
        assert.equal((await form.post(form.fields({}, again.body))).status, 303);
    });

    test('that never saw the form, changed its stamp or took it from another event do not register', async () => {
        const event = await house.apply();
        const other = await openForm(house, await house.apply());
        const form = await (await openForm(house, event)).ripen();
        await other.ripen();
        const flipped = form.stamp.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'));
        for (const idempotency_key of [undefined, 'x', flipped, other.stamp])
            await asksAgain(event, form, form.fields({ ...ada(), idempotency_key }));
    });

    test('that fill in what nobody sees never register', async () => {
        const event = await house.apply();
        const form = await (await openForm(house, event)).ripen();
        assert.match(form.page.body, /<p class="leave-empty" aria-hidden="true">.*tabindex="-1" autocomplete="off"/);
        for (const subject of ['Buy now', ['', '']])
            await asksAgain(event, form, form.fields({ ...ada(), subject }));
        const again = await asksAgain(event, form, form.fields({ ...ada(), subject: 'x' }));
        assert.equal((await form.post(form.fields({}, again.body))).status, 303, 'a password manager that did is forgiven');
    });

    test('that try one address over and over wait, whoever and wherever they are, and others do not', async () => {
        const event = await house.apply(plainEvent({ registration: { once_per_email: false } }));
        const form = await (await openForm(house, event)).ripen();
        const fields = form.fields({ email: address(), 'attendees.0.name': 'Ada' });
        const answers = [];
        for (let i = 0; i < 31; i++) answers.push(await form.post(fields));
        assert.deepEqual(answers.map(({ status }) => status), [...Array(30).fill(303), 429]);
        const [last] = answers.slice(-1);
        assert.ok(Number(last.headers['retry-after']) > 0);
        assert.match(last.body, /Please wait a few minutes/);
        assert.equal(fieldsOf(last.body)['attendees.0.name'], 'Ada');
        const other = await openForm(house, event);
        assert.equal((await other.send({ email: address(), 'attendees.0.name': 'B' })).status, 303);
    });
});

test('access codes cannot be tried fast, on any way in', async () => {
    const event = await house.apply();
    const ways = [
        (code) => house.http.get(`/events/${event}/register?code=${code}`),
        (code) => house.http.get(`/events/${event}?code=${code}`),
        (code) => house.http.get(`/api/v1/events/${event}?code=${code}`),
        (code) => house.http.post(`/events/${event}/register`, { form: [['code', code], ['apply', '1']] }),
        (code) => house.signUp(event, { email: address(), code, attendees: [{ name: 'A' }] }),
    ];
    for (const way of ways) {
        const codes = Array.from({ length: 300 }, (_, i) => (i >= 200 && i % 10 === 0 ? 'SPEAKER-2022' : `GUESS-${i}`));
        const answers = await Promise.all(codes.map(way));
        const looked_at = answers.filter(({ status }, i) => codes[i] !== 'SPEAKER-2022' && status !== 429);
        assert.ok(looked_at.length <= 51, `${looked_at.length} were looked at: ${way}`);
        const right = answers.filter((_, i) => codes[i] === 'SPEAKER-2022');
        const told = right.filter(({ status }) => status !== 429);
        assert.ok(told.length <= 2, `${told.length} of ${right.length} right ones were told among the guesses: ${way}`);
        const refused = right.find(({ status }) => status === 429);
        assert.ok(Number(refused.headers['retry-after']) > 0);
        assert.doesNotMatch(refused.body, /value="speaker"/);
    }
});
