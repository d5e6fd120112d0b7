// The reporter of tests/run: one line per file with its count, all details of failures, and "passed P
// failed F" in the file that TEST_COUNTS names.
import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { inspect } from 'node:util';

const indent = (text) => text.replace(/^(?=.)/gm, '      ');

// Prints the output of a file only if one of its tests failed.
function tellFailure(name, error, written) {
    const cause = error?.cause ?? error;
    const reason = typeof cause === 'string' ? cause : cause?.stack ?? inspect(cause);
    const ours = reason.replace(/\n +at [^\n]*\(?node:[^\n]*/g, '');
    return `    ✖ ${name}\n${indent(`${ours}\n${written}`.trimEnd())}\n`;
}

class File {
    passed = 0;
    failed = 0;
    written = '';
    durationMs = 0;

    line(path) {
        const seconds = (this.durationMs / 1000).toFixed(1);
        const failed = this.failed > 0 ? `, ${this.failed} failed` : '';
        return `    ${basename(path, '.test.js').padEnd(16)} ${this.passed}${failed} (${seconds} s)\n`;
    }
}

export default async function* report(source) {
    const files = new Map();
    const fileOf = (path) => files.get(path) ?? files.set(path, new File()).get(path);
    let current;
    for await (const { type, data } of source) {
        if (!data.file) continue;
        const path = data.file.replace(/^file:\/\//, '');
        const file = fileOf(path);
        if (type === 'test:stdout' || type === 'test:stderr') file.written += data.message;
        if (type !== 'test:pass' && type !== 'test:fail') continue;
        if (current && current !== path) yield files.get(current).line(current);
        current = path;
        if (data.nesting === 0) file.durationMs += data.details.duration_ms;
        if (type === 'test:pass') {
            file.passed += 1;
        } else {
            file.failed += 1;
            yield tellFailure(data.name, data.details.error, file.written);
            file.written = '';
        }
    }
    if (current) yield files.get(current).line(current);
    const sum = (field) => [...files.values()].reduce((total, file) => total + file[field], 0);
    if (process.env.TEST_COUNTS)
        writeFileSync(process.env.TEST_COUNTS, `passed ${sum('passed')} failed ${sum('failed')}\n`);
}
