// What a paired phone knows and decides while the service answers, and what it keeps.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { localTime, plainEvent, plainGuest } from '../harness/events.js';
import { repository } from '../harness/paths.js';
import { openPhones } from '../harness/phone.js';
import { until } from '../harness/wait.js';

const { house, phones, event, signUp, withPhone } = await openPhones();
const manager = await house.token();

// --- Pairing ------------------------------------------------------------------------------------

test('a phone is paired, with the code or the whole link, and knows where it stands', async () => {
    const phone = await phones.open();
    assert.equal((await phone.state()).paired, false);
    assert.deepEqual(await phone.page.evaluate(() => indexedDB.databases()), [], 'nothing is kept before');
    assert.equal((await phone.call('pair', '0000-0000')).refused, 'pairing_code_unknown');
    const code = (await house.mustCommand(['door', 'pair', event, 'speakers', '--name', 'Red'])).trim();
    assert.equal(await phone.call('pair', `${house.service.url}/door#${code}`), null);
    const state = await phone.state();
    assert.equal(state.paired, true);
    assert.equal(state.device.name, 'Red');
    assert.equal(state.door.title, 'Speakers\' entrance');
    assert.equal(state.event.slug, event);
    assert.equal(state.event.timezone, 'Europe/Berlin');
    assert.deepEqual(state.doors.map(({ slug }) => slug), ['main', 'speakers']);
    assert.equal(state.network, 'online');
    assert.ok(state.counts.expected >= 0);
    await phone.open();
    assert.equal((await phone.state()).device.name, 'Red', 'after a reload');
    await phone.call('rename', 'Blue');
    await phone.call('moveTo', 'main');
    const moved = await phone.state();
    assert.deepEqual([moved.device.name, moved.door.slug], ['Blue', 'main']);
    await phone.close();
});

test('a scanner has no force to use, and stays where it is', async () => {
    const phone = await phones.open();
    await phone.pair(event, 'main', ['--role', 'scanner']);
    const { ticket } = await signUp();
    assert.equal((await phone.scan(ticket, { force: true, reason: 'why' })).errors[0].code, 'force_not_allowed');
    assert.equal((await phone.call('moveTo', 'speakers')).refused, 'device_stays');
    await phone.close();
});

test('a phone that unpairs itself is gone from the list and from itself', async () => {
    await withPhone({}, async (phone) => {
        const { device } = await phone.state();
        const listed = async () => (await house.http.get(`/api/v1/events/${event}/devices`,
            { token: manager })).json().devices.some(({ id }) => id === device.id);
        assert.equal(await listed(), true);
        assert.equal(await phone.call('unpair'), null);
        assert.equal(await listed(), false);
        assert.equal((await phone.state()).paired, false);
        assert.deepEqual(await phone.page.evaluate(() => indexedDB.databases()), []);
        assert.deepEqual(await phone.events('forgotten'), [], 'it was told here, not elsewhere');
        assert.equal((await phone.scan('x')).refused, 'not_paired');
    });
});

test('a phone that unpairs itself asks nothing more, though its stream ends first', async () => {
    await withPhone({}, async (phone) => {
        const asked = [];
        phone.context.on('request', (request) => asked.push(`${request.method()} ${new URL(request.url()).pathname.split('/').at(-1)}`));
        const ended = new Promise((resolve) => {
            for (const way of ['requestfinished', 'requestfailed'])
                phone.context.on(way, (request) => request.url().endsWith('/live') && resolve());
        });
        await phone.page.route('**/device', async (route) => {
            if (route.request().method() !== 'DELETE') return route.continue();
            const response = await route.fetch();
            await ended;
            await phone.page.evaluate(() => new Promise((resolve) => setTimeout(resolve))); // the page knows it, too
            await route.fulfill({ response });
        });
        await phone.call('unpair');
        assert.deepEqual(asked, ['DELETE device']);
    });
});

