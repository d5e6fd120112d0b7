// A phone goes on when the network does not: it decides by itself, loses no scan, doubles none, and
// whoever steals it reads nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf } from '../harness/attendee.js';
import { guest, HOUR_MS, localTime, plainEvent, plainGuest } from '../harness/events.js';
import { temporaryDirectory } from '../harness/paths.js';
import { openPhones } from '../harness/phone.js';
import { until } from '../harness/wait.js';

const { house, phones, event, signUp, withPhone } = await openPhones();
const manager = await house.token();
const DAY_MS = 24 * HOUR_MS;
const MINUTE_MS = HOUR_MS / 60; // answers may take a while; a day is far more

function signUpMany(count, at = event, body = guest) {
    return Promise.all(Array.from({ length: count }, () => signUp(at, body())));
}

// What the service recorded of the scans with these nonces, oldest first.
function recorded(nonces) {
    return house.database.query(`select nonce, verdict::text, decided::text, forced, scanned_at
        from scan where nonce = any ($1) order by scanned_at`, [nonces]);
}

// Nothing tells this phone what time it is.
async function untold(phone) {
    await phone.withoutTime();
    await phone.page.route('**/live', (route) => route.abort());
}

// The service gets what this phone scans during work(); the phone never gets the answer.
async function loseAnswer(phone, work) {
    const lose = async (route) => {
        await route.fetch();
        await route.abort();
    };
    await phone.page.route('**/checkins', lose);
    const done = await work();
    await phone.page.unroute('**/checkins', lose);
    return done;
}

// Resolves once the service has the scan with this nonce.
const recordedOf = (nonce) => until(async () => (await recorded([nonce])).length > 0);

// → who is found, from the service or, if there is no network, from the phone's own list
async function found(phone, query, isFromList = false) {
    const answer = await phone.call('search', query);
    assert.equal(answer.refused, undefined);
    assert.equal(answer.listAt !== null, isFromList);
    return answer.attendees;
}

// --- Deciding -----------------------------------------------------------------------------------

test('what the phone says by itself, and what the service then makes of it', async () => {
    const [known, gone, handedOn] = await signUpMany(3);
    const other = await house.apply(plainEvent());
    const elsewhere = await signUp(other, plainGuest());
    await house.http.delete(`/api/v1/registrations/${gone.registration}`, { token: manager });
    await house.http.post(`/api/v1/registrations/${handedOn.registration}/attendees/${handedOn.id}/ticket`,
        { token: manager, json: {} });
    await withPhone({}, async (phone) => {
        const late = await signUp(); // after the list was fetched
        await phone.goOffline();
        const forged = known.ticket.slice(0, -20) + (known.ticket.at(-20) === 'A' ? 'B' : 'A') + known.ticket.slice(-19);
        const reason = 'The organiser approved it';
        const scans = [[known.ticket, 'admitted'], [known.ticket, 'already_admitted'],
            [known.ticket, 'left', { direction: 'out' }], [known.ticket, 'admitted'],
            [known.ticket, 'admitted', { force: true, reason }], [late.ticket, 'admitted'],
            [gone.ticket, 'cancelled'], [gone.ticket, 'admitted', { force: true, reason }],
            [handedOn.ticket, 'replaced'], [handedOn.ticket, 'replaced', { force: true, reason }],
            [elsewhere.ticket, 'wrong_event'], [forged, 'forged'], [known.ticket.slice(0, 50), 'unknown'],
            [known.ticket, 'left', { direction: 'out' }], [gone.ticket, 'left', { direction: 'out' }]];
        const nonces = [];
        for (const [ticket, verdict, options] of scans) {
            const said = await phone.scan(ticket, options);
            assert.equal(`${said.verdict} by ${said.decidedBy}`, `${verdict} by phone`);
            if (ticket === known.ticket) {
                assert.equal(said.attendee.name, known.name);
                assert.deepEqual(said.attendee.answers, [{ label: 'Company or institution', text: 'biosaxony' }]);
            }
            if (verdict === 'already_admitted') assert.equal(said.admittedDoor, 'Main entrance');
            nonces.push(said.nonce);
        }
        assert.equal((await phone.state()).queued, scans.length);
        await phone.comeBack();
        const rows = await recorded(nonces);
        assert.deepEqual(rows.map((row) => row.nonce), nonces, 'each once, in order');
        assert.deepEqual(rows.map((row) => row.verdict), scans.map(([, verdict]) => verdict));
        assert.deepEqual(rows.map((row) => row.decided), scans.map(([, verdict]) => verdict));
        assert.equal((await phone.state()).rejected, 0);
        assert.deepEqual(await phone.events('conflict'), []);
    });
});

