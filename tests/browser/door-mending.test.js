// What is not as it should be is told on the screen, in the language of whoever stands there, with a
// way to mend it: full storage, a wrong clock, scans that were not taken, guests to check.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { languages } from '../harness/browser.js';
import { guest, plainEvent } from '../harness/events.js';
import { until } from '../harness/wait.js';
import { filled, words } from '../harness/words.js';
import { DoorPage, openStage, pairingCode, ticketOf } from './door.js';

const { house, event, atTheDoor, named, signUp, visit } = await openStage();

const MINUTE_MS = 60_000;
const apart = [/failed request|INTERNET_DISCONNECTED/];

// → the scans that the service has of somebody of this name, oldest first
const scansOf = (name) => house.database.query(`select verdict::text, undone_at is not null as undone
    from scan join attendee using (event_id, attendee_id) where name = $1 order by scanned_at`, [name]);

// How it is written on the screen where the event is.
const timeOf = (ms, language) => new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language,
    { hour: '2-digit', minute: '2-digit', timeZone: 'Europe/Berlin' }).format(ms);

// The wordings of the door in this language.
const of = (language) => words(language).app;

// The same phone in another language.
async function speaks(page, language) {
    await page.goto(`/door?lang=${language}`);
    await page.getByRole('button', { name: of(language).scan.menu, exact: true }).waitFor();
}

// Opens the panel behind a note. → the panel
async function openNote(page, text) {
    await page.getByRole('button', { name: text, exact: true }).click();
    return page.getByRole('dialog');
}

// --- Storage ------------------------------------------------------------------------------------

const fillStorage = () => {
    const { put } = IDBObjectStore.prototype;
    globalThis.isFull = true;
    IDBObjectStore.prototype.put = function (...given) {
        if (!isFull) return put.apply(this, given);
        throw new DOMException('The disk is full', 'QuotaExceededError');
    };
};

for (const language of languages)
    test(`a phone without room for scans says so until there is some again, and loses none (${language})`, async () => {
        const [first, second] = [await named(`Full ${language}`), await named(`Room ${language}`)];
        const t = of(language);
        await atTheDoor(async (phone, page) => {
            const note = page.getByRole('status').filter({ hasText: t.scan.storage });
            await phone.hasGuests();
            await page.evaluate(fillStorage);
            await phone.goOffline();
            await phone.scan(first);
            await phone.verdict(t.verdict.admitted.title);
            await phone.dismiss();
            await note.and(page.locator('.scan-note-stop')).waitFor();
            await phone.goOffline(false);
            await page.getByText(filled(t.status.queued, { n: 1 })).waitFor({ state: 'detached' });
            await note.waitFor();
            await page.evaluate(() => (globalThis.isFull = false));
            await phone.scan(second);
            await phone.verdict(t.verdict.admitted.title);
            await note.waitFor({ state: 'detached' });
        }, { language, complaints: apart });
        await untilScanned(`Full ${language}`);
        assert.deepEqual(await scansOf(`Full ${language}`), [{ verdict: 'admitted', undone: false }]);
    });

// --- The clock ----------------------------------------------------------------------------------

for (const [days, language] of [[1, 'en'], [-1, 'de']])
    test(`a phone whose clock is ${days} day off says so, and still takes scans back (${language})`, async () => {
        const name = `Skewed ${language}`;
        const ticket = await named(name);
        const t = of(language);
        await visit({ language }, async (page) => {
            await page.context().clock.install({ time: Date.now() + days * 24 * 60 * MINUTE_MS });
            const phone = new DoorPage(page, language);
            await phone.pair(await pairingCode(house, event));
            const skew = filled(t.scan.skew, { n: 24 * 60 }, language);
            await page.getByRole('status').filter({ hasText: skew }).waitFor();
            await phone.scan(ticket);
            await phone.verdict(t.verdict.admitted.title);
            await phone.dismiss();
            await phone.press(t.scan.recent);
            await phone.press(filled(t.recent.undo_of, { name }));
            await page.getByRole('status').filter({ hasText: filled(t.recent.taken_back, { name }) }).waitFor();
            const row = page.getByRole('dialog').getByRole('listitem').filter({ hasText: name });
            await row.getByText(t.recent.undone).waitFor();
        });
        assert.deepEqual(await scansOf(name), [{ verdict: 'admitted', undone: true }]);
    });

