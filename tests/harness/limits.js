// Makes the table of limits in docs/architecture.md from the source (see tests/limits).
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from './paths.js';

const constant = /\b([A-Z][A-Z0-9_]+) =\s+([^,;}]+?),?\s*(?:\/\*\s*limit:\s*((?:[^*]|\*(?!\/))*)\*\/|,|$|\})/gm;

function* sources(directory = 'service') {
    const entries = readdirSync(join(repository, directory), { withFileTypes: true })
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
        const path = `${directory}/${entry.name}`;
        if (entry.isDirectory()) yield* sources(path);
        else if (/\.[ch]$/.test(path)) yield readFileSync(join(repository, path), 'utf8');
    }
}

// → [{name, value, what}], in the order of the source's files
function findLimits(texts) {
    const values = new Map();
    const limits = [];
    const evaluate = (expression) => {
        const known = expression.replace(/INT64_C\((\d+)\)/g, '$1')
            .replace(/\b[A-Z][A-Z0-9_]+\b/g, (name) => values.get(name) ?? 'NaN');
        return /^[\d\s()*+\-/NaN]+$/.test(known) ? Function(`return ${known}`)() : NaN;
    };
    for (const text of texts)
        for (const [, name, expression, what] of text.matchAll(constant)) {
            const value = evaluate(expression);
            if (Number.isFinite(value)) values.set(name, value);
            if (what === undefined) continue;
            if (!Number.isFinite(value)) throw new Error(`${name}: the value is not a number`);
            limits.push({ name, value, what: what.replace(/\s*\n\s*\*\s*/g, ' ').trim() });
        }
    return limits;
}

const number = (value) => value.toLocaleString('en');

function withUnit({ name, value }) {
    if (/_BYTES$|_BYTES_MOST$/.test(name) && value >= 1024 && value % 1024 === 0)
        return value % 1048576 === 0 ? `${value / 1048576} MiB` : `${value / 1024} KiB`;
    if (/BYTES/.test(name)) return `${number(value)} bytes`;
    if (/_MS$/.test(name)) return value % 1000 === 0 ? `${number(value / 1000)} s` : `${number(value)} ms`;
    if (/_US$/.test(name)) return `${number(value / 1e6)} s`;
    if (/_S$/.test(name)) return `${number(value)} s`;
    if (/_MINUTES$/.test(name)) return `${number(value)} minutes`;
    if (/_HOURS(_MOST)?$/.test(name)) return `${number(value)} hours`;
    if (/_A_SECOND$/.test(name)) return `${number(value)} a second`;
    if (/_AN_HOUR$/.test(name)) return `${number(value)} an hour`;
    return number(value);
}

export function limitsTable(texts = sources()) {
    const rows = findLimits(texts)
        .map((limit) => `| ${limit.what} | ${withUnit(limit)} | \`${limit.name}\` |\n`);
    return `| What | Limit | Name |\n|---|---|---|\n${rows.join('')}`;
}

// → the document with the current table
export function replaceLimits(document) {
    const table = /\| What \| Limit \| Name \|\n(?:\|.*\n)*/;
    return table.test(document) ? document.replace(table, () => limitsTable())
        : `${document.trimEnd()}\n\n${limitsTable()}`;
}