test('a phone that is paired again belongs to the new door alone', async () => {
    await withPhone({}, async (phone) => {
        const { device } = await phone.state();
        await phone.pair(event, 'speakers');
        const state = await phone.state();
        assert.equal(state.door.slug, 'speakers');
        const { devices } = (await house.http.get(`/api/v1/events/${event}/devices`, { token: manager })).json();
        assert.ok(!devices.some(({ id }) => id === device.id));
        assert.ok(devices.some(({ id }) => id === state.device.id));
    });
});

test('a revoked phone forgets everything at once, also what it could not send', async () => {
    await withPhone({}, async (phone) => {
        const { ticket } = await signUp();
        const { device } = await phone.state();
        await phone.offline();
        assert.equal(await phone.verdict(ticket), 'admitted by phone');
        assert.equal((await phone.call('unpair')).refused, 'queue_not_empty');
        assert.notDeepEqual(await phone.page.evaluate(() => indexedDB.databases()), []);
        await house.http.delete(`/api/v1/events/${event}/devices/${device.id}`, { token: manager });
        await phone.offline(false);
        await phone.until((state) => !state.paired);
        assert.equal((await phone.events('forgotten')).length, 1);
        assert.deepEqual(await phone.page.evaluate(() => indexedDB.databases()), []);
        await phone.open();
        assert.equal((await phone.state()).paired, false);
    });
});

// Holds what a phone waits for while it decides alone.
const holdDigests = () => {
    const { digest } = SubtleCrypto.prototype;
    SubtleCrypto.prototype.digest = async function (...given) {
        await globalThis.hold;
        return digest.apply(this, given);
    };
};

// At a change of a phone that is not paired the page asks for a pairing code: nobody would learn why.
test('a revoked phone says so before anything else, also while a scan is still decided', async () => {
    const { ticket } = await signUp();
    await withPhone({ init: holdDigests }, async (phone) => {
        const { device } = await phone.state();
        await phone.goOffline();
        await phone.page.evaluate(async (text) => {
            globalThis.told = [];
            for (const type of ['change', 'forgotten'])
                door.addEventListener(type, () => door.state.paired || told.push(type));
            globalThis.hold = new Promise((resolve) => (globalThis.release = resolve));
            globalThis.scanned = door.scan(text).then(({ verdict }) => verdict);
            const asked = indexedDB.open('einlass-door'); // an open database is not deleted yet
            globalThis.reader = await new Promise((resolve) => (asked.onsuccess = () => resolve(asked.result)));
        }, ticket);
        await house.http.delete(`/api/v1/events/${event}/devices/${device.id}`, { token: manager });
        await phone.offline(false);
        await phone.until(({ paired }) => !paired);
        await phone.page.evaluate(() => release());
        assert.equal(await phone.page.evaluate(() => scanned), 'admitted');
        await phone.page.evaluate(() => reader.close());
        await until(async () => (await phone.events('forgotten')).length === 1);
        assert.equal((await phone.page.evaluate(() => told))[0], 'forgotten');
    });
});

test('unpaired by force, without a network, a phone forgets what it could not send', async () => {
    await withPhone({}, async (phone) => {
        const { ticket } = await signUp();
        await phone.offline();
        await phone.scan(ticket);
        assert.equal(await phone.call('unpair', { force: true }), null);
        assert.deepEqual(await phone.page.evaluate(() => indexedDB.databases()), []);
    });
});

// --- Verdicts of the service --------------------------------------------------------------------

test('online the service decides, with one request a scan', async () => {
    await withPhone({}, async (phone) => {
        const requests = [];
        phone.page.on('request', (request) => request.method() === 'POST' && requests.push(request.url()));
        const { ticket, id, name } = await signUp();
        const first = await phone.scan(ticket);
        assert.equal(first.verdict, 'admitted');
        assert.equal(first.decidedBy, 'service');
        assert.deepEqual(first.attendee, { id, name, ticket_type: 'guest', ticket_type_title: 'Guest',
            status: 'confirmed', answers: [{ label: 'Company or institution', text: 'biosaxony' }] });
        assert.equal(first.admittedAt, first.scannedAt);
        const again = await phone.scan(ticket);
        assert.equal(again.verdict, 'already_admitted');
        assert.equal(again.admittedAt, first.admittedAt);
        assert.equal(again.admittedDoor, 'Main entrance');
        assert.equal(await phone.verdict(ticket, { direction: 'out' }), 'left by service');
        assert.equal(await phone.verdict(ticket), 'admitted by service');
        assert.equal(await phone.verdict(ticket, { force: true, reason: 'again' }), 'admitted by service');
        assert.equal(requests.length, 5);
        assert.deepEqual((await phone.recent()).map(({ verdict, name: who, ticketId }) => [verdict, who, typeof ticketId]),
            ['admitted', 'admitted', 'left', 'already_admitted', 'admitted'].map((verdict) => [verdict, name, 'string']));
        assert.equal((await phone.state()).counts.inside, again.counts.inside);
    });
});

