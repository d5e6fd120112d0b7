// An organiser adds a person by hand, and answers the questions that guests are not asked.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formFields } from '../harness/attendee.js';
import { signIn } from '../harness/desk.js';
import { plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';

const house = await openHouse();
await house.apply(plainEvent());
const { headers } = await signIn(house);
const table = { slug: 'table', label: { en: 'Table', de: 'Tisch' }, kind: 'text', asked_by: 'organiser' };
const diet = { slug: 'diet', label: 'Diet', kind: 'text', required: true };
const consent = { slug: 'photos', version: 1, required: true, label: 'Photos' };

const add = (slug, form) => house.http.post(`/desk/events/${slug}/attendees/new`,
    { headers, form: { language: 'en', send: 'true', ...form } });
const attendees = async (slug) => house.database.query(`select attendee.name, registration.email, ticket_type, attendee.status,
    answers, registration_id, attendee_id from attendee join registration using (event_id, registration_id)
    join event using (event_id) where slug = $1 order by registration.number`, [slug]);
const mails = async (slug) => (await house.database.query(
    'select kind from message join event using (event_id) where slug = $1', [slug])).map(({ kind }) => kind);

// → the id of the person whose page the form led to
function addedBy(answer, slug) {
    assert.equal(answer.status, 303, answer.body);
    const [, id] = new RegExp(`^/desk/events/${slug}/attendees/([0-9a-f-]{36})\\?done=add_person.added$`).exec(answer.headers.location);
    return id;
}

test('a person is added with a closed or hidden ticket type, without an address, and without what guests must answer', async () => {
    const slug = await house.apply(plainEvent({
        questions: [diet, table], consents: [consent], registration: { approval: true, verify_email: true, opens_at: '2020-01-01T10:00', closes_at: '2020-01-02T10:00' },
        ticket_types: [{ slug: 'guest', title: 'Guest' }, { slug: 'crew', title: 'Crew', code: 'SECRET-1' }] }));
    const page = await house.http.get(`/desk/events/${slug}/attendees/new`, { headers });
    assert.match(page.body, /<option value="crew">Crew – with access code<\/option>/);
    assert.match(page.body, /name="answers.table"/);
    const id = addedBy(await add(slug, { name: 'Ada Lovelace', email: '', ticket_type: 'crew', 'answers.table': '7' }), slug);
    const [person] = await attendees(slug);
    assert.deepEqual({ ...person, registration_id: 0 }, { name: 'Ada Lovelace', email: '', ticket_type: 'crew', status: 'confirmed',
        answers: { table: '7' }, registration_id: 0, attendee_id: id });
    addedBy(await add(slug, { name: 'Ben', email: '', ticket_type: 'guest' }), slug);
    const token = await house.token();
    const list = (await house.http.get(`/api/v1/events/${slug}/attendees`, { token })).json();
    assert.deepEqual(list.attendees.map(({ name }) => name), ['Ada Lovelace', 'Ben'], 'two without an address are two people');
    const [entry] = await house.database.query('select action, actor from audit_entry where registration_id = $1', [person.registration_id]);
    assert.equal(entry.action, 'registration.add');
    assert.match(entry.actor, /^account /);
});

test('what is wrong is told at its field and nothing is lost', async () => {
    const slug = await house.apply(plainEvent({ ticket_types: [{ slug: 'a', title: 'A' }, { slug: 'b', title: 'B' }] }));
    const answer = await add(slug, { name: '', email: 'ada@', ticket_type: '' });
    assert.equal(answer.status, 422);
    for (const field of ['name', 'email', 'ticket_type']) assert.ok(answer.body.includes(`<a href="#${field}">`), field);
    assert.match(answer.body, /value="ada@"/);
    assert.deepEqual(await attendees(slug), []);
});

test('a known address is told with a link to the person, and accepted once that is confirmed', async () => {
    for (const once_per_email of [true, false]) {
        const slug = await house.apply(plainEvent({ registration: { once_per_email } }));
        const first = (await house.signUp(slug, plainGuest({ email: 'ada@example.org', attendees: [{ name: 'Ada Lovelace' }] }))).json();
        const told = await add(slug, { name: 'Ada L.', email: 'ADA@example.org' });
        assert.equal(told.status, 409);
        assert.match(told.body, /Ada Lovelace is registered with this address/);
        assert.ok(told.body.includes(`href="/desk/events/${slug}/attendees/${first.attendees[0].id}"`));
        assert.match(told.body, /value="Ada L\."/);
        addedBy(await add(slug, { name: 'Ada L.', email: 'ADA@example.org', anyway: 'true' }), slug);
        assert.equal((await attendees(slug)).length, 2, `once_per_email ${once_per_email}`);
    }
});

test('beyond the capacity a reason is needed, which the log keeps; a person who is not told gets no mail', async () => {
    const slug = await house.apply(plainEvent({ registration: { capacity: 1, waiting_list: true } }));
    await house.signUp(slug, plainGuest());
    await house.signUp(slug, plainGuest());
    const before = await mails(slug);
    const full = await add(slug, { name: 'Ada', email: 'ada@example.org' });
    assert.equal(full.status, 409);
    assert.match(full.body, /All places are taken/);
    assert.match(full.body, /name="reason"/);
    const silent = await add(slug, { name: 'Ada', email: 'ada@example.org', over_capacity: 'true', reason: '' });
    assert.equal(silent.status, 422);
    assert.match(silent.body, /<a href="#reason">/);
    const form = { name: 'Ada', email: 'ada@example.org', over_capacity: 'true', reason: 'The speaker’s wife', send: '', idempotency_key: 'the-same-form' };
    const id = addedBy(await add(slug, form), slug);
    assert.equal(addedBy(await add(slug, form), slug), id, 'the same form adds nobody twice');
    const [entry] = await house.database.query(`select after, detail from audit_entry where attendee_id = $1`, [id]);
    assert.deepEqual([entry.after.reason, entry.detail.over_capacity], ['The speaker’s wife', true]);
    assert.deepEqual(await mails(slug), before);
    await add(slug, { name: 'Bea', email: 'bea@example.org', over_capacity: 'true', reason: 'Press' });
    assert.deepEqual((await mails(slug)).length, before.length + 1);
});

test('viewers and the door add nobody', async () => {
    const slug = await house.apply(plainEvent());
    for (const role of ['viewer', 'door']) {
        const other = (await signIn(house, { role })).headers;
        assert.equal((await house.http.get(`/desk/events/${slug}/attendees/new`, { headers: other })).status, 403);
        assert.equal((await house.http.post(`/desk/events/${slug}/attendees/new`, { headers: other, form: { name: 'X' } })).status, 403);
    }
});

test('guests neither see nor answer a question for organisers; organisers do, and the door shows the answer', async () => {
    const slug = await house.apply(plainEvent({ questions: [{ ...diet, required: false }, table] }));
    const seen = (await house.http.get(`/events/${slug}/register`)).body;
    assert.ok(seen.includes('answers.diet') && !seen.includes('answers.table'));
    assert.deepEqual((await house.http.get(`/api/v1/events/${slug}`)).json().questions.map((one) => one.slug), ['diet']);
    const typed = await house.signUp(slug, plainGuest({ attendees: [{ name: 'Eve', answers: { table: '1' } }] }));
    assert.equal(typed.status, 422);
    assert.deepEqual(typed.json().errors.map(({ pointer, code }) => [pointer, code]), [['/attendees/0/answers/table', 'unknown_question']]);

    const registered = (await house.signUp(slug, plainGuest())).json();
    const { pathname, search } = new URL(registered.manage_url);
    const [{ id, ticket }] = registered.attendees;
    const token = await house.token();
    const patch = (answers, options) => house.http.patch(`/api/v1${pathname}${options.token ? '' : search}`,
        { json: { attendees: [{ id, answers }] }, ...options });
    assert.equal((await patch({ table: '1' }, {})).status, 422, 'by the manage link');
    assert.equal((await patch({ table: '7' }, { token })).status, 200);
    assert.equal((await patch({ diet: 'vegan' }, {})).status, 200);
    assert.equal((await patch({ table: null }, {})).status, 422, 'guests do not take it back');
    const [person] = await attendees(slug);
    assert.deepEqual(person.answers, { diet: 'vegan', table: '7' }, 'a correction of the guest keeps it');
    const change = (await house.http.get(`${pathname}/change${search}`)).body;
    assert.ok(change.includes('answers.diet') && !change.includes('answers.table'));

    const device = await house.device(slug);
    const verdict = (await house.scan(slug, device, { ticket })).json();
    assert.deepEqual(verdict.attendee.answers, [{ label: 'Table', text: '7' }]);
    const csv = (await house.http.get(`/api/v1/events/${slug}/attendees.csv`, { token })).body;
    assert.match(csv.split('\n')[0], /table/i);
});

test('an event file that contradicts itself about who is asked is refused with words', async () => {
    for (const [questions, words] of [
        [[{ ...table, required: true }], /your team answers this question, so it can’t be required/],
        [[{ ...table, asked_by: 'nobody' }], /guest or organiser belongs here/],
        [[{ ...table, kind: 'yes_no' }, { ...diet, shown_if: { table: true } }], /your team answers “table”, so it can’t decide what guests are asked/],
    ]) {
        const file = house.file('wrong.json', JSON.stringify(plainEvent({ questions })));
        const { status, stderr } = await house.command(['event', 'apply', file]);
        assert.equal(status, 1);
        assert.match(stderr, words);
    }
    const slug = await house.apply(plainEvent({ questions: [table, { ...table, slug: 'seat', kind: 'text' }] }));
    assert.equal(JSON.parse(await house.mustCommand(['event', 'show', slug])).questions[0].asked_by, 'organiser');
});

test('a day that people know by heart is asked for in three fields, also when a person is added or corrected', async () => {
    const born = { slug: 'birth-date', label: 'Date of birth', kind: 'date', by_heart: true, required: true };
    const slug = await house.apply(plainEvent({ questions: [born, { ...born, slug: 'since', label: 'Member since', required: undefined, asked_by: 'organiser' }] }));
    const page = (await house.http.get(`/desk/events/${slug}/attendees/new`, { headers })).body;
    const parts = (prefix, ...values) => Object.fromEntries(['day', 'month', 'year'].map((part, i) => [`${prefix}.${part}`, values[i]]));
    const fieldsOf = (body, prefix) => ['day', 'month', 'year'].map((part) =>
        new RegExp(` id="${prefix}\\.${part}" name="${prefix}\\.${part}"[^>]* value="([^"]*)"`).exec(body)?.[1]);
    for (const question of ['birth-date', 'since']) {
        assert.deepEqual(fieldsOf(page, `answers\\.${question}`), ['', '', ''], question);
        assert.match(page, new RegExp(`name="answers\\.${question}\\.year"[^>]* autocomplete="off"`), 'nobody fills in the organiser\'s own day');
    }

    // What is wrong stands at its field, and what was typed stays, also in the other language.
    const wrong = { name: 'Ada', email: '', ...parts('answers.birth-date', '31', '2', '1985'), ...parts('answers.since', '', 'May', '') };
    const told = await add(slug, wrong);
    assert.equal(told.status, 422);
    for (const [field, words] of [['birth-date.day', 'have that many days'], ['since.day', 'Enter the day'], ['since.year', 'Enter the year']])
        assert.match(told.body, new RegExp(`<a href="#answers\\.${field.replace('.', '\\.')}">[^<]*${words}`));
    for (const answer of [told, await add(slug, { ...wrong, show_in: 'de' })]) {
        assert.deepEqual(fieldsOf(answer.body, 'answers\\.birth-date'), ['31', '2', '1985']);
        assert.deepEqual(fieldsOf(answer.body, 'answers\\.since'), ['', 'May', '']);
    }
    assert.deepEqual(await attendees(slug), []);
    const id = addedBy(await add(slug, { name: 'Ada', email: '', ...parts('answers.birth-date', '13', 'Mai', '1985'), ...parts('answers.since', '', '', '') }), slug);
    const stored = async () => (await attendees(slug))[0].answers;
    assert.deepEqual(await stored(), { 'birth-date': '1985-05-13' }, 'it is one date, and none that was not entered');

    const path = `/desk/events/${slug}/attendees/${id}/correct`;
    const form = async () => new Map(formFields((await house.http.get(path, { headers })).body));
    const correct = async (changes) => house.http.post(path, { headers, form: [...new Map([...await form(), ...Object.entries(changes)])] });
    const own = (question, ...values) => parts(`attendees.0.answers.${question}`, ...values);
    assert.deepEqual(Object.keys(own('birth-date')).map((name) => name), [...(await form()).keys()].filter((name) => name.includes('birth-date')));
    assert.deepEqual(fieldsOf((await house.http.get(path, { headers })).body, 'attendees\\.0\\.answers\\.birth-date'), ['13', '5', '1985']);
    assert.equal((await correct({ 'attendees.0.name': 'Ada L.' })).status, 303);
    assert.deepEqual(await stored(), { 'birth-date': '1985-05-13' }, 'what nobody changed stays');
    const refused = await correct(own('birth-date', '13', '13', '1985'));
    assert.equal(refused.status, 422);
    assert.match(refused.body, /<a href="#attendees\.0\.answers\.birth-date\.month">[^<]*from 1 to 12/);
    assert.deepEqual(fieldsOf(refused.body, 'attendees\\.0\\.answers\\.birth-date'), ['13', '13', '1985']);
    assert.equal((await correct({ ...own('birth-date', '14.', '05', '1985'), ...own('since', '1', '2', '2020') })).status, 303);
    assert.deepEqual(await stored(), { 'birth-date': '1985-05-14', since: '2020-02-01' });
    assert.match((await house.http.get(path.replace(/\/correct$/, ''), { headers })).body, /14 May 1985/);
    assert.equal((await correct(own('since', '', '', ''))).status, 303);
    assert.deepEqual(await stored(), { 'birth-date': '1985-05-14' }, 'an emptied day is taken back');
});

test('who was added without an address is corrected without one, or gets one', async () => {
    const slug = await house.apply(plainEvent());
    const id = addedBy(await add(slug, { name: 'Ada', email: '' }), slug);
    const path = `/desk/events/${slug}/attendees/${id}/correct`;
    const correct = async (changes) => {
        const { body } = await house.http.get(path, { headers });
        return house.http.post(path, { headers, form: [...new Map([...formFields(body), ...Object.entries(changes)])] });
    };
    assert.match((await house.http.get(path, { headers })).body, /<label for="email">[^<]*<span class="optional">/);
    assert.equal((await correct({ 'attendees.0.name': 'Ada Lovelace' })).status, 303);
    assert.deepEqual((await attendees(slug)).map(({ name, email }) => [name, email]), [['Ada Lovelace', '']]);
    assert.equal((await correct({ email: 'ada@example.org' })).status, 303);
    assert.deepEqual((await attendees(slug)).map(({ name, email }) => [name, email]), [['Ada Lovelace', 'ada@example.org']]);
    assert.equal((await correct({ email: '' })).status, 422, 'an address is not taken away');
});
