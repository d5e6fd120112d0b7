// Writes docs/bench.md with its picture, and its section about the door, which can run alone.
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { repository } from '../harness/paths.js';
import { picture } from './picture.js';

const path = join(repository, 'docs/bench.md');
const doorHeading = '\n## The door\n';

const columns = [
    ['Figure', (row) => row.title], ['Einlass', (row) => row.ours],
    ['Against', (row) => row.against], ['', (row) => row.theirs],
    ['Ratio', (row) => row.shown], ['Target', (row) => row.target],
    ['', (row) => (row.isGood ? 'met' : 'missed')], ['', (row) => row.note],
];

export function table(rows) {
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

// The date and the machine.
function occasion(server) {
    const [{ model }] = cpus();
    const memory = Math.round(totalmem() / 2 ** 30);
    return `${new Date().toISOString().slice(0, 10)}: ${cpus().length} × ${model.trim()}, ${memory} GiB,
${distribution()}, PostgreSQL ${server.split(' ')[0]} with \`fsync\` and \`synchronous_commit\` on`;
}

const costs = (rows, server) => `# What it costs

Written by \`tests/bench/run\` on ${occasion(server)}.
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

const milliseconds = (value) => `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`;

function verdictLine({ name, verdicts: { half, most, nearlyAll, slowest, scans } }) {
    const who = name === 'door-online' ? 'online, decided by the service' : 'without network, decided by the phone';
    return `| ${[who, ...[half, most, nearlyAll, slowest].map(milliseconds), scans].join(' | ')} |`;
}

const door = (rows, server) => `${doorHeading}
From a decoded frame to the painted verdict, on the real page in Chromium (390 by 844), whose camera plays a film of
guests. Written by \`tests/bench/run ${rows.map(({ name }) => name).join(' ')}\` on ${occasion(server)}.

| | half within | 95 of 100 | 99 of 100 | slowest | guests |
|---|---|---|---|---|---|
${rows.map(verdictLine).join('\n')}

Each guest has a ticket of their own and was let in: so says the page, and so does the database of every single scan,
with who decided it.
`;

// → the two parts of the page: the main part and the section about the door
function parts() {
    const page = readFileSync(path, 'utf8');
    const at = page.indexOf(doorHeading);
    return at < 0 ? [page, ''] : [page.slice(0, at), page.slice(at)];
}

export function writeAll(rows, server) {
    writeFileSync(path, costs(rows, server) + parts()[1]);
    writeFileSync(join(repository, 'docs/bench.svg'), picture(rows));
}

// If only one of the door's two figures ran, the section does not change.
export function writeDoor(rows, server) {
    if (rows.length === 2) writeFileSync(path, parts()[0] + door(rows, server));
}