test('every refusal, and what is no ticket is not sent', async () => {
    await withPhone({}, async (phone) => {
        const { ticket, registration, id } = await signUp();
        const sent = [];
        phone.page.on('request', (request) => request.method() === 'POST' && sent.push(request.url()));
        for (const text of ['https://example.org/', 'WIFI:S:x;;', '', 'x'.repeat(4000), '4006381333931'])
            assert.equal(await phone.verdict(text), 'not_a_ticket by phone', text.slice(0, 30));
        assert.deepEqual(sent, []);
        const at = ticket.length - 20;
        const forged = ticket.slice(0, at) + (ticket[at] === 'A' ? 'B' : 'A') + ticket.slice(at + 1);
        assert.equal(await phone.verdict(forged), 'forged by service');
        assert.equal(await phone.verdict(ticket.slice(0, 60)), 'unknown by service');
        const replaced = await house.http.post(
            `/api/v1/registrations/${registration}/attendees/${id}/ticket`, { token: manager, json: {} });
        assert.equal(await phone.verdict(ticket), 'replaced by service');
        const [newer] = replaced.json().attendees;
        assert.equal((await house.http.delete(`/api/v1/registrations/${registration}`, { token: manager })).status, 200);
        assert.equal(await phone.verdict(newer.ticket), 'cancelled by service');
        const other = await house.apply(plainEvent());
        const elsewhere = await signUp(other, plainGuest());
        assert.equal(await phone.verdict(elsewhere.ticket), 'wrong_event by service');
        await phone.call('moveTo', 'speakers');
        assert.equal(await phone.verdict((await signUp()).ticket), 'wrong_door by service');
        assert.equal((await phone.scan(ticket, { force: true })).errors[0].code, 'reason_needed');
    });
});

test('a ticket reads in a link, in lower case, with blanks, and typed on a German keyboard', async () => {
    await withPhone({}, async (phone) => {
        const exchange = { Y: 'Z', Z: 'Y' };
        for (const write of [(text) => `${house.service.url}/tickets/${text}`,
            (text) => ` ${text.toLowerCase().replace(/.{8}/g, '$& ')}\n`,
            (text) => text.replace(/[YZ]/g, (letter) => exchange[letter])]) {
            const { ticket } = await signUp();
            assert.equal(await phone.verdict(write(ticket)), 'admitted by service');
            await phone.goOffline();
            assert.equal(await phone.verdict(write(ticket)), 'already_admitted by phone');
            await phone.offline(false);
            await phone.sent();
        }
    });
});

// → the verdicts of two scans at the same moment that do not wait for each other: a later one gets
// to the service first
async function withoutOrder() {
    const { ticket } = await signUp();
    const token = await house.device(event);
    const now = Date.now();
    const scan = async (ms) => (await house.scan(event, token,
        { ticket, direction: 'in', scanned_at: new Date(ms).toISOString() })).json().verdict;
    const second = await scan(now);
    return [await scan(now - 1), second];
}

