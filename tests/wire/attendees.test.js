// The attendee list: search, paging without gaps or repeats, and an export that every spreadsheet opens
// correctly.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { exampleEvent, guest, localTime, plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { startMail } from '../harness/smtp.js';
import { until } from '../harness/wait.js';

const mail = await startMail();
const house = await openHouse({ settings: { smtp: mail.url, mail_from: 'tickets@einlass.example' } });

async function mustSignUp(event, body) {
    const answer = await house.signUp(event, body);
    assert.equal(answer.status, 201, answer.body);
    return answer.json();
}

function list(event, query = {}, options) {
    const search = new URLSearchParams(query).toString();
    const path = `/api/v1/events/${event}/attendees${search && '?'}${search}`;
    return house.http.get(path, { token: manager, ...options });
}

async function names(event, query) {
    const answer = await list(event, query);
    assert.equal(answer.status, 200, answer.body);
    return answer.json().attendees.map(({ name }) => name);
}

function file(event, kind, query = '', options) {
    const path = `/api/v1/events/${event}/attendees.${kind}${query}`;
    return house.http.get(path, { token: manager, ...options });
}

// A strict parser of RFC 4180 section 2: every line ends in CRLF, quotes only around a whole cell.
function parseCsv(text) {
    assert.ok(text.startsWith('\ufeff'), 'a byte order mark comes first');
    const rows = [];
    let row = [];
    const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
    cell.lastIndex = 1;
    while (cell.lastIndex < text.length) {
        const at = cell.lastIndex;
        const match = cell.exec(text);
        assert.ok(match, `no CSV at ${at}: ${JSON.stringify(text.slice(at, at + 60))}`);
        row.push(match[1]?.replaceAll('""', '"') ?? match[2]);
        if (match[3] === '\r\n') {
            rows.push(row);
            row = [];
        }
    }
    assert.deepEqual(row, [], 'the last line ends like the others');
    return rows;
}

function asObjects([heading, ...rows]) {
    return rows.map((row) => {
        assert.equal(row.length, heading.length);
        return Object.fromEntries(heading.map((name, i) => [name, row[i]]));
    });
}

// Inserts many attendees by SQL.
async function fill(event, count) {
    const { event_id } = (await house.database.query(
        'select event_id from event where slug = $1', [event]))[0];
    await house.database.query(`
        with made as (
            select n, gen_random_uuid() as registration_id from generate_series(1, $2::integer) as n
        ), registered as (
            insert into registration (event_id, registration_id, number, status, email, email_key,
                                      once_per_email, language, fingerprint)
            select $1, registration_id, n, 'confirmed', n || '@example.org', n || '@example.org',
                   true, 'en', '\\x00' from made
        )
        insert into attendee (event_id, attendee_id, registration_id, position, ticket_type, status,
                              name, search)
        select $1, gen_random_uuid(), registration_id, 1, 'guest', 'confirmed',
               'Attendee ' || n, 'attendee ' || n from made`, [event_id, count]);
}

const event = await house.apply(exampleEvent({ registration: { capacity: 100 } }));
const manager = await house.token();
const people = {
    'Jürgen Groß': { company: 'Institut für Künstliche Intelligenz' },
    'Zoë Brontë-Ångström': { company: '100% Öko_logisch' },
    'Seán O’Neill': { company: 'Back\\slash & Sons' },
    '李小龍': { company: '電影公司' },
    'Ann "Quote", Comma': { company: '=cmd|/c calc', field: 'ict', lunch: true, diet: 'two\nlines; "none"' },
    'Emoji 🎟️ Person': { company: '  +49 341 1234  ' },
};
const registrations = {};
for (const [name, answers] of Object.entries(people))
    registrations[name] = await mustSignUp(event, guest({
        attendees: [{ name, answers: { lunch: false, ...answers } }],
    }));

