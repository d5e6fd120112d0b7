// Writes docs/bench.md with its picture. Its sections about the desk and the door can run alone.
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { repository } from '../harness/paths.js';
import { picture } from './picture.js';

const path = join(repository, 'docs/bench.md');
const headings = { desk: '\n## The desk\n', door: '\n## The door\n' };

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
- A cancellation with 20,000 who wait gives its place to the first of them. The tables were never
  analyzed, as after a rush. It is compared with a cancellation for which nobody waits.
- The bare reply comes from \`tests/bench/bare.c\`: evhttp, as many threads as the service has
  workers, a fixed body of the page's size.
- psql's \`COPY\` writes the rows of the same query to /dev/null; ours are read by curl.
`;

const desk = (rows, server) => `${headings.desk}
Written by \`tests/bench/run ${rows.map(({ name }) => name).join(' ')}\` on
${occasion(server)}.

${table(rows)}

- A first page is the list's answer over HTTP: the slowest of several lists and sorts, each the median of several
  tries. So is a search. The plain statement does the same with what the tables alone offer.
- In a rush the job of the index rests most of the time, and does the rest of its work afterwards.
- Rows of a file are counted from the request to its last byte, beside the CSV file of the same people.
- Memory is the most that the service holds while it writes the file.
`;

const milliseconds = (value) => `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`;

function verdictLine({ name, verdicts: { half, most, nearlyAll, slowest, scans } }) {
    const who = name === 'door-online' ? 'online, decided by the service' : 'without network, decided by the phone';
    return `| ${[who, ...[half, most, nearlyAll, slowest].map(milliseconds), scans].join(' | ')} |`;
}

const door = (rows, server) => `${headings.door}
From a decoded frame to the painted verdict, on the real page in Chromium (390 by 844), whose camera plays a film of
guests. Written by \`tests/bench/run ${rows.map(({ name }) => name).join(' ')}\` on ${occasion(server)}.

| | half within | 95 of 100 | 99 of 100 | slowest | guests |
|---|---|---|---|---|---|
${rows.map(verdictLine).join('\n')}

Each guest has a ticket of their own and was let in: so says the page, and so does the database of every single scan,
with who decided it.
`;

const sections = { desk, door };

// → the page in parts: {main, desk, door}, each with its heading
function parts() {
    const page = readFileSync(path, 'utf8');
    const [deskAt, doorAt] = [headings.desk, headings.door].map((heading) => page.indexOf(heading));
    const end = doorAt < 0 ? page.length : doorAt;
    const start = deskAt < 0 ? end : deskAt;
    return { main: page.slice(0, start), desk: page.slice(start, end), door: page.slice(end) };
}

const write = (changed) => {
    const { main, desk: middle, door: last } = { ...parts(), ...changed };
    writeFileSync(path, main + middle + last);
};

export function writeAll(rows, server) {
    write({ main: costs(rows, server) });
    writeFileSync(join(repository, 'docs/bench.svg'), picture(rows));
}

export const writeSection = (name, rows, server) => write({ [name]: sections[name](rows, server) });