test('a clock that is right, give or take a minute, is not talked about', async () => {
    await visit({}, async (page) => {
        await page.context().clock.install({ time: Date.now() + MINUTE_MS });
        const phone = new DoorPage(page);
        await phone.pair(await pairingCode(house, event));
        await page.waitForFunction(async () => { // by then it knows what time it is
            const database = await new Promise((resolve) => {
                indexedDB.open('einlass-door').onsuccess = ({ target }) => resolve(target.result);
            });
            return new Promise((resolve) => {
                const asked = database.transaction('kept').objectStore('kept').get('skew');
                asked.onsuccess = () => resolve(Math.abs(asked.result) > 30_000);
            }).finally(() => database.close());
        });
        assert.equal(await page.locator('.scan-note').count(), 0);
    });
});

// --- Scans that were not taken ------------------------------------------------------------------

test('scans that were not accepted are listed with time, verdict and why, and sent once more', async () => {
    const ticket = await named('Refused At First');
    const why = { en: 'This door is closed.', de: 'Diese Tür ist zu.' };
    const finding = { pointer: '/scans/0/door', code: 'unknown_door' };
    const refuse = (route) => {
        const language = route.request().headers()['accept-language'];
        const errors = [{ ...finding, detail: why[language] }];
        return route.fulfill({ status: 422, contentType: 'application/problem+json',
            body: JSON.stringify({ status: 422, code: 'invalid', title: 'No', detail: 'No', errors }) });
    };
    await atTheDoor(async (phone, page) => {
        await phone.hasGuests();
        await phone.goOffline();
        const scannedAt = Date.now();
        await phone.scan(ticket);
        await phone.verdict(of('en').verdict.admitted.title);
        await phone.dismiss();
        await page.route('**/checkins', refuse);
        await phone.goOffline(false);
        for (const language of languages) {
            const t = of(language);
            if (language !== 'en') await speaks(page, language);
            const panel = await openNote(page, filled(t.scan.rejected, { n: 1 }));
            await panel.getByRole('heading', { name: t.refused.title }).waitFor();
            const row = panel.getByRole('listitem');
            assert.equal(await row.count(), 1);
            const heading = await row.locator('.row-name').textContent();
            const times = [scannedAt, scannedAt + MINUTE_MS].map((ms) => timeOf(ms, language));
            assert.ok(times.some((time) => heading.endsWith(`${time} · ${t.verdict.admitted.title}`)), heading);
            await row.getByText(why[language], { exact: true }).waitFor();
            await page.keyboard.press('Escape');
        }
        const t = of('de');
        await page.unroute('**/checkins', refuse);
        const note = filled(t.scan.rejected, { n: 1 });
        await openNote(page, note);
        await page.getByRole('button', { name: t.refused.again, exact: true }).click();
        await page.getByRole('dialog').waitFor({ state: 'detached' });
        await page.getByRole('button', { name: note, exact: true }).waitFor({ state: 'detached' });
        await untilScanned('Refused At First');
    }, { complaints: [...apart, /422: POST .*checkins/] });
    assert.deepEqual(await scansOf('Refused At First'), [{ verdict: 'admitted', undone: false }]);
});

// --- Guests to check ----------------------------------------------------------------------------

// In each language: the note, and what the panel says of this guest. wanted(t, language)
async function checkConflict(page, name, wanted) {
    for (const language of languages) {
        const t = of(language);
        if (language !== 'en') await speaks(page, language);
        const panel = await openNote(page, filled(t.scan.conflicts, { n: 1 }));
        await panel.getByRole('heading', { name: t.conflicts.title }).waitFor();
        const row = panel.getByRole('listitem').filter({ hasText: name });
        assert.equal((await row.locator('p').last().textContent()).trim(), wanted(t, language));
        await page.keyboard.press('Escape');
    }
}

