// The camera of the real page: pairing by it, reading without network, its light, its choice; and
// how full the battery is that it drains.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeOf, film, openCamera } from '../harness/camera.js';
import { openBrowser } from '../harness/browser.js';
import { run, settingsEnvironment } from '../harness/command.js';
import { exampleEvent, guest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { program } from '../harness/paths.js';
import { words } from '../harness/words.js';
import { DoorPage, pairingCode, ticketOf } from './door.js';

const house = await openHouse();
const event = await house.apply(exampleEvent());
const { app } = words('en');

const nobody = [null, {}];
const noTickets = await openCamera(house.service.url, film([nobody]));

// work(phone, page, tab): on a phone of this browser. init: a script that comes first;
// complaints: what the browser may say meanwhile
async function withPhone(browser, work, { init, paired = true, complaints = [], ...options } = {}) {
    const tab = await browser.open({ width: 390, ...options });
    if (init) await tab.context.addInitScript(init);
    try {
        await tab.use(async (page) => {
            const phone = new DoorPage(page, options.language);
            if (paired) await phone.pair(await pairingCode(house, event));
            await work(phone, page, tab);
            const said = tab.complaints.filter((one) => !complaints.some((allowed) => allowed.test(one)));
            tab.complaints.splice(0, Infinity, ...said);
        });
    } finally {
        await tab.context.close();
    }
}

// --- Pairing ------------------------------------------------------------------------------------

// What the command shows in a terminal, two modules above each other in a character.
// → {code, picture of it for takePicture}
async function shownCode(...more) {
    const command = [program, 'door', 'pair', event, 'main', ...more].join(' ');
    const { status, stdout } = await run('script', ['-qec', command, '/dev/null'],
        { environment: { ...settingsEnvironment(house.settings), TERM: 'xterm' } });
    assert.equal(status, 0, stdout);
    const lines = stdout.split(/\r?\n/);
    const drawn = lines.filter((line) => line.startsWith('\x1b[30;107m')); // black on white, in any terminal
    const rows = drawn.map((line) => [...line.replace(/\x1b\[[\d;]*m/g, '')]).flatMap((line) =>
        ['█▀', '█▄'].map((dark) => line.map((half) => dark.includes(half) ? 1 : 0)));
    const side = rows[0].length;
    assert.ok(side > 20 && rows.length >= side, stdout);
    const picture = { side, dark: Uint8Array.from(rows.slice(0, side).flat()) };
    return { code: lines[0].trim(), picture };
}

test('the code that the command shows, held before the camera, makes the phone a door', async () => {
    const { code, picture } = await shownCode();
    const browser = await openCamera(house.service.url, film([[picture, { size: 250, turn: 4 }], nobody]));
    await withPhone(browser, async (phone, page) => {
        await phone.open();
        await phone.press(app.pair.scan);
        await page.getByRole('heading', { level: 1, name: 'bionection' }).waitFor();
        await page.locator('.scan-door').filter({ hasText: 'Main entrance' }).waitFor();
        assert.equal(new URL(page.url()).hash, '');
    }, { paired: false });
    const again = await house.http.post('/api/v1/devices', { json: { code } });
    assert.equal(again.json().code, 'pairing_code_unknown', 'it was that code, and it is used up');
});

// --- Without network ----------------------------------------------------------------------------

// The camera is there once the test says so.
const blindAtFirst = () => {
    if (location.pathname !== '/door' || localStorage.getItem('test-sees')) return;
    navigator.mediaDevices.getUserMedia = () => new Promise(() => {});
};

const isKept = (page) => page.waitForFunction(() => navigator.serviceWorker.controller !== null);

// work() while there is no service, and nothing in the browser's cache.
async function whileAway({ context }, page, work) {
    const devtools = await context.newCDPSession(page);
    await devtools.send('Network.clearBrowserCache');
    await house.service.stop();
    try {
        await work();
    } finally {
        await house.service.start();
    }
}

test('started without network and with an empty cache, the camera reads tickets and the guide opens', async () => {
    const ticket = ticketOf((await house.signUp(event, guest({ attendees: [
        { name: 'Offline Camera', answers: { company: 'biosaxony', lunch: false } }] }))).json());
    const browser = await openCamera(house.service.url,
        film([[await codeOf(house, ticket), { size: 230 }], nobody], { frames: 15 }));
    await withPhone(browser, async (phone, page, tab) => {
        await phone.hasGuests();
        await isKept(page);
        await page.evaluate(() => localStorage.setItem('test-sees', 'true'));
        await whileAway(tab, page, async () => {
            await page.goto('/door', { waitUntil: 'commit' });
            const shown = await phone.verdict(app.verdict.admitted.title);
            await shown.getByText('Offline Camera').waitFor();
            await shown.getByText(app.verdict.by_phone).waitFor();
            assert.equal(await page.locator('.camera-trouble').count(), 0);
            await phone.dismiss();
            await phone.press(app.scan.menu);
            const opened = page.context().waitForEvent('page');
            await page.getByRole('link', { name: app.menu.guide }).click();
            const guide = await opened;
            await guide.getByRole('heading', { name: words('en').door.practice }).waitFor();
            assert.equal(await guide.getByRole('main').getByRole('img').count(), 5);
            const rules = await guide.evaluate(() => [...document.styleSheets].map(({ cssRules }) => cssRules.length));
            assert.ok(rules.length > 1 && rules.every((count) => count > 0), 'its styles are there');
            await guide.goto('/door/guide?lang=de');
            await guide.getByRole('heading', { name: words('de').door.practice }).waitFor();
        });
        await page.getByText(app.status.online, { exact: true }).waitFor();
    }, { init: blindAtFirst, complaints: [/failed request|ERR_CONNECTION/] });
});

// --- The light ----------------------------------------------------------------------------------

// A light that does as it is told, or fails while `lightFails`, after a while.
const withLight = () => {
    globalThis.light = { isOn: false, fails: false, asked: 0 };
    MediaStreamTrack.prototype.getCapabilities = () => ({ torch: true });
    MediaStreamTrack.prototype.applyConstraints = async ({ advanced: [{ torch }] }) => {
        light.asked++;
        const { fails } = light;
        await new Promise((resolve) => setTimeout(resolve, light.afterMs ?? 0));
        if (fails) throw new DOMException('', 'NotReadableError');
        light.isOn = torch;
    };
};

test('the torch is pressed when the light is on, and only then', async () => {
    await withPhone(noTickets, async (phone, page) => {
        const torch = phone.button(app.scan.torch);
        const set = (changes) => page.evaluate((all) => Object.assign(light, all), changes);
        const press = async (pressed) => {
            const { asked } = await set({});
            await torch.click();
            await page.waitForFunction((before) => light.asked > before, asked);
            await page.getByRole('button', { name: app.scan.torch, pressed, exact: true }).waitFor();
            return page.evaluate(() => light.isOn);
        };
        await set({ fails: true });
        assert.equal(await press(false), false, 'it failed');
        await set({ fails: false });
        assert.equal(await press(true), true);
        assert.equal(await press(false), false, 'off again');
        assert.equal(await press(true), true);
        await set({ fails: true });
        assert.equal(await press(true), true, 'it cannot be put out');
    }, { init: withLight });
});

// The camera is taken away while one of its pictures is being read.
const takeAway = () => new Promise((resolve) => {
    const { postMessage } = Worker.prototype;
    Worker.prototype.postMessage = function (message, ...more) {
        postMessage.call(this, message, ...more);
        if (!message.pixels) return;
        Worker.prototype.postMessage = postMessage;
        const [track] = document.querySelector('video').srcObject.getVideoTracks();
        track.stop();
        track.dispatchEvent(new Event('ended'));
        resolve();
    };
});

test('the torch is there again when the camera is, and not pressed if its light is not', async () => {
    await withPhone(noTickets, async (phone, page) => {
        const torch = (pressed) => page.getByRole('button', { name: app.scan.torch, pressed, exact: true });
        await torch(false).click();
        await torch(true).waitFor();
        await page.evaluate(() => Object.assign(light, { isOn: false, fails: true, afterMs: 1500, asked: 0 }));
        await page.evaluate(takeAway);
        await torch(true).waitFor({ state: 'hidden' });
        await page.waitForFunction(() => light.asked > 0);
        await torch(false).waitFor();
        await page.waitForFunction(() => document.querySelector('video').currentTime > 0.5);
        assert.equal(await torch(true).count(), 0);
    }, { init: withLight });
});

test('a camera without a light offers none', async () => {
    await withPhone(noTickets, async (phone, page) => {
        await page.waitForFunction(() => document.querySelector('video').currentTime > 0);
        assert.ok(await phone.button(app.scan.torch).isHidden());
        assert.ok(await phone.button(app.scan.other_camera).isHidden(), 'and the only one no other');
    });
});

// --- Which camera -------------------------------------------------------------------------------

const cameraShown = (page) => page.evaluate(() =>
    document.querySelector('video').srcObject?.getVideoTracks()[0].getSettings().deviceId);

test('of two cameras the other one is a tap away, and is still chosen after a restart', async () => {
    const browser = await openBrowser(house.service.url,
        ['--use-fake-device-for-media-stream=device-count=2', '--use-fake-ui-for-media-stream'], 'chromium');
    await withPhone(browser, async (phone, page) => {
        const other = async () => {
            const before = await cameraShown(page);
            await phone.press(app.scan.other_camera);
            await page.waitForFunction((id) => {
                const { srcObject } = document.querySelector('video');
                const now = srcObject?.getVideoTracks()[0].getSettings().deviceId;
                return now && now !== id;
            }, before);
            return cameraShown(page);
        };
        await phone.button(app.scan.other_camera).waitFor();
        const first = await cameraShown(page);
        const second = await other();
        await page.reload();
        await phone.button(app.scan.other_camera).waitFor();
        assert.equal(await cameraShown(page), second);
        assert.equal(await other(), first, 'round and round');
    });
});

// --- The battery --------------------------------------------------------------------------------

const withBattery = () => {
    globalThis.battery = Object.assign(new EventTarget(), { level: 0.8, charging: false });
    navigator.getBattery = async () => battery;
};

test('the battery is told with its level, that it is low, and that it charges', async () => {
    await withPhone(noTickets, async (phone, page) => {
        const chip = page.locator('.chip').filter({ hasText: /^\d+%$/ });
        const change = (changes, type) => page.evaluate(([all, name]) => {
            Object.assign(battery, all);
            battery.dispatchEvent(new Event(name));
        }, [changes, type]);
        const seen = async (level) => {
            await chip.filter({ hasText: level }).waitFor();
            const drawing = await chip.locator('path').getAttribute('d');
            return { isLow: await chip.evaluate(({ classList }) => classList.contains('chip-stop')), drawing };
        };
        const full = await seen('80%');
        assert.equal(full.isLow, false);
        await change({ level: 0.2 }, 'levelchange');
        const low = await seen('20%');
        assert.deepEqual(low, { isLow: true, drawing: full.drawing });
        await change({ charging: true, level: 0.21 }, 'chargingchange');
        const charging = await seen('21%');
        assert.equal(charging.isLow, false);
        assert.notEqual(charging.drawing, full.drawing, 'seen without colour, too');
        await change({ charging: true, level: 0.1 }, 'levelchange');
        assert.equal((await seen('10%')).isLow, false, 'it charges');
    }, { init: withBattery });
});

test('where the browser does not tell, no battery is shown', async () => {
    await withPhone(noTickets, async (phone, page) => {
        await page.getByText(app.status.online, { exact: true }).waitFor();
        assert.equal(await page.locator('.chip').filter({ hasText: '%' }).count(), 0);
    }, { init: () => { navigator.getBattery = () => Promise.reject(new DOMException('', 'NotAllowedError')); } });
});
