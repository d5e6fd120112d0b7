// The load tools, and the measurement of two sides in turn.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { run } from '../harness/command.js';
import { freePort } from '../harness/service.js';

export const seconds = Number(process.env.BENCH_SECONDS ?? 3);
export const rounds = Number(process.env.BENCH_ROUNDS ?? 5);
export const CONNECTIONS = 64;

export const tools = process.env.BENCH_TOOLS;

export async function mustRun(file, words, { environment, timeoutMs = 600_000 } = {}) {
    const { status, stdout, stderr } = await run(file, words, { environment, timeoutMs });
    assert.equal(status, 0, `${file} ${words.join(' ')}: ${stderr.slice(0, 2000)}`);
    return stdout;
}

// options: of load.c by name; a list repeats an option. → its report. Fails unless every request
// succeeded.
export async function load(address, options) {
    const words = Object.entries({ connections: CONNECTIONS, seconds, ...options }).flatMap(
        ([name, value]) => [value].flat().flatMap((one) => [`--${name}`, one]));
    return checked(JSON.parse(await mustRun(join(tools, 'load'), [...words, address])));
}

export async function loadAndSave(address, options, name, file) {
    const words = Object.entries({ connections: CONNECTIONS, ...options }).flatMap(
        ([option, value]) => [value].flat().flatMap((one) => [`--${option}`, one]));
    return checked(JSON.parse(
        await mustRun(join(tools, 'load'), [...words, '--save', name, file, address])));
}

function checked(result) {
    assert.equal(result.succeeded, result.answered,
        `${JSON.stringify(result.statuses)}, the last: ${result.refused}`);
    assert.equal(result.lost, 0, 'connections were lost');
    return result;
}

// Starts a bare evhttp server. → its address and a function to stop it
export async function startBare(threads, bytes) {
    const port = await freePort();
    const words = [port, threads, bytes].map(String);
    const child = spawn(join(tools, 'bare'), words, { stdio: 'inherit' });
    await new Promise((resolve) => setTimeout(resolve, 300));
    return { address: `127.0.0.1:${port}`, stop: () => child.kill() };
}

export function median(values) {
    const sorted = [...values].sort((a, b) => a - b);
    const middle = sorted.length >> 1;
    return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

// Runs all sides in turn, each with the number of the round. sides: functions by name. → the medians of
// their results, by name
export async function inTurn(sides, times = rounds) {
    const all = Object.fromEntries(Object.keys(sides).map((name) => [name, []]));
    for (let round = 1; round <= times; round++) {
        for (const [name, side] of Object.entries(sides)) all[name].push(await side(round));
        const line = Object.entries(all).map(([name, results]) => `${name} ${Number(results.at(-1).toPrecision(4))}`);
        console.error(`    round ${round} of ${times}: ${line.join(', ')}`);
    }
    return Object.fromEntries(Object.entries(all).map(([name, results]) => [name, median(results)]));
}

export const sideBySide = (ours, theirs, times) => inTurn({ ours, theirs }, times);
