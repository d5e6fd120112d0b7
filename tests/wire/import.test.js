// An organiser brings a list of people: what it is taken for, what is wrong with it, and what becomes of it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { signIn } from '../harness/desk.js';
import { plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { repository } from '../harness/paths.js';
import { until } from '../harness/wait.js';

const house = await openHouse();
await house.apply(plainEvent());
const token = await house.token();
const { headers } = await signIn(house);
const company = { slug: 'company', label: { en: 'Company', de: 'Firma' }, kind: 'text', required: true };
const topics = { slug: 'topics', label: { en: 'Topics', de: 'Themen' }, kind: 'several', required: false,
    choices: [{ slug: 'ai', label: { en: 'Artificial intelligence', de: 'Künstliche Intelligenz' } },
        { slug: 'law', label: { en: 'Law, ethics', de: 'Recht, Ethik' } }] };
const lunch = { slug: 'lunch', label: { en: 'Lunch?', de: 'Mittagessen?' }, kind: 'yes_no', required: false };
const types = [{ slug: 'guest', title: { en: 'Guest', de: 'Gast' } }, { slug: 'speaker', title: { en: 'Speaker', de: 'Vortragende' }, code: 'X-1' }];
const listOf = (name) => readFileSync(join(repository, 'tests/harness/lists', name));

const api = (slug, below = '') => `/api/v1/events/${slug}/attendees/import${below}`;
const desk = (slug, below = '') => `/desk/events/${slug}/attendees/import${below}`;

function multipart(parts) {
    const boundary = 'b'.repeat(30);
    const body = Buffer.concat([...parts.map(({ name, file, bytes }) => Buffer.concat([
        Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"${file === undefined ? '' : `; filename="${file}"`}\r\n\r\n`),
        Buffer.from(bytes), Buffer.from('\r\n')])), Buffer.from(`--${boundary}--\r\n`)]);
    return { body, headers: { ...headers, 'content-type': `multipart/form-data; boundary=${boundary}` } };
}

// Brings a file at the desk. → the id of the list
async function bring(slug, bytes, file = 'list.csv') {
    const answer = await house.http.post(desk(slug), multipart([{ name: 'file', file, bytes }, { name: 'text', bytes: '' }]));
    assert.equal(answer.status, 303, answer.body);
    return /import\/([0-9a-f-]{36})\/columns$/.exec(answer.headers.location)[1];
}

const show = async (slug, id, query = '') => (await house.http.get(api(slug, `/${id}/people${query}`), { token })).json();
const look = (slug, id, ...states) => until(async () => {
    const list = await show(slug, id);
    return states.includes(list.state) && list;
});
const counts = ({ outcomes }) => Object.fromEntries(outcomes.map(({ outcome, count }) => [outcome, count]));

async function check(slug, id, json = {}) {
    const answer = await house.http.post(api(slug, `/${id}/check`), { token, json });
    assert.equal(answer.status, 202, answer.body);
    return await look(slug, id, 'checked');
}

async function start(slug, id, json = {}) {
    const answer = await house.http.post(api(slug, `/${id}/start`), { token, json });
    assert.equal(answer.status, 200, answer.body);
    return await look(slug, id, 'done');
}

const attendees = async (slug) => house.database.query(`select attendee.name, registration.email, language, ticket_type, answers,
    attendee.status from attendee join registration using (event_id, registration_id) join event using (event_id)
    where slug = $1 order by registration.number`, [slug]);
const mails = async (slug) => (await house.database.query(
    'select count(*)::int as n from message join event using (event_id) where slug = $1', [slug]))[0].n;

test('a German list in windows-1252 is read, each bad line is told with its reason, and the good ones are added', async () => {
    const slug = await house.apply(plainEvent({ questions: [company, topics, lunch], ticket_types: types, registration: { approval: true } }));
    await house.http.post(`/api/v1/events/${slug}/registrations`, { token, json: plainGuest({ email: 'known@example.org',
        attendees: [{ name: 'Known', ticket_type: 'guest', answers: { company: 'K' } }] }) });
    const text = ['Vorname;Name;E-Mail-Adresse;Firma;Ticketart;Themen;Mittagessen?;Sprache;Bemerkung',
        'Jörg;Müller;joerg@example.org;Größe GmbH;Gast;künstliche intelligenz;ja;Deutsch;x',
        '"Ada";Lovelace;ada@example.org;"Engines; Co";Speaker;"Law, ethics";no;en;"zwei\r\nZeilen"',
        'Ohne;Adresse;;;;ai, Recht;;;',
        'Falsch;Adresse;nicht@;;Gast;;;;',
        ';;ben@example.org;;Gast;;;;',
        'Typ;Falsch;typ@example.org;;VIP;Sport;vielleicht;;',
        'Doppelt;Eins;ada@example.org;;Gast;;;;',
        'Schon;Da;KNOWN@example.org;;;;;;',
        'Zu;Lang;lang@example.org;;;;;;;;noch etwas', '', ';;;;;;;;'].join('\r\n');
    const id = await bring(slug, Buffer.from(text, 'latin1'), 'Gäste.csv');
    const page = await house.http.get(desk(slug, `/${id}/columns`), { headers: { ...headers, 'accept-language': 'de' } });
    assert.match(page.body, /„Gäste\.csv“/);
    assert.match(page.body, /<option value="windows-1252" selected>/);
    assert.match(page.body, /<option value="semicolon" selected>/);
    assert.match(page.body, /<li dir="auto">Größe GmbH<\/li>/);
    const guessed = (await house.http.get(api(slug, `/${id}/columns`), { token })).json();
    assert.deepEqual(guessed.columns.map(({ means }) => means),
        ['first_name', 'last_name', 'email', 'answers.company', 'ticket_type', 'answers.topics', 'answers.lunch', 'language', '']);
    const misread = (await house.http.get(api(slug, `/${id}/columns?separator=tab&encoding=utf-8`), { token })).json();
    assert.equal(misread.columns.length, 1);

    const checked = await check(slug, id, { ticket_type: 'guest', language: 'de' });
    assert.deepEqual(counts(checked), { good: 2, wrong: 5, twice: 1, registered: 1 });
    assert.deepEqual(await attendees(slug).then((all) => all.length), 1, 'nobody is added yet');
    const said = Object.fromEntries(checked.lines.map(({ line, reasons, outcome }) => [line, reasons.map(({ column, text: why }) => `${column} ${why}`).join() || outcome]));
    assert.match(said[5], /^5 “ai, Recht” is not one of the answers/);
    assert.match(said[6], /^2 “nicht@” is not an email address\.$/);
    assert.match(said[7], /^1 The name is missing\.$/);
    assert.match(said[8], /VIP.*Sport.*vielleicht/);
    assert.equal(said[9], 'twice');
    assert.equal(checked.lines.find(({ line }) => line === 9).other_line, 3);
    assert.equal(said[10], 'registered');
    assert.match(said[11], /more columns/);

    const before = await mails(slug);
    assert.deepEqual(counts(await start(slug, id)), { added: 2, wrong: 5, twice: 1, registered: 1 });
    assert.deepEqual((await attendees(slug)).slice(1), [
        { name: 'Jörg Müller', email: 'joerg@example.org', language: 'de', ticket_type: 'guest', status: 'confirmed',
            answers: { company: 'Größe GmbH', topics: ['ai'], lunch: true } },
        { name: 'Ada Lovelace', email: 'ada@example.org', language: 'en', ticket_type: 'speaker', status: 'confirmed',
            answers: { company: 'Engines; Co', topics: ['law'], lunch: false } }]);
    assert.equal(await mails(slug), before + 2);
    const [{ n }] = await house.database.query(`select count(*)::int as n from audit_entry join event using (event_id)
        where slug = $1 and action = 'registration.add' and actor like 'token %'`, [slug]);
    assert.equal(n, 3, 'the list\'s two, and the one before');

    const done = await house.http.get(desk(slug, `/${id}/people`), { headers });
    assert.match(done.body, /<h1>2 people were added<\/h1>/);
    assert.match(done.body, /This person is already in line 3/);
    const rest = await house.http.get(desk(slug, `/${id}/rest.csv`), { headers: { ...headers, 'accept-language': 'de' } });
    assert.match(rest.headers['content-disposition'], /attachment/);
    const lines = rest.body.split('\r\n');
    assert.match(lines[0], /^\uFEFFZeile;Grund;Vorname;Name;/);
    assert.match(rest.body, /\r\n6;.*nicht@;/);
    assert.equal(lines.length, 9, 'seven lines, the heading, and the end');
});

test('the same list again, and a crash in the middle, register nobody twice', async () => {
    const slug = await house.apply(plainEvent({ registration: { capacity: 500, once_per_email: false } }));
    const text = ['Name,E-mail', ...Array.from({ length: 180 }, (_, i) => `Guest ${i},${i % 3 === 0 ? '' : `g${i}@again.example`}`)].join('\n');
    const first = await bring(slug, text);
    assert.deepEqual(counts(await check(slug, first)), { good: 180 });
    // The job dies between the registrations and the note of their outcomes.
    await house.database.query(`create function break_it() returns trigger language plpgsql as $$ begin
        if new.outcome = 'added' and new.line > 100 then raise exception 'crash'; end if; return new; end $$`);
    await house.database.query('create trigger break_it before update on import_line for each row execute function break_it()');
    await house.http.post(api(slug, `/${first}/start`), { token, json: { tells: false } });
    await until(async () => (await attendees(slug)).length >= 100);
    await house.http.post(`/api/v1/events/${slug}/registrations`, { token, json: plainGuest({ email: 'g170@again.example' }) });
    await house.database.query('drop trigger break_it on import_line');
    const done = await look(slug, first, 'done');
    assert.deepEqual(counts(done), { added: 179, registered: 1 });
    assert.equal((await attendees(slug)).length, 180);
    assert.equal(await mails(slug), 1, 'only the sign-up in between got a mail');

    const second = await bring(slug, text);
    const again = await check(slug, second);
    assert.deepEqual(counts(again), { registered: 120, again: 60 });
    await start(slug, second);
    assert.equal((await attendees(slug)).length, 180);
});

test('people beyond the capacity are told before, left out, or taken for a reason', async () => {
    const slug = await house.apply(plainEvent({ registration: { capacity: 2, waiting_list: true } }));
    const text = 'Ada\ta@cap.example\nBen\tb@cap.example\nCleo\tc@cap.example\nDora\td@cap.example';
    const id = await bring(slug, text);
    const checked = await check(slug, id);
    assert.equal(checked.without_place, 2);
    const page = await house.http.get(desk(slug, `/${id}/people`), { headers });
    assert.match(page.body, /There are no places for 2 of these people/);
    const refused = await house.http.post(desk(slug, `/${id}/start`), { headers, form: { over_capacity: 'true', reason: '' } });
    assert.equal(refused.status, 422);
    assert.match(refused.body, /href="#reason"/);
    assert.deepEqual(counts(await start(slug, id)), { added: 2, no_places: 2 });
    const more = await bring(slug, text);
    await check(slug, more);
    assert.deepEqual(counts(await start(slug, more, { over_capacity: true, reason: 'Speakers' })), { added: 2, registered: 2 });
    const [{ over }] = await house.database.query('select over_capacity as over from tally join event using (event_id) where slug = $1', [slug]);
    assert.equal(over, 2);
});

test('exports of Luma, pretix and Eventbrite are read as they are', async () => {
    for (const [file, names, language] of [
        ['luma.csv', ['Ada Example', 'Ben Muster'], 'en'], ['pretix.csv', ['Dora Example', 'Emil Example'], 'de'],
        ['eventbrite.csv', ['Gustav Example', 'Hanna Muster'], 'en']]) {
        const slug = await house.apply(plainEvent({ questions: [company] }));
        const id = await bring(slug, listOf(file), file);
        const checked = await check(slug, id, { language: 'en' });
        assert.deepEqual(counts(checked), { good: 2, left_out: 1 }, file);
        await start(slug, id, { tells: false });
        const added = await attendees(slug);
        assert.deepEqual(added.map(({ name }) => name), names);
        assert.ok(added[0].answers.company, file);
        assert.equal(added[0].language, language);
        assert.match(added[0].email, /^[a-z]+@(luma|pretix|eventbrite)\.example$/);
    }
});

test('what cannot be read is told in words, and only editors bring lists', async () => {
    const slug = await house.apply(plainEvent());
    for (const [bytes, words] of [[Buffer.from('PK\x03\x04....', 'latin1'), /only with JavaScript/],
        [Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1]), /old Excel/], ['', /Choose a file/], ['%PDF-1.7', /isn’t a list/]]) {
        const answer = await house.http.post(desk(slug), multipart([{ name: 'file', file: 'x.xlsx', bytes }, { name: 'text', bytes: '' }]));
        assert.equal(answer.status, 422);
        assert.match(answer.body, words);
        assert.match(answer.body, /href="#file"/);
    }
    const pasted = await house.http.post(desk(slug), multipart([{ name: 'text', bytes: 'Company\tPlace\nA\tB' }, { name: 'file', file: '', bytes: '' }]));
    const id = /import\/([0-9a-f-]{36})/.exec(pasted.headers.location)[1];
    const answer = await house.http.post(desk(slug, `/${id}/check`), { headers, form: [['heading', 'yes'], ['columns[]', ''], ['columns[]', '']] });
    assert.equal(answer.status, 422);
    assert.match(answer.body, /<a href="#columns\.0">Please say which column contains the names/);
    const twice = await house.http.post(api(slug, `/${id}/check`), { token, json: { columns: ['name', 'name'] } });
    assert.equal(twice.json().errors[0].code, 'import_column_twice');
    assert.equal((await house.http.post(api(slug, `/${id}/start`), { token, json: {} })).status, 409);
    const viewer = await signIn(house, { role: 'viewer' });
    assert.equal((await house.http.get(desk(slug), { headers: viewer.headers })).status, 403);
    assert.equal((await house.http.get(`/desk/events/${slug}/import`, { headers })).status, 200);
    assert.match((await house.http.get(`/desk/events/${slug}/attendees`, { headers })).body, /attendees\/import"/);
});

