// Writes docs/bench.md with its picture. Each of its sections can run alone.
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { repository } from '../harness/paths.js';
import { picture } from './picture.js';
import { rounds, seconds } from './tools.js';

const path = join(repository, 'docs/bench.md');
const headings = { desk: '\n## The desk\n', door: '\n## The door\n' };

function verdict({ target, isGood }) {
    if (target === '') return '';
    if (isGood === undefined) return 'not measured yet';
    return isGood ? 'met' : 'missed';
}

const columns = [
    ['Name', (row) => `\`${row.name}\``], ['Figure', (row) => row.title], ['Einlass', (row) => row.ours],
    ['Against', (row) => row.against], ['', (row) => row.theirs],
    ['Ratio', (row) => row.shown], ['Target', (row) => row.target],
    ['', verdict], ['', (row) => row.note],
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

// Says first what was missed.
function summary(rows) {
    const missed = rows.filter(({ isGood }) => isGood === false);
    const all = rows.filter(({ target }) => target !== '').length;
    if (missed.length === 0) return `All ${all} targets are met.`;
    const list = missed.map(({ name, shown, target }) => `- \`${name}\`: ${shown}, the target is ${target}`);
    return `**${missed.length} of ${all} targets are missed:**\n\n${list.join('\n')}`;
}

// What the figures of the first table mean.
export const meaning = `- **Plain tables** are the yardstick: what a competent programmer would have without Einlass
  (\`tests/bench/plain_schema.sql\`). A sign-up is one statement, and thus one transaction: it counts up the event,
  inserts the registration with name, address, answers and consents, and inserts a message to be sent. A check-in is
  one update and one insert; it keeps no count of who is inside, so scans of different tickets share no row. pgbench
  runs them prepared on the same cluster and in the same database. Plain tables have no waiting list, no ticket types,
  no tickets, no lists, no history, and nothing in front of them. Where there was a choice, they have what costs less.
- **The ceiling** is the same plain rows, 200 in one statement of one transaction, by 2 clients. No service could
  use it as it is, because one repeated address refuses all 200.
- **Our own statement** is what the service runs in sets, run for one sign-up or scan in a transaction. It carries all
  that Einlass does for a sign-up. So it shows what sets bring, and not what Einlass costs.
- pgbench has 32 clients or one, and 2 threads; its first seconds are left out. The service is asked over HTTP by 64
  connections. The sides take turns.
- **One sign-up alone** is one connection that sends its next sign-up after the answer to the one before: over HTTP to
  the service, and by libpq to the plain tables.
- The figure with 1,000,000 attendees is compared with Einlass itself, in an event that has few. The ratio to plain
  tables in its note is not a target, because these do not have the million.
- A sign-up counts once it was answered 201 with a place or a position on the waiting list, a
  check-in once its verdict was \`admitted\`. Of the plain tables, each transaction must have left its rows.
- Rows without a target are for comparison.
- A cancellation with 20,000 who wait gives its place to the first of them. The tables were never
  analyzed, as after a rush. It is compared with a cancellation for which nobody waits.
- The bare reply comes from \`tests/bench/bare.c\`: evhttp, as many threads as the service has
  workers, a fixed body of the page's size.
- psql's \`COPY\` writes the rows of the same query to /dev/null; ours are read by curl.
- Resident memory includes the definitions and pages of the events that the run has loaded before, up to 1,000. With
  one event alone (\`tests/bench/run memory\`) it was 51 MiB on 2026-11-28.
`;

const main = (rows, server) => `# What it costs

Written by \`tests/bench/run main\` on ${occasion(server)}.
The load generator, the service (2 workers) and PostgreSQL share the machine.

Each figure sets Einlass beside what it stands on, measured in the same run in turn: the medians of ${rounds} rounds of
${seconds} seconds. What counts is the ratio: the rest depends on the machine.

${summary(rows)}

![Each figure with a target as a bar, on a scale where every target is the same line](bench.svg)

${table(rows)}

${meaning}`;

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

const writers = { main, desk, door };

export const sections = Object.keys(writers);

// → the page in parts: {main, desk, door}, each with its heading
function parts() {
    const page = readFileSync(path, 'utf8');
    const [deskAt, doorAt] = [headings.desk, headings.door].map((heading) => page.indexOf(heading));
    const end = doorAt < 0 ? page.length : doorAt;
    const start = deskAt < 0 ? end : deskAt;
    return { main: page.slice(0, start), desk: page.slice(start, end), door: page.slice(end) };
}

export function writeSection(name, rows, server) {
    const all = { ...parts(), [name]: writers[name](rows, server) };
    writeFileSync(path, all.main + all.desk + all.door);
    if (name === 'main') writeFileSync(join(repository, 'docs/bench.svg'), picture(rows.filter(({ target }) => target !== '')));
}
