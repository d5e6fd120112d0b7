// The figures of the rush: sign-ups and check-ins against the plain yardstick (plain.js), and against the
// service's own statements one at a time. Figures with one measurement share it: all sides run in turn.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkInScript, CLIENTS, pgbench, RUN_SECONDS, signUpScript } from './pgbench.js';
import { answers, settle } from './stage.js';
import { inTurn, load, loadAndSave, median, rounds } from './tools.js';

const SPREAD = 1000;
const TICKETS_A_ROUND = 25_000;
const SCANNERS = 16; // API tokens; one alone would reach its rate limit
const OWN_SCANS_A_SECOND = 4000; // more than pgbench manages

let firstGuest = 0;

// Sign-ups by new guests.
export function signUps(path) {
    firstGuest += 10_000_000;
    return {
        method: 'POST', path: `/api/v1/events/${path}/registrations`, first: firstGuest,
        body: `{"email": "guest-{n}@example.org", "language": "en", "consents": ["privacy"], ` +
            `"attendees": [{"name": "Guest {n}", "answers": ${answers}}]}`,
        status: 201, contains: ['"status":"confirmed"', '"status":"waitlisted"'],
    };
}

// Adds up what requests cost in processor time.
export class Cost {
    answered = 0;
    service = 0;
    postgres = 0;

    // → the report of the load
    async of(stage, options) {
        const before = stage.cpuSeconds();
        const result = await load(stage.address, options);
        const after = stage.cpuSeconds();
        this.answered += result.answered;
        for (const who of ['service', 'postgres']) this[who] += after[who] - before[who];
        return result;
    }

    // in millionths of a second
    toString() {
        const each = (seconds) => Math.round(seconds / this.answered * 1e6);
        return `a core’s time for one: ${each(this.service)} µs in einlass, ${each(this.postgres)} µs in PostgreSQL`;
    }
}

// → a side that signs up; its p99s are added to latencies
function signingUp(stage, path, { spread = 1, cost = new Cost(), latencies = [] } = {}) {
    return async () => {
        const result = await cost.of(stage, { ...signUps(path), spread });
        latencies.push(result.p99_ms);
        return result.per_second;
    };
}

const own = (stage, script) => async () => (await pgbench(stage, script)).rate;

// Measures Einlass beside other sides. → the medians by name, with a note
async function measure(stage, path, sides, spread = 1) {
    const told = { spread, cost: new Cost(), latencies: [] };
    await settle(stage);
    await load(stage.address, { ...signUps(path), spread, seconds: 1 });
    const medians = await inTurn({ ours: signingUp(stage, path, told), ...sides });
    return { ...medians, note: `99 of 100 answered within ${median(told.latencies).toFixed(0)} ms; ${told.cost}` };
}

async function hotEvent(stage) {
    const plain = await stage.plain(), event = await stage.event('hot');
    return measure(stage, event, {
        plain: () => plain.signUps(),
        single: () => plain.signUps(1),
        sets: () => plain.signUpSets(),
        own: own(stage, signUpScript(stage.eventId(event), answers, 1)),
    });
}

// The plain table stays as it is: only our side carries the million.
async function fullEvent(stage) {
    const plain = await stage.plain(), few = await stage.event('hot');
    return measure(stage, await stage.fullEvent(), {
        few: signingUp(stage, few),
        plain: () => plain.signUps(),
    });
}

async function manyEvents(stage) {
    const plain = await stage.plain(), event = await stage.event('pattern');
    await stage.sql('copy_event.sql', { slug: event, prefix: 'spread-', count: SPREAD });
    return measure(stage, 'spread-{slot}', {
        plain: () => plain.signUps(CLIENTS, SPREAD),
        single: () => plain.signUps(1, SPREAD),
        own: own(stage, signUpScript(`lpad(:slot, 32, '0')`, answers, SPREAD)),
    }, SPREAD);
}

// One guest after the other: nobody else is there.
async function oneAlone(stage) {
    const plain = await stage.plain(), event = await stage.event('hot');
    const alone = async () => (await load(stage.address, { ...signUps(event), connections: 1 })).p50_ms;
    await settle(stage);
    await alone();
    await plain.signUpAlone();
    return inTurn({ ours: alone, plain: () => plain.signUpAlone() });
}

