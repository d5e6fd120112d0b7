// Runs the figures and prints their table. Writes each section of the docs whose figures ran all.
import { figures } from './figures.js';
import { rowOf } from './rows.js';
import { sections, table, writeSection } from './pages.js';
import { openStage } from './stage.js';
import { rounds, seconds } from './tools.js';

// Figures of a shorter run do not go into the docs.
const SECONDS_LEAST = 3;
const ROUNDS_LEAST = 3;

// → the names of the figures of a section
const namesOf = (section) => Object.keys(figures).filter((name) => (figures[name].section ?? 'main') === section);

const names = process.argv.slice(2).flatMap((word) => (sections.includes(word) ? namesOf(word) : [word]));
if (names.includes('--list')) {
    for (const name of Object.keys(figures)) {
        const { title, against, target } = rowOf(figures, name);
        console.log([name.padEnd(24) + title, against && `against ${against}`, target].filter(Boolean).join('; '));
    }
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
    rows.push(rowOf(figures, name, await figure.run(stage)));
}
console.log(`\n${table(rows)}`);
const server = await stage.serverVersion();
for (const section of sections) {
    const ran = rows.filter((row) => row.section === section);
    if (ran.length < namesOf(section).length) continue;
    if (seconds < SECONDS_LEAST || rounds < ROUNDS_LEAST) console.error(`docs/bench.md: ${section} is not written: the run was short`);
    else writeSection(section, ran, server);
}
await stage.close();
process.exitCode = rows.some((row) => row.isGood === false) ? 1 : 0;