test('people are found by any part of name, company or address, however accents are typed', async () => {
    const { email } = (await list(event)).json().attendees[3].registration;
    for (const [q, found] of [
        ['jurgen', ['Jürgen Groß']],
        ['JÜRG', ['Jürgen Groß']],
        ['gross', ['Jürgen Groß']],
        ['kunstl', ['Jürgen Groß']],
        ['gross  jurgen intelligenz', ['Jürgen Groß']],
        ['gross bronte', []],
        ['angstrom', ['Zoë Brontë-Ångström']],
        ['小龍', ['李小龍']],
        [email, ['李小龍']],
        ['person', ['Emoji 🎟️ Person']],
    ])
        assert.deepEqual(await names(event, { q }), found, q);
});

test('what LIKE means by %, _ and \\ is searched for as it stands', async () => {
    assert.deepEqual(await names(event, { q: '%' }), ['Zoë Brontë-Ångström']);
    assert.deepEqual(await names(event, { q: 'o_l' }), ['Zoë Brontë-Ångström']);
    assert.deepEqual(await names(event, { q: 'k\\s' }), ['Seán O’Neill']);
    assert.deepEqual(await names(event, { q: 'z_e' }), []);
});

test('filters by status, ticket type, having come and being inside go together', async () => {
    const filtered = await house.apply(exampleEvent({ registration: { capacity: 10 } }));
    const device = await house.device(filtered);
    const add = async (name, attendee = {}, more = {}) => (await mustSignUp(filtered, guest({
        ...more, attendees: [{ name, answers: { company: 'c', lunch: false }, ...attendee }],
    })));
    const inside = await add('Inside');
    const left = await add('Left');
    const cancelled = await add('Cancelled');
    await add('Speaker', { ticket_type: 'speaker' }, { code: 'SPEAKER-2022' });
    for (const { attendees: [{ ticket }] } of [inside, left])
        assert.equal((await house.scan(filtered, device, { ticket })).json().verdict, 'admitted');
    await house.scan(filtered, device, { ticket: left.attendees[0].ticket, direction: 'out' });
    await house.http.delete(`/api/v1/registrations/${cancelled.id}`, { token: manager });

    assert.deepEqual(await names(filtered, { present: 'true' }), ['Inside']);
    assert.deepEqual(await names(filtered, { admitted: 'true' }), ['Inside', 'Left']);
    assert.deepEqual(await names(filtered, { admitted: 'true', present: 'false' }), ['Left']);
    assert.deepEqual(await names(filtered, { status: 'cancelled' }), ['Cancelled']);
    assert.deepEqual(await names(filtered, { ticket_type: 'speaker' }), ['Speaker']);
    assert.deepEqual(await names(filtered, { status: 'confirmed', admitted: 'false' }), ['Speaker']);
    assert.deepEqual(await names(filtered, { q: 'left', present: 'true' }), []);
    const rows = asObjects(parseCsv((await file(filtered, 'csv', '?admitted=true')).body));
    assert.deepEqual(rows.map((row) => [row.Name, row.Inside]), [['Inside', 'yes'], ['Left', 'no']]);

    const { counts } = (await list(filtered)).json();
    assert.deepEqual(counts, { expected: 3, admitted: 2, inside: 1, waitlisted: 0 });
    assert.equal((await list(filtered, { q: 'left' })).json().counts, undefined);
});

test('who was declined and comes back, and who registers twice, is shown so', async () => {
    const mine = await house.apply(plainEvent({ registration: { approval: true, once_per_email: false } }));
    const [back, twice, once] = ['Back', 'Twice', 'Once'].map((name) => plainGuest({ attendees: [{ name }] }));
    const first = await mustSignUp(mine, back);
    const decline = { token: manager, json: { status: 'declined' } };
    assert.equal((await house.http.patch(`/api/v1/registrations/${first.id}`, decline)).status, 200);
    for (const body of [back, twice, once, twice]) await mustSignUp(mine, body);
    const marks = (await list(mine)).json().attendees.map(({ name, status, registration: { earlier, repeated } }) =>
        [name, status, earlier, repeated]);
    assert.deepEqual(marks, [['Back', 'cancelled', undefined, false], ['Back', 'pending', 'declined', false],
        ['Twice', 'pending', undefined, true], ['Once', 'pending', undefined, false], ['Twice', 'pending', undefined, true]]);
    assert.deepEqual(await names(mine, { repeated: 'true' }), ['Twice', 'Twice']);
    assert.deepEqual(await names(mine, { repeated: 'false' }), ['Back', 'Back', 'Once']);
    assert.equal((await list(mine, { repeated: 'maybe' })).status, 400);
    const rows = asObjects(parseCsv((await file(mine, 'csv', '?repeated=true&lang=de')).body));
    assert.deepEqual(rows.map((row) => [row.Name, row['Früher abgelehnt'], row['Mehrfach angemeldet']]),
        [['Twice', 'nein', 'ja'], ['Twice', 'nein', 'ja']]);
    const lines = (await file(mine, 'jsonl')).body.trim().split('\n').map((line) => JSON.parse(line));
    assert.deepEqual(lines.map(({ registration }) => registration.earlier), [undefined, 'declined', undefined, undefined, undefined]);
});

