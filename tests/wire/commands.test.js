// The commands' exit status: 0 done, 1 refused or failed with one line that says why, 2 wrong usage. The
// commands of a feature are tested with their feature.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openHouse } from '../harness/house.js';
import { createDatabase } from '../harness/postgres.js';

const house = await openHouse({ serve: false });
const empty = await createDatabase({ migrated: false });

const commands = (await house.mustCommand(['help'])).split('\n\n').find((part) => part.startsWith('commands:'))
    .split('\n').map((line) => /^ {2}([a-z]+( [a-z]+)?)(?= |$)/.exec(line)?.[1]).filter(Boolean);

// → the error of a failed command, which must be one line
async function failure(words, settings) {
    const { status, stdout, stderr } = await house.command(words, { settings });
    assert.deepEqual({ status, stdout }, { status: 1, stdout: '' }, stderr);
    assert.match(stderr, /^einlass: [^\n]+\n$/);
    return stderr;
}

test('the commands of the contract are there', () => {
    for (const words of ['serve', 'migrate', 'check', 'event apply', 'event show', 'event list',
        'event history', 'event diff', 'account add', 'token add',
        'attendees export', 'door pair', 'ticket verify', 'keys rotate'])
        assert.ok(commands.includes(words), words);
});

test('wrong usage of any command is status 2, and says which command', async () => {
    for (const words of commands) {
        const { status, stdout, stderr } = await house.command([...words.split(' '), '--bogus', 'x']);
        assert.deepEqual({ status, stdout }, { status: 2, stdout: '' }, words);
        assert.match(stderr, new RegExp(`^einlass: ${words} has no flag --bogus\nusage: einlass ${words}[^\n]*\n$`));
        const many = await house.command([...words.split(' '), ...Array(5).fill('x')]);
        if (['event apply', 'erasures replay'].includes(words)) continue; // accept any number of files
        assert.deepEqual({ status: many.status, stdout: many.stdout }, { status: 2, stdout: '' }, words);
        assert.match(many.stderr, new RegExp(`^usage: einlass ${words}( \\S[^\\n]*)?\\n$`));
    }
});

test('what is no command is status 2 and shows all that there are', async () => {
    for (const words of [[], ['--bogus', 'check'], ['nothing'], ['event'], ['event', 'forget']]) {
        const { status, stdout, stderr } = await house.command(words);
        assert.deepEqual({ status, stdout }, { status: 2, stdout: '' });
        assert.match(stderr, /event apply FILE/);
    }
});

test('help and version are no errors', async () => {
    for (const words of [['help'], ['--help'], ['--version']]) {
        const { status, stdout, stderr } = await house.command(words);
        assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
        assert.match(stdout, /^einlass \d/);
    }
});

const needDatabase = [['check'], ['event', 'show', 'x'], ['token', 'list', '--organiser', 'x'], ['door', 'list', 'x'],
    ['attendees', 'export', 'x', '--format', 'csv']];

test('without a database a command fails in one line', async () => {
    for (const words of [...needDatabase, ['migrate']])
        assert.match(await failure(words, { database: 'host=/nowhere' }), /connection to server .* failed/);
    assert.match(await failure(['migrate'], { database: empty.conninfo.replace(empty.name, 'nothing') }),
        /database "nothing" does not exist/);
});

test('a database that is not migrated is refused, with what to do', async () => {
    const settings = { database: empty.conninfo };
    for (const words of needDatabase)
        assert.match(await failure(words, settings), /schema version 0, .* run "einlass migrate"/);
});

test('a list without events says what to do next, and prints nothing that a program would read', async () => {
    const { status, stdout, stderr } = await house.command(['event', 'list']);
    assert.deepEqual([status, stdout], [0, '']);
    assert.match(stderr, /^There are no events yet\. .*einlass event apply FILE\.json\n$/);
});

test('migrate brings an empty database up to date and says so; again it does nothing', async () => {
    const settings = { database: (await createDatabase({ migrated: false })).conninfo };
    const [newest, ...applied] = (await house.mustCommand(['migrate'], { settings })).trim().split('\n').reverse();
    const files = applied.reverse().map((line) => line.split(' ')[1]);
    const numbered = files.filter((file) => !file.startsWith('functions/'));
    assert.ok(numbered.length >= 3);
    assert.deepEqual(numbered.map((file) => file.slice(0, 4)),
        numbered.map((_, index) => String(index + 1).padStart(4, '0')));
    assert.deepEqual(files.slice(0, numbered.length), numbered, 'functions come last');
    assert.ok(files.length > numbered.length);
    assert.equal(newest, `the database is at version ${numbered.length}`);
    assert.equal(await house.mustCommand(['migrate'], { settings }), `${newest}\n`);
    assert.match(await house.mustCommand(['check'], { settings }), /^(note: (the role|erasures) .*\n)*settings, .* in order\n/);
    process.env.FONTCONFIG_FILE = house.file('fonts.conf', `<fontconfig><dir>/usr/share/fonts/truetype/dejavu</dir>
        <cachedir>${house.directory}/fonts</cachedir></fontconfig>`);
    const checked = await house.mustCommand(['check'], { settings }).finally(() => { delete process.env.FONTCONFIG_FILE; });
    assert.match(checked, /\nnote: PDF files lack fonts for Latin, Greek and Cyrillic, Arabic, Hebrew, .* and \d+ more: install fonts-noto-core\n/);
    assert.match(checked, /\nnote: PDF files lack fonts for emoji: install fonts-symbola\n/);
    assert.doesNotMatch(checked, /fonts-dejavu/);
});

test('without keys nothing that signs or verifies starts, and it says how to begin', async () => {
    const keys = join(house.directory, 'no-keys');
    for (const words of [['serve'], ['check'], ['ticket', 'verify'], ['door', 'pair', 'x', 'main']])
        assert.match(await failure(words, { keys }), /no-keys.*einlass keys rotate/);
    assert.match(await house.mustCommand(['keys', 'rotate'], { settings: { keys } }), /^[0-9a-f]{8}\n$/);
    assert.match(await house.mustCommand(['check'], { settings: { keys } }), /in order/);
    rmSync(keys, { recursive: true });
});