test('a door that does not let this ticket in, as far as the phone can know', async () => {
    const { ticket } = await signUp();
    await withPhone({ atDoor: 'speakers' }, async (phone) => {
        const late = await signUp();
        await phone.goOffline();
        assert.equal(await phone.verdict(ticket), 'wrong_door by phone');
        assert.equal(await phone.verdict(late.ticket), 'admitted by phone', 'its type is not known');
        await phone.comeBack();
        assert.equal((await phone.recent())[0].verdict, 'wrong_door');
        const [conflict] = await phone.events('conflict');
        assert.equal(conflict.verdict, 'wrong_door');
        assert.equal(conflict.attendee.name, late.name);
    });
});

test('too early, too late, and a ticket that has expired', async () => {
    for (const [opens, closes, verdict] of [[1, 3, 'too_early'], [-3, -1, 'too_late'], [-1, 1, 'admitted']]) {
        const at = await house.apply(plainEvent({ starts_at: localTime(-5),
            check_in: { opens_at: localTime(opens), closes_at: localTime(closes) } }));
        const { ticket } = await signUp(at, plainGuest());
        await withPhone({ at }, async (phone) => {
            await phone.goOffline();
            assert.equal(await phone.verdict(ticket), `${verdict} by phone`);
            assert.equal(await phone.verdict(ticket, { direction: 'out' }), 'left by phone');
        });
    }
    const phone = await phones.open();
    const said = await phone.page.evaluate(() => engine.decide({ at: 5000, direction: 'in', event: { slug: 'e' },
        person: null, door: null, presence: null, force: false,
        ticket: { status: 'genuine', claims: { event: 'e', expiresAt: 5000, id: 'x' } } }).verdict);
    assert.equal(said, 'too_late');
    await phone.close();
});

test('a new day admits anew, and a cancelled event nobody', async () => {
    const day = (days) => localTime(days * 24 - 5).slice(0, 10); // a day ends at 05:00
    const definition = plainEvent({ starts_at: `${day(-1)}T09:00`, ends_at: `${day(1)}T18:00`,
        registration: { closes_at: undefined, changes_until: undefined },
        ticket_types: [{ slug: 'all', title: 'All' }, { slug: 'first', title: 'First', days: [day(-1)] }] });
    const at = await house.apply(definition);
    const guests = await signUpMany(2, at, plainGuest);
    const first = await signUp(at, plainGuest({ attendees: [{ name: 'First', ticket_type: 'first' }] }));
    const token = await house.device(at);
    const [{ ticket }, { ticket: other }] = guests;
    const came = await house.scan(at, token, { ticket, scanned_at: new Date(Date.parse(`${day(-1)}T12:00Z`)).toISOString() });
    assert.equal(came.json().verdict, 'admitted');
    await withPhone({ at }, async (phone) => {
        await phone.until((state) => state.list?.guests === 3);
        assert.deepEqual((await phone.state()).counts, { expected: 2, admitted: 0, inside: 0 });
        await phone.goOffline();
        assert.equal(await phone.verdict(ticket), 'admitted by phone', 'came the day before');
        assert.equal(await phone.verdict(ticket), 'already_admitted by phone');
        const { verdict, validOn } = await phone.scan(first.ticket);
        assert.deepEqual([verdict, validOn], ['too_late', [day(-1)]]);
        assert.deepEqual((await phone.state()).counts, { expected: 2, admitted: 1, inside: 1 });
        await phone.comeBack();
        assert.deepEqual(await phone.events('conflict'), [], 'the service says the same');
        await phone.until(({ counts }) => counts.admitted === 1 && counts.inside === 1);

        await house.apply({ ...definition, cancelled: true });
        await phone.until(({ event: known }) => known.cancelled);
        assert.equal(await phone.verdict(other), 'cancelled by service');
        await phone.goOffline();
        assert.equal(await phone.verdict(other), 'cancelled by phone');
        assert.equal(await phone.verdict(other, { force: true, reason: 'fetches a coat' }), 'admitted by phone');
    });
});

