// The list of attendees as a file: workbooks that exceljs and LibreOffice read, CSV for Excel in German, and
// PDF lists that pdftotext reads.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import ExcelJS from 'exceljs';
import JSZip from 'jszip';
import { run } from '../harness/command.js';
import { signIn } from '../harness/desk.js';
import { pdfText, tool } from '../harness/documents.js';
import { localTime, plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { program, temporaryDirectory } from '../harness/paths.js';
import { until } from '../harness/wait.js';

const house = await openHouse();

function file(event, kind, query = {}, options) {
    const search = new URLSearchParams(query).toString();
    const path = `/api/v1/events/${event}/attendees.${kind}${search && '?'}${search}`;
    return house.http.get(path, { token: manager, ...options });
}

async function workbook(bytes) {
    const book = new ExcelJS.Workbook();
    await book.xlsx.load(bytes);
    return book;
}

// → a file of the workbook's archive
async function part(bytes, name) {
    return (await JSZip.loadAsync(bytes)).file(name).async('string');
}

const rowsOf = (sheet) => Array.from({ length: sheet.rowCount }, (_, i) =>
    Array.from({ length: sheet.columnCount }, (_, c) => sheet.getCell(i + 1, c + 1).value));

// exceljs leaves the escape of an underscore (ST_Xstring) as it is; LibreOffice does not.
const decoded = (text) => text.replaceAll('_x005F_', '_');

// → the cells by heading
function asObjects([heading, ...rows]) {
    return rows.map((row) => Object.fromEntries(heading.map((name, i) => [name, row[i]])));
}

// → the rows that LibreOffice reads from a file, opened by this filter
async function libreOffice(name, bytes, filter = []) {
    const directory = temporaryDirectory();
    const path = join(directory, name);
    writeFileSync(path, bytes);
    const profile = `-env:UserInstallation=file://${join(directory, 'profile')}`;
    const converted = await run('soffice', [profile, '--headless', ...filter, '--convert-to',
        'csv:Text - txt - csv (StarCalc):9,34,76,1,,0,false,true,false', '--outdir', join(directory, 'out'), path],
    { timeoutMs: 120_000 });
    assert.equal(converted.status, 0, converted.stderr);
    const text = readFileSync(join(directory, 'out', name.replace(/\w+$/, 'csv')), 'utf8');
    return text.trimEnd().split('\n').map((line) => line.split('\t'));
}

function write(table) {
    const runner = join(dirname(program), '../tests/unit/workbook-runner');
    const written = spawnSync(runner, { input: JSON.stringify(table), maxBuffer: 1 << 26 });
    assert.equal(written.status, 0, written.stderr.toString());
    return written.stdout;
}

const choices = [{ slug: 'ai', label: 'AI; and more' }, { slug: 'bio', label: 'Say "bio"' }, { slug: 'ict', label: 'ICT' }];
const questions = [
    { slug: 'postcode', label: 'Postcode', kind: 'text' }, { slug: 'phone', label: 'Phone', kind: 'text' },
    { slug: 'part', label: 'Part', kind: 'text' }, { slug: 'formula', label: 'Formula', kind: 'text' },
    { slug: 'years', label: 'Years', kind: 'number' }, { slug: 'born', label: 'Born', kind: 'date' },
    { slug: 'topics', label: 'Topics', kind: 'several', choices }, { slug: 'email', label: 'Which address?', kind: 'text' },
    { slug: 'company', label: 'Company', kind: 'text', on_badge: true },
    { slug: 'former', label: { en: 'Asked before', de: 'Früher gefragt' }, kind: 'text' },
].map((question) => ({ required: false, ...question }));
const people = [
    { name: 'Jürgen Groß', postcode: '04103', phone: '+49 341 1234', part: '1/2', formula: '=1+1', years: -3.5,
        born: '1975-04-01', topics: ['ai', 'bio', 'ict'], email: 'private', company: 'Öko & Söhne', former: 'then' },
    { name: 'Zoë van der Ängström', formula: '@SUM(A1)', years: 12, topics: ['ict'] },
    { name: '李小龍', company: '電影公司', postcode: '_x0041_' },
    { name: 'ليلى حداد', company: 'شركة' },
    { name: 'Ada Lovelace', company: `${'A very long name of a company '.repeat(8)}GmbH` },
];
const timezone = 'Asia/Kathmandu';
const first = plainEvent({ title: { en: 'Talks: [1/2]', de: 'Vorträge' }, timezone, questions,
    starts_at: localTime(1, timezone), ends_at: localTime(5, timezone),
    registration: { opens_at: undefined, closes_at: undefined, capacity: 100 } });
const event = await house.apply(first);
const manager = await house.token();
for (const { name, ...answers } of people) {
    const answer = await house.signUp(event, plainGuest({ attendees: [{ name, answers }] }));
    assert.equal(answer.status, 201, answer.body);
}
await house.apply({ ...first, questions: questions.filter(({ slug }) => slug !== 'former') });

// Inserts many attendees by SQL.
async function fill(slug, count) {
    await house.database.query(`
        with made as (
            select n, gen_random_uuid() as registration_id from generate_series(1, $2::integer) as n
        ), registered as (
            insert into registration (event_id, registration_id, number, status, email, email_key,
                                      once_per_email, language, fingerprint)
            select event_id, registration_id, n, 'confirmed', n || '@example.org', n || '@example.org',
                   true, 'en', '\\x00' from made, event where slug = $1
        )
        insert into attendee (event_id, attendee_id, registration_id, position, ticket_type, status, name, search)
        select event_id, gen_random_uuid(), registration_id, 1, 'guest', 'confirmed', 'Attendee ' || n, 'attendee ' || n
          from made, event where slug = $1`, [slug, count]);
}

const large = await house.apply(plainEvent({ registration: { capacity: 10_000 } }));
await fill(large, 6_000);

test('a workbook keeps texts as they were typed, and has typed numbers and times', async () => {
    const answer = await file(event, 'xlsx');
    assert.equal(answer.status, 200, answer.body);
    assert.equal(answer.headers['content-type'],
        'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet');
    assert.match(answer.headers['content-disposition'], /^attachment; filename="Talks \[1 2\] \d{4}-\d\d-\d\d\.xlsx"/);
    const book = await workbook(answer.bytes);
    assert.deepEqual([book.title, book.creator, book.worksheets.map(({ name }) => name)],
        ['Talks: [1/2]', 'biosaxony', ['Talks   1 2']]);
    const [sheet] = book.worksheets;
    const rows = asObjects(rowsOf(sheet));
    const [groß, zoë, lee] = rows;
    assert.deepEqual(rows.map(({ Name }) => Name), people.map(({ name }) => name));
    assert.deepEqual([groß.Postcode, groß.Phone, groß.Part, groß.Formula, zoë.Formula, decoded(lee.Postcode)],
        ['04103', '+49 341 1234', '1/2', '=1+1', '@SUM(A1)', '_x0041_']);
    assert.deepEqual([groß.Years, zoë.Years, groß.Registration], [-3.5, 12, 1]);
    assert.deepEqual(groß.Born, new Date('1975-04-01T00:00:00Z'));
    assert.equal(groß.Topics, '"AI; and more"; "Say ""bio"""; ICT');
    assert.deepEqual([groß['Which address?'], groß['Asked before']], ['private', 'then']);
    const [{ wall }] = await house.database.query(
        `select extract(epoch from date_trunc('second', created_at at time zone 'Asia/Kathmandu'))::float as wall
           from registration where number = 1 and event_id = (select event_id from event where slug = $1)`, [event]);
    const shown = groß['Registered at (Asia/Kathmandu)'].getTime() / 1000;
    assert.ok(shown > wall - 0.1 && shown < wall + 1.1, `${shown} at ${wall}`);

    assert.deepEqual([sheet.views[0].state, sheet.views[0].ySplit], ['frozen', 1]);
    assert.equal(sheet.autoFilter, `A1:${sheet.getColumn(sheet.columnCount).letter}6`);
    assert.equal(sheet.getCell('L2').numFmt, 'd mmm yyyy');
    const widths = sheet.columns.map(({ width }) => width);
    assert.ok(widths.every((width) => width >= 8 && width <= 51), `${widths}`);
    const xml = await part(answer.bytes, 'xl/worksheets/sheet1.xml');
    assert.match(xml, /<ignoredError sqref="A1:XFD1048576" numberStoredAsText="1"/);
    assert.doesNotMatch(xml, /<f>|<hyperlink/);
});

test('LibreOffice opens the workbook and CSV for Excel in German, umlauts and all', async () => {
    const columns = 'name,postcode,phone,part,formula,years,born,company';
    const xlsx = (await file(event, 'xlsx', { columns, lang: 'de' })).bytes;
    const german = (await file(event, 'csv', { columns, dialect: 'excel-de', lang: 'de', q: 'gross' })).bytes;
    const [heading, groß, , lee] = await libreOffice('list.xlsx', xlsx);
    assert.deepEqual(heading, ['Name', 'Postcode', 'Phone', 'Part', 'Formula', 'Years', 'Born', 'Company']);
    assert.deepEqual(groß, ['Jürgen Groß', '04103', '+49 341 1234', '1/2', '=1+1', '-3.5', groß[6], 'Öko & Söhne']);
    assert.deepEqual(lee.slice(0, 2), ['李小龍', '_x0041_']);
    const date = /^(01\.04\.1975|1975-04-01|04\/01\/1975)$/; // as the machine likes to show it
    assert.match(groß[6], date);
    // 59: semicolons; 76: UTF-8; 1031: German (Germany).
    const rows = await libreOffice('german.csv', german, ['--infilter=CSV:59,34,76,1,,1031,false,true']);
    assert.deepEqual([rows[1][0], rows[1][2], rows[1][5], rows[1][7]],
        ['Jürgen Groß', '+49 341 1234', '-3.5', 'Öko & Söhne']);
    assert.match(rows[1][6], date);
});

test('columns are those chosen, in their order', async () => {
    const headings = async (columns) => (await file(event, 'csv', { columns })).body.slice(1).split('\r\n')[0];
    assert.equal(await headings('company,name, came_at ,name'), 'Company,Name,First admitted at (Asia/Kathmandu)');
    assert.equal(await headings('email,answers.email,answers.company'), 'Email,Which address?,Company');
    assert.equal(await headings('former'), 'Asked before');
    assert.equal(await headings('answers.postcode,name,postcode,answers.postcode'), 'Postcode,Name');
    assert.equal(await headings('consents.gone'), 'Consent: gone (version),'
        + '"Consent: gone, given at (Asia/Kathmandu)","Consent: gone, withdrawn at (Asia/Kathmandu)"'.replaceAll('"', '"'));
    const sheet = (await workbook((await file(event, 'xlsx', { columns: 'former,name' })).bytes)).worksheets[0];
    assert.deepEqual(rowsOf(sheet)[1], ['then', 'Jürgen Groß']);
    const lines = async (columns) => (await file(event, 'jsonl', { columns })).body.trimEnd().split('\n');
    const [groß, zoë] = await lines('topics,name,years,born,answers.email,company,former,email,consents.gone,days,inside,came_at,number,ticket_type');
    const { email, ...rest } = JSON.parse(groß);
    assert.match(email, /@example\.org$/);
    assert.deepEqual(rest, { topics: ['ai', 'bio', 'ict'], name: 'Jürgen Groß', years: -3.5, born: '1975-04-01', 'answers.email': 'private',
        company: 'Öko & Söhne', former: 'then', 'consents.gone': null, days: [], inside: false, came_at: null, number: 1, ticket_type: 'guest' });
    assert.deepEqual(Object.keys(JSON.parse(groß)).slice(0, 3), ['topics', 'name', 'years'], 'in their order');
    assert.deepEqual([JSON.parse(zoë).topics, JSON.parse(zoë).company], [['ict'], null]);
    const fixed = 'number,registered_at,status,ticket_type,name,email,came_at,days,inside,language,declined_before,repeated,'
        + 'handed_on_by,handed_on_to,registration_id,attendee_id,last_door,desk_notes';
    const whole = JSON.parse((await file(event, 'jsonl')).body.split('\n')[0]);
    const { registration } = whole;
    assert.deepEqual(JSON.parse((await lines(fixed))[0]), {
        number: 1, registered_at: registration.created_at, status: 'confirmed', ticket_type: 'guest', name: whole.name,
        email: registration.email, came_at: null, days: [], inside: false, language: registration.language, declined_before: false,
        repeated: registration.repeated, handed_on_by: null, handed_on_to: null, registration_id: registration.id, attendee_id: whole.id,
        last_door: null, desk_notes: null,
    });
    const eight = 'name,status,email,answers.email,phone,part,formula,answers.postcode'; // a PDF has room for them
    const list = await file(event, 'pdf', { columns: `${eight},postcode,answers.phone` });
    assert.equal(list.status, 200, list.body);
    assert.equal(pdfText(list.bytes).match(/Postcode/g).length, 1, 'a column with two keys comes once');
    for (const [kind, query, parameter] of [['csv', { columns: 'nothing' }, 'columns'], ['csv', { dialect: 'tab' }, 'dialect'],
        ['csv', { columns: 'answers.consents.gone' }, 'columns'],
        ['pdf', { layout: 'cards' }, 'layout'], ['xlsx', { lang: 'xx' }, 'lang'],
        ['pdf', { columns: 'number,status,email,postcode,phone,part,formula,years' }, 'columns']]) {
        const answer = await file(event, kind, query);
        assert.deepEqual([answer.status, answer.json().data?.parameter], [400, parameter], answer.body);
    }
});

test('a sheet that is full goes on in a second one, and nothing is lost or run', async () => {
    const long = '🎟'.repeat(20_000);
    const rows = [['Name', 'Number', 'When'], ...Array.from({ length: 7 }, (_, i) => [`Person ${i}`, { number: `${i}` }, '']),
        ['bell\u0007 null\u0000 end\ufffe\r\nline', { number: '1234567890123456' }, { time: '1850-01-01' }], ['_x000D_', { number: '-0.25' }, { time: '2026-05-13 10:30:15.5' }],
        [long, '', { time: '2026-05-13' }], ['x'.repeat(300), '', '']];
    const book = await workbook(write({ title: "'A: sheet whose name is much too long for Excel'", rows_most: 5, rows }));
    assert.deepEqual(book.worksheets.map(({ name, rowCount }) => [name, rowCount]), [
        ['A  sheet whose name is much too', 5], ['A  sheet whose name is much (2)', 5], ['A  sheet whose name is much (3)', 4]]);
    const all = book.worksheets.flatMap((sheet) => {
        const [heading, ...rest] = rowsOf(sheet);
        assert.deepEqual(heading, rows[0]);
        return rest;
    });
    assert.deepEqual(all.slice(0, 7), Array.from({ length: 7 }, (_, i) => [`Person ${i}`, i, null]));
    assert.deepEqual(all[7], ['bell  null  end\ufffd\nline', '1234567890123456', '1850-01-01']);
    assert.deepEqual([decoded(all[8][0]), ...all[8].slice(1)], ['_x000D_', -0.25, new Date('2026-05-13T10:30:15.500Z')]);
    assert.ok(all[9][0].length <= 32_767 && all[9][0].endsWith('🎟 … (shortened)'), 'a long text is cut, with a mark');
    assert.equal(all[10][0].length, 300);
});

test('a PDF list names people by surname, in any script, over as many pages as it takes', async () => {
    const answer = await file(event, 'pdf');
    assert.deepEqual([answer.status, answer.headers['content-type']], [200, 'application/pdf'], answer.body);
    const text = pdfText(answer.bytes);
    for (const expected of ['Talks: [1/2]', 'Page 1 of 1', 'Name', 'Company', 'Jürgen Groß', '李小龍', '電影公司', 'confirmed'])
        assert.ok(text.includes(expected), `${expected} in ${text}`);
    assert.ok([...'ليلى حداد'].every((letter) => text.includes(letter)), 'Arabic letters');
    assert.ok(text.includes('company A very'), 'a long text wraps');
    const order = (shown) => ['Groß', 'Lovelace', 'Ängström'].sort((a, b) => shown.indexOf(a) - shown.indexOf(b));
    assert.deepEqual(order(text), ['Ängström', 'Groß', 'Lovelace']);
    assert.deepEqual(order(pdfText((await file(event, 'pdf', { sort: 'oldest' })).bytes)), ['Groß', 'Ängström', 'Lovelace']);
    assert.ok(!text.includes('Signature'));

    const wide = await file(event, 'pdf', { layout: 'sign-in', lang: 'de', q: 'gross', columns: 'postcode,phone,part,years,company' });
    const german = pdfText(wide.bytes);
    for (const expected of ['Vorträge', 'Unterschrift', 'Seite 1 von 1', '04103', '+49 341 1234'])
        assert.ok(german.includes(expected), `${expected} in ${german}`);
    assert.match(tool(wide.bytes, 'pdfinfo', '%').toString(), /Page size: +841\.89 x 595\.28/);
    tool(answer.bytes, 'qpdf', '--check', '%');
});

test('a PDF of too many people is refused at once, with a way out', async () => {
    const huge = await house.apply(plainEvent({ registration: { capacity: 200_000 } }));
    const id = await house.database.value('select event_id from event where slug = $1', [huge]);
    const client = await house.database.pool.connect(); // holds the index up, which has nothing to do here
    await client.query('begin');
    await client.query('select lock_attendee_search($1)', [id]);
    await house.database.query(`
        with registered as (
            insert into registration (event_id, registration_id, number, status, email, email_key, once_per_email, language, fingerprint)
            values ($1, gen_random_uuid(), 1, 'confirmed', 'many@example.org', 'many@example.org', true, 'en', '\\x00') returning registration_id
        )
        insert into attendee (event_id, attendee_id, registration_id, position, ticket_type, status, name, search)
        select $1, gen_random_uuid(), registration_id, n, 'guest', 'confirmed', 'Attendee ' || n, 'attendee ' || n
          from registered, generate_series(1, 100001) as n`, [id]);
    const refused = await file(huge, 'pdf', { list: 'coming' });
    assert.deepEqual([refused.status, refused.json().code, refused.json().data.most], [422, 'too_many_for_pdf', 100_000], refused.body);
    const some = await file(huge, 'pdf', { q: '9999' });
    assert.equal(some.status, 200, some.body);
    assert.equal(pdfText(some.bytes).match(/Attendee \d*9999\d*/g).length, 19, 'the control: a filter makes it small enough');
    await client.query('rollback');
    client.release();
});

// The temporary files that the service has open.
function spools() {
    const directory = `/proc/${house.service.child.pid}/fd`;
    return readdirSync(directory).flatMap((fd) => {
        try {
            return readlinkSync(join(directory, fd));
        } catch {
            return [];
        }
    }).filter((path) => /\(deleted\)$/.test(path));
}

test('a large list comes whole, by surname over many pages, and the command gives the same', async () => {
    const sheet = (await workbook((await file(large, 'xlsx', { columns: 'number,name' })).bytes)).worksheets[0];
    assert.deepEqual(rowsOf(sheet).slice(1).map(([number]) => number), Array.from({ length: 6_000 }, (_, i) => i + 1));
    const query = { columns: 'name,number', q: '59' };
    const pdf = (await file(large, 'pdf', query)).bytes;
    const pages = Number(/Pages: +(\d+)/.exec(tool(pdf, 'pdfinfo', '%').toString())[1]);
    assert.ok(pages > 4, `${pages} pages`);
    assert.deepEqual(pdfText(pdf).match(/Page \d+ of \d+/g), Array.from({ length: pages }, (_, i) => `Page ${i + 1} of ${pages}`));
    const words = ['attendees', 'export', large, '--q', '59', '--columns', 'name,number', '--lang', 'en'];
    const output = (kind) => join(house.directory, `list.${kind}`);
    for (const kind of ['xlsx', 'pdf'])
        await house.mustCommand([...words, '--format', kind, '--output', output(kind)]);
    assert.equal(pdfText(readFileSync(output('pdf'))), pdfText(pdf));
    assert.deepEqual(rowsOf((await workbook(readFileSync(output('xlsx')))).worksheets[0]),
        rowsOf((await workbook((await file(large, 'xlsx', query)).bytes)).worksheets[0]));
});

test('a file that has no room is refused with a sentence', async () => {
    const words = ['attendees', 'export', event, '--output', join(house.directory, 'no.file'), '--format'];
    const { TMPDIR } = process.env;
    for (const kind of ['xlsx', 'pdf']) {
        process.env.TMPDIR = '/nowhere';
        const { status, stderr } = await house.command([...words, kind]).finally(() => { process.env.TMPDIR = TMPDIR; });
        assert.deepEqual([status, stderr], [1, 'einlass: cannot make the file in /nowhere: is there room?\n']);
    }
    assert.deepEqual(readdirSync(house.directory).filter((name) => name.startsWith('no.')), []);
});

test('a download that is abandoned stops its work and leaves no file', async () => {
    assert.deepEqual(spools(), []);
    for (const kind of ['xlsx', 'pdf']) {
        const opening = house.http.open('GET', `/api/v1/events/${large}/attendees.${kind}`, { token: manager });
        await until(() => spools().length > 0); // control: the file is there while it is made
        (await opening).destroy();
        await until(() => spools().length === 0, () => `${kind} has ${spools()}`);
    }
    const next = await file(large, 'xlsx', { q: '5999' });
    assert.equal(next.status, 200, next.body + house.service.stderr.slice(-3000));
});

test('the desk gives the same files, in the language of its pages', async () => {
    const { headers } = await signIn(house, { role: 'viewer' });
    const answer = await house.http.get(`/desk/events/${event}/attendees.xlsx?q=gross&columns=name,status,former&sort=name`,
        { headers: { ...headers, 'accept-language': 'de' } });
    assert.equal(answer.status, 200, answer.body);
    assert.match(answer.headers['content-disposition'], /^attachment; filename="Vortr__ge \d{4}-\d\d-\d\d\.xlsx"/);
    assert.deepEqual(rowsOf((await workbook(answer.bytes)).worksheets[0]),
        [['Name', 'Status', 'Früher gefragt'], ['Jürgen Groß', 'bestätigt', 'then']]);
    const outside = await house.http.get(`/desk/events/${event}/attendees.xlsx`);
    assert.deepEqual([outside.status, outside.headers.location.split('?')[0]], [303, '/desk/sign-in']);
});

test('a service that is told to stop ends a workbook that nobody waits for any more', async () => {
    const response = await house.http.open('GET', `/api/v1/events/${large}/attendees.xlsx`, { token: manager });
    assert.equal(response.statusCode, 200);
    response.destroy();
    await house.service.stop(); // refuses leaks, and fails if it takes too long
});
