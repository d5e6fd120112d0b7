// The documents and the program agree.
import assert from 'node:assert/strict';
import { accessSync, constants, existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { run } from '../harness/command.js';
import { openHouse } from '../harness/house.js';
import { limitsTable, replaceLimits } from '../harness/limits.js';
import { program, repository } from '../harness/paths.js';

const house = await openHouse();
const help = await house.mustCommand(['--help']);
const read = (path) => readFileSync(join(repository, path), 'utf8');
const pages = ['README.md', ...readdirSync(join(repository, 'docs'))
    .filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)];

// → the lines of --help under a heading, without continuation lines
function helpUnder(heading) {
    const [, section] = help.split(new RegExp(`^${heading}.*:\n`, 'm'));
    return section.split('\n\n')[0].split('\n').filter((line) => /^ {2}\S/.test(line));
}

const commands = helpUnder('commands').map((line) => /^ {2}([a-z]+( [a-z]+)*)(?= {2}| [^a-z]| ?$)/.exec(line)?.[1]);
const settings = helpUnder('settings').map((line) => /^ {2}--([a-z-]+)/.exec(line)?.[1]);

// mdoc without its quotation.
const plain = (text) => text.replace(/\\&|"/g, '');

test('--help is understood by this test', () => {
    assert.ok(commands.length >= 14 && commands.every(Boolean), help);
    assert.ok(commands.includes('serve') && commands.includes('event apply'));
    assert.ok(settings.length >= 10 && settings.every(Boolean), help);
});

test('einlass(1) tells every command', () => {
    const page = plain(read('docs/einlass.1'));
    const told = (words) => new RegExp(`^\\.It Cm ${words}( |$)`, 'm').test(page);
    assert.deepEqual(commands.filter((words) => !told(words)), []);
    assert.ok(!told('event forget'));
});

test('einlass(1) tells no command that is not there', () => {
    const told = [...read('docs/einlass.1').matchAll(/^\.It Cm ([a-z]+( [a-z]+)*)/gm)].map(([, words]) => words);
    assert.deepEqual(told.filter((words) => !commands.includes(words)), []);
});

test('einlass.conf(5) tells every setting and no other', () => {
    const told = [...read('docs/einlass.conf.5').matchAll(/^\.It Cm (\w+)/gm)].map(([, name]) => name);
    const there = settings.filter((name) => name !== 'config').map((name) => name.replaceAll('-', '_'));
    assert.deepEqual(told, there);
});

test('einlass.conf(5) tells the defaults', () => {
    const page = read('docs/einlass.conf.5').replaceAll('\n', ' ');
    const defaults = [...help.matchAll(/^ {2}--[a-z-]+ +.*; default (.*)$/gm)].map(([, value]) => value);
    assert.ok(defaults.length >= 5);
    assert.deepEqual(defaults.filter((value) => !new RegExp(
        `Default: *(\\.Ql|\\.Cm)? *${value.replace(/[.:/]/g, '\\$&')}( |\\.)`).test(page)), []);
});

for (const page of ['einlass.1', 'einlass.conf.5']) {
    test(`${page} renders without a warning`, async () => {
        const { status, stdout } = await run('mandoc',
            ['-Tlint', '-Wwarning', join(repository, 'docs', page)]);
        assert.equal(status, 0, stdout);
        assert.equal(stdout, '');
    });
}

test('a broken man page would be noticed', async () => {
    const broken = house.file('broken.1', '.Dd November 23, 2026\n.Dt X 1\n.Os\n.Sh NAME\n.Bl\n');
    assert.notEqual((await run('mandoc', ['-Tlint', '-Wwarning', broken])).status, 0);
});

test('the two commands of the README are there', () => {
    for (const command of ['deploy/demo', 'tests/run']) {
        assert.match(read('README.md'), new RegExp(`^ {4}${command} `, 'm'));
        accessSync(join(repository, command), constants.X_OK);
    }
});

test('a link in a document leads to a file that is there', () => {
    const links = (page, text) => [...text.matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, target]) => target)
        .filter((target) => !/^[a-z]+:/.test(target))
        .filter((target) => !existsSync(join(repository, dirname(page), target)))
        .map((target) => `${page}: ${target}`);
    assert.deepEqual(pages.flatMap((page) => links(page, read(page))), []);
    assert.notDeepEqual(links('README.md', '[x](docs/nothing.md)'), []);
});

// Folders in which files named in `backticks` may be.
const roots = ['', 'service', 'service/features', 'service/features/event', 'service/event', 'service/form', 'service/features/registration',
    'service/http', 'service/db', 'service/features/door', 'service/features/message', 'docs', 'tests/wire', 'tests'];

function missingFiles(text) {
    const named = [...text.matchAll(/`((?:[\w.-]+\/)*[\w-]+\.(?:c|h|sql|js|build))`/g)].map(([, path]) => path);
    return named.filter((path) => !roots.some((root) => existsSync(join(repository, root, path))));
}

test('a source file named in a document is there', () => {
    assert.deepEqual(pages.flatMap((page) => missingFiles(read(page)).map((path) => `${page}: ${path}`)), []);
    assert.notDeepEqual(missingFiles('`db/nothing.c`'), []);
});