test('an attendee is shown with everything that is known, in the order of registration', async () => {
    const { attendees, next } = (await list(event)).json();
    assert.deepEqual(attendees.map(({ name }) => name), Object.keys(people));
    assert.equal(next, null);
    const [, , , , ann] = attendees;
    const registration = registrations[ann.name];
    assert.equal(ann.id, registration.attendees[0].id);
    assert.equal(ann.registration.id, registration.id);
    assert.equal(ann.registration.number, 5);
    assert.equal(ann.registration.language, 'en');
    assert.match(ann.registration.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
    assert.ok(Math.abs(Date.parse(ann.registration.created_at) - Date.now()) < 600_000);
    assert.deepEqual(ann.answers, people[ann.name]);
    assert.deepEqual(ann.consents.map(({ slug, version, withdrawn_at: at }) => [slug, version, at]), [['privacy', 1, undefined]]);
    assert.equal(ann.ticket_type, 'guest');
    assert.equal(ann.status, 'confirmed');
    assert.equal(ann.first_admitted_at, null);
    assert.equal(ann.inside, false);
    assert.equal(ann.ticket, registration.attendees[0].ticket);
    assert.equal(ann.ticket_url, registration.attendees[0].ticket_url);
});

test('pages neither skip nor repeat anybody while people register', async () => {
    const paged = await house.apply(plainEvent({ registration: { capacity: 100, most_attendees: 3 } }));
    const add = (count) => mustSignUp(paged, plainGuest({
        attendees: Array.from({ length: count }, (_, i) => ({ name: `${added.push(i)}` })),
    }));
    const added = [];
    for (const count of [3, 1, 2, 3, 1]) await add(count);
    const seen = [];
    let path = `/api/v1/events/${paged}/attendees?limit=2&status=confirmed`;
    while (path) {
        const answer = await house.http.get(path, { token: manager });
        const { attendees, next } = answer.json();
        seen.push(...attendees.map(({ name }) => Number(name)));
        assert.ok(attendees.length <= 2);
        const link = /^<(.*)>; rel="next"$/.exec(answer.headers.link ?? '');
        assert.equal(link === null, next === null);
        if (link) assert.equal(new URL(link[1], house.service.url).searchParams.get('cursor'), next);
        path = link?.[1];
        if (seen.length < 10) await add(2);
    }
    assert.deepEqual(seen, added.map((_, i) => i + 1));
});

test('a wrong parameter is named, and what it may be', async () => {
    for (const [name, value] of [
        ['limit', '0'], ['limit', '501'], ['limit', 'ten'], ['limit', ''], ['cursor', 'x'],
        ['cursor', '1.'], ['cursor', '99999999999.1'], ['status', 'unknown'], ['present', 'yes'],
        ['admitted', '1'], ['ticket_type', 'nobody'], ['q', 'x'.repeat(201)],
        ['q', 'a b c d e f g h i j k'],
    ]) {
        const answer = await list(event, { [name]: value });
        assert.equal(answer.status, 400, `${name}=${value}`);
        assert.match(answer.headers['content-type'], /^application\/problem\+json/);
        assert.equal(answer.json().code, 'wrong_parameter');
        assert.equal(answer.json().data.parameter, name);
        assert.ok(answer.json().detail.includes(`“${name}” `), answer.json().detail);
    }
    assert.equal((await file(event, 'csv', '?lang=klingon')).json().data.parameter, 'lang');
    assert.equal((await file(event, 'jsonl', '?status=x')).status, 400);
});

test('viewers read all but tickets, door staff find people, devices get no list and strangers nothing', async () => {
    const asViewer = { token: await house.token({ role: 'viewer' }) };
    const asDoor = { token: await house.token({ role: 'door' }) };
    const asDevice = { token: await house.device(event) };
    const another = await house.apply(exampleEvent({ organiser: { slug: 'other', name: 'Other' } }));
    const asForeigner = { token: await house.token({ role: 'owner', organiser: 'other' }) };

    const [seen] = (await list(event, {}, asViewer)).json().attendees;
    assert.deepEqual(seen.answers, { lunch: false, ...people['Jürgen Groß'] });
    assert.equal(seen.ticket, undefined);
    assert.equal((await file(event, 'csv', '', asViewer)).status, 200);

    const [found] = (await list(event, { q: 'gross' }, asDoor)).json().attendees;
    assert.equal(found.name, 'Jürgen Groß');
    for (const hidden of ['consents', 'ticket', 'email', 'registration'])
        assert.equal(found[hidden], undefined, hidden);
    assert.deepEqual(found.answers,
        [{ label: 'Company or institution', text: people['Jürgen Groß'].company }]);

    for (const [ask, ofDevice] of [[(who) => list(event, {}, who), 422],
        [(who) => file(event, 'csv', '', who), 403], [(who) => file(event, 'jsonl', '', who), 403]]) {
        assert.equal((await ask(asDevice)).status, ofDevice);
        assert.equal((await ask({ token: undefined })).status, 401);
        assert.ok([403, 404].includes((await ask(asForeigner)).status));
    }
    assert.equal((await file(event, 'csv', '', asDoor)).status, 403);
    assert.equal((await list(another, {}, asForeigner)).status, 200);
});

test('the CSV has a row for each attendee and says in the reader’s language what they answered', async () => {
    const english = await file(event, 'csv');
    assert.equal(english.status, 200);
    assert.equal(english.headers['content-type'], 'text/csv; charset=utf-8; header=present');
    assert.match(english.headers['content-disposition'],
        /^attachment; filename="bionection meets Artificial Intelligence \d{4}-\d\d-\d\d\.csv"/);
    const [heading] = parseCsv(english.body);
    assert.deepEqual(heading, ['Registration', 'Registered at (Europe/Berlin)', 'Status',
        'Ticket type', 'Name', 'Email', 'Company or institution', 'Your field',
        'Will you stay for lunch?', 'Anything we should know about your diet?',
        ...['privacy', 'photos'].flatMap((consent) => [`Consent: ${consent} (version)`,
            `Consent: ${consent}, given at (Europe/Berlin)`, `Consent: ${consent}, withdrawn at (Europe/Berlin)`]),
        'First admitted at (Europe/Berlin)', 'Inside', 'Language', 'Declined before',
        'Registered more than once', 'Passed on by', 'Passed on to', 'Registration id', 'Attendee id']);
    const rows = asObjects(parseCsv(english.body));
    const ann = rows[4];
    assert.deepEqual(rows.map(({ Name }) => Name), Object.keys(people));
    assert.match(ann['Registered at (Europe/Berlin)'], /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
    assert.equal(ann['Your field'], 'Information and communication technology');
    assert.equal(ann['Will you stay for lunch?'], 'yes');
    assert.equal(ann['Anything we should know about your diet?'], 'two\nlines; "none"');
    assert.equal(ann['Consent: privacy (version)'], 'yes (1)');
    assert.equal(ann['Consent: photos (version)'], 'no');
    assert.equal(ann['Registration id'], registrations[ann.Name].id);

    const german = asObjects(parseCsv((await file(event, 'csv', '?lang=de')).body))[4];
    assert.equal(german['Ihr Fachgebiet'], 'Informations- und Kommunikationstechnik');
    assert.equal(german['Bleiben Sie zum Mittagessen?'], 'ja');
    assert.equal(german.Status, 'bestätigt');
    assert.equal(german.Ticketart, 'Gast');
});

test('the time in the CSV is the clock on the event’s wall', async () => {
    const timezone = 'Asia/Kathmandu';
    const remote = await house.apply(plainEvent({
        timezone, starts_at: localTime(1, timezone), ends_at: localTime(5, timezone),
        registration: { opens_at: undefined, closes_at: undefined },
    }));
    const { id } = await mustSignUp(remote, plainGuest());
    const [row] = asObjects(parseCsv((await file(remote, 'csv')).body));
    const [{ wall }] = await house.database.query(
        `select to_char(created_at at time zone 'Asia/Kathmandu', 'YYYY-MM-DD HH24:MI:SS') as wall
           from registration where registration_id = $1`, [id]);
    assert.equal(row['Registered at (Asia/Kathmandu)'], wall);
});

test('the bytes of the CSV are UTF-8 with a mark, CRLF and harmless formulas', async () => {
    const { bytes, body } = await file(event, 'csv');
    assert.deepEqual([...bytes.subarray(0, 3)], [0xef, 0xbb, 0xbf]);
    assert.equal(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes), body);
    const lines = body.split('\r\n');
    assert.equal(lines.length, Object.keys(people).length + 2);
    assert.equal(lines.at(-1), '');
    assert.ok(lines[5].includes('"Ann ""Quote"", Comma"'));
    assert.ok(lines[5].includes(`"'=cmd|/c calc"`));
    assert.ok(lines[5].includes('"two\nlines; ""none"""'));
    assert.ok(lines[6].includes(',+49 341 1234'));
    assert.ok(lines[6].includes(',Emoji 🎟️ Person,'));
    for (const row of parseCsv(body))
        for (const cell of row) assert.doesNotMatch(cell, /^([=\-@\t\r\n]|\+(?!49 341 1234$))/);
});

test('numbers stay numbers and several choices stand side by side', async () => {
    const asked = await house.apply(exampleEvent({ questions: [
        { slug: 'years', label: 'Years', kind: 'number', required: false },
        { slug: 'topics', label: 'Topics', kind: 'several', required: false, choices: [
            { slug: 'ai', label: { en: 'Artificial, intelligence', de: 'KI' } },
            { slug: 'cells', label: { en: 'Cells', de: 'Zellen' } }] },
        { slug: 'day', label: 'Day', kind: 'date', required: false },
        { slug: 'z', label: 'Last', kind: 'text', required: false },
    ] }));
    await mustSignUp(asked, guest({ attendees: [{ name: 'All',
        answers: { company: undefined, lunch: undefined, years: -3.5, topics: ['cells', 'ai'],
            day: '2026-05-13', z: '\\ "q" \\' } }] }));
    await mustSignUp(asked, guest({ attendees: [{ name: 'None',
        answers: { company: undefined, lunch: undefined } }] }));
    const { body } = await file(asked, 'csv');
    const [all, none] = asObjects(parseCsv(body));
    assert.ok(body.includes(',-3.5,'), 'a negative number is not taken for a formula');
    assert.deepEqual([all.Years, all.Topics, all.Day, all.Last],
        ['-3.5', 'Cells; Artificial, intelligence', '2026-05-13', '\\ "q" \\']);
    assert.deepEqual([none.Years, none.Topics, none.Day, none.Last], ['', '', '', '']);
});

test('answers to a question that is asked no more are not lost', async () => {
    const before = exampleEvent();
    await house.apply(before);
    await mustSignUp(before.slug, guest({ attendees: [{ name: 'Early',
        answers: { company: 'c', lunch: true, diet: 'vegan' } }] }));
    const questions = before.questions.filter(({ slug }) => slug !== 'diet');
    await house.apply({ ...before, questions });
    const [row] = asObjects(parseCsv((await file(before.slug, 'csv')).body));
    assert.equal(row['Anything we should know about your diet?'], 'vegan');
});

test('former questions and choices are named in their last words, in both languages', async () => {
    const named = (en, de) => ({ en, de });
    const choices = [{ slug: 'hall', label: named('The hall', 'Der Saal') }, { slug: 'yard', label: named('Yard', 'Hof') }];
    const questions = [
        { slug: 'room', label: named('Which room?', 'Welcher Raum?'), kind: 'choice', choices },
        { slug: 'rooms', label: named('Rooms?', 'Räume?'), kind: 'several', choices },
        { slug: 'gone', label: named('First words', 'Erste Worte'), kind: 'choice', choices },
        { slug: 'never', label: named('Unanswered', 'Unbeantwortet'), kind: 'text' }];
    const first = plainEvent({ questions });
    await house.apply(first);
    await mustSignUp(first.slug, plainGuest({ attendees: [{ name: 'Early',
        answers: { room: 'yard', rooms: ['hall', 'yard'], gone: 'hall' } }] }));
    const fewer = [choices[0]];
    await house.apply({ ...first, questions: questions.map((question) => question.slug === 'gone'
        ? { ...question, label: named('Last words', 'Letzte Worte') } : question) });
    await house.apply({ ...first, questions: [{ ...questions[0], choices: fewer }, { ...questions[1], choices: fewer }] });
    await house.apply({ ...first, title: 'Again', questions: [{ ...questions[0], choices: fewer }, { ...questions[1], choices: fewer }] });
    const row = async (lang) => asObjects(parseCsv((await file(first.slug, 'csv', `?lang=${lang}`)).body))[0];
    const [en, de] = [await row('en'), await row('de')];
    assert.deepEqual([en['Which room?'], en['Rooms?'], en['Last words']], ['Yard', 'The hall; Yard', 'The hall']);
    assert.deepEqual([de['Welcher Raum?'], de['Räume?'], de['Letzte Worte']], ['Hof', 'Der Saal; Hof', 'Der Saal']);
    assert.equal('First words' in en || 'Unanswered' in en || 'gone' in en, false);
    const exported = await house.mustCommand(['attendees', 'export', first.slug, '--format', 'csv', '--lang', 'de']);
    assert.equal(asObjects(parseCsv(exported))[0]['Letzte Worte'], 'Der Saal');
});

test('JSON Lines are the objects of the list, one a line', async () => {
    const answer = await file(event, 'jsonl');
    assert.equal(answer.headers['content-type'], 'application/jsonl; charset=utf-8');
    assert.ok(answer.body.endsWith('\n'));
    const lines = answer.body.trimEnd().split('\n').map((line) => JSON.parse(line));
    const { attendees } = (await list(event)).json();
    assert.deepEqual(lines, attendees.map(({ ticket, ticket_url, ...rest }) => rest));
});

test('an event without anybody gives a heading, or nothing', async () => {
    const empty = await house.apply(plainEvent());
    assert.equal(parseCsv((await file(empty, 'csv')).body).length, 1);
    assert.equal((await file(empty, 'jsonl')).body, '');
    assert.deepEqual((await list(empty)).json().attendees, []);
});

test('the command writes the same bytes, to a file that is whole or not there', async () => {
    const download = await file(event, 'csv', '?lang=de&q=gross');
    const words = ['attendees', 'export', event, '--format', 'csv', '--lang', 'de', '--q', 'groß'];
    assert.equal(await house.mustCommand(words), download.body);
    const output = join(house.directory, 'list.csv');
    assert.equal(await house.mustCommand([...words, '--output', output]), '');
    assert.equal(readFileSync(output, 'utf8'), download.body);
    assert.equal(statSync(output).mode & 0o077, 0, 'guests are nobody else’s business');
    assert.deepEqual(readdirSync(house.directory).filter((name) => name.endsWith('.part')), []);
    assert.equal(await house.mustCommand(['attendees', 'export', event, '--format=jsonl']),
        (await file(event, 'jsonl')).body);
});

test('the command says what it cannot do and leaves nothing behind', async () => {
    const output = join(house.directory, 'no.csv');
    const base = ['attendees', 'export', event];
    for (const [words, status, says] of [
        [[...base, '--format', 'doc'], 1, /choose csv, xlsx, pdf or jsonl/],
        [[...base, '--format', 'csv', '--status', 'gone', '--output', output], 1, /--status /],
        [[...base, '--format', 'csv', '--lang', 'xx'], 1, /--lang /],
        [[...base, '--format', 'csv', '--output', '/nowhere/list.csv'], 1, /\/nowhere\/list\.csv/],
        [[...base, '--format', 'csv', '--output', house.directory], 1, /no file/],
        [['attendees', 'export', 'nowhere', '--format', 'csv'], 1, /no event nowhere/],
        [base, 2, /usage: einlass attendees export/],
        [[...base, '--format', 'csv', '--wrong'], 2, /usage/],
        [['attendees', 'export', '--format', 'csv'], 2, /usage/],
    ]) {
        const result = await house.command(words);
        assert.equal(result.status, status, words.join(' ') + result.stderr);
        assert.match(result.stderr, says);
        assert.equal(result.stdout, '');
    }
    assert.equal(existsSync(output), false);
});

test('taking the list along leaves a note of who did it', async () => {
    await file(event, 'jsonl', '?q=gross');
    const [{ detail, actor }] = await house.database.query(
        `select actor, detail from audit_entry where action = 'attendees.export'
          order by entry_id desc limit 1`);
    assert.deepEqual(detail, { format: 'jsonl', filtered: true });
    assert.match(actor, /^token/);
});

const large = await house.apply(plainEvent({ registration: { capacity: 50_000 } }));
for (const table of ['registration', 'attendee', 'ticket'])
    await house.database.query(`alter table ${table} set (autovacuum_enabled = off)`);
await house.database.query('analyze registration, attendee, ticket');
await fill(large, 20_000);

test('an event that grew faster than the statistics know is listed at once', async () => {
    const started = Date.now();
    for (const query of [{}, { q: 'attendee 19999' }, { status: 'confirmed', limit: 500 }])
        assert.equal((await list(large, query)).status, 200);
    assert.ok(Date.now() - started < 15_000, 'as an ordinary join this took half a minute');
});

test('a client that leaves in the middle leaves nothing running', async () => {
    for (let i = 0; i < 12; i++) {
        const response = await house.http.open('GET', `/api/v1/events/${large}/attendees.csv`,
            { token: manager });
        await new Promise((resolve) => response.once('data', resolve));
        response.destroy();
    }
    const busy = () => house.database.value(
        `select count(*)::integer from pg_stat_activity
          where datname = current_database() and state like 'idle in transaction%'`);
    await until(async () => await busy() === 0);
    const page = await list(large);
    assert.equal(page.status, 200, page.body);
    assert.equal(page.json().attendees.length, 100);
    assert.equal((await file(large, 'csv')).body.split('\r\n').length, 20_002);
});

const exportsLeft = () => house.database.value(
    `select count(*)::integer from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()
        and (backend_xmin is not null or state like 'idle in transaction%')`);

test('exports that nobody reads hold no snapshot, and doors and letters do not wait', async () => {
    const tokens = await Promise.all(Array.from({ length: 3 }, () => house.token({ role: 'viewer' })));
    const phone = await house.device(event);
    const open = [];
    while (open.length < 10) {
        const response = await house.http.open('GET', `/api/v1/events/${large}/attendees.jsonl`,
            { token: tokens[open.length % tokens.length] });
        response.pause();
        assert.equal(response.statusCode, 200);
        open.push(response);
    }
    await until(async () => await exportsLeft() === 0);
    const started = Date.now();
    const search = await house.http.get(`/api/v1/events/${event}/attendees?q=gross`, { token: phone });
    assert.equal(search.status, 200, search.body);
    await mustSignUp(event, guest());
    assert.ok(Date.now() - started < 5000, 'the doors waited for the exports');
    await until(async () => await house.database.value(
        `select count(*)::integer from message where state in ('queued', 'sending')`) === 0);

    // Rows change while nobody reads: each attendee still comes once.
    await house.database.query(
        `update attendee set name = 'Later ' || position where event_id =
           (select event_id from event where slug = $1)`, [large]);
    const [first, ...rest] = open;
    for (const response of rest) response.destroy();
    first.resume();
    let text = '';
    for await (const chunk of first.setEncoding('utf8')) text += chunk;
    const lines = text.trimEnd().split('\n').map((line) => JSON.parse(line));
    assert.deepEqual(lines.map(({ registration }) => registration.number),
        Array.from({ length: 20_000 }, (_, i) => i + 1));
    assert.equal(lines.at(-1).name, 'Later 1');
});

test('control: a transaction that stays open is seen', async () => {
    const client = await house.database.pool.connect();
    try {
        await client.query('begin');
        await client.query('select');
        await until(async () => await exportsLeft() === 1); // a job may be between two statements, too
    } finally {
        await client.query('rollback');
        client.release();
    }
});

test('one caller has a few exports at once, and the next one is told to wait', async () => {
    const [one, other] = [await house.token(), await house.token()];
    const open = [];
    const start = (token) => house.http.open('GET', `/api/v1/events/${large}/attendees.csv`, { token });
    for (let response = await start(one); ; response = await start(one)) {
        response.pause();
        open.push(response);
        if (response.statusCode !== 200 || open.length > 20) break;
    }
    const refused = open.at(-1);
    assert.equal(refused.statusCode, 429);
    assert.ok(open.length > 4 && open.length <= 9, `${open.length} at two workers`);
    assert.ok(Number(refused.headers['retry-after']) > 0);
    let problem = '';
    for await (const chunk of refused.setEncoding('utf8')) problem += chunk;
    assert.equal(JSON.parse(problem).code, 'too_many_exports');
    const answer = await start(other);
    assert.equal(answer.statusCode, 200);
    answer.destroy();
    for (const response of open) response.destroy();
    await until(async () => (await file(large, 'csv', '', { token: one })).status === 200);
});

test('HEAD of an export has its headers, and starts nothing', async () => {
    const audits = () => house.database.value(
        `select count(*)::integer from audit_entry where action = 'attendees.export'`);
    const before = await audits();
    const started = Date.now();
    for (let i = 0; i < 40; i++) {
        const path = `/api/v1/events/${large}/attendees.${i % 2 ? 'csv' : 'jsonl'}`;
        const head = await house.http.request('HEAD', path, { token: manager });
        assert.equal(head.status, 200);
        assert.match(head.headers['content-disposition'], /^attachment/);
        assert.equal(head.headers['content-length'], undefined);
        assert.equal(head.body, '');
    }
    assert.ok(Date.now() - started < 10_000);
    assert.equal(await audits(), before);
});

test('a filter that few match gives each of them once, in csv and by the command', async () => {
    const numbers = Array.from({ length: 20_000 }, (_, i) => `${i + 1}`).filter((n) => n.includes('500'));
    const answer = await file(large, 'csv', '?q=500&lang=en');
    assert.deepEqual(
        asObjects(parseCsv(answer.body)).map(({ Registration }) => Registration), numbers);
    assert.equal(await house.mustCommand(
        ['attendees', 'export', large, '--format', 'csv', '--q', '500', '--lang', 'en']), answer.body);
});

test('a client that reads slowly gets all of it, and others do not wait', async () => {
    const response = await house.http.open('GET', `/api/v1/events/${large}/attendees.jsonl`,
        { token: manager });
    let text = '';
    response.setEncoding('utf8');
    response.pause();
    await sleep(1500);
    assert.equal((await house.http.get('/readyz')).status, 200); // while nobody reads the export
    assert.equal((await list(event)).status, 200);
    for await (const chunk of response) {
        if (text.length % 7 === 0) await sleep(2);
        text += chunk;
    }
    const numbers = text.trimEnd().split('\n').map((line) => JSON.parse(line).registration.number);
    assert.deepEqual(numbers, Array.from({ length: 20_000 }, (_, i) => i + 1));
});
