// Runs scripts with pgbench: the plain yardstick (plain.js), and the service's own two statements in one
// transaction per sign-up or scan.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../harness/paths.js';
import { mustRun, seconds } from './tools.js';

export const CLIENTS = 32;
const THREADS = 2;
const WARM_UP_SECONDS = 5; // until all connections have planned their statements
export const RUN_SECONDS = seconds + WARM_UP_SECONDS;

// The settings of the service's hot connections (service/db/prepare.c, conninfo.c).
const ownSettings = '-c jit=off -c plan_cache_mode=force_generic_plan -c enable_seqscan=off ' +
    '-c timezone=UTC';

const feature = (path) => readFileSync(join(repository, 'service/features', path), 'utf8');

// values: an SQL expression for each parameter, by its name in the head of the file, which also gives
// the type. Every array has one element.
function bind(path, values) {
    const sql = feature(path);
    const parameters = [...sql.matchAll(/^-- \$(\d+) (\w+): (.+)\[\](?: or null)?$/gm)];
    const bound = Object.fromEntries(parameters.map(([, number, name, type]) => {
        assert.ok(name in values, `${path}: a value for ${name}`);
        return [number, `array[(${values[name]})::${type}]`];
    }));
    return sql.replace(/^--.*\n/gm, '').replace(/\$(\d+)/g, (_, number) => {
        assert.ok(number in bound, `${path}: $${number}`);
        return `(${bound[number]})`;
    });
}

// A new id near the previous one, like the service's ids, from the digits of the variable `id`.
const idOf = (kind) => `lpad('${kind}' || :id, 32, '0')`;

const transaction = (lock, decide) => `\\set n :n + 1
\\set id (:run * 100 + :client_id) * 10000000 + :n
begin;
${lock.trim()};
${decide.trim()};
commit;
`;

// event: an SQL expression; slot is a random number below spread
export function signUpScript(event, answers, spread) {
    return `\\set slot random(0, ${spread - 1})\n` + transaction(
        bind('registration/lock_tally.sql', { event_id: event }),
        bind('registration/sign_up.sql', {
            registration_id: idOf(1), event_id: event, version: '1',
            email: `'bench-' || :id || '@example.org'`,
            email_key: `'bench-' || :id || '@example.org'`,
            language: `'en'`, consents: `'[{"slug": "privacy", "version": 1}]'`,
            fingerprint: `decode(lpad(:id, 32, '0'), 'hex')`, status: `'confirmed'`,
            expires_at: `now() + interval '1 day'`, at_door: 'null', vouched: 'false', source: 'null', actor: 'null', invitation_id: 'null',
            ordinal: '1', attendee_id: idOf(2),
            ticket_id: idOf(3), ticket_type: `'guest'`, name: `'Guest ' || :id`,
            attendee_email: 'null', answers: `'${answers}'`,
            search: `'guest ' || :id || ' bench-' || :id || '@example.org biosaxony'`,
            position: '1',
        }));
}

// Client c scans tickets of its own, from first + c * each on.
export function checkInScript(event, first, each) {
    const script = transaction(
        bind('door/check_in_lock.sql', { event_id: event }),
        bind('door/check_in.sql', {
            event_id: event, nonce: idOf(4), refused: 'null',
            ticket_id: `lpad(:ticket, 32, '0')`, attendee_id: 'null', door: `'main'`,
            direction: `'in'`, scanned_at: 'clock_timestamp()', force: 'false', reason: 'null',
            scanned_by: 'null', actor: `'bench'`, opens_at: `now() - interval '1 day'`,
            closes_at: `now() + interval '1 day'`, decided: 'null', is_now: 'true',
            day: `(select max(day)::text from event_day where event_id = (${event}))`,
        }));
    return `\\set ticket ${first} + :client_id * ${each} + :n\n${script}`;
}

let runs = 0;

// own: with the settings of the service's connections, else with those of the server.
// → transactions per second after the warm-up, and the number of all transactions
export async function pgbench(stage, script, clients = CLIENTS, { own = true } = {}) {
    const file = join(stage.directory, 'script.pgbench');
    writeFileSync(file, script);
    const run = ++runs + (Math.floor(Date.now() / 1000) % 100_000) * 10;
    const { status, stdout, stderr } = await stage.postgres('pgbench', [
        '--no-vacuum', '--protocol=prepared', '--client', clients,
        '--jobs', Math.min(clients, THREADS),
        '--time', RUN_SECONDS, '--progress', 1, '--file', file,
        '--define', 'n=0', '--define', `run=${run}`], own ? { PGOPTIONS: ownSettings } : {});
    assert.ok(status === 0 && !/ERROR/.test(stderr), stderr.slice(0, 2000));
    const rates = [...stderr.matchAll(/^progress: ([\d.]+) s, ([\d.]+) tps/gm)]
        .filter(([, at]) => Number(at) > WARM_UP_SECONDS + 0.5)
        .map(([, , rate]) => Number(rate));
    return {
        rate: rates.reduce((sum, rate) => sum + rate, 0) / rates.length,
        transactions: Number(/^number of transactions actually processed: (\d+)/m.exec(stdout)[1]),
    };
}
