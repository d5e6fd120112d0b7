// Networks that swallow, lie and come back: nobody waits twice, and the answers that count are the
// service's.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { plainEvent, plainGuest } from '../harness/events.js';
import { openPhones } from '../harness/phone.js';
import { PATIENCE_MS, until } from '../harness/wait.js';

const { house, phones, event, signUp, withPhone } = await openPhones();

function signUpMany(count) {
    return Promise.all(Array.from({ length: count }, () => signUp()));
}

function recorded(nonces) {
    return house.database.query(
        'select verdict::text from scan where nonce = any ($1) order by scanned_at', [nonces]);
}

test('after one guest has waited three seconds in vain, nobody waits', async () => {
    const tickets = (await signUpMany(4)).map(({ ticket }) => ticket);
    await withPhone({ clock: true }, async (phone) => {
        const { clock } = phone.page;
        await clock.pauseAt(await phone.page.evaluate(() => Date.now() + 1000));
        const asked = new Promise((resolve) => phone.page.route('**/api/**', (route) => {
            if (route.request().url().endsWith('/checkins')) resolve();
        })); // never an answer
        let isDecided = false;
        const first = phone.verdict(tickets[0]).finally(() => (isDecided = true));
        await asked;
        await clock.runFor(2900);
        await phone.state(); // whose answer would come behind the verdict's
        assert.equal(isDecided, false);
        await clock.runFor(200);
        assert.equal(await first, 'admitted by phone');
        assert.equal((await phone.state()).network, 'slow');
        for (const ticket of tickets.slice(1)) // while time stands still
            assert.equal(await phone.verdict(ticket), 'admitted by phone');
        await phone.page.unroute('**/api/**');
        await clock.resume();
        await phone.until((state) => state.queued === 0);
        const rows = await house.database.query(`select verdict::text from scan
            where nonce = any ($1)`, [(await phone.recent()).map(({ nonce }) => nonce)]);
        assert.deepEqual(rows.map((row) => row.verdict), Array(4).fill('admitted'));
    });
});

// What stands between a phone and the service: a portal that wants a click, a proxy without its service,
// and the service itself when it is busy.
const strangers = {
    'a page': { status: 200, contentType: 'text/html', body: '<h1>Accept our terms</h1>' },
    'a redirect': { status: 302, headers: { location: 'https://portal.example/' } },
    'a page that wants a sign-in': { status: 401, contentType: 'text/html', body: '<h1>Sign in</h1>' },
    'JSON of somebody else': { status: 403, contentType: 'application/json', body: '{"error":"no"}' },
    'a proxy': { status: 502, contentType: 'text/html', body: '<h1>Bad gateway</h1>' },
    'a busy service': { status: 503, contentType: 'application/problem+json', body: '{"status":503,"code":"busy"}' },
};

test('whoever else answers is not believed, and nothing is lost or forgotten', async () => {
    const guests = await signUpMany(Object.keys(strangers).length);
    await withPhone({}, async (phone) => {
        const nonces = [];
        for (const [i, answer] of Object.values(strangers).entries()) {
            let answered = 0;
            const stand = (route) => route.fulfill(answer).then(() => answered++);
            await phone.page.route('**/api/**', stand);
            const said = await phone.scan(guests[i].ticket);
            assert.equal(`${said.verdict} by ${said.decidedBy}`, 'admitted by phone', Object.keys(strangers)[i]);
            nonces.push(said.nonce);
            const before = answered;
            await until(() => answered > before);
            assert.equal((await phone.state()).queued, 1);
            await phone.page.unroute('**/api/**', stand);
            await phone.until((state) => state.queued === 0);
            await phone.sent();
        }
        const state = await phone.state();
        assert.deepEqual([state.paired, state.rejected], [true, 0]);
        assert.deepEqual((await recorded(nonces)).map((row) => row.verdict), guests.map(() => 'admitted'));
    });
});