test('scans that come fast after each other keep their order', async () => {
    await withPhone({}, async (phone) => {
        const { ticket } = await signUp();
        const slow = (route) => sleep(Math.random() * 300).then(() => route.continue());
        await phone.page.route('**/checkins', slow);
        const verdicts = await phone.page.evaluate((text) => Promise.all(['in', 'in', 'out', 'in', 'out', 'out', 'in']
            .map((direction) => door.scan(text, { direction }))), ticket);
        assert.deepEqual(verdicts.map(({ verdict }) => verdict),
            ['admitted', 'already_admitted', 'left', 'admitted', 'left', 'left', 'admitted']);
        const times = verdicts.map(({ scannedAt }) => Date.parse(scannedAt));
        assert.deepEqual(times, times.toSorted((a, b) => a - b));
        assert.notDeepEqual(await withoutOrder(), ['admitted', 'already_admitted'],
            'nobody would have noticed');
    });
});

test('a scan is undone, also by somebody who has no network', async () => {
    await withPhone({}, async (phone) => {
        const { ticket } = await signUp();
        await phone.offline();
        const alone = await phone.scan(ticket);
        assert.equal(alone.verdict, 'admitted');
        assert.equal((await phone.call('undo', alone.nonce)).nonce, alone.nonce);
        assert.equal((await phone.recent())[0].undone, true);
        assert.equal(await phone.verdict(ticket), 'admitted by phone', 'as if it had not been');
        await phone.offline(false);
        await phone.sent();
        assert.equal(await phone.verdict(ticket), 'already_admitted by service');
    });
});

// --- What other doors do ------------------------------------------------------------------------

// → the paths the phone has asked for since, with what is in front of the question mark cut off
function asked(phone, name) {
    const paths = [];
    phone.page.on('request', (request) => {
        if (request.url().includes(`/${name}`)) paths.push({ url: request.url(), headers: request.headers() });
    });
    return paths;
}

// The phone has heard of this many inside.
const inside = (phone, count) => phone.until((state) => state.counts.inside === count);

test('who came and went at another door is known here when the network goes', async () => {
    const at = await house.apply(plainEvent());
    const other = await house.device(at);
    const [came, left, undone, unknown] = await Promise.all(Array.from({ length: 4 }, () => signUp(at, plainGuest())));
    await withPhone({ at }, async (phone) => {
        await phone.until((state) => state.list !== null);
        for (const { ticket } of [came, left, undone]) await house.scan(at, other, { ticket });
        await inside(phone, 3);
        const nonce = randomUUID();
        await house.scan(at, other, { ticket: left.ticket, direction: 'out', nonce });
        await inside(phone, 2);
        const [{ nonce: mistaken }] = await house.database.query(`select nonce from scan join attendee
            using (event_id, attendee_id) where attendee_id = $1`, [undone.id]);
        assert.equal((await house.http.delete(`/api/v1/events/${at}/checkins/${mistaken}`, { token: other })).status, 200);
        await inside(phone, 1);
        await phone.noted(6); // five scans, one of them taken back
        await phone.goOffline();
        const said = await phone.scan(came.ticket);
        assert.equal(said.verdict, 'already_admitted');
        assert.equal(said.admittedDoor, 'Door');
        for (const { ticket } of [left, undone, unknown])
            assert.equal(await phone.verdict(ticket), 'admitted by phone');
    });
});

// Chromium that plays offline keeps the connections it has: cut() ends the stream as a network would.
// With isForgetful, the next one does not tell what the phone missed, only that it did.
const cuttable = () => {
    const original = globalThis.fetch;
    const forgetful = () => new Response(new ReadableStream({
        start: (stream) => stream.enqueue(new TextEncoder().encode('event: missed\ndata: {}\n\n')),
    }), { headers: { 'content-type': 'text/event-stream' } });
    globalThis.fetch = (url, options) => {
        if (!url.endsWith('/live')) return original(url, options);
        if (globalThis.isForgetful) return Promise.resolve(forgetful());
        const limit = new AbortController();
        options.signal.addEventListener('abort', () => limit.abort());
        globalThis.cut = () => limit.abort();
        return original(url, { ...options, signal: limit.signal });
    };
};

