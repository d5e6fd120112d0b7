// The door as a person sees it: from the decoded picture to the painted verdict, on the real page in
// Chromium, whose camera plays a film of tickets.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { DoorPage, pairingCode } from '../browser/door.js';
import { launchChromium, visitor } from '../harness/browser.js';
import { cameraFlags, film } from '../harness/camera.js';
import { guest } from '../harness/events.js';
import { modulesOf } from '../harness/pictures.js';

const SCANS = 500;
const at_once = 20; // sign-ups

// → the QR codes of as many guests
async function makeCodes(stage, event) {
    const codes = [];
    while (codes.length < SCANS)
        codes.push(...await Promise.all(Array.from({ length: at_once }, () => makeCode(stage, event))));
    return codes;
}

async function makeCode(stage, event) {
    const answer = await stage.http.post(`/api/v1/events/${event}/registrations`, { json: guest() });
    assert.equal(answer.status, 201, answer.body);
    const [{ ticket }] = answer.json().attendees;
    return modulesOf((await stage.http.get(`/tickets/${ticket}/qr.svg`)).body);
}

// Four guests a second, each holding the ticket a little differently.
function makeFilm(codes) {
    const views = codes.map((code, i) => [code, { size: 200 + i % 60, turn: i * 7 % 40 - 20,
        lean: i % 25, noise: 12, seed: i + 1 }]);
    return film(views, { fps: 4, frames: 1 });
}

const recorded = (stage, event, what) => stage.database.value(
    `select count(${what})::integer from scan where event_id = ${stage.eventId(event)}`);

// Asks until check() says so.
async function until(check, withinMs, what) {
    const deadline = Date.now() + withinMs;
    while (!await check()) {
        assert.ok(Date.now() < deadline, what);
        await sleep(250);
    }
}

async function scanAll(stage, event, { isOffline }) {
    const path = makeFilm(await makeCodes(stage, event));
    const chromium = await launchChromium(cameraFlags(path));
    try {
        const context = await chromium.newContext({ ...visitor({ width: 390 }), baseURL: `http://${stage.address}` });
        const page = await context.newPage();
        // Waits with the camera until all is ready.
        await page.addInitScript(() => {
            const { mediaDevices } = navigator, open = mediaDevices.getUserMedia.bind(mediaDevices);
            mediaDevices.getUserMedia = async (wish) => {
                while (!globalThis.cameraMayStart) await new Promise((resolve) => setTimeout(resolve, 50));
                return open(wish);
            };
        });
        await new DoorPage(page).pair(await pairingCode(stage.house, event));
        await sleep(5000); // for the list of guests, and what a phone does when it is new
        if (isOffline) await context.setOffline(true);
        await page.evaluate(() => { globalThis.cameraMayStart = true; });
        const durations = () => page.evaluate(() =>
            performance.getEntriesByName('scan').map(({ duration }) => duration));
        await until(async () => (await durations()).length >= SCANS, SCANS * 2000, 'the camera did not read all tickets');
        const all = (await durations()).slice(0, SCANS);
        await context.setOffline(false);
        await until(async () => await recorded(stage, event, '*') >= SCANS, 60_000, 'scans were lost');
        return { all, tickets: await recorded(stage, event, 'distinct ticket_id') };
    } finally {
        await chromium.close();
        rmSync(path);
    }
}

// The distribution as a figure: what 95 of 100 verdicts keep to.
export function verdicts({ isOffline }) {
    return async (stage) => {
        const event = await stage.event(isOffline ? 'door-offline' : 'door-online');
        const { all, tickets } = await scanAll(stage, event, { isOffline });
        const sorted = all.sort((one, other) => one - other);
        const within = (share) => sorted[Math.ceil(sorted.length * share) - 1];
        const [half, most, nearlyAll, slowest] = [0.5, 0.95, 0.99, 1].map(within);
        const ms = (value) => `${value.toFixed(0)} ms`;
        return { ours: most, unit: 'ms', value: most,
            note: `${SCANS} scans of ${tickets} tickets: half within ${ms(half)}, 99 of 100 within ${ms(nearlyAll)}, the slowest ${ms(slowest)}` };
    };
}
