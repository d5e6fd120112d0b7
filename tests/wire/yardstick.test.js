// The yardstick of tests/bench does what it is compared for: each statement has the effects of a real sign-up or
// check-in, so that nobody compares with less. And docs/bench.md tells every figure.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, test } from 'node:test';
import { run } from '../harness/command.js';
import { repository } from '../harness/paths.js';
import { createDatabase } from '../harness/postgres.js';

const database = await createDatabase();
const read = (name) => readFileSync(join(repository, 'tests/bench', name), 'utf8');

// As pgbench runs it, with literals.
function statement(name, values) {
    return read(name).replace(/^--.*\n/gm, '').replace(/(?<!:):(\w+)/g, (_, variable) => `'${values[variable]}'`);
}

const signUpStatement = (id, event = 1) => statement('plain_sign_up.sql', { event, id });
const signUp = (id, event) => database.query(signUpStatement(id, event));
const checkIn = (ticket) => database.query(statement('plain_check_in.sql', { ticket }));

// → {taken, registrations, messages, scans}
const counts = async () => (await database.query(`
    select (select sum(taken)::integer from plain.event) as taken,
           (select count(*)::integer from plain.registration) as registrations,
           (select count(*)::integer from plain.message) as messages,
           (select count(*)::integer from plain.scan) as scans`))[0];

beforeEach(async () => {
    await database.query(`drop schema if exists plain cascade;\n${read('plain_schema.sql')}`);
});

test('a plain sign-up takes a place, registers and leaves a message', async () => {
    assert.equal((await signUp(7)).length, 1);
    assert.deepEqual(await counts(), { taken: 1, registrations: 1, messages: 1, scans: 0 });
    const [{ email, name, answers, consents }] = await database.query('select * from plain.registration');
    assert.deepEqual({ email, name, answers, consents }, {
        email: 'guest-7@example.org', name: 'Guest 7', answers: { company: 'biosaxony', lunch: false },
        consents: [{ slug: 'privacy', version: 1 }],
    });
});

test('a plain event never has more guests than places', async () => {
    await database.query('update plain.event set capacity = 3 where event_id = 1');
    const answers = await Promise.all(Array.from({ length: 8 }, (_, id) => signUp(id)));
    assert.equal(answers.filter((rows) => rows.length === 1).length, 3);
    assert.deepEqual(await counts(), { taken: 3, registrations: 3, messages: 3, scans: 0 });
    // Without its condition, the statement gives them all a place.
    await database.query(signUpStatement(8).replace(' and taken < capacity', ''));
    assert.equal((await counts()).taken, 4);
});

test('a plain sign-up with a known address takes no place', async () => {
    await signUp(7);
    await assert.rejects(signUp(7), /duplicate key/);
    assert.deepEqual(await counts(), { taken: 1, registrations: 1, messages: 1, scans: 0 });
    await signUp(7, 2); // at another event
    assert.deepEqual(await counts(), { taken: 2, registrations: 2, messages: 2, scans: 0 });
});

test('a set of plain sign-ups leaves 200 of the same rows', async () => {
    await database.query(statement('plain_sign_up_set.sql', { event: 1, id: 7 }));
    assert.deepEqual(await counts(), { taken: 200, registrations: 200, messages: 200, scans: 0 });
});

test('a plain check-in admits a ticket once', async () => {
    await database.query(read('plain_fill.sql'), [1, 2]);
    assert.equal((await checkIn(1)).length, 1);
    assert.equal((await checkIn(1)).length, 0);
    assert.equal((await checkIn(3)).length, 0); // there is none
    assert.equal((await counts()).scans, 1);
    const [{ admitted }] = await database.query(
        'select count(admitted_at)::integer as admitted from plain.registration');
    assert.equal(admitted, 1);
});

test('docs/bench.md has every figure that tests/bench/run --list names, with its target', async () => {
    const { status, stdout } = await run(join(repository, 'tests/bench/run'), ['--list']);
    assert.equal(status, 0);
    const page = read('../../docs/bench.md');
    const missing = (text) => stdout.trimEnd().split('\n').filter((line) => {
        const [name] = line.split(' '), target = /; (at (?:least|most) [^;]+)$/.exec(line)?.[1] ?? '';
        const row = text.split('\n').find((one) => one.startsWith(`| \`${name}\` `));
        return row ? !row.includes(target) : !text.includes(` ${name}`);
    });
    assert.ok(stdout.split('\n').length > 20, stdout);
    assert.deepEqual(missing(page), []);
    assert.notDeepEqual(missing(page.replaceAll('at least 6 ×', 'at least 5 ×')), []);
});
