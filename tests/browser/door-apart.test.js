// What a phone that was apart makes good afterwards, and what it knows of others in time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { guest, localTime, plainEvent, plainGuest } from '../harness/events.js';
import { openPhones } from '../harness/phone.js';
import { until } from '../harness/wait.js';

const { house, phones, event, signUp, withPhone } = await openPhones();
const manager = await house.token();

const scanOf = (nonce) => house.database.query(
    'select verdict::text, decided::text, door, undone_at from scan where nonce = $1', [nonce]);

test('who was let in by name is known by the ticket also after the app was closed, and when all is sent', async () => {
    const ada = await signUp(event, guest({ attendees: [
        { name: 'Adelheid Wunder', answers: { company: 'Lab', lunch: true } }] }));
    await withPhone({}, async (phone) => {
        await phone.call('search', 'Adelheid');
        await phone.goOffline();
        assert.equal(await phone.verdict(undefined, { attendee: ada.id }), 'admitted by phone');
        assert.equal(await phone.verdict(ada.ticket), 'already_admitted by phone');
        await phone.open();
        assert.equal(await phone.verdict(ada.ticket), 'already_admitted by phone', 'after the app was closed');
        await phone.comeBack();
        assert.equal(await phone.verdict(ada.ticket), 'already_admitted by service', 'nothing is pending');
    });
});

// The disk takes everything but the queue, as when the app dies between the two.
const withoutQueue = () => {
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (...given) {
        if (globalThis.isDying && this.name === 'queue') throw new DOMException('no room', 'QuotaExceededError');
        return put.apply(this, given);
    };
};

test('a scan that died before it was queued has not been, as nobody was told of it', async () => {
    const [ada, grace] = [await signUp(), await signUp()];
    await withPhone({ init: withoutQueue }, async (phone) => {
        const { nonce } = await phone.scan(grace.ticket);
        await phone.goOffline();
        await phone.page.evaluate(() => (globalThis.isDying = true));
        await phone.scan(ada.ticket);
        await phone.call('undo', nonce);
        await phone.open();
        assert.equal((await phone.state()).queued, 0);
        assert.equal(await phone.verdict(grace.ticket), 'already_admitted by phone', 'nor was she taken back');
        await phone.comeBack();
        assert.equal(await phone.verdict(ada.ticket), 'admitted by service');
    });
});

test('an undo says when it was, and where the service does not take it the phone says so', async () => {
    const { ticket } = await signUp();
    await withPhone({}, async (phone) => {
        const { nonce } = await phone.scan(ticket);
        await phone.goOffline();
        const pressedAfter = Date.now();
        await phone.call('undo', nonce);
        const pressedBefore = Date.now();
        assert.equal((await phone.recent())[0].undone, true);
        await house.database.query(`update scan set received_at = received_at - interval '2 days',
            scanned_at = scanned_at - interval '2 days' where nonce = $1`, [nonce]);
        const asked = phone.page.waitForRequest((request) => request.method() === 'DELETE');
        await phone.offline(false);
        const said = new URL((await asked).url()).searchParams.get('undone_at');
        assert.ok(Date.parse(said) > pressedAfter - 5000 && Date.parse(said) < pressedBefore + 5000, said);
        await phone.until(({ rejected }) => rejected === 1);
        await until(async () => !(await phone.recent())[0].undone, () => 'the phone takes the undo back');
        const [refused] = await phone.page.evaluate(() => door.refused);
        assert.match(refused.why, /15 minutes/);
        await phone.goOffline();
        assert.equal(await phone.verdict(ticket), 'already_admitted by phone');
    });
});

test('a scan that was set aside goes once the desk has moved the phone', async () => {
    const doors = ['north', 'south'].map((slug) => ({ slug, title: slug }));
    const given = plainEvent({ doors });
    const at = await house.apply(given);
    const { ticket } = await signUp(at, plainGuest());
    await withPhone({ at, atDoor: 'north' }, async (phone) => {
        const { device } = await phone.state();
        await phone.goOffline();
        const { nonce } = await phone.scan(ticket);
        await house.apply({ ...given, doors: doors.slice(1) });
        await phone.offline(false);
        await phone.until(({ rejected }) => rejected === 1);
        assert.deepEqual(await scanOf(nonce), []);
        await house.mustCommand(['door', 'change', at, device.id, '--door', 'south']);
        await phone.until(({ rejected, queued }) => rejected + queued === 0);
        const [{ verdict, decided, door }] = await scanOf(nonce);
        assert.deepEqual([verdict, decided, door], ['admitted', 'admitted', 'south']);
    });
});

