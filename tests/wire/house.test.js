// Checks the source tree against the project's rules. Each rule is also tested with a tree that breaks it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, normalize, dirname } from 'node:path';
import { test } from 'node:test';
import { repository, temporaryDirectory } from '../harness/paths.js';

const made = /^(\.git|build.*|var|node_modules)$/;
const text = /\.(c|h|js|mjs|css|html|sql|json|md|txt|build|yaml|sh|conf|service|1|5)$|\/[a-z-]+$/;

// → {path: content} of all text files that people wrote
function readTree(directory = '', files = {}) {
    for (const entry of readdirSync(join(repository, directory), { withFileTypes: true })) {
        const path = directory === '' ? entry.name : `${directory}/${entry.name}`;
        if (made.test(entry.name)) continue;
        if (entry.isDirectory()) readTree(path, files);
        else if (text.test(`/${path}`)) files[path] = readFileSync(join(repository, path), 'utf8');
    }
    return files;
}

const tree = readTree();

// The rule finds nothing in our tree, and something in the broken one.
function holds(promise, rule, broken) {
    test(promise, () => {
        assert.deepEqual(rule(tree), []);
        assert.notDeepEqual(rule(broken), []);
    });
}

function* matches(files, paths, pattern) {
    for (const [path, content] of Object.entries(files).filter(([path]) => paths.test(path)))
        for (const match of content.matchAll(pattern)) yield { path, match };
}

const topLevel = /^(meson\.build|README\.md|LICENSE|service|migrations|deploy|docs|tests|\..+)$/;

holds('the top level has eight entries and dotfiles',
    (files) => [...new Set(Object.keys(files).map((path) => path.split('/')[0]))]
        .filter((entry) => !topLevel.test(entry)),
    { 'helpers/x.c': '' });

// Rooms from the ground floor up. What is on one floor does not know its neighbours.
const floors = {
    base: 0, config: 1, worker: 2, view: 3, security: 3, db: 3, mail: 3, http: 4, form: 5, jobs: 5,
    command: 5, event: 6, features: 7,
};

function room(path) {
    const [first] = path.split('/');
    return path.includes('/') ? first : path.replace(/\.[ch]$/, '');
}

const floor = (path) => floors[room(path)] ?? 8;

