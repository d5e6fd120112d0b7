// The operator's view: readiness, log and metrics.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { guest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { program, repository } from '../harness/paths.js';
import { createDatabase } from '../harness/postgres.js';
import { startService } from '../harness/service.js';
import { until } from '../harness/wait.js';

const house = await openHouse();
const event = await house.apply();
const device = await house.device(event);

// → the sum of a series over all samples with these labels
async function metric(name, labels = {}) {
    const { body } = await house.http.get('/metrics');
    const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
    const lines = body.split('\n').filter((line) => line.startsWith(name) && /^[ {]/.test(line.slice(name.length)))
        .filter((line) => wanted.every((pair) => line.includes(pair)));
    assert.ok(lines.length > 0, `${name} ${wanted}`);
    return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

// Workers publish their figures a few times a second.
async function becomes(value, name, labels) {
    let seen;
    await until(async () => (seen = await metric(name, labels)) === value, () => `${name} is ${seen}, not ${value}`);
}

test('the program is hardened, and its unit restarts it for ever within a bound of memory', () => {
    const elf = execFileSync('readelf', ['--wide', '--file-header', '--program-headers', '--dynamic', program]).toString();
    for (const sign of [/Type:\s+DYN/, /GNU_RELRO/, /BIND_NOW/, /GNU_STACK .* RW /]) assert.match(elf, sign);
    const unit = readFileSync(join(repository, 'deploy/einlass.service'), 'utf8');
    const sections = Object.fromEntries(unit.split(/^\[(?=\w)/m).slice(1).map((part) => part.split(']\n')));
    assert.match(sections.Unit, /^StartLimitIntervalSec=0$/m);
    for (const line of [/^Restart=on-failure$/m, /^RestartSec=[1-9]/m, /^MemoryMax=\d+[MG]$/m])
        assert.match(sections.Service, line);
});

test('requests and their latencies are counted by method, route and status', async () => {
    const route = '/api/v1/events/{event}';
    await house.http.get(`/api/v1/events/${event}`);
    const labels = { method: 'GET', route };
    const before = await metric('einlass_http_request_duration_seconds_count', labels);
    for (let i = 0; i < 3; i++) await house.http.get(`/api/v1/events/${event}`);
    await house.http.get('/api/v1/events/nowhere');
    assert.equal(await metric('einlass_http_request_duration_seconds_count', labels), before + 4);
    assert.equal(await metric('einlass_http_request_duration_seconds_bucket', { ...labels, le: '+Inf' }), before + 4);
    assert.ok(await metric('einlass_http_request_duration_seconds_sum', labels) > 0);
    assert.equal(await metric('einlass_http_requests_total', { ...labels, status: 404 }), 1);
});

test('batches, their sizes and the state of the database are counted', async () => {
    const [{ ticket }] = (await house.signUp(event, guest())).json().attendees;
    await house.scan(event, device, { ticket });
    for (const batch of ['sign_up', 'check_in']) {
        await becomes(1, 'einlass_batch_size_sum', { batch });
        await becomes(1, 'einlass_batch_size_count', { batch });
        await becomes(1, 'einlass_batch_size_bucket', { batch, le: 1 });
        await becomes(0, 'einlass_batch_waiting', { batch });
    }
    await becomes(await metric('einlass_db_connections_wanted'), 'einlass_db_connections');
    assert.ok(await metric('einlass_db_schema_version') >= 3);
    await becomes(0, 'einlass_db_queries_waiting', { lane: 'hot' });
    assert.equal(await metric('einlass_db_failures_total'), 0);
});

test('who waits for the database is seen in the queue', async () => {
    const client = await house.database.pool.connect();
    await client.query('begin');
    await client.query('select from tally for no key update');
    const waiting = Array.from({ length: 8 }, () => house.signUp(event, guest()));
    for (const name of ['einlass_batch_waiting', 'einlass_batch_in_flight'])
        await until(() => metric(name, { batch: 'sign_up' }));
    await client.query('commit');
    client.release();
    assert.ok((await Promise.all(waiting)).every(({ status }) => status === 201));
    await becomes(0, 'einlass_batch_waiting', { batch: 'sign_up' });
    // Nine in all; who waited long was put off and counts again.
    await until(async () => await metric('einlass_batch_size_sum', { batch: 'sign_up' }) >= 9);
});

test('every answer has its line in the log under the same number, a problem names it, too', async () => {
    const answers = [await house.http.get(`/events/${event}`), await house.http.get('/api/v1/events/nowhere'),
        await house.signUp(event, { email: 5 })];
    const ids = answers.map(({ headers }) => headers['x-request-id']);
    assert.equal(new Set(ids).size, 3);
    assert.deepEqual(answers.slice(1).map((answer) => answer.json().request_id), ids.slice(1));
    await until(() => ids.every((id) => house.service.log.some(({ request }) => request === id)));
    const lines = ids.map((id) => house.service.log.filter(({ request }) => request === id));
    assert.deepEqual(lines.map((found) => found.map(({ level, method, route, status }) => [level, method, route, status])), [
        [['info', 'GET', '/events/{event}', 200]],
        [['info', 'GET', '/api/v1/events/{event}', 404]],
        [['info', 'POST', '/api/v1/events/{event}/registrations', 422]],
    ]);
    for (const [{ at, duration_us }] of lines) {
        assert.match(at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/);
        assert.ok(Number.isInteger(duration_us) && duration_us >= 0);
    }
});

test('names, addresses, tickets and tokens are not in the log', async () => {
    const person = guest({ email: 'not.to.be.logged@example.org' });
    person.attendees[0].name = 'Nobody Loggable';
    const registration = (await house.signUp(event, person)).json();
    const [{ ticket, ticket_url }] = registration.attendees;
    const key = new URL(registration.manage_url).searchParams.get('key');
    const page = new URL(registration.manage_url);
    await house.http.get(page.pathname + page.search);
    await house.http.get(new URL(ticket_url).pathname);
    await house.scan(event, device, { ticket });
    await until(() => ['/tickets/{ticket}', '/api/v1/events/{event}/checkins']
        .every((wanted) => house.service.log.some(({ route }) => route === wanted)));
    for (const secret of ['not.to.be.logged', 'Loggable', ticket, key, device])
        assert.ok(!house.service.stderr.includes(secret), secret);
});

test('on a database that is not migrated it lives, is not ready, and is once it was migrated', async () => {
    const database = await createDatabase({ migrated: false });
    const settings = { ...house.settings, database: database.conninfo };
    const service = await startService({ ...settings, public_url: undefined }, { ready: false });
    const ready = await until(() => service.http.get('/readyz').then(
        (answer) => answer.json().code === 'database_not_migrated' && answer, () => null));
    assert.equal(ready.status, 503);
    assert.ok(Number(ready.headers['retry-after']) > 0);
    assert.equal((await service.http.get('/healthz')).status, 200);
    await house.mustCommand(['migrate'], { settings });
    await service.becomesReady();
});

// Every new registration fails as `sql` says, until the returned function is called.
async function failing(sql) {
    await house.database.query(`create function test_fails() returns trigger language plpgsql as $$ begin ${sql}; return new; end $$`);
    await house.database.query('create trigger test_fails before insert on registration for each row execute function test_fails()');
    return () => house.database.query('drop function test_fails cascade');
}

const refusals = (sqlstate) => house.service.log.filter((line) => line.message === 'statement_refused' && line.sqlstate === sqlstate);

test('what the database refuses is logged, and answered by its class', async () => {
    const secret = 'secret@example.org';
    for (const [sqlstate, status, code] of [['53100', 503, 'exhausted'], ['53200', 503, 'exhausted'], ['53300', 503, 'exhausted'],
        ['57014', 503, 'busy'], ['55P03', 503, 'busy'], ['40001', 503, 'busy'], ['40P01', 503, 'busy'],
        ['22P02', 500, 'internal'], ['XX000', 500, 'internal']]) {
        const mend = await failing(`raise exception 'test "${secret}" fails' using errcode = '${sqlstate}', detail = '${secret}', hint = '${secret}'`);
        const answer = await house.signUp(event, guest());
        await mend();
        assert.deepEqual([answer.status, answer.json().code], [status, code], sqlstate);
        assert.equal('retry-after' in answer.headers, status === 503, sqlstate);
        assert.ok(!answer.body.includes('test'), 'a client sees no message of the database');
        const [line] = await until(() => refusals(sqlstate).length && refusals(sqlstate), () => `${sqlstate} in the log`);
        assert.deepEqual([line.level, line.statement, line.times], ['warning', 'registration/sign_up', 1]);
        assert.match(line.reason, sqlstate === '22P02' ? /^test "" fails$/ : /^test .* fails$/);
    }
    assert.equal((await house.signUp(event, guest())).status, 201, 'nothing of it lasts');
});

test('a full server has a page of its own in both languages', async () => {
    const mend = await failing("raise exception 'full' using errcode = '53100'");
    const seen = {};
    for (const [language, words] of [['en', /run out of disk space/], ['de', /fehlt Speicherplatz/]]) {
        const answer = await house.signUp(event, guest(), { headers: { 'accept-language': language } });
        assert.match(answer.json().detail, words);
        seen[language] = answer.headers['retry-after'];
    }
    await mend();
    assert.ok(Number(seen.en) >= 1);
});

test('a row that breaks a constraint is logged without personal data', async () => {
    const name = 'Somebody Secret';
    await house.database.query('alter table attendee add constraint test_names check (name <> $$Somebody Secret$$) not valid');
    const broken = await house.signUp(event, guest({ attendees: [{ name, answers: { company: 'biosaxony', lunch: false } }] }));
    await house.database.query('alter table attendee drop constraint test_names');
    assert.equal(broken.status, 500);
    const line = await until(() => refusals('23514').find(({ constraint }) => constraint === 'test_names'));
    assert.match(line.reason, /violates check constraint/);
    assert.ok(!house.service.stderr.includes(name), 'no name in the log');
});

test('a refusal that comes again and again is one line with a count', async () => {
    const mend = await failing("raise exception 'again' using errcode = 'XX001'");
    for (let i = 0; i < 40; i++) assert.equal((await house.signUp(event, guest())).status, 500);
    await mend();
    assert.ok(refusals('XX001').length <= house.service.settings.workers, 'one line of each worker');
});
