// `einlass event apply` makes the event equal to its file, or changes nothing and says why.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { run, settingsEnvironment } from '../harness/command.js';
import { exampleEvent, guest, plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { program, repository } from '../harness/paths.js';

const house = await openHouse();

function apply(event) {
    return house.command(['event', 'apply', '-'], { input: JSON.stringify(event) });
}

// → an example event for a test that changes it
function ownExample(changes) {
    return structuredClone(exampleEvent(changes));
}

async function show(slug) {
    return JSON.parse(await house.mustCommand(['event', 'show', slug]));
}

async function version(slug) {
    const rows = await house.database.query('select version from event where slug = $1', [slug]);
    return rows[0].version;
}

// The file is refused with this path and reason, and nothing changes.
async function expectRefused(event, path, reason) {
    const before = await house.command(['event', 'show', event.slug]);
    const refused = await apply(event);
    assert.equal(refused.status, 1, refused.stdout);
    assert.equal(refused.stdout, '');
    const line = refused.stderr.split('\n').find((one) => one.includes(` ${path}: `));
    assert.ok(line, refused.stderr);
    assert.match(line, reason);
    assert.deepEqual(await house.command(['event', 'show', event.slug]), before);
}

test('the example is created, is unchanged the second time, and comes back as it was', async () => {
    const path = join(repository, 'deploy/events/bionection.json');
    const created = await house.mustCommand(['event', 'apply', path]);
    assert.equal(created, 'bionection-ai: created\n');
    const again = await house.mustCommand(['event', 'apply', path]);
    assert.equal(again, 'bionection-ai: unchanged\n');
    assert.equal(await version('bionection-ai'), 1);
    const shown = await show('bionection-ai');
    assert.equal(JSON.stringify(shown), JSON.stringify(JSON.parse(readFileSync(path, 'utf8'))),
        'in the order of the keys too');
});

test('what is shown can be applied and changes nothing', async () => {
    const event = ownExample({ published: false, check_in: { opens_at: '2022-01-01T08:00' },
        questions: [{ slug: 'size', label: 'T-shirt', hint: 'EU sizes', kind: 'choice', required: true,
            choices: [{ slug: 's', label: 'S' }, { slug: 'm', label: { de: 'M' } }] },
        { slug: 'why', label: 'Why S?', kind: 'text', shown_if: { size: 's' } }] });
    await house.mustCommand(['event', 'apply', house.file('shown.json', JSON.stringify(event))]);
    const shown = await house.mustCommand(['event', 'show', event.slug]);
    const again = await house.command(['event', 'apply', '-'], { input: shown });
    assert.equal(again.stdout, `${event.slug}: unchanged\n`, again.stderr);
});

test('the shortest file is enough', async () => {
    const shortest = { organiser: { slug: 'biosaxony', name: 'biosaxony' }, slug: 'shortest',
        title: 'Short', languages: ['de'], timezone: 'UTC', starts_at: '2030-01-01T10:00',
        ends_at: '2030-01-01T11:00' };
    assert.equal((await apply(shortest)).stdout, 'shortest: created\n');
    const shown = await show('shortest');
    assert.deepEqual(shown.ticket_types, [{ slug: 'guest', title: { de: 'Gast' } }]);
    assert.deepEqual(shown.registration, { capacity: null, waiting_list: false, once_per_email: false,
        approval: false, verify_email: false, most_attendees: 1 });
    assert.equal((await apply(shortest)).stdout, 'shortest: unchanged\n');
});

test('it prints what changed, a line for each thing', async () => {
    const event = ownExample();
    await apply(event);
    event.registration.capacity = 80;
    event.questions[1].required = true;
    event.doors.pop();
    const changed = await apply(event);
    assert.equal(changed.stdout, `${event.slug}: registration capacity 78 → 80\n` +
        `${event.slug}: question field required false → true\n` +
        `${event.slug}: door speakers removed\n`);
    assert.equal(await version(event.slug), 2);
    const audited = await house.database.query(
        `select detail ->> 'changes' as changes from audit_entry join event using (event_id)
          where slug = $1 and action = 'event.apply' order by entry_id`, [event.slug]);
    assert.equal(audited.length, 2);
    assert.equal(audited[1].changes, changed.stdout);
});

test('everything that is wrong is told at once, each with its path', async () => {
    const event = ownExample({ colour: 'red', ends_at: '2001-01-01T00:00', registration: { capacity: -1 },
        organiser: { 'na/me': 1 } });
    event.questions[0].kind = 'colour';
    event.doors[1].ticket_types = ['nobody'];
    const refused = await apply(event);
    assert.equal(refused.status, 1);
    const paths = refused.stderr.trim().split('\n').map((line) => /^einlass: -: (\S+): ./.exec(line)?.[1]);
    assert.deepEqual(paths.sort(), ['/colour', '/doors/1/ticket_types/0', '/ends_at', '/organiser/na~1me',
        '/questions/0/kind', '/registration/capacity']);
    assert.equal((await house.command(['event', 'show', event.slug])).status, 1);
});

test('what is no JSON, no file or too large is refused in words', async () => {
    const cases = [
        ['{"slug": ', /-:1:\d+: /],
        ['{"slug": "a", "slug": "b"}', /-:1:\d+: /],
        ['[]', /-: an object/],
        [Buffer.from([0x22, 0xff, 0x22]), /-:1:\d+: /],
        ['['.repeat(100_000), /-:1:\d+: /],
        [' '.repeat(1024 * 1024 + 1), /larger than 1048576 bytes/],
        ['', /-:1:0: /],
    ];
    for (const [input, reason] of cases) {
        const refused = await house.command(['event', 'apply', '-'], { input });
        assert.equal(refused.status, 1);
        assert.match(refused.stderr, reason);
    }
    const missing = await house.command(['event', 'apply', '/nowhere/event.json']);
    assert.equal(missing.status, 1);
    assert.match(missing.stderr, /\/nowhere\/event\.json: No such file/);
    assert.equal((await house.command(['event', 'apply'])).status, 2);
    assert.equal((await house.command(['event', 'show'])).status, 2);
    const unknown = await house.command(['event', 'show', 'nowhere']);
    assert.equal(unknown.status, 1);
    assert.match(unknown.stderr, /no event nowhere/);
});

test('several files: each on its own, and one that fails shows in the exit status', async () => {
    const [first, third] = [plainEvent(), plainEvent()];
    const files = [['first.json', first], ['second.json', { ...plainEvent(), timezone: 'Mars/Base' }],
        ['third.json', third]].map(([name, event]) => house.file(name, JSON.stringify(event)));
    const applied = await house.command(['event', 'apply', ...files]);
    assert.equal(applied.status, 1);
    assert.equal(applied.stdout, `${first.slug}: created\n${third.slug}: created\n`);
    assert.match(applied.stderr, /second\.json: \/timezone: there is no time zone “Mars\/Base”/);
});

test('times are points in time: none is skipped, none is meant twice, and the end comes after the start', async () => {
    const night = (starts_at, ends_at, more) => plainEvent({ timezone: 'Europe/Berlin', starts_at, ends_at,
        check_in: undefined, registration: { opens_at: undefined, closes_at: undefined, changes_until: undefined },
        ...more });
    await expectRefused(night('2026-10-25T02:30', '2026-10-25T03:10'), '/starts_at',
        /this time occurs twice in [^;]*; write 2026-10-25T02:30\+02:00 or 2026-10-25T02:30\+01:00/);
    await expectRefused(night('2027-03-28T02:30', '2027-03-28T03:10'), '/starts_at',
        /this time doesn’t exist in [^;]*; the nearest times are 2027-03-28T01:59 and 2027-03-28T03:00/);
    await expectRefused(night('2026-10-25T02:30+01:00', '2026-10-25T02:50+02:00'), '/ends_at', /later than starts_at/);
    await expectRefused(night('2026-10-25T01:30+01:00', '2026-10-25T03:10'), '/starts_at',
        /another offset .* write 2026-10-25T01:30\+02:00/);
    for (const timezone of ['EST5EDT', 'posixrules', 'Etc/GMT+5', '../../etc/localtime', 'right/Europe/Berlin'])
        await expectRefused(plainEvent({ timezone }), '/timezone', /there is no time zone/);

    // The hour that comes twice: it starts at 02:50 in the first one and ends at 02:10 in the second one.
    const event = night('2026-10-25T02:50+02:00', '2026-10-25T02:10+01:00',
        { check_in: { opens_at: '2026-10-25T02:40+02:00', closes_at: '2026-10-25T02:20+01:00' } });
    await house.mustCommand(['event', 'apply', house.file('night.json', JSON.stringify(event))]);
    assert.equal((await house.command(['event', 'apply', house.file('night.json', JSON.stringify(event))])).stdout,
        `${event.slug}: unchanged\n`);
    const json = await (await house.http.get(`/api/v1/events/${event.slug}`)).json();
    assert.deepEqual([json.starts_at, json.ends_at], ['2026-10-25T00:50:00Z', '2026-10-25T01:10:00Z']);
    const page = (await house.http.get(`/events/${event.slug}`)).body;
    assert.match(page, /02:50 \(UTC\+2\)/);
    assert.match(page, /02:10 \(UTC\+1\)/);
});

test('an event stays with its organiser', async () => {
    const event = plainEvent();
    await apply(event);
    await expectRefused({ ...event, organiser: { slug: 'eve', name: 'Eve' } }, '/organiser/slug',
        /belongs to biosaxony/);
    const rows = await house.database.query(`select from organiser where slug = 'eve'`);
    assert.equal(rows.length, 0);
});

test('places that are given away cannot be taken back', async () => {
    const event = ownExample({ registration: { capacity: 3 } });
    event.ticket_types[0].capacity = 3;
    await apply(event);
    for (let i = 0; i < 2; i++) assert.equal((await house.signUp(event.slug, guest())).status, 201);
    const smaller = structuredClone(event);
    smaller.registration.capacity = 1;
    await expectRefused(smaller, '/registration/capacity', /2 places are already taken/);
    const smallerType = structuredClone(event);
    smallerType.ticket_types[0].capacity = 1;
    await expectRefused(smallerType, '/ticket_types/0/capacity', /2 places are already taken/);
    const exact = structuredClone(event);
    exact.registration.capacity = exact.ticket_types[0].capacity = 2;
    assert.equal((await apply(exact)).status, 0);
});

test('a ticket type with attendees stays, one without can go', async () => {
    const event = ownExample();
    await apply(event);
    assert.equal((await house.signUp(event.slug, guest())).status, 201);
    const [, speaker] = event.ticket_types;
    await expectRefused({ ...event, ticket_types: [speaker] }, '/ticket_types', /“guest” has attendees/);
    const fewer = { ...event, ticket_types: event.ticket_types.slice(0, 2) };
    assert.equal((await apply(fewer)).stdout, `${event.slug}: ticket type press removed\n`);
});

test('other words of a consent need another version', async () => {
    const event = ownExample();
    await apply(event);
    const reworded = structuredClone(event);
    reworded.consents[0].label.en = 'I agree to anything.';
    await expectRefused(reworded, '/consents/0/label', /raise the version to 2/);
    reworded.consents[0].version = 2;
    assert.equal((await apply(reworded)).status, 0);
    await expectRefused(event, '/consents/0/version', /version 2 already exists/);
    const rows = await house.database.query(
        `select event_version.version, definition #>> '{consents,0,label,en}' as label
           from event_version join event using (event_id) where slug = $1 order by 1`, [event.slug]);
    assert.deepEqual(rows, [
        { version: 1, label: event.consents[0].label.en },
        { version: 2, label: 'I agree to anything.' }], 'the old words stay');
});

test('a question that was answered keeps its kind, and its answers when it goes', async () => {
    const event = ownExample();
    await apply(event);
    const { attendees: [{ id }] } = (await house.signUp(event.slug, guest())).json();
    const other = structuredClone(event);
    other.questions[0].kind = 'long_text';
    await expectRefused(other, '/questions/0/kind', /answered as text/);
    const unanswered = structuredClone(event);
    unanswered.questions[1].kind = 'several';
    assert.equal((await apply(unanswered)).status, 0);
    const without = { ...unanswered, questions: unanswered.questions.slice(1) };
    assert.equal((await apply(without)).status, 0);
    const rows = await house.database.query('select answers from attendee where attendee_id = $1', [id]);
    assert.equal(rows[0].answers.company, 'biosaxony');
    // Asked again, it has the kind of its answers, though the newest version does not tell it.
    const again = structuredClone(unanswered);
    again.questions[0].kind = 'number';
    await expectRefused(again, '/questions/0/kind', /answered as text/);
});

test('more places move up those who wait, in their order', async () => {
    const event = plainEvent({ registration: { capacity: 1, waiting_list: true } });
    await apply(event);
    const guests = [];
    for (let i = 0; i < 4; i++) guests.push((await house.signUp(event.slug, plainGuest())).json());
    assert.deepEqual(guests.map((one) => one.status),
        ['confirmed', 'waitlisted', 'waitlisted', 'waitlisted']);
    event.registration.capacity = 3;
    assert.equal((await apply(event)).stdout, `${event.slug}: registration capacity 1 → 3\n` +
        `${event.slug}: 2 registrations move up from the waiting list\n`);
    const rows = await house.database.query(
        `select registration.status from registration join event using (event_id)
          where slug = $1 order by registration.number`, [event.slug]);
    assert.deepEqual(rows.map((row) => row.status), ['confirmed', 'confirmed', 'confirmed', 'waitlisted']);
});

test('while people sign up, a smaller capacity is either refused or kept', async () => {
    const event = plainEvent({ registration: { capacity: 60, most_attendees: 1 } });
    await apply(event);
    const signUps = Array.from({ length: 60 }, () => house.signUp(event.slug, plainGuest()));
    const applied = await apply({ ...event, registration: { ...event.registration, capacity: 30 } });
    const confirmed = (await Promise.all(signUps)).filter((answer) => answer.status === 201).length;
    const [tally] = await house.database.query(
        'select capacity, taken from tally join event using (event_id) where slug = $1', [event.slug]);
    assert.equal(tally.taken, confirmed);
    assert.equal(tally.capacity, applied.status === 0 ? 30 : 60);
    assert.ok(tally.taken <= tally.capacity);
});

test('two who create the same event at once make one', async () => {
    const event = plainEvent({ organiser: { slug: 'newcomer', name: 'Newcomer' } });
    const answers = await Promise.all(Array.from({ length: 4 }, () => apply(event)));
    assert.deepEqual(answers.map((answer) => answer.stdout).sort(),
        [`${event.slug}: created\n`, ...Array(3).fill(`${event.slug}: unchanged\n`)]);
});

test('an event that is moved takes its tickets with it', async () => {
    const event = plainEvent();
    await apply(event);
    assert.equal((await house.signUp(event.slug, plainGuest())).status, 201);
    const moved = { ...event, timezone: 'UTC', ends_at: '2031-05-01T12:00' };
    assert.equal((await apply(moved)).status, 0);
    const rows = await house.database.query(
        'select expires_at from ticket join event using (event_id) where slug = $1', [event.slug]);
    assert.deepEqual(rows.map((row) => row.expires_at.toISOString()), ['2031-05-02T12:00:00.000Z']);
});

// One line a version, its columns.
async function history(slug) {
    const lines = (await house.mustCommand(['event', 'history', slug])).trimEnd().split('\n');
    return lines.map((line) => line.split('\t'));
}

test('every version stays, with who made it and when, and what changed in words', async () => {
    const event = ownExample();
    await apply(event);
    event.registration.capacity = 80;
    event.doors.pop();
    await apply(event);
    await apply(event);
    await apply({ ...event, cancelled: true });
    const versions = await history(event.slug);
    assert.deepEqual(versions.map(([number, , who, what]) => [number, who, what]), [
        ['1', 'command', 'created'],
        ['2', 'command', 'registration capacity 78 → 80; door speakers removed'],
        ['3', 'command', 'cancelled none → true']]);
    for (const [, at] of versions) assert.ok(Math.abs(new Date(at) - Date.now()) < 60_000, at);
    const unknown = await house.command(['event', 'history', 'nowhere']);
    assert.equal(unknown.status, 1);
    assert.match(unknown.stderr, /no event nowhere/);
});

test('the difference between two versions is told in either direction', async () => {
    const event = ownExample();
    await apply(event);
    await apply({ ...event, retention_days: 10 });
    await apply({ ...event, retention_days: 20 });
    const diff = (...versions) => house.command(['event', 'diff', event.slug, ...versions]);
    assert.equal((await diff('2', '3')).stdout, 'retention_days 10 → 20\n');
    assert.equal((await diff('3', '2')).stdout, 'retention_days 20 → 10\n');
    assert.equal((await diff('1', '3')).stdout, `retention_days ${event.retention_days ?? 'none'} → 20\n`);
    const same = await diff('2', '2');
    assert.deepEqual([same.status, same.stdout], [0, '']);
    const missing = await diff('1', '4');
    assert.equal(missing.status, 1);
    assert.match(missing.stderr, new RegExp(`no version 4 of an event ${event.slug}`));
    for (const version of ['0', 'one', '-1', '99999999999'])
        assert.equal((await diff(version, '1')).status, 2, version);
});

// → what a command prints on a terminal
async function onTerminal(words) {
    const { status, stdout } = await run('script', ['-qec', [program, ...words].join(' '), '/dev/null'],
        { environment: settingsEnvironment(house.settings) });
    assert.equal(status, 0, stdout);
    return stdout;
}

test('the list has all events with their state and their places', async () => {
    const full = plainEvent({ title: { de: 'Voll', en: 'Full' }, languages: ['de', 'en'],
        starts_at: '2031-02-03T10:00', ends_at: '2031-02-03T11:00', registration: { capacity: 2 } });
    const open = plainEvent({ published: false, starts_at: '2031-02-04T10:00', ends_at: '2031-02-04T11:00',
        registration: { capacity: null } });
    const cancelled = plainEvent({ cancelled: true });
    for (const event of [full, open, cancelled]) await house.apply(event);
    assert.equal((await house.signUp(full.slug, plainGuest())).status, 201);
    const lines = (await house.mustCommand(['event', 'list'])).trimEnd().split('\n').map((line) => line.split('\t'));
    const of = ({ slug }) => lines.find(([first]) => first === slug);
    assert.deepEqual(of(full), [full.slug, 'Voll', '2031-02-03 10:00', 'published', '1/2']);
    assert.deepEqual(of(open).slice(2), ['2031-02-04 10:00', 'draft', '0']);
    assert.equal(of(cancelled)[3], 'cancelled');
    const starts = lines.map((line) => line[2]);
    assert.deepEqual(starts, [...starts].sort());

    await house.apply(plainEvent({ title: { en: '東京の会', de: '東京の会' } }));
    const table = (await onTerminal(['event', 'list'])).trimEnd().split(/\r?\n/);
    assert.match(table[0], /^EVENT +TITLE +START +STATE +PLACES$/);
    // East Asian letters are two columns wide.
    const columns = (line) => line.replace(/[\u3000-\u9fff]/g, 'xx');
    for (const line of table.slice(1)) {
        assert.match(columns(line).slice(table[0].indexOf('START')), /^\d{4}-\d\d-\d\d \d\d:\d\d  (published|draft|cancelled) +\d+(\/\d+)?$/);
        assert.equal(columns(line).search(/  \d{4}-/) + 2, table[0].indexOf('START'), line);
    }
    assert.equal(table.length, lines.length + 2);
});

// Adds members that this program does not know, like a newer program.
async function addUnknown(slug) {
    await house.database.query(`
        update event_version set definition = jsonb_set(jsonb_set(definition || '{"hashtag": {"text": "#bio"}}',
                 '{registration,lottery}', 'true'), '{questions,1,icon}', '"pen"')
          from event
         where slug = $1 and event_version.event_id = event.event_id and event_version.version = event.version`,
    [slug]);
}

function expectUnknown(shown, question) {
    assert.deepEqual(shown.hashtag, { text: '#bio' });
    assert.equal(shown.registration.lottery, true);
    assert.equal(shown.questions.find(({ slug }) => slug === question.slug)?.icon, 'pen');
}

test('what a newer program has added to an event is kept', async () => {
    const event = ownExample();
    const question = event.questions[1];
    await apply(event);
    await addUnknown(event.slug);
    assert.equal((await house.http.get(`/api/v1/events/${event.slug}`)).status, 200);
    const shown = await show(event.slug);
    expectUnknown(shown, question);
    assert.equal((await apply(shown)).stdout, `${event.slug}: unchanged\n`);
    shown.retention_days = 77;
    assert.match((await apply(shown)).stdout, /^\S+: retention_days \S+ → 77\n$/);
    expectUnknown(await show(event.slug), question);

    const written = { ...event, questions: [...event.questions.slice(1), event.questions[0]] };
    assert.equal((await apply(written)).status, 0, 'a file of a person does not name them');
    expectUnknown(await show(event.slug), question);
    assert.ok(!(await show(event.slug)).questions.find(({ slug }) => slug === event.questions[0].slug).icon);

    await apply({ ...event, questions: [] });
    assert.deepEqual((await show(event.slug)).questions, [], 'it goes with its question');
    await apply(event);
    assert.ok(!(await show(event.slug)).questions[1].icon);
});

test('a key that the stored event does not have is refused, and so is another value', async () => {
    const event = ownExample();
    await apply(event);
    await addUnknown(event.slug);
    const shown = await show(event.slug);
    await expectRefused({ ...shown, colour: 'red' }, '/colour', /colour/);
    await expectRefused({ ...shown, hashtag: { text: '#other' } }, '/hashtag', /hashtag/);
    await expectRefused({ ...shown, registration: { ...shown.registration, lottery: false } },
        '/registration/lottery', /lottery/);
    shown.questions[0].icon = 'pen';
    await expectRefused(shown, '/questions/0/icon', /icon/);
});