test('an answer that is lost on the way back leaves one scan', async () => {
    const { ticket } = await signUp();
    const [control] = await signUpMany(1);
    await withPhone({}, async (phone) => {
        let arrived = 0;
        const lose = async (route) => {
            await route.fetch();
            await sleep(500); // meanwhile the live stream tells of it
            arrived++;
            await route.abort();
        };
        await phone.page.route('**/checkins', lose);
        const said = await phone.scan(ticket);
        assert.equal(`${said.verdict} by ${said.decidedBy}`, 'admitted by phone');
        await phone.until(() => arrived >= 2); // and the first one from the queue as well
        await phone.page.unroute('**/checkins', lose);
        await phone.sent();
        assert.deepEqual((await recorded([said.nonce])).map((row) => row.verdict), ['admitted']);
        assert.equal(await scansOf(ticket), 1);
        assert.deepEqual(await phone.events('conflict'), []);
        // Two requests that do not name the scan the same are two scans.
        const device = await house.device(event);
        for (let i = 0; i < 2; i++) await house.scan(event, device, { ticket: control.ticket });
        assert.equal(await scansOf(control.ticket), 2);
    });
});

// → how often the service has recorded a scan of this ticket
async function scansOf(ticket) {
    const said = await house.mustCommand(['ticket', 'verify'], { input: ticket });
    const [id] = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(said);
    return house.database.value('select count(*)::integer from scan where ticket_id = $1', [id]);
}

test('what the service does not know yet of a guest comes before the next scan of theirs', async () => {
    const { ticket } = await signUp();
    await withPhone({}, async (phone) => {
        const isBatch = (route) => Boolean(route.request().postDataJSON().scans);
        await phone.page.route('**/checkins', (route) => route.abort(), { times: 1 });
        assert.equal(await phone.verdict(ticket), 'admitted by phone');
        let send;
        const sent = Promise.race([new Promise((resolve) => (send = resolve)), sleep(PATIENCE_MS, null, { ref: false })]);
        await phone.page.route('**/checkins', async (route) => {
            if (isBatch(route)) await sent;
            await route.continue();
        });
        await phone.until((state) => state.network === 'online');
        assert.equal(await phone.verdict(ticket), 'already_admitted by phone');
        assert.equal(await phone.verdict((await signUp()).ticket), 'admitted by service', 'others do not wait');
        send();
        await phone.sent();
        assert.equal(await phone.verdict(ticket), 'already_admitted by service');
        assert.deepEqual((await recorded((await phone.recent()).map(({ nonce }) => nonce)))
            .map((row) => row.verdict), ['admitted', 'already_admitted', 'admitted', 'already_admitted']);
    });
});

test('an answer that was still on its way does not bring back a network that is gone', async () => {
    await withPhone({}, async (phone) => {
        let answer;
        const answered = Promise.race([new Promise((resolve) => (answer = resolve)), sleep(PATIENCE_MS, null, { ref: false })]);
        const arrived = new Promise((resolve) => phone.page.route(/\/revoked-tickets/, async (route) => {
            await answered;
            await route.fulfill({ json: { tickets: [], as_of: '0', next: null } });
            resolve();
        }));
        await phone.open();
        await phone.goOffline();
        answer();
        await arrived;
        assert.equal((await phone.state()).network, 'offline');
    });
});

test('who came while the app was closed is known when it is open again', async () => {
    const at = await house.apply(plainEvent());
    const { ticket } = await signUp(at, plainGuest());
    const other = await house.device(at);
    // Not one of the newest, which come with every list.
    await house.database.query(`update ticket set issued_at = now() - interval '1 hour'
        where event_id = (select event_id from event where slug = $1)`, [at]);
    await withPhone({ at }, async (phone) => {
        await phone.page.goto('about:blank');
        await house.scan(at, other, { ticket });
        const scannedAt = Date.now();
        await phone.open();
        await phone.until(({ list }) => Date.parse(list.at) > scannedAt);
        await phone.goOffline();
        assert.equal(await phone.verdict(ticket), 'already_admitted by phone');
    });
});

test('a service that stops while it still answers is noticed at the first stream that it refuses', async () => {
    await withPhone({}, async (phone) => {
        let streams = 0;
        await phone.page.route('**/live', (route) => ++streams === 1
            ? route.fulfill({ contentType: 'text/event-stream', body: ': farewell\n\n' }) : route.abort());
        await phone.page.route('**/device', (route) => streams < 2 ? route.continue() : route.abort());
        await phone.open();
        await phone.until((state) => state.network === 'offline');
        assert.ok(streams < 4, `after ${streams} attempts`); // other requests would fail after a minute
    });
});