test('of an event that was moved later, the tickets mailed before are good where the guest list has them', async () => {
    const definition = plainEvent({ starts_at: localTime(-5), ends_at: localTime(2),
        check_in: { opens_at: localTime(-2), closes_at: localTime(2) } });
    const at = await house.apply(definition);
    const [listed, late] = await signUpMany(2, at, plainGuest);
    await house.apply({ ...definition, ends_at: localTime(10 * 24),
        check_in: { opens_at: localTime(-2), closes_at: localTime(10 * 24) } });
    const phone = await phones.open({ skewMs: 5 * DAY_MS }); // later than the tickets say
    await untold(phone);
    await phone.page.route('**/guest-list*', async (route) => {
        const response = await route.fetch();
        const { guests, ...json } = await response.json();
        const [{ ticket_id: unlisted }] = await house.database.query(
            'select ticket_id from ticket where attendee_id = $1', [late.id]);
        const known = guests.filter(({ digest }) => digest !== digestOf(unlisted));
        await route.fulfill({ response, json: { ...json, guests: known } });
    });
    await phone.pair(at);
    await phone.until((state) => state.list?.guests === 1);
    await phone.goOffline();
    assert.equal(await phone.verdict(listed.ticket), 'admitted by phone');
    assert.equal(await phone.verdict(late.ticket), 'too_late by phone');
    await phone.close();
});

test('a phone whose clock is a day off says the same, and tells the right times', async () => {
    const at = await house.apply(plainEvent({ starts_at: localTime(-5),
        check_in: { opens_at: localTime(-2), closes_at: localTime(2) } }));
    for (const skewMs of [DAY_MS, -DAY_MS]) {
        const [online, alone] = await signUpMany(2, at, plainGuest);
        await withPhone({ at, skewMs }, async (phone) => {
            assert.ok(Math.abs((await phone.state()).skewMs + skewMs) < MINUTE_MS);
            const first = await phone.scan(online.ticket);
            assert.equal(first.verdict, 'admitted');
            assert.ok(Math.abs(Date.parse(first.scannedAt) - Date.now()) < MINUTE_MS);
            await phone.goOffline();
            await phone.open();
            const second = await phone.scan(alone.ticket);
            assert.equal(`${second.verdict} by ${second.decidedBy}`, 'admitted by phone');
            assert.ok(Math.abs(Date.parse(second.scannedAt) - Date.now()) < MINUTE_MS);
            await phone.comeBack();
            const [row] = await recorded([second.nonce]);
            assert.equal(row.verdict, 'admitted');
            assert.ok(Math.abs(row.scanned_at - Date.now()) < MINUTE_MS);
        });
    }
    // One that is never told the time would send guests away.
    const { ticket } = await signUp(at, plainGuest());
    const phone = await phones.open({ skewMs: DAY_MS });
    await untold(phone);
    await phone.pair(at);
    await phone.goOffline();
    assert.equal(await phone.verdict(ticket), 'too_late by phone');
    await phone.close();
});

// --- Going and coming back ----------------------------------------------------------------------

test('scans survive closing the browser, see each other, and are sent in batches, in order', async () => {
    const guests = await signUpMany(150);
    await withPhone({}, async (phone) => {
        await phone.goOffline();
        const scanAll = () => phone.page.evaluate(async (tickets) => {
            const said = [];
            for (const ticket of tickets) said.push(await door.scan(ticket));
            return said.map(({ verdict, nonce }) => ({ verdict, nonce }));
        }, guests.map(({ ticket }) => ticket));
        const first = await scanAll();
        assert.deepEqual([...new Set(first.map(({ verdict }) => verdict))], ['admitted']);
        await phone.open();
        assert.equal((await phone.state()).queued, guests.length, 'after a reload');
        const second = await scanAll();
        assert.deepEqual([...new Set(second.map(({ verdict }) => verdict))], ['already_admitted']);
        const batches = [];
        phone.page.on('requestfinished', (request) => {
            if (request.url().endsWith('/checkins') && request.method() === 'POST')
                batches.push(request.postDataJSON().scans.map(({ nonce }) => nonce));
        });
        await phone.comeBack();
        const all = [...first, ...second];
        assert.deepEqual(batches.map((batch) => batch.length), [200, 100]);
        assert.deepEqual(batches.flat(), all.map(({ nonce }) => nonce));
        const rows = await recorded(batches.flat());
        assert.deepEqual(rows.map((row) => row.verdict), all.map(({ verdict }) => verdict));
        await phone.forgotten();
        await phone.open();
        assert.equal((await phone.state()).queued, 0, 'nothing comes back');
    });
});