// → a side that scans tickets of the service, for each round others
async function scanning(stage, event, cost) {
    const all = join(stage.directory, 'tickets');
    await loadAndSave(stage.address,
        { ...signUps(event), seconds: 600, requests: TICKETS_A_ROUND * rounds }, 'ticket', all);
    const tickets = readFileSync(all, 'utf8').trimEnd().split('\n');
    const tokens = join(stage.directory, 'tokens');
    const made = [];
    for (let i = 0; i < SCANNERS; i++) made.push(await stage.house.token({ role: 'door', event }));
    writeFileSync(tokens, `${made.join('\n')}\n`);
    return async (round) => {
        const lines = join(stage.directory, `tickets-${round}`);
        const mine = tickets.slice((round - 1) * TICKETS_A_ROUND, round * TICKETS_A_ROUND);
        writeFileSync(lines, `${mine.join('\n')}\n`);
        const result = await cost.of(stage, {
            method: 'POST', path: `/api/v1/events/${event}/checkins`, lines, tokens,
            header: 'Authorization: Bearer {token}', body: '{"ticket": "{line}", "door": "main"}',
            contains: '"verdict":"admitted"',
        });
        return result.per_second;
    };
}

// The service signs the tickets for one side; SQL makes them in the same event for its own statement.
async function checkIns(stage) {
    const plain = await stage.plain(), event = await stage.event('doors'), cost = new Cost();
    const ours = await scanning(stage, event, cost);
    const first = 10_000_000, each = Math.ceil(RUN_SECONDS * OWN_SCANS_A_SECOND / CLIENTS);
    await stage.sql('fill.sql', { slug: event, first, count: each * CLIENTS * rounds });
    await settle(stage);
    const medians = await inTurn({
        ours,
        plain: () => plain.checkIns(),
        single: () => plain.checkIns(1),
        own: async (round) => {
            const from = first + (round - 1) * each * CLIENTS;
            return (await pgbench(stage, checkInScript(stage.eventId(event), from, each))).rate;
        },
    });
    return { ...medians, note: String(cost) };
}

// → a measurement that several figures read, and the first of them makes
function shared(measurement) {
    let medians;
    return (stage) => medians ??= measurement(stage);
}

// → run() of a figure: Einlass against one of the other sides
const against = (measurement, side, unit, noteOf = () => '') => async (stage) => {
    const medians = await measurement(stage);
    return { ours: medians.ours, theirs: medians[side], unit, value: medians.ours / medians[side], note: noteOf(medians) };
};

const hot = shared(hotEvent), many = shared(manyEvents), doors = shared(checkIns);
const said = ({ note }) => note;
const plainly = ({ ours, plain, note }) => `${(ours / plain).toFixed(1)} × plain tables, which have few; ${note}`;

export const rush = {
    'sign-ups-hot': {
        title: 'Sign-ups on one hot event', against: 'plain tables, 32 clients',
        target: 6, run: against(hot, 'plain', 'sign-ups/s', said),
    },
    'sign-ups-hot-single': {
        title: 'Sign-ups on one hot event', against: 'plain tables, 1 client',
        run: against(hot, 'single', 'sign-ups/s'),
    },
    'sign-ups-ceiling': {
        title: 'Sign-ups on one hot event', against: 'the ceiling: plain tables, 200 rows a statement',
        target: 0.4, run: against(hot, 'sets', 'sign-ups/s'),
    },
    'sign-ups-own': {
        title: 'Sign-ups on one hot event', against: 'our own statement, one each, 32 clients',
        run: against(hot, 'own', 'sign-ups/s'),
    },
    'sign-up-alone': {
        title: 'One sign-up alone, half within', against: 'the plain statement on one connection',
        target: 1.2, most: true, run: against(oneAlone, 'plain', 'ms'),
    },
    'sign-ups-full': {
        title: 'Sign-ups with 1,000,000 attendees in it', against: 'the same event with few',
        target: 0.9, run: against(fullEvent, 'few', 'sign-ups/s', plainly),
    },
    'sign-ups-spread': {
        title: 'Sign-ups spread over 1,000 events', against: 'plain tables, 32 clients',
        target: 2, run: against(many, 'plain', 'sign-ups/s', said),
    },
    'sign-ups-spread-single': {
        title: 'Sign-ups spread over 1,000 events', against: 'plain tables, 1 client',
        run: against(many, 'single', 'sign-ups/s'),
    },
    'sign-ups-spread-own': {
        title: 'Sign-ups spread over 1,000 events', against: 'our own statement, one each, 32 clients',
        run: against(many, 'own', 'sign-ups/s'),
    },
    'check-ins': {
        title: 'Check-ins of distinct tickets', against: 'plain tables, 32 clients',
        target: 4, run: against(doors, 'plain', 'check-ins/s', said),
    },
    'check-ins-single': {
        title: 'Check-ins of distinct tickets', against: 'plain tables, 1 client',
        run: against(doors, 'single', 'check-ins/s'),
    },
    'check-ins-own': {
        title: 'Check-ins of distinct tickets', against: 'our own statement, one each, 32 clients',
        run: against(doors, 'own', 'check-ins/s'),
    },
};