test('the stream goes on from where it was', async () => {
    const at = await house.apply(plainEvent());
    const other = await house.device(at);
    const { ticket } = await signUp(at, plainGuest());
    const { ticket: first } = await signUp(at, plainGuest());
    await withPhone({ at, init: cuttable }, async (phone) => {
        await phone.until((state) => state.list !== null);
        await house.scan(at, other, { ticket: first });
        await inside(phone, 1);
        await phone.noted(1);
        await phone.offline();
        await phone.page.evaluate(() => cut());
        await phone.until((state) => state.network === 'offline');
        await house.scan(at, other, { ticket });
        const streams = asked(phone, 'live');
        await phone.offline(false);
        await inside(phone, 2);
        assert.match(streams.at(-1).headers['last-event-id'] ?? '', /^\d+-[0-9a-f-]{36}$/);
        await phone.page.waitForFunction(() => new Set(noted).size === 2);
        await phone.goOffline();
        assert.equal(await phone.verdict(ticket), 'already_admitted by phone');
    });
});

test('a phone that was away too long for the stream fetches the whole list anew', async () => {
    const at = await house.apply(plainEvent());
    const other = await house.device(at);
    const { ticket } = await signUp(at, plainGuest());
    await withPhone({ at, init: cuttable }, async (phone) => {
        await phone.offline();
        await phone.page.evaluate(() => cut());
        await phone.until((state) => state.network === 'offline');
        await house.scan(at, other, { ticket });
        const scannedAt = Date.now();
        const [lists, conflicts] = [asked(phone, 'guest-list'), asked(phone, 'conflicts')];
        await phone.page.evaluate(() => (globalThis.isForgetful = true));
        await phone.offline(false);
        await phone.until(() => lists.some(({ url }) => !url.includes('since')) && conflicts.length > 0);
        await phone.sent();
        await phone.until(({ list }) => Date.parse(list.at) > scannedAt);
        await phone.goOffline();
        assert.equal(await phone.verdict(ticket), 'already_admitted by phone');
    });
});

test('two phones that let one guest in while apart both hear of it', async () => {
    const at = await house.apply(plainEvent({ doors: [{ slug: 'main', title: 'Door' }, { slug: 'side', title: 'Side' }] }));
    const { ticket, name, id } = await signUp(at, plainGuest());
    await withPhone({ at }, (one) => withPhone({ at, atDoor: 'side' }, async (two) => {
        for (const phone of [one, two]) await phone.until((state) => state.list !== null);
        for (const phone of [one, two]) await phone.offline();
        for (const phone of [one, two]) await phone.until((state) => state.network === 'offline');
        const first = await one.scan(ticket);
        assert.deepEqual([first.verdict, first.decidedBy], ['admitted', 'phone']);
        // Each phone estimates the service's clock. The second scan is the later one by both.
        await until(() => two.page.evaluate((at) => Date.now() + door.state.skewMs > at, Date.parse(first.scannedAt)));
        const second = await two.scan(ticket);
        assert.equal(second.verdict, 'admitted');
        for (const phone of [one, two]) {
            await phone.offline(false);
            await phone.sent();
            assert.equal((await phone.events('conflict')).length, phone === one ? 0 : 1);
        }
        for (const phone of [one, two]) {
            const { conflicts } = await phone.until((state) => state.conflicts.length > 0);
            assert.equal(conflicts.length, 1);
            const [conflict] = await phone.events('conflict');
            assert.deepEqual([conflict.nonce, conflict.verdict, conflict.door, conflict.attendee.name, conflict.admitted_door],
                [second.nonce, 'already_admitted', 'side', name, 'main']);
            assert.equal((await phone.events('conflict')).length, 1, 'told once');
        }
        assert.equal((await two.recent())[0].verdict, 'already_admitted');
        const rows = await house.database.query(
            `select verdict::text, conflict from scan where attendee_id = $1 order by received_at`, [id]);
        assert.deepEqual(rows, [{ verdict: 'admitted', conflict: false }, { verdict: 'already_admitted', conflict: true }]);
        await until(async () => (await two.page.evaluate(() => dump())).includes(`-${second.nonce}"`)); // its place in the stream
        await two.open();
        await two.until((state) => state.conflicts.length === 1);
        await sleep(300);
        assert.deepEqual(await two.events('conflict'), [], 'no news any more');
    }));
});