test('a scan whose verdict was shown survives a phone that dies in that moment', async () => {
    const profile = temporaryDirectory();
    const guests = await signUpMany(5);
    const phone = await phones.open({ profile });
    await phone.pair(event);
    await phone.goOffline();
    const nonces = [];
    for (const { ticket } of guests) nonces.push((await phone.scan(ticket)).nonce);
    await phone.crash();
    const again = await phones.open({ profile });
    await again.sent();
    assert.deepEqual((await recorded(nonces)).map((row) => row.verdict), guests.map(() => 'admitted'));
    await again.close();
});

test('two tabs of one phone share what they know, and send each scan once', async () => {
    const guests = await signUpMany(20);
    await withPhone({}, async (phone) => {
        const tab = await phones.open({ tabOf: phone });
        const sent = [];
        phone.context.on('requestfinished', (request) => {
            if (request.url().endsWith('/checkins')) sent.push(...request.postDataJSON().scans);
        });
        await phone.goOffline();
        await tab.until((state) => state.network === 'offline');
        for (const [i, { ticket }] of guests.entries())
            assert.equal(await (i % 2 ? tab : phone).verdict(ticket), 'admitted by phone');
        await tab.until((state) => state.queued === guests.length);
        for (const [i, { ticket }] of guests.entries())
            assert.equal(await (i % 2 ? phone : tab).verdict(ticket), 'already_admitted by phone');
        await phone.comeBack();
        await tab.sent();
        assert.equal(sent.length, 2 * guests.length);
        assert.equal(new Set(sent.map(({ nonce }) => nonce)).size, 2 * guests.length);
        await phone.call('unpair');
        await tab.until((state) => !state.paired);
        assert.deepEqual(await tab.page.evaluate(() => indexedDB.databases()), []);
    });
});

test('a scan the service cannot read is set aside and stops no other', async () => {
    const guests = await signUpMany(3);
    await withPhone({}, async (phone) => {
        await phone.goOffline();
        const nonces = [];
        for (const [i, { ticket }] of guests.entries())
            nonces.push((await phone.scan(ticket, i === 1 ? { nonce: 'no uuid' } : {})).nonce);
        await phone.offline(false);
        const state = await phone.until(({ queued, network }) => queued === 0 && network === 'online');
        assert.equal(state.rejected, 1);
        assert.equal((await recorded([nonces[0], nonces[2]])).length, 2);
        await phone.open();
        await phone.until(({ rejected }) => rejected === 1); // after a reload it was tried once more
        assert.equal(await phone.verdict(guests[1].ticket), 'admitted by service');
        assert.equal((await phone.call('unpair')).refused, 'queue_not_empty');
        assert.equal(await phone.call('unpair', { force: true }), null);
    });
});

test('an undo waits for its scan, which the service has or not', async () => {
    const { ticket } = await signUp();
    await withPhone({}, async (phone) => {
        const said = await loseAnswer(phone, async () => {
            const scanned = await phone.scan(ticket);
            await phone.offline();
            return scanned;
        });
        await phone.call('undo', said.nonce);
        assert.equal((await phone.state()).queued, 2);
        assert.equal(await phone.verdict(ticket, { direction: 'out' }), 'left by phone');
        await phone.comeBack();
        assert.equal((await phone.state()).rejected, 0);
        const [row] = await house.database.query('select undone_at from scan where nonce = $1', [said.nonce]);
        assert.ok(row.undone_at);
    });
});

test('what was scanned at a door stays of that door, wherever the phone stands when it is sent', async () => {
    const { ticket } = await signUp();
    await withPhone({}, async (phone) => {
        await phone.goOffline();
        const { nonce } = await phone.scan(ticket);
        const { device } = await phone.state();
        await house.http.patch(`/api/v1/events/${event}/devices/${device.id}`,
            { token: manager, json: { door: 'speakers' } });
        const sending = phone.page.waitForRequest((request) => request.url().endsWith('/checkins'));
        await phone.offline(false);
        const [sent] = (await sending).postDataJSON().scans;
        assert.deepEqual([sent.nonce, sent.door], [nonce, 'main']);
        assert.equal((await phone.sent()).rejected, 0);
        const [row] = await house.database.query('select verdict::text, door from scan where nonce = $1', [nonce]);
        assert.deepEqual(row, { verdict: 'admitted', door: 'main' }, 'speakers alone come in at the other');
    });
});