// A file that is not in the tree is generated, from the includer's own folder.
const includes = (files) => [...matches(files, /^service\/.*\.[ch]$/, /^#include "([^"]+)"/gm)]
    .map(({ path, match }) => ({ from: path.replace('service/', ''), to: match[1] }))
    .filter(({ to }) => files[`service/${to}`] !== undefined);

holds('an include never points upward',
    (files) => includes(files)
        .filter(({ from, to }) => room(from) !== room(to) && floor(from) < 8)
        .filter(({ from, to }) => floor(from) <= floor(to))
        .map(({ from, to }) => `${from} includes ${to}`),
    { 'service/db/x.c': '#include "http/request.h"\n', 'service/http/request.h': '' });

const feature = (path) => /^features\/([^/]+)\//.exec(path)?.[1];

holds('a feature knows no other feature',
    (files) => includes(files)
        .filter(({ from, to }) => feature(from) && feature(to) && feature(from) !== feature(to))
        .map(({ from, to }) => `${from} includes ${to}`),
    {
        'service/features/desk/x.c': '#include "features/door/check_in.h"\n',
        'service/features/door/check_in.h': '',
    });

holds('features/ holds features only',
    (files) => Object.keys(files)
        .filter((path) => /^service\/features\/[^/]+$/.test(path))
        .filter((path) => !/\/(feature\.h|features\.c|meson\.build)$/.test(path)),
    { 'service/features/links.c': '' });

const libraries = {
    'libpq-fe.h': 'db', 'event2/http.h': 'http', 'sodium.h': 'security', 'liboath/oath.h': 'security',
    'pango/pangocairo.h': 'view', 'fontconfig/fontconfig.h': 'view', 'xlsxwriter.h': 'view', 'libical/ical.h': 'view', 'curl/curl.h': 'mail',
    'png.h': 'view', 'jpeglib.h': 'view', 'webp/decode.h': 'view', 'librsvg/rsvg.h': 'view',
    'gmime/gmime.h': 'mail', 'ares.h': 'mail',
};

holds('PostgreSQL, HTTP, cryptography, typesetting, calendars, pictures and mail each have one room',
    (files) => [...matches(files, /^service\/.*\.[ch]$/, /^#include <([^>]+)>/gm)]
        .filter(({ path, match }) => libraries[match[1]] !== undefined &&
            !path.startsWith(`service/${libraries[match[1]]}/`))
        .map(({ path, match }) => `${path} includes ${match[1]}`),
    { 'service/http/x.c': '#include <libpq-fe.h>\n' });

holds('no file of ours is longer than 700 lines',
    (files) => Object.entries(files)
        .filter(([path]) => /^(service|deploy|tests)\/.*(\.(c|h|js|css|sql)|\/[a-z]+)$/.test(path))
        .filter(([, content]) => content.split('\n').length > 701)
        .map(([path]) => path),
    { 'service/base/x.c': '\n'.repeat(800) });

const banned = /\b(sprintf|vsprintf|strcpy|strcat|strtok|atoi|atol|gets)\s*\(/g;

holds('calls that cannot be used safely are not used',
    (files) => [...matches(files, /\.(c|h)$/, banned)]
        .map(({ path, match }) => `${path}: ${match[1]}`),
    { 'service/base/x.c': 'n = atoi (text);' });

holds('only what is generated knows the numbers of parameters',
    (files) => includes(files)
        .filter(({ from, to }) => to === 'db/inside.h' && room(from) !== 'db')
        .map(({ from }) => from),
    { 'service/event/x.c': '#include "db/inside.h"\n', 'service/db/inside.h': '' });

const comparedWord = /\bstrn?cmp\((?:[^"();]|\([^"();]*\))*\b(outcome|status|verdict|state|role|direction)\b/g;

holds('the words of statements are compared as enums and not as texts',
    (files) => [...matches(files, /^service\/(event|features|jobs)\/.*\.c$/, comparedWord)]
        .map(({ path, match }) => `${path}: ${match[0]}`),
    { 'service/features/desk/x.c': 'return strcmp(found(rows)->status, "cancelled") == 0;' });

holds('quotation marks come from the language: they are in wordings, or the text is in <q>',
    (files) => [...matches(files, /^service\/.*\.html$/, /[“”„]/g)].map(({ path }) => path),
    { 'service/features/x/x.html': '<p>“{{word}}”</p>' });

function* wordings(files) {
    for (const [path, content] of Object.entries(files).filter(([path]) => /words\.\w+\.json$/.test(path))) {
        const inside = [['', JSON.parse(content)]];
        for (const [key, value] of inside) {
            if (typeof value === 'string') yield { path, key, value };
            else inside.push(...Object.entries(value).map(([name, below]) => [`${key}.${name}`, below]));
        }
    }
}

holds('apostrophes in English are curved',
    (files) => [...wordings(files)].filter(({ value }) => /\w'\w/.test(value)).map(({ path, key }) => `${path}: ${key}`),
    { 'service/view/words.en.json': '{"join": {"lead": "You\'re invited"}}' });

holds('the wording of a parameter ends the sentence that names it',
    (files) => [...wordings(files)].filter(({ key, value }) => /\.parameter\./.test(key) && !/^(is|has|ist|hat) [^]*[^.]$/.test(value))
        .map(({ path, key }) => `${path}: ${key}`),
    { 'service/view/words.en.json': '{"people": {"parameter": {"q": "It must be short."}}}' });

// Uses version 14, the one of Debian 12, because other versions give other layouts.
function badlyLaidOut(files) {
    const directory = temporaryDirectory();
    const paths = Object.keys(files).filter((path) => /\.[ch]$/.test(path));
    writeFileSync(join(directory, '.clang-format'), readFileSync(join(repository, '.clang-format')));
    for (const path of paths) {
        mkdirSync(join(directory, dirname(path)), { recursive: true });
        writeFileSync(join(directory, path), files[path]);
    }
    const { status, stderr, error } = spawnSync('clang-format-14', ['--dry-run', '--Werror', ...paths],
        { cwd: directory, encoding: 'utf8', maxBuffer: 2 ** 26 });
    if (error) throw error;
    return status === 0 ? [] : stderr.match(/^\S+:\d+:\d+: error/gm) ?? [stderr];
}

holds('clang-format 14 has nothing to change in a C file', badlyLaidOut,
    { 'service/base/x.c': 'int  x;\n', 'service/base/y.c': 'int y;\n' });

// Top-level number constants are written FRAME_MS, all other names likeThis.
function misnamedConstants(files) {
    const heads = matches(files, /^(service|deploy|tests)\/.*\.js$/, /^(?:export )?const (\w+) = (.*)$/gm);
    return [...heads]
        .filter(({ match: [, name, value] }) => /^[A-Z][A-Z\d_]*$/.test(name)
            ? /^(['"`].*['"`];|[/[{]|new )/.test(value)
            : /^-?\d/.test(value) || name.includes('_'))
        .map(({ path, match: [, name] }) => `${path}: ${name}`);
}

const misnamed = ['const patienceMs = 3000;', 'const REASONS = {', 'const first_names = [', 'export const day = 24 * 3600;'];
for (const line of misnamed)
    holds(`the constants of a module are written in one way, unlike "${line}"`, misnamedConstants, { 'tests/x.js': line });

// This file must name the forbidden words.
const others = /^(?!.*(house\.test\.js|package-lock\.json)$)/;

holds('nothing is left for later in a comment',
    (files) => [...matches(files, others, /\b(TODO|FIXME|XXX|HACK)\b/g)]
        .map(({ path, match }) => `${path}: ${match[1]}`),
    { 'deploy/x.sh': '# TODO: finish' });

holds('every SQL file says at its head what it is for',
    (files) => Object.entries(files)
        .filter(([path, content]) => path.endsWith('.sql') && !/^-- \S/.test(content))
        .map(([path]) => path),
    { 'service/x.sql': 'select 1' });

// The rules of service/db/migrate.h for function files.
holds('a function, trigger or view is created once, in migrations/functions, and not replaced',
    (files) => {
        const all = [...matches(files, /^migrations\/.*\.sql$/,
            /^[ \t]*(?:create|alter|drop)\b(?: or replace)? (?:function|trigger|view) (\w+)(?:[^;]*? on (\w+))?/gm)];
        const name = ({ match }) => /trigger/.test(match[0]) ? `${match[1]} on ${match[2]}` : match[1];
        return all
            .filter((one) => !one.path.startsWith('migrations/functions/') || !one.match[0].startsWith('create ')
                || /or replace/.test(one.match[0]) || all.some((other) => other !== one && name(other) === name(one)))
            .map((one) => `${one.path}: ${name(one)}`);
    },
    {
        'migrations/functions/x.sql': 'create function admit() …\ncreate or replace view x as …',
        'migrations/functions/y.sql': 'create function admit() …',
        'migrations/0009_z.sql': 'create function z() …',
    });

// Absolute paths of a machine, and relative paths that leave the repository.
const elsewhere = /["'`\s=(](\/(?:work|home|root|Users|mnt|srv|media)\/[^\s"'`]*)/g;
const relative = /(?:from|import|require)\s*\(?\s*'(\.[^']*)'/g;

const code = /^(service|deploy|tests|\.ci)\/.*(\.(c|h|js|sh|build)|\/[a-z-]+)$/;

holds('nothing reads what is outside the repository',
    (files) => [
        ...[...matches(files, code, elsewhere)],
        ...[...matches(files, /\.js$/, relative)]
            .filter(({ path, match }) => normalize(join(dirname(path), match[1])).startsWith('..')),
    ].map(({ path, match }) => `${path}: ${match[1]}`),
    { 'tests/x.js': "import '../../elsewhere.js'" });