test('the desk renames, moves and unpairs a phone that nobody touches', async () => {
    await withPhone({}, async (phone) => {
        const { device } = await phone.state();
        const path = `/api/v1/events/${event}/devices/${device.id}`;
        await house.http.patch(path, { token: manager, json: { name: 'Moved', door: 'speakers', role: 'scanner' } });
        const state = await phone.until(({ door }) => door.slug === 'speakers');
        assert.deepEqual([state.device.name, state.device.role, state.door.title], ['Moved', 'scanner', "Speakers' entrance"]);
        await house.http.delete(path, { token: manager });
        await phone.until(({ paired }) => !paired);
        await until(async () => (await phone.events('forgotten')).length === 1);
        assert.deepEqual(await phone.page.evaluate(() => indexedDB.databases()), []);
    });
});

test('a door that is called something else is called so here', async () => {
    const definition = plainEvent();
    const at = await house.apply(definition);
    await withPhone({ at }, async (phone) => {
        await house.apply({ ...definition, doors: [{ slug: 'main', title: 'North gate' }] });
        await phone.until(({ door }) => door.title === 'North gate');
    });
});

// --- Keeping up ---------------------------------------------------------------------------------

test('the guest list comes in pages, what is new every ten minutes, all of it every hour', async () => {
    const at = await house.apply(plainEvent({ registration: { capacity: 1000 } }));
    const guests = [];
    for (let i = 0; i < 15; i++)
        guests.push(...await Promise.all(Array.from({ length: 30 }, () => signUp(at, plainGuest()))));
    const phone = await phones.open({ clock: true });
    await phone.withoutTime(); // its clock is about to leave the service's behind
    const lists = asked(phone, 'guest-list');
    const revoked = asked(phone, 'revoked-tickets');
    await phone.pair(at);
    const state = await phone.until(({ list }) => list !== null);
    assert.equal(state.list.guests, guests.length);
    assert.equal(lists.length, 3);
    const late = await signUp(at, plainGuest());
    await house.http.delete(`/api/v1/registrations/${guests[0].registration}`, { token: manager });
    await phone.page.clock.fastForward('10:30');
    await phone.until(({ list }) => list.guests === guests.length + 1);
    assert.match(lists[3].url, /since=2/);
    await phone.page.clock.fastForward('55:00');
    // A jump of the clock may give up what is under way. It is asked for again after a pause.
    const again = setInterval(() => phone.page.clock.fastForward('02:00').catch(() => {}), 10_000);
    await phone.until(({ list }) => list.guests === guests.length).finally(() => clearInterval(again));
    await until(() => revoked.some(({ url }) => url.endsWith('since=1'))); // only the new ones
    assert.ok(lists.slice(4).some(({ url }) => !url.includes('since')));
    await phone.goOffline();
    assert.equal((await phone.scan(late.ticket)).attendee.name, late.name);
    assert.equal(await phone.verdict(guests[0].ticket), 'cancelled by phone');
    await phone.close();
});

// Streams that say something once, and nothing more.
const silent = () => {
    const original = globalThis.fetch;
    globalThis.streams = 0;
    globalThis.fetch = (url, options) => {
        if (!url.endsWith('/live')) return original(url, options);
        streams++;
        const body = new ReadableStream({ start: (stream) => {
            stream.enqueue(new TextEncoder().encode(': here\n\n'));
            options.signal.addEventListener('abort', () => stream.error(options.signal.reason));
        } });
        return Promise.resolve(new Response(body, { headers: { 'content-type': 'text/event-stream' } }));
    };
};

test('a stream that says nothing for forty seconds is given up', async () => {
    const phone = await phones.open({ clock: true, init: silent });
    await phone.pair(event);
    await phone.page.waitForFunction(() => streams === 1);
    await phone.page.clock.pauseAt(await phone.page.evaluate(() => Date.now() + 1000));
    await phone.page.clock.runFor(30_000);
    assert.equal(await phone.page.evaluate(() => streams), 1);
    await phone.page.clock.runFor(12_000);
    await phone.page.clock.resume();
    await phone.page.waitForFunction(() => streams === 2);
    await phone.close();
});