test('no scan of a guest overtakes the undo of the one before', async () => {
    const { ticket } = await signUp();
    await withPhone({}, async (phone) => {
        await loseAnswer(phone, async () => {
            const { nonce } = await phone.scan(ticket);
            await phone.offline();
            await phone.call('undo', nonce);
        });
        let goOn;
        const mayGo = new Promise((resolve) => (goOn = resolve));
        await phone.page.route('**/checkins/*', (route) => mayGo.then(() => route.continue()));
        await phone.offline(false);
        await phone.until((state) => state.queued === 1 && state.network === 'online');
        const again = await phone.scan(ticket);
        assert.equal(`${again.verdict} by ${again.decidedBy}`, 'admitted by phone');
        goOn();
        await phone.sent();
        const [row] = await recorded([again.nonce]);
        assert.equal(row.verdict, 'admitted');
        assert.deepEqual(await phone.events('conflict'), []);
        assert.equal(await phone.verdict(ticket), 'already_admitted by service', 'nothing is waited for any more');
    });
});

test('what another tab has sent in vain is not taken back, but undone', async () => {
    const { ticket } = await signUp();
    await withPhone({}, async (phone) => {
        const tab = await phones.open({ tabOf: phone });
        await phone.goOffline();
        await tab.until((state) => state.network === 'offline');
        await phone.page.route('**/checkins', (route) => route.abort()); // only the other tab can send
        const { nonce } = await phone.scan(ticket);
        await tab.until((state) => state.queued === 1);
        await loseAnswer(tab, async () => {
            await tab.offline(false);
            await recordedOf(nonce);
            await phone.offline();
        });
        await phone.call('undo', nonce);
        assert.equal((await phone.state()).queued, 2, 'the scan, and that it is undone');
        await phone.page.unroute('**/checkins');
        await phone.comeBack();
        const [row] = await house.database.query('select undone_at from scan where nonce = $1', [nonce]);
        assert.ok(row.undone_at);
    });
});

test('who was found by name is let in without a network, and known again with the ticket', async () => {
    const [searched, gone] = await Promise.all(['Wilhelmine', 'Brunhilde'].map((name) =>
        signUp(event, guest({ attendees: [{ name, answers: { company: 'Lab', lunch: true } }] }))));
    await withPhone({}, async (phone) => {
        for (const { id, name } of [searched, gone])
            assert.deepEqual((await found(phone, name.slice(0, 4))).map((person) => person.id), [id]);
        await phone.goOffline();
        const said = await phone.scan(undefined, { attendee: searched.id });
        assert.deepEqual([said.verdict, said.attendee.name], ['admitted', searched.name]);
        assert.equal(await phone.verdict(undefined, { attendee: searched.id }), 'already_admitted by phone');
        assert.equal(await phone.verdict(searched.ticket), 'already_admitted by phone');
        assert.equal(await phone.verdict(searched.ticket, { direction: 'out' }), 'left by phone');
        assert.equal(await phone.verdict(undefined, { attendee: searched.id }), 'admitted by phone');
        assert.equal(await phone.verdict(gone.ticket), 'admitted by phone');
        assert.equal(await phone.verdict(undefined, { attendee: gone.id }), 'already_admitted by phone');
        assert.equal((await phone.call('search', 'Ada')).refused, 'offline');
        await phone.comeBack();
        const nonces = (await phone.recent()).map(({ nonce }) => nonce);
        for (const row of await recorded(nonces)) assert.equal(row.verdict, row.decided);
    });
});

test('what was scanned before a reload can be undone, without a name', async () => {
    const { ticket, name } = await signUp();
    await withPhone({}, async (phone) => {
        const { nonce } = await phone.scan(ticket);
        assert.equal((await phone.recent())[0].name, name);
        await phone.open();
        const [scanned] = await phone.recent();
        assert.deepEqual([scanned.nonce, scanned.verdict, scanned.name], [nonce, 'admitted', null]);
        assert.equal((await phone.call('undo', nonce)).nonce, nonce);
        await phone.goOffline();
        assert.equal(await phone.verdict(ticket), 'admitted by phone');
    });
});

