// Everything breaks once on the machines that deploy/ha describes. Prints a table of what guests saw.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { strikes } from './strikes.js';

const columns = [
    ['fault', 'fault'], ['acknowledged', 'acknowledged'], ['lost', 'lost'], ['doubled', 'doubled'],
    ['oversold', 'oversold'], ['longest pause', 'pause'], ['unanswered', 'unanswered'], ['refused', 'refused'],
];

function table(figures) {
    const rows = figures.map((one) => ({ ...one, pause: `${(one.pauseMs / 1000).toFixed(1)} s` }))
        .map((one) => columns.map(([, name]) => String(one[name])));
    const all = [columns.map(([title]) => title), ...rows];
    const widths = columns.map((_, at) => Math.max(...all.map((row) => row[at].length)));
    return all.map((row) => `    ${row.map((text, at) => (at === 0 ? text.padEnd(widths[at])
        : text.padStart(widths[at]))).join('  ')}\n`).join('');
}

test('whatever breaks, nothing acknowledged is lost, doubled or sold twice', async () => {
    const figures = await strikes();
    if (process.env.TEST_TABLE) writeFileSync(process.env.TEST_TABLE, table(figures));
    for (const { fault, lost, doubled, oversold } of figures)
        assert.deepEqual({ fault, lost, doubled, oversold }, { fault, lost: 0, doubled: 0, oversold: 0 });
});