test('the command adds a list by the same rules, and a dry run changes nothing', async () => {
    const slug = await house.apply(plainEvent());
    const file = house.file('list.csv', 'Name;E-Mail\nAda;ada@command.example\nBen;wrong\nAda;ada@command.example\n');
    const dry = await house.mustCommand(['attendees', 'import', slug, file, '--dry-run']);
    assert.match(dry, /utf-8, separated by semicolons\n {2}column 1 Name: name\n {2}column 2 E-Mail: email\n/);
    assert.match(dry, /One line is fine\n/);
    assert.match(dry, /\n {2}3: E-Mail: “wrong” is not an email address\.\n {2}4: This person is already in line 2/);
    assert.deepEqual(await attendees(slug), []);
    assert.equal((await house.database.query('select from import join event using (event_id) where slug = $1', [slug])).length, 0);
    assert.match(await house.mustCommand(['attendees', 'import', slug, file, '--no-mail']), /One person was added\n/);
    assert.equal((await attendees(slug)).length, 1);
    assert.equal(await mails(slug), 0);
    assert.match(await house.mustCommand(['attendees', 'import', slug, file]), /One person is already registered\n/);
    assert.equal((await attendees(slug)).length, 1);
    for (const [words, status, error] of [[['attendees', 'import', slug], 2, /usage/i],
        [['attendees', 'import', slug, '/nowhere.csv'], 1, /cannot read/], [['attendees', 'import', 'nothing', file], 1, /there is no event/]]) {
        const result = await house.command(words);
        assert.equal(result.status, status, result.stderr);
        assert.match(result.stderr, error);
    }
});