// --- Storage ------------------------------------------------------------------------------------

// As browsers do it: the transaction ends with the error, whatever the request said.
const fillable = () => {
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (...given) {
        if (!globalThis.isFull) return put.apply(this, given);
        throw new DOMException('The disk is full', 'QuotaExceededError');
    };
};

test('with the storage full, scans go on, are sent, and the phone says so', async () => {
    const guests = await signUpMany(4);
    await withPhone({ init: fillable }, async (phone) => {
        await phone.goOffline();
        assert.equal((await phone.state()).trouble, null);
        await phone.scan(guests[0].ticket);
        await phone.page.evaluate(() => (globalThis.isFull = true));
        const nonces = [];
        for (const { ticket } of guests.slice(1)) {
            const said = await phone.scan(ticket);
            assert.equal(said.verdict, 'admitted');
            nonces.push(said.nonce);
            assert.equal(await phone.verdict(ticket), 'already_admitted by phone');
        }
        assert.equal((await phone.state()).trouble, 'storage');
        assert.equal((await phone.state()).queued, 7);
        await phone.comeBack();
        assert.deepEqual((await recorded(nonces)).map((row) => row.verdict), Array(3).fill('admitted'));
        await phone.page.evaluate(() => (globalThis.isFull = false));
        await phone.offline();
        await phone.scan(guests[0].ticket);
        assert.equal((await phone.state()).trouble, null, 'there is room again');
    });
});

test('a scan that did not fit is written once there is room, and survives then', async () => {
    const { ticket } = await signUp();
    await withPhone({ init: fillable }, async (phone) => {
        await phone.goOffline();
        await phone.page.evaluate(() => (globalThis.isFull = true));
        const { nonce } = await phone.scan(ticket);
        await phone.page.evaluate(() => (globalThis.isFull = false));
        await until(async () => (await phone.page.evaluate(() => dump())).includes(nonce));
        await phone.open();
        assert.equal((await phone.state()).queued, 1);
        await phone.comeBack();
        assert.equal((await recorded([nonce])).length, 1);
    });
});

test('whoever reads a stolen phone finds no name, no company, no address and no ticket', async () => {
    const people = Array.from({ length: 12 }, (_, i) => guest({ email: `secret-${i}@hidden.example`,
        attendees: [{ name: `Xenia Zarathustra ${i}`, answers: { company: `Quintessenz ${i}`, lunch: true } }] }));
    const guests = await Promise.all(people.map((body) => signUp(event, body)));
    const other = await house.apply(plainEvent());
    const elsewhere = await signUp(other, plainGuest());
    await withPhone({}, async (phone) => {
        for (const { ticket } of guests.slice(0, 4)) assert.equal(await phone.verdict(ticket), 'admitted by service');
        assert.equal((await found(phone, 'Xenia')).length, guests.length);
        await phone.goOffline();
        for (const { ticket, name } of guests) {
            const said = await phone.scan(ticket);
            assert.equal(said.attendee.name, name, 'it was readable with the ticket');
        }
        assert.equal(await phone.verdict(elsewhere.ticket), 'wrong_event by phone');
        const kept = await phone.page.evaluate(() => dump());
        const finds = (text) => ['Xenia', 'Zarathustra', 'Quintessenz', 'hidden.example', 'secret-',
            elsewhere.ticket.slice(20, 60), ...guests.map(({ ticket }) => ticket.slice(-60, -20))]
            .filter((secret) => text.toLowerCase().includes(secret.toLowerCase()));
        assert.ok(kept.includes(guests[0].id) || kept.length > 5000, 'the list is there');
        assert.deepEqual(finds(kept), []);
        await phone.page.evaluate(([name, ticket]) => new Promise((resolve) => {
            const request = indexedDB.open('careless');
            request.onupgradeneeded = () => request.result.createObjectStore('all').put({ name, ticket }, 1);
            request.onsuccess = () => resolve(request.result.close());
        }), [guests[0].name, guests[0].ticket]);
        assert.equal(finds(await phone.page.evaluate(() => dump())).length, 3, 'the search would find them');
    });
});
