// Runs the figures, prints their table, and writes it for the docs when all of them were run.
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { repository } from '../harness/paths.js';
import { figures } from './figures.js';
import { picture } from './picture.js';
import { openStage } from './stage.js';

const count = (value) => (value < 100 ? value.toFixed(1) : Math.round(value).toLocaleString('en'));

function rowOf(figure, { ours, theirs, unit, value, note = '' }) {
    const { title, against = '', target, most = false } = figure;
    const suffix = figure.unit ? ` ${figure.unit}` : ' ×';
    const shown = `${value < 10 ? value.toFixed(2) : value.toFixed(1)}${suffix}`;
    return {
        title, against, shown, note,
        ours: `${count(ours)} ${unit}`,
        theirs: theirs === undefined ? '' : `${count(theirs)} ${unit}`,
        target: `${most ? 'at most' : 'at least'} ${target}${suffix}`,
        isGood: most ? value <= target : value >= target,
        progress: most ? target / value : value / target,
    };
}

const columns = [
    ['Figure', (row) => row.title], ['Einlass', (row) => row.ours],
    ['Against', (row) => row.against], ['', (row) => row.theirs],
    ['Ratio', (row) => row.shown], ['Target', (row) => row.target],
    ['', (row) => (row.isGood ? 'met' : 'missed')], ['', (row) => row.note],
];

function table(rows) {
    const cells = [
        columns.map(([head]) => head), ...rows.map((row) => columns.map(([, of]) => of(row))),
    ];
    const widths = columns.map((_, at) => Math.max(3, ...cells.map((line) => line[at].length)));
    const line = (texts) => `| ${texts.map((text, at) => text.padEnd(widths[at])).join(' | ')} |`;
    const rule = line(widths.map((width) => '-'.repeat(width)));
    return [line(cells[0]), rule, ...cells.slice(1).map(line)].join('\n');
}

function distribution() {
    return /^PRETTY_NAME="(.*)"$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'Linux';
}

async function page(stage, rows) {
    const [{ model }] = cpus();
    const memory = Math.round(totalmem() / 2 ** 30);
    const server = (await stage.serverVersion()).split(' ')[0];
    return `# What it costs

Written by \`tests/bench/run\` on ${new Date().toISOString().slice(0, 10)}: ${cpus().length} × ${
    model.trim()}, ${memory} GiB,
${distribution()}, PostgreSQL ${server} with \`fsync\` and \`synchronous_commit\` on.
The load generator, the service (2 workers) and PostgreSQL share the machine.

Each figure sets Einlass beside what it stands on, measured in the same run in turn; the numbers
are medians. What counts is the ratio: the rest depends on the machine.

![Each figure as a bar, on a scale where every target is the same line](bench.svg)

${table(rows)}

- pgbench runs the very same two statements as the service, read from its .sql files, with the same
  settings, prepared, for one sign-up or scan in a transaction: 32 clients, 2 threads, its first
  seconds left out. The service is asked over HTTP by 64 connections.
- A sign-up counts once it was answered 201 with a place or a position on the waiting list, a
  check-in once its verdict was \`admitted\`.
- The bare reply comes from \`tests/bench/bare.c\`: evhttp, as many threads as the service has
  workers, a fixed body of the page's size.
- psql's \`COPY\` writes the rows of the same query to /dev/null; ours are read by curl.
`;
}

const names = process.argv.slice(2);
if (names.includes('--list')) {
    for (const [name, { title }] of Object.entries(figures)) console.log(name.padEnd(18) + title);
    process.exit();
}
const unknown = names.find((name) => !(name in figures));
if (unknown !== undefined) {
    console.error(`There is no figure "${unknown}"; tests/bench/run --list names them.`);
    process.exit(2);
}

const stage = await openStage();
const rows = [];
for (const [name, figure] of Object.entries(figures)) {
    if (names.length > 0 && !names.includes(name)) continue;
    console.error(`  ${name}`);
    rows.push(rowOf(figure, await figure.run(stage)));
}
console.log(`\n${table(rows)}`);
if (names.length === 0) {
    writeFileSync(join(repository, 'docs/bench.md'), await page(stage, rows));
    writeFileSync(join(repository, 'docs/bench.svg'), picture(rows));
}
await stage.close();
process.exitCode = rows.every((row) => row.isGood) ? 0 : 1;