test('the table of limits is what the source says (tests/limits --write)', () => {
    const page = read('docs/architecture.md');
    assert.equal(page, replaceLimits(page));
    assert.match(page, /\| `HEADERS_MOST_BYTES` \|/);
    assert.equal(limitsTable(['enum {\n A_MOST_BYTES = 2 * 1024, /* limit: an a */\n B = 3 };']),
        '| What | Limit | Name |\n|---|---|---|\n| an a | 2 KiB | `A_MOST_BYTES` |\n');
});

test('the series of /metrics are those that docs/operations.md names', async () => {
    const metrics = (await house.http.get('/metrics')).body;
    const there = [...metrics.matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name);
    const told = [...read('docs/operations.md').matchAll(/^\| (`einlass_[^|]*)\|/gm)]
        .flatMap(([, cell]) => [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name));
    assert.deepEqual([...new Set(told)].sort(), [...new Set(there)].sort());
});

// → {name: level} of the log events in a source text; the level is empty where the source computes it
const logEvents = (source) => Object.fromEntries(
    [...source.matchAll(/\blog_(?:event|add|write)\(\s*(?:&[\w.>-]+,\s*)?(?:LOG_([A-Z]+)|\w+),\s*("[^"]*"|[^,)]*)/g)]
        .map(([, level = '', name]) => [name, level.toLowerCase()]));

test('docs/operations.md lists every log event with its level, and no other', () => {
    const files = readdirSync(join(repository, 'service'), { recursive: true })
        .filter((name) => name.endsWith('.c') && name !== 'base/log.c');
    const written = Object.assign({}, ...files.map((name) => logEvents(read(`service/${name}`))));
    const told = Object.fromEntries([...read('docs/operations.md').matchAll(/^\| `(\w+)` \| ((?:debug|info|warning|error)[^|]*) \|/gm)]
        .map(([, name, level]) => [`"${name}"`, level]));
    for (const name of Object.keys(written)) assert.match(name, /^"[a-z]+(_[a-z]+)*"$/);
    assert.deepEqual(Object.keys(told).sort(), Object.keys(written).sort());
    for (const [name, level] of Object.entries(written)) if (level) assert.equal(told[name], level, name);
    assert.deepEqual(logEvents('log_event(LOG_INFO, "a_b"); log_event(LOG_ERROR, is ? "c" : "d", x)'),
        { '"a_b"': 'info', 'is ? "c" : "d"': 'error' });
});

test('docs/event-file.md tells every key of an event file', () => {
    const page = read('docs/event-file.md');
    const keys = ['event_file.c', 'event_file_lists.c'].flatMap((name) =>
        [...read(`service/event/${name}`).matchAll(/^ {4}\{"(\w+)",/gm)].map(([, key]) => key));
    assert.ok(keys.includes('retention_days') && keys.includes('shown_if'));
    assert.deepEqual(keys.filter((key) => !page.includes(`\`${key}\``)), []);
});

// → the packages of the tables of docs/licences.md under this heading
const licensed = (heading) => [...read('docs/licences.md').split(`## ${heading}\n`)[1].split('\n## ')[0]
    .matchAll(/^\| `([^`]+)` \| [^|]*\w/gm)].map(([, name]) => name).sort();

// → the Debian packages of all libraries that the program loads, but for those of the sanitizers
async function linkedPackages() {
    const { stdout } = await run('ldd', [program]);
    const paths = [...stdout.matchAll(/=> (?:\/usr)?(\/lib\/\S+)/g)].map(([, path]) => path);
    const owners = await run('dpkg-query', ['-S', ...paths, ...paths.map((path) => `/usr${path}`)]);
    const packages = new Map([...owners.stdout.matchAll(/^([^:\s]+)(?::\w+)?: (?:\/usr)?(\S+)$/gm)].map(([, name, path]) => [path, name]));
    assert.deepEqual(paths.filter((path) => !packages.has(path)), [], 'libraries of no package');
    return [...new Set(packages.values())].filter((name) => !/^lib(asan|ubsan)\d/.test(name)).sort();
}

test('docs/licences.md names each library that the program links, each font, and each package that it bundles', async () => {
    const linked = await linkedPackages();
    assert.ok(linked.includes('libpq5') && linked.length > 50);
    assert.deepEqual([...licensed('Linked by Einlass'), ...licensed('Linked by those')].sort(), linked);
    const fonts = read('deploy/packages.txt').match(/^fonts-\S+/gm);
    assert.deepEqual(licensed('Fonts'), [...new Set(fonts)].sort());
    const scripts = join(dirname(program), 'web');
    const bundled = readdirSync(scripts).filter((name) => name.endsWith('.js'))
        .flatMap((name) => [...readFileSync(join(scripts, name), 'utf8').matchAll(/^\/\*! Bundled: (\S+) \S+ \((\S+)\)\n[^]*?Copyright[^]*?Permission is hereby granted/gm)]);
    assert.deepEqual(bundled.map(([, name]) => name).sort(), licensed('In the browser'));
    assert.deepEqual([...new Set(bundled.map(([, , licence]) => licence))], ['MIT']);
    assert.match(read('README.md'), /\(LICENSE\)/);
});
