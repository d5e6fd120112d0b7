// Runs the figures and prints their table. Updates the docs if all figures ran, or all of a section.
import { figures } from './figures.js';
import { table, writeAll, writeSection } from './pages.js';
import { openStage } from './stage.js';

const count = (value) => (value < 100 ? value.toFixed(1) : Math.round(value).toLocaleString('en'));

function rowOf(name, { ours, theirs, unit, value, note = '', verdicts }) {
    const figure = figures[name];
    const { title, against = '', target, most = false } = figure;
    const suffix = figure.unit ? ` ${figure.unit}` : ' ×';
    const shown = `${value < 10 ? value.toFixed(2) : value.toFixed(1)}${suffix}`;
    return {
        name, title, against, shown, note, verdicts, section: figure.section,
        ours: `${count(ours)} ${unit}`,
        theirs: theirs === undefined ? '' : `${count(theirs)} ${unit}`,
        target: `${most ? 'at most' : 'at least'} ${target}${suffix}`,
        isGood: most ? value <= target : value >= target,
        progress: most ? target / value : value / target,
    };
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
    rows.push(rowOf(name, await figure.run(stage)));
}
console.log(`\n${table(rows)}`);
const server = await stage.serverVersion();
if (names.length === 0) writeAll(rows.filter(({ section }) => !section), server);
for (const section of ['desk', 'door']) {
    const whole = Object.values(figures).filter((figure) => figure.section === section).length;
    const ran = rows.filter((row) => row.section === section);
    if (ran.length === whole) writeSection(section, ran, server);
}
await stage.close();
process.exitCode = rows.every((row) => row.isGood) ? 0 : 1;
