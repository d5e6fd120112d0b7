// Runs a subcommand of the program, or any other command, to its end.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { program } from './paths.js';

// A sanitizer report fails the test, whatever the exit status.
export function refuseSanitizerReports(stderr) {
    const report = /(ERROR: (Address|Leak|Thread)Sanitizer|runtime error:)[^]*/.exec(stderr);
    assert.equal(report?.[0].slice(0, 4000), undefined, 'a sanitizer reported an error');
}

// Settings {database, keys, …} as environment variables.
export function settingsEnvironment(settings) {
    const entries = Object.entries(settings).filter(([, value]) => value !== undefined);
    return Object.fromEntries(
        entries.map(([name, value]) => [`EINLASS_${name.toUpperCase()}`, String(value)]));
}

// → {status, stdout, stderr}; input: for standard input. Rejects if a signal ended the program.
export function run(file, words, { input = '', environment = {}, timeoutMs = 60_000 } = {}) {
    return new Promise((resolve, reject) => {
        const child = spawn(file, words.map(String), {
            env: { ...process.env, ...environment }, timeout: timeoutMs,
        });
        const output = { stdout: [], stderr: [] };
        child.stdout.on('data', (chunk) => output.stdout.push(chunk));
        child.stderr.on('data', (chunk) => output.stderr.push(chunk));
        child.on('error', reject);
        child.stdin.on('error', () => {}); // the program may not read all input
        child.stdin.end(input);
        child.on('close', (status, signal) => {
            const stdout = Buffer.concat(output.stdout).toString();
            const stderr = Buffer.concat(output.stderr).toString();
            if (!signal) resolve({ status, stdout, stderr });
            else reject(new Error(`${file} ${words.join(' ')} ended by ${signal}\n${stderr}`));
        });
    });
}

// `einlass WORDS…` with these settings.
export async function einlass(words, { settings = {}, ...options } = {}) {
    const environment = settingsEnvironment(settings);
    const result = await run(program, words, { ...options, environment });
    refuseSanitizerReports(result.stderr);
    return result;
}

// The same, but fails unless the status is 0. → its standard output
export async function mustRun(words, options) {
    const { status, stdout, stderr } = await einlass(words, options);
    assert.equal(status, 0, `einlass ${words.join(' ')}: ${stderr}`);
    return stdout;
}
