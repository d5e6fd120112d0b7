// Self check-in: every tab of the tablet is locked with it, and the camera at the front looks at the
// guests.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBrowser } from '../harness/browser.js';
import { words } from '../harness/words.js';
import { DoorPage, openStage, pairingCode } from './door.js';

const { house, event, atTheDoor, named } = await openStage();
const { app } = words('en');

const code = '2468';
const showTicket = (page) => page.getByRole('heading', { level: 1, name: app.kiosk.guest.show }).waitFor();

async function startKiosk(phone, page, choose = () => {}) {
    await phone.press(app.scan.menu);
    await phone.press(app.menu.kiosk);
    await page.getByLabel(app.kiosk.code, { exact: true }).fill(code);
    await choose(page.getByRole('dialog').getByLabel(app.kiosk.camera, { exact: true }));
    await phone.press(app.kiosk.start);
    await showTicket(page);
}

async function leaveKiosk(phone, page) {
    await phone.press(app.kiosk.staff);
    await page.getByLabel(app.kiosk.code, { exact: true }).fill(code);
    await page.getByRole('dialog').getByRole('button', { name: app.kiosk.leave, exact: true }).click();
    await phone.button(app.scan.menu).waitFor();
}

// → the welcome, once it is there
async function welcomed(phone, page, ticket, name) {
    await phone.stopTime(); // the sign goes by itself
    await phone.scan(ticket);
    const sign = page.locator('.kiosk-sign').getByText(app.kiosk.guest.welcome.replace('{{name}}', name), { exact: true });
    await sign.waitFor();
    await page.clock.resume();
}

test('another tab is locked and unlocked with the kiosk, and both go on deciding', async () => {
    const guests = ['Ada', 'Grace', 'Emmy', 'Lise'];
    const [ada, grace, emmy, lise] = await Promise.all(guests.map((name) => named(`${name} Guest`)));
    await atTheDoor(async (phone, page) => {
        const tab = await page.context().newPage();
        await tab.goto('/door');
        const second = new DoorPage(tab);
        await second.press(app.scan.search); // an open panel is no way around it
        await tab.getByLabel(app.search.label).waitFor();
        await page.bringToFront();
        await startKiosk(phone, page);
        await tab.bringToFront();
        await showTicket(tab);
        assert.equal(await tab.getByRole('dialog').count(), 0);
        assert.equal(await second.button(app.scan.menu).count(), 0, 'no menu is in reach');
        await welcomed(second, tab, ada, 'Ada Guest');
        await page.bringToFront();
        await welcomed(phone, page, grace, 'Grace Guest');
        await leaveKiosk(phone, page);
        await tab.bringToFront();
        await second.button(app.scan.menu).waitFor();
        assert.ok(await tab.locator('#kiosk').isHidden());
        await second.scan(emmy);
        await (await second.verdict(app.verdict.admitted.title)).getByText('Emmy Guest').waitFor();
        await page.bringToFront();
        await phone.scan(lise);
        await (await phone.verdict(app.verdict.admitted.title)).getByText('Lise Guest').waitFor();
    }, { clock: true });
    const inside = await house.database.query(
        'select name from attendee where inside and name = any ($1)', [guests.map((name) => `${name} Guest`)]);
    assert.equal(inside.length, guests.length);
});

// Two cameras. Chromium's do not say where they look, so one of them is told to be at the back.
const browser = await openBrowser(house.service.url,
    ['--use-fake-device-for-media-stream=device-count=2', '--use-fake-ui-for-media-stream'], 'chromium');

const atTheBack = () => {
    const { getUserMedia } = navigator.mediaDevices;
    globalThis.wishes = [];
    navigator.mediaDevices.getUserMedia = function (wish) {
        wishes.push(wish.video);
        return getUserMedia.call(this, wish);
    };
    const { getSettings } = MediaStreamTrack.prototype;
    MediaStreamTrack.prototype.getSettings = function () {
        const facingMode = this.label.includes('_1') ? 'environment' : 'user';
        return { ...getSettings.call(this), facingMode };
    };
};

// work(phone, page) on a tablet with these two
async function atTheTablet(work) {
    const tab = await browser.open({ width: 1280 });
    await tab.context.addInitScript(atTheBack);
    try {
        await tab.use(async (page) => {
            const phone = new DoorPage(page);
            await phone.pair(await pairingCode(house, event));
            await work(phone, page);
        });
    } finally {
        await tab.context.close();
    }
}

// Of the kiosk, once it shows its picture.
async function kioskCamera(page) {
    const mirror = page.locator('#kiosk video[data-mirror]');
    await mirror.waitFor();
    return mirror.evaluate((video) => ({ mirror: video.dataset.mirror,
        turned: getComputedStyle(video).transform.startsWith('matrix(-1'),
        facing: video.srcObject.getVideoTracks()[0].getSettings().facingMode }));
}

test('the kiosk asks for the camera that looks at the guests, and shows them as a mirror does', async () => {
    await atTheTablet(async (phone, page) => {
        await startKiosk(phone, page);
        const { mirror, turned } = await kioskCamera(page);
        assert.deepEqual({ mirror, turned }, { mirror: 'true', turned: true });
        assert.deepEqual(await page.evaluate(() => wishes.at(-1).facingMode), { ideal: 'user' });
        await leaveKiosk(phone, page);
        await page.waitForFunction(() => wishes.at(-1).facingMode?.ideal === 'environment');
        assert.equal(await page.locator('video[data-mirror]').count(), 0, 'staff sees what is there');
    });
});

test('of several cameras one is chosen at the start; one that looks away from the guests is no mirror', async () => {
    await atTheTablet(async (phone, page) => {
        const wanted = { 'at the front': 'user', 'at the back': 'environment' };
        const cameras = await page.evaluate(async () => (await navigator.mediaDevices.enumerateDevices())
            .filter(({ kind }) => kind === 'videoinput').map(({ deviceId, label }) => ({ deviceId, label })));
        assert.equal(cameras.length, 2);
        for (const [where, facing] of Object.entries(wanted)) {
            const { deviceId, label } = cameras.find((one) => one.label.includes('_1') === (facing === 'environment'));
            await startKiosk(phone, page, async (choice) => {
                assert.deepEqual(await choice.locator('option').allTextContents(),
                    [app.kiosk.camera_front, ...cameras.map((one) => one.label)]);
                await choice.selectOption({ label });
            });
            const isMirror = facing === 'user';
            assert.deepEqual(await kioskCamera(page), { mirror: String(isMirror), turned: isMirror, facing }, where);
            await page.reload();
            await showTicket(page);
            assert.equal((await kioskCamera(page)).facing, facing, 'also after a restart');
            assert.deepEqual(await page.evaluate(() => wishes.at(-1).deviceId), { exact: deviceId });
            await leaveKiosk(phone, page);
        }
    });
});