test('without a network the counts go on', async () => {
    const at = await house.apply(plainEvent());
    const [ada, grace] = [await signUp(at, plainGuest()), await signUp(at, plainGuest())];
    await withPhone({ at }, async (phone) => {
        const counts = async () => {
            const { counts: { admitted, inside, expected } } = await phone.state();
            return `${inside} of ${admitted} of ${expected}`;
        };
        await phone.until((state) => state.counts?.expected === 2);
        await phone.goOffline();
        await phone.scan(ada.ticket);
        assert.equal(await counts(), '1 of 1 of 2');
        await phone.scan(ada.ticket);
        assert.equal(await counts(), '1 of 1 of 2', 'already in');
        await phone.scan(ada.ticket, { direction: 'out' });
        const { nonce } = await phone.scan(grace.ticket);
        assert.equal(await counts(), '1 of 2 of 2');
        await phone.call('undo', nonce);
        assert.equal(await counts(), '0 of 1 of 2');
        await phone.open();
        assert.equal(await counts(), '0 of 1 of 2', 'also after the app was closed');
        await phone.comeBack();
        await phone.until((state) => state.counts.admitted === 1 && state.counts.inside === 0);
    });
});

test('a ticket that cannot be verified here is sent whole, and never lies on the phone', async () => {
    const { ticket } = await signUp();
    const forged = `${ticket.slice(0, -20)}${ticket.at(-20) === 'A' ? 'B' : 'A'}${ticket.slice(-19)}`;
    await withPhone({}, async (phone) => {
        await phone.goOffline();
        const { verdict, nonce } = await phone.scan(forged);
        assert.equal(verdict, 'forged');
        const kept = await phone.page.evaluate(() => dump());
        assert.ok(kept.includes(forged.slice(0, 20)), 'that somebody came is kept');
        assert.ok(!kept.includes(forged.slice(30, 60)));
        await phone.comeBack();
        assert.equal((await scanOf(nonce))[0].verdict, 'forged', 'the service saw all of it');
    });
});

test('a conflict that the desk has settled is one no more', async () => {
    const { ticket } = await signUp();
    await withPhone({}, (one) => withPhone({}, async (two) => {
        for (const phone of [one, two]) await phone.goOffline();
        for (const phone of [one, two]) assert.equal(await phone.verdict(ticket), 'admitted by phone');
        for (const phone of [one, two]) await phone.comeBack();
        for (const phone of [one, two]) await phone.until(({ conflicts }) => conflicts.length === 1);
        const { conflicts: [{ nonce }] } = await two.state();
        const undone = await house.http.delete(`/api/v1/events/${event}/checkins/${nonce}`, { token: manager });
        assert.equal(undone.status, 200);
        for (const phone of [one, two]) await phone.until(({ conflicts }) => conflicts.length === 0);
    }));
});

test('who registers while the doors are open is known by name a minute later', async () => {
    const at = await house.apply(plainEvent({ starts_at: localTime(-1), ends_at: localTime(3),
        registration: { opens_at: localTime(-99), closes_at: undefined } }));
    await signUp(at, plainGuest());
    const phone = await phones.open({ clock: true });
    await phone.withoutTime();
    await phone.pair(at);
    await phone.until(({ list, counts }) => list?.guests === 1 && counts?.expected === 1);
    const { ticket, name } = await signUp(at, plainGuest());
    await phone.until(({ counts }) => counts.expected === 2);
    await phone.page.clock.fastForward('01:05');
    await phone.until(({ list }) => list.guests === 2);
    await phone.goOffline();
    assert.equal((await phone.scan(ticket)).attendee.name, name);
    await phone.close();
});

test('a ticket that was handed on a moment ago is known as such when the network goes', async () => {
    const ada = await signUp();
    await withPhone({}, async (phone) => {
        const fetched = phone.page.waitForResponse(async (answer) =>
            answer.url().includes('/revoked-tickets') && (await answer.json()).tickets.length > 0);
        const answer = await house.http.post(
            `/api/v1/registrations/${ada.registration}/attendees/${ada.id}/ticket`,
            { token: manager, json: { name: 'Grace Hopper', email: 'grace@example.org' } });
        assert.ok(answer.status < 300, answer.body);
        await fetched;
        await phone.goOffline();
        assert.equal(await phone.verdict(ada.ticket), 'replaced by phone');
    });
});

test('an old answer about the phone itself is no news', async () => {
    await withPhone({ atDoor: 'speakers' }, async (phone) => {
        let release;
        let isHeld = false;
        const held = new Promise((resolve) => (release = resolve));
        const answered = new Promise((resolve) => phone.page.route('**/device', async (route) => {
            if (route.request().method() !== 'GET' || isHeld) return route.continue();
            isHeld = true;
            const response = await route.fetch();
            await held;
            await route.fulfill({ response });
            resolve();
        }));
        const asked = phone.page.waitForRequest((request) =>
            /\/device$/.test(request.url()) && request.method() === 'GET');
        await phone.call('rename', 'Blue'); // the stream ends with that, and the phone asks who it is
        await asked;
        await phone.call('moveTo', 'main');
        release();
        await answered;
        const { device, door } = await phone.state();
        assert.deepEqual([device.name, device.door, door.slug], ['Blue', 'main', 'main']);
    });
});

test('the browser is asked to keep what is not sent yet', async () => {
    const init = () => {
        globalThis.asked = 0;
        navigator.storage.persisted = async () => false;
        navigator.storage.persist = async () => ++globalThis.asked > 0;
    };
    const phone = await phones.open({ init });
    assert.equal(await phone.page.evaluate(() => asked), 0, 'nothing is kept yet');
    await phone.pair(event);
    assert.equal(await phone.page.evaluate(() => asked), 1);
    await phone.close();
});
