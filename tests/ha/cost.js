// What synchronous mode costs: sign-ups a second by many guests, and the time of one alone, with it and without.
// Takes turns, as other work on this machine disturbs the figures.
//
//   EINLASS_BINARY=build/service/einlass node tests/ha/cost.js
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { plainEvent, plainGuest } from '../harness/events.js';
import { temporaryDirectory } from '../harness/paths.js';
import { HighHouse } from './guests.js';
import { apart, Machines, until } from './machines.js';

const ROUNDS = 4;
const ROUND_MS = 5000;
const GUESTS = 64;

async function setSynchronous(machines, is) {
    await machines.patronictl(['edit-config', '--force', '-s', `synchronous_mode=${is}`]);
    await until(async () => {
        const { replication = [] } = await (await machines.primary()).patroni() ?? {};
        return replication.length === 2 && replication.some(({ sync_state }) => sync_state === 'sync') === is;
    }, () => machines.state());
}

// → {perSecond, medianMs} of so many guests who sign up one after the other
async function measure(house, event, guests) {
    const times = [], end = performance.now() + ROUND_MS;
    await Promise.all(Array.from({ length: guests }, async () => {
        while (performance.now() < end) {
            const began = performance.now();
            const { status, body } = await house.signUp(event, plainGuest(), { key: randomUUID() });
            if (status !== 201) throw new Error(`${status} ${body}`);
            times.push(performance.now() - began);
        }
    }));
    times.sort((a, b) => a - b);
    return { perSecond: times.length * 1000 / ROUND_MS, medianMs: times[times.length >> 1] };
}

async function main() {
    const machines = new Machines(process.argv[2]);
    await machines.start();
    const house = new HighHouse(machines);
    const event = await house.apply(plainEvent({ registration: { capacity: undefined } }));
    for (let round = 0; round < ROUNDS; round++) {
        for (const synchronous of [true, false]) {
            await setSynchronous(machines, synchronous);
            for (const guests of [GUESTS, 1]) {
                const { perSecond, medianMs } = await measure(house, event, guests);
                console.log(synchronous ? 'synchronous ' : 'asynchronous', `${guests} guests:`.padStart(10),
                    `${perSecond.toFixed(0)} sign-ups/s, median ${medianMs.toFixed(1)} ms`);
            }
        }
    }
    await machines.end();
    process.exit(0);
}

if (process.argv[2]) {
    await main();
} else {
    const [word, ...words] = apart([process.execPath, process.argv[1], temporaryDirectory()]);
    const { status } = spawnSync(word, words, { stdio: 'inherit', env: { ...process.env, EINLASS_APART: '1' } });
    process.exit(status);
}