test('an exported CSV of either dialect brings the same people again, whatever they said', async () => {
    const question = (slug, kind, more) => ({ slug, kind, label: slug, required: false, ...more });
    const questions = [question('phone', 'phone'), question('said', 'text'), question('story', 'long_text'), question('years', 'number'),
        question('born', 'date'), question('land', 'country'), lunch, { ...topics, choices: [...topics.choices,
            { slug: 'odd', label: 'Say "a; b", or' }] }];
    const definition = { questions, ticket_types: types, registration: { capacity: 100 } };
    const slug = await house.apply(plainEvent(definition));
    const people = [
        { name: 'Ada =1', phone: '+49 341 1234567', said: '-', years: 12.5, born: '1985-05-13', land: 'DE', lunch: true, topics: ['ai', 'law', 'odd'] },
        { name: "'=Ben", phone: '+49-341-1234567 ext. 12', said: '=HYPERLINK("x";"y")', years: 1.234, lunch: false, topics: ['odd'] },
        { name: '@Cleo, "C"', said: "'+49 341", story: '- eins;\n=2,5\n"drei"', years: -1234.5, topics: ['law'] },
        { name: 'Dora', phone: '(+49) 341 99', said: '＝1', years: -0.125 }, { name: 'Emil', said: '–', years: 1000000 }];
    for (const [i, { name, ...answers }] of people.entries()) {
        const answer = await house.signUp(slug, plainGuest({ email: `same${i}@csv.example`, attendees: [{ name, answers, ticket_type: 'guest' }] }));
        assert.equal(answer.status, 201, answer.body);
    }
    const before = await attendees(slug);
    assert.deepEqual(before.map(({ answers }) => answers.years), people.map(({ years }) => years));
    for (const words of [['--lang', 'en'], ['--dialect', 'excel-de', '--lang', 'de']]) {
        const file = join(house.directory, 'same.csv'), again = await house.apply(plainEvent(definition));
        await house.mustCommand(['attendees', 'export', slug, '--format', 'csv', '--output', file, ...words]);
        const written = readFileSync(file, 'utf8');
        assert.match(written, words.length > 2 ? /;\+49 341 1234567;-;;12,5;13\.05\.1985;/ : /,\+49 341 1234567,-,,12\.5,1985-05-13,/);
        assert.match(await house.mustCommand(['attendees', 'import', again, file, '--no-mail']), /5 people were added\n/);
        assert.deepEqual(await attendees(again), before);
    }
});

test('a list goes with the person whose data is erased, and a day after it was brought', async () => {
    const slug = await house.apply(plainEvent());
    const [done, draft] = [await bring(slug, 'Ada,a@erase.example\nBen,b@erase.example'), await bring(slug, 'Cleo,c@erase.example\nAda,a@erase.example')];
    await check(slug, done);
    await start(slug, done);
    await check(slug, draft);
    const [{ registration_id: id }] = await house.database.query("select registration_id from registration where email = 'a@erase.example'");
    await house.database.query('select erase_registration(event_id, $1) from registration where registration_id = $1', [id]);
    const left = await house.database.query('select name from import_line join event using (event_id) where slug = $1', [slug]);
    assert.deepEqual(left, [{ name: 'Ben' }], 'the draft went whole, the other list lost the person');
    await house.database.query("update import set ended_at = now() - interval '25 hours' from event where event.event_id = import.event_id and slug = $1", [slug]);
    await house.database.query(readFileSync(join(repository, 'service/features/import/sweep.sql'), 'utf8'), [10]);
    assert.equal((await house.http.get(api(slug, `/${done}/people`), { token })).status, 404);
});