// --- Searches -----------------------------------------------------------------------------------

test('the phone folds what is searched as the service does', async () => {
    const path = join(repository, 'tests/harness/lists/searches.json');
    const { folded, words, numbers } = JSON.parse(readFileSync(path, 'utf8'));
    const phone = await phones.open();
    const read = (reader, all) => phone.page.evaluate(([name, texts]) => texts.map((text) => engine[name](text)),
        [reader, all.map(([text]) => text)]);
    for (const [reader, all] of [['fold', folded], ['wordsOf', words], ['numberOf', numbers]])
        assert.deepEqual(await read(reader, all), all.map(([, expected]) => expected), reader);
    await phone.close();
});

// --- Tickets ------------------------------------------------------------------------------------

const vector = JSON.parse(readFileSync(join(repository, 'docs/ticket-vector.json'), 'utf8'));

// → how the phone reads these texts, with the key of the vector
function readTickets(phone, texts) {
    return phone.page.evaluate(async ([jwks, all]) => {
        const keys = new engine.Keys({ ed25519: '/phone/ed25519.js' });
        keys.set(jwks);
        const read = all.map((text) => engine.readTicket(text, (...signed) => keys.verify(...signed)));
        return (await Promise.all(read)).map(({ status, claims }) => ({ status, claims }));
    }, [vector.jwks, texts]);
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

test('the published vector is read, and whatever is changed in it is not genuine', async () => {
    const phone = await phones.open();
    const { token, claims } = vector;
    const [good] = await readTickets(phone, [token]);
    assert.deepEqual(good, { status: 'genuine',
        claims: { id: claims.cti, event: claims.aud, expiresAt: claims.exp * 1000 } });
    const changed = Array.from(token, (letter, i) => {
        const other = alphabet[(alphabet.indexOf(letter) + 1) % 32];
        return token.slice(0, i) + other + token.slice(i + 1);
    });
    const read = await readTickets(phone, changed);
    assert.deepEqual(read.map(({ status }) => status).filter((status) => status === 'genuine'), []);
    const others = await readTickets(phone, [`${token}A`, `${token}AA`, token.slice(0, -1), token.slice(2),
        `A${token}`, 'ABCD', '2KCE', `${token}${token}`, token.replace('2KCE', '2K0E')]);
    for (const { status } of others) assert.equal(status, 'unknown');
    await phone.close();
});

test('a ticket is read however scanners and people give it', async () => {
    const phone = await phones.open();
    const given = await readTickets(phone, vector.given.map(([, text]) => text));
    const unread = vector.given.filter((one, i) => given[i].status !== 'genuine').map(([about]) => about);
    assert.deepEqual(unread, []);
    const others = await readTickets(phone, vector.not_given.map(([, text]) => text));
    const read = vector.not_given.filter((one, i) => others[i].status !== 'unknown').map(([about]) => about);
    assert.deepEqual(read, []);
    await phone.close();
});

test('a browser that cannot verify loads a library that can, and only then', async () => {
    const load = async (phone) => {
        const loaded = [];
        phone.page.on('request', (request) => loaded.push(new URL(request.url()).pathname));
        const forged = vector.token.slice(0, -30) + (vector.token.at(-30) === 'A' ? 'B' : 'A') + vector.token.slice(-29);
        const read = await readTickets(phone, [vector.token, forged]);
        assert.deepEqual(read.map(({ status }) => status), ['genuine', 'forged']);
        return loaded.includes('/phone/ed25519.js');
    };
    const able = await phones.open();
    assert.equal(await load(able), false);
    await able.close();
    const unable = await phones.open({ init: () => {
        const importKey = crypto.subtle.importKey.bind(crypto.subtle);
        SubtleCrypto.prototype.importKey = (format, key, algorithm, ...more) =>
            algorithm === 'Ed25519' || algorithm.name === 'Ed25519'
                ? Promise.reject(new DOMException('no', 'NotSupportedError'))
                : importKey(format, key, algorithm, ...more);
    } });
    assert.equal(await load(unable), true);
    await unable.close();
});
