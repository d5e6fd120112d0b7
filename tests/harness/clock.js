// A clock that a test sets, for PostgreSQL and the service: libfaketime reads it from a file. Durations
// stay true: the monotonic clock is not touched.
import { execFileSync } from 'node:child_process';
import { chmodSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { program, temporaryDirectory } from './paths.js';

const library = () => execFileSync('sh', ['-c', 'ls /usr/lib/*/faketime/libfaketimeMT.so.1'], { encoding: 'utf8' }).trim();

// A sanitizer wants to be the first library.
function sanitizerOf(file) {
    return /\S*libasan\S* => (\S+)/.exec(execFileSync('ldd', [file], { encoding: 'utf8' }))?.[1] ?? '';
}

class Clock {
    #file;
    aheadS = 0;

    constructor() {
        const directory = temporaryDirectory();
        chmodSync(directory, 0o755); // for the user of PostgreSQL, too
        this.#file = join(directory, 'clock');
        this.set(0);
        const common = { FAKETIME_TIMESTAMP_FILE: this.#file, FAKETIME_NO_CACHE: '1',
            FAKETIME_DONT_FAKE_MONOTONIC: '1', DONT_FAKE_MONOTONIC: '1' };
        this.forPostgres = { ...common, LD_PRELOAD: library() };
        this.forService = { ...common, LD_PRELOAD: `${sanitizerOf(program)} ${library()}`.trim() };
    }

    // The clock shows the true time and so many seconds more.
    set(aheadS) {
        writeFileSync(`${this.#file}.new`, `${aheadS < 0 ? '' : '+'}${aheadS}\n`, { mode: 0o644 });
        renameSync(`${this.#file}.new`, this.#file);
        this.aheadS = aheadS;
    }

    // The time that it shows, in ms.
    now() {
        return Date.now() + this.aheadS * 1000;
    }
}

export const makeClock = () => new Clock();