test('a ticket that two doors let in while apart is shown with both doors and times, as those say it', async () => {
    const ticket = ticketOf(await signUp(guest({ code: 'SPEAKER-2022', attendees: [{ name: 'Copied Twice',
        ticket_type: 'speaker', answers: { company: 'Copies', lunch: true } }] })));
    const [first, second] = [Date.now() - 3 * MINUTE_MS, Date.now() - 2 * MINUTE_MS];
    await atTheDoor(async (phone, page) => {
        for (const [door, at] of [['main', first], ['speakers', second]]) {
            const scan = { ticket, door, decided: 'admitted', scanned_at: new Date(at).toISOString() };
            assert.equal((await house.scan(event, await house.device(event, door), scan)).status, 200);
        }
        const said = filled(of('en').scan.conflicts, { n: 1 });
        await page.locator('#said').filter({ hasText: said }).waitFor({ state: 'attached' });
        const doors = { en: ['Main entrance', "Speakers' entrance"], de: ['Haupteingang', 'Eingang Vortragende'] };
        await checkConflict(page, 'Copied Twice', (t, language) => filled(t.conflicts.both, {
            first: timeOf(first, language), first_door: doors[language][0],
            second: timeOf(second, language), second_door: doors[language][1] }));
    });
});

test('a guest let in without network, whose ticket was cancelled meanwhile, is shown with why', async () => {
    const at = await house.apply(plainEvent());
    const body = { email: 'gone@example.org', language: 'en', attendees: [{ name: 'Gone Meanwhile' }] };
    const made = await signUp(body, at);
    const { pathname, search } = new URL(made.manage_url);
    await atTheDoor(async (phone, page) => {
        await phone.hasGuests();
        await phone.goOffline();
        await house.http.request('DELETE', `/api/v1${pathname}${search}`);
        await phone.scan(ticketOf(made));
        await phone.verdict(of('en').verdict.admitted.title);
        await phone.dismiss();
        await phone.goOffline(false);
        const [{ scanned_at: scannedAt }] = await untilScanned('Gone Meanwhile');
        await checkConflict(page, 'Gone Meanwhile', (t, language) => filled(t.conflicts.against,
            { second: timeOf(scannedAt, language), second_door: 'Door', verdict: t.verdict.cancelled.title }));
    }, { at, complaints: apart });
});

// → the scans of somebody, once there are some
function untilScanned(name) {
    return until(async () => {
        const rows = await house.database.query(`select scanned_at from scan
            join attendee using (event_id, attendee_id) where name = $1`, [name]);
        return rows.length > 0 && rows;
    });
}

// --- Walk-ins -----------------------------------------------------------------------------------

test('a walk-in whose answer was lost is registered once, however often one presses, and comes in', async () => {
    const at = await house.apply(plainEvent({ registration: { capacity: 50 } }));
    const t = of('en');
    await atTheDoor(async (phone, page) => {
        const keys = [];
        await page.route('**/walk-ins', async (route) => {
            keys.push(route.request().headers()['idempotency-key']);
            if (keys.length > 2) return route.continue();
            const stored = await route.fetch();
            assert.equal(stored.ok(), true, await stored.text());
            const problem = { status: 503, code: 'busy', title: 'Busy just now', detail: 'Once more, please.' };
            const body = JSON.stringify(problem);
            return route.fulfill({ status: 503, contentType: 'application/problem+json', body });
        });
        await phone.press(t.scan.walk_in);
        await page.getByLabel(t.walk_in.name, { exact: true }).fill('Twice Walker');
        await page.getByLabel(t.walk_in.email).fill('twice@example.org');
        for (const times of [1, 2]) {
            await phone.press(t.walk_in.send);
            await page.getByRole('alert').filter({ hasText: 'Busy just now' }).waitFor();
            await page.getByRole('button', { name: t.walk_in.send, disabled: false, exact: true }).waitFor();
            assert.equal(keys.length, times);
        }
        await phone.press(t.walk_in.send);
        await (await phone.verdict(t.verdict.admitted.title)).getByText('Twice Walker').waitFor();
        assert.equal(new Set(keys).size, 1, 'it is the same request each time');
    }, { at, complaints: [/503: POST .*walk-ins/] });
    const walkers = await house.database.query(
        "select status::text, inside from attendee where name = 'Twice Walker'");
    assert.deepEqual(walkers, [{ status: 'confirmed', inside: true }]);
});
