// Measures the door from the decoded picture to the painted verdict, on the real page in Chromium, whose
// camera plays a film of tickets. Only admissions count, each guest once.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { DoorPage, pairingCode } from '../browser/door.js';
import { launchChromium, visitor } from '../harness/browser.js';
import { cameraFlags, film } from '../harness/camera.js';
import { guest } from '../harness/events.js';
import { modulesOf } from '../harness/pictures.js';

const SCANS = 500;
const GUESTS = 540; // more than are measured, because the camera may miss some
const AT_ONCE = 20; // sign-ups
const LOOKS = 3;    // pictures of each guest, 0.1 s each
const upright = { width: 480, height: 640 }; // a phone in portrait

// → the QR codes of the guests
async function makeCodes(stage, event) {
    const codes = [];
    while (codes.length < GUESTS)
        codes.push(...await Promise.all(Array.from({ length: AT_ONCE }, () => makeCode(stage, event))));
    return codes;
}

async function makeCode(stage, event) {
    const answer = await stage.http.post(`/api/v1/events/${event}/registrations`, { json: guest() });
    assert.equal(answer.status, 201, answer.body);
    const [{ ticket }] = answer.json().attendees;
    return modulesOf((await stage.http.get(`/tickets/${ticket}/qr.svg`)).body);
}

// Each guest holds the ticket a little differently.
function makeFilm(codes) {
    const views = codes.map((code, i) => [code, { size: 200 + i % 60, turn: i * 7 % 40 - 20,
        lean: i % 25, noise: 12, seed: i + 1 }]);
    return film(views, { fps: 10, frames: LOOKS, at: upright });
}

// Waits until check() is true.
async function until(check, withinMs, what) {
    const deadline = Date.now() + withinMs;
    while (!await check()) {
        assert.ok(Date.now() < deadline, what);
        await sleep(250);
    }
}

// → the page's measurements: [{duration (ms), verdict, decidedBy, nonce}, …]
const measuredOn = (page) => page.evaluate(() => performance.getEntriesByName('scan').map(
    ({ duration, detail: { verdict, decidedBy, nonce } }) => ({ duration, verdict, decidedBy, nonce })));

// → the service's records of these scans. decided: the phone's own verdict.
const recorded = (stage, event, nonces) => stage.database.query(
    `select ticket_id, verdict, decided from scan
      where event_id = ${stage.eventId(event)} and nonce = any ($1::uuid[])`, [nonces]);

// Fails unless all are admissions of different tickets, decided by the expected side, for the page and
// for the service.
function holdAgainst(measured, scans, isOffline) {
    for (const { verdict, decidedBy } of measured)
        assert.deepEqual([verdict, decidedBy], ['admitted', isOffline ? 'phone' : 'service'], 'on the page');
    for (const { verdict, decided } of scans)
        assert.deepEqual([verdict, decided], ['admitted', isOffline ? 'admitted' : null], 'in the database');
    assert.equal(scans.length, SCANS, 'scans were lost');
    assert.equal(new Set(scans.map(({ ticket_id }) => ticket_id)).size, SCANS, 'tickets were scanned twice');
}

// → the time of each verdict
async function scanAll(stage, event, { isOffline }) {
    const path = makeFilm(await makeCodes(stage, event));
    const chromium = await launchChromium(cameraFlags(path));
    try {
        const context = await chromium.newContext({ ...visitor({ width: 390 }), baseURL: `http://${stage.address}` });
        const page = await context.newPage();
        // Delays the camera until everything is ready.
        await page.addInitScript(() => {
            const { mediaDevices } = navigator, open = mediaDevices.getUserMedia.bind(mediaDevices);
            mediaDevices.getUserMedia = async (wish) => {
                while (!globalThis.cameraMayStart) await new Promise((resolve) => setTimeout(resolve, 50));
                return open(wish);
            };
        });
        await new DoorPage(page).pair(await pairingCode(stage.house, event));
        await sleep(5000); // for the guest list and other first requests
        if (isOffline) await context.setOffline(true);
        await page.evaluate(() => { globalThis.cameraMayStart = true; });
        let measured;
        await until(async () => (measured = await measuredOn(page)).length >= SCANS, SCANS * 1000,
            'the camera did not read enough tickets');
        measured = measured.slice(0, SCANS);
        await context.setOffline(false);
        const nonces = measured.map(({ nonce }) => nonce);
        await until(async () => (await recorded(stage, event, nonces)).length >= SCANS, 60_000, 'scans were lost');
        holdAgainst(measured, await recorded(stage, event, nonces), isOffline);
        return measured.map(({ duration }) => duration);
    } finally {
        await chromium.close();
        rmSync(path);
    }
}

// A figure from the distribution: its 95th percentile.
export function verdicts({ isOffline }) {
    return async (stage) => {
        const event = await stage.event(isOffline ? 'door-offline' : 'door-online');
        const sorted = (await scanAll(stage, event, { isOffline })).sort((one, other) => one - other);
        const within = (share) => sorted[Math.ceil(sorted.length * share) - 1];
        const [half, most, nearlyAll, slowest] = [0.5, 0.95, 0.99, 1].map(within);
        const ms = (value) => `${value.toFixed(0)} ms`;
        return { ours: most, unit: 'ms', value: most, verdicts: { half, most, nearlyAll, slowest, scans: SCANS },
            note: `${SCANS} tickets: half within ${ms(half)}, 99 of 100 within ${ms(nearlyAll)}, the slowest ${ms(slowest)}` };
    };
}
