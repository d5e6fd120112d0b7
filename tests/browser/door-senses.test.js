// What the door is to eyes, ears and hands: the camera's picture, sounds, vibration, a screen that
// does not sleep.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openCamera, codeOf, film } from '../harness/camera.js';
import { exampleEvent, guest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { modulesOf } from '../harness/pictures.js';
import { words } from '../harness/words.js';
import { DoorPage, pairingCode, ticketOf } from './door.js';

const house = await openHouse();
const event = await house.apply(exampleEvent());
const { app } = words('en');

const ticket = async (name) => ticketOf((await house.signUp(event, guest({ attendees: [
    { name, answers: { company: 'biosaxony', lunch: false } }] }))).json());

const nobody = [null, {}];
const near = { module: 7 };

// The practice tickets as the guide shows them.
const guide = (await house.http.get('/door/guide')).body;
const practice = guide.match(/<svg[^]*?<\/svg>/g).map(modulesOf);
const shown = await ticket('Ada Lovelace');
const practiceFilm = film(practice.flatMap((code) => [[code, near], nobody]), { frames: 12 });
const ticketFilm = film([[await codeOf(house, shown), { module: 5 }]], { frames: 15 });

// Runs before the page: notes what would be heard and felt, and who keeps the screen awake.
function listen() {
    globalThis.felt = [];
    globalThis.heard = [];
    globalThis.sightings = 0; // pictures in which a code was read
    globalThis.Worker = class extends Worker {
        constructor(...given) {
            super(...given);
            this.addEventListener('message', ({ data }) => { if (data.codes?.length > 0) sightings++; });
        }
    };
    globalThis.awake = { asked: 0, locks: [] };
    navigator.vibrate = (how) => felt.push(how);
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (...at) {
        heard.push(this.frequency.value);
        return start.apply(this, at);
    };
    Object.defineProperty(navigator, 'wakeLock', { value: {
        request: async () => {
            const lock = new EventTarget();
            lock.release = async () => lock.dispatchEvent(new Event('release'));
            awake.asked++;
            awake.locks.push(lock);
            return lock;
        },
    } });
}

// work(phone, page): a phone whose camera plays a film; practises: from the start
async function withFilm(path, work, { paired = true, practises = false } = {}) {
    const browser = await openCamera(house.service.url, path);
    const tab = await browser.open({ width: 390 });
    await tab.context.addInitScript(listen);
    if (practises) await tab.context.addInitScript("localStorage.setItem('einlass-door-practice', 'true')");
    try {
        await tab.use(async (page) => {
            const phone = new DoorPage(page);
            if (paired) await phone.pair(await pairingCode(house, event));
            await work(phone, page);
            // An unpaired phone may have asked for something just before.
            const rest = tab.complaints.filter((one) => !/^401: (GET|POST) .*\/device$/.test(one));
            tab.complaints.splice(0, Infinity, ...rest);
        });
    } finally {
        await tab.context.close();
    }
}

test('a ticket before the camera is a verdict without a tap, and once only while it stays there', async () => {
    await withFilm(ticketFilm, async (phone, page) => {
        await (await phone.verdict(app.verdict.admitted.title)).getByText('Ada Lovelace').waitFor();
        await page.waitForFunction(() => sightings > 20);
        const scans = await house.database.query(
            `select count(*)::int as count from scan join attendee using (event_id, attendee_id)
              where name = 'Ada Lovelace'`);
        assert.equal(scans[0].count, 1);
    });
});

test('each practice ticket of the guide leads to its verdict by the camera', async () => {
    await withFilm(practiceFilm, async (phone, page) => {
        await page.evaluate(() => {
            globalThis.said = [];
            new MutationObserver(() => said.push(document.getElementById('said').textContent))
                .observe(document.getElementById('said'), { childList: true, characterData: true, subtree: true });
        });
        const titles = ['admitted', 'already_admitted', 'cancelled', 'forged', 'wrong_door']
            .map((name) => app.verdict[name].title);
        await page.waitForFunction((all) => all.every((title) => said.some((one) => one.startsWith(title))), titles);
    }, { practises: true });
});

test('another code before the camera of a phone that is no door yet is told, and harms nothing', async () => {
    await withFilm(ticketFilm, async (phone, page) => {
        await phone.open();
        await phone.press(app.pair.scan);
        await page.getByRole('status').filter({ hasText: app.pair.other }).waitFor();
        await phone.press(app.pair.stop);
        await phone.button(app.pair.scan).waitFor();
    }, { paired: false });
});

test('verdicts sound and feel apart, and sound can be switched off', async () => {
    const first = await ticket('Grace Hopper');
    await withFilm(film([nobody]), async (phone, page) => {
        const taken = async () => await page.evaluate(() => ({ heard: heard.splice(0), felt: felt.splice(0) }));
        await phone.press(app.scan.menu);
        await phone.press(app.close); // a touch lets the page sound
        await phone.scan(first);
        await phone.verdict(app.verdict.admitted.title);
        const go = await taken();
        assert.equal(go.heard.length, 2);
        assert.ok(go.heard[0] < go.heard[1], 'rising');
        await phone.scan(first);
        await phone.verdict(app.verdict.already_admitted.title);
        const look = await taken();
        assert.equal(look.heard.length, 1);
        await phone.scan('2KCE' + 'A'.repeat(200));
        await phone.verdict(app.verdict.unknown.title);
        await phone.dismiss();
        await phone.toggle(app.menu.practice);
        await taken();
        await phone.scan('EINLASS-PRACTICE-FORGED');
        await phone.verdict(app.verdict.forged.title);
        const stop = await taken();
        assert.equal(stop.heard.length, 2);
        assert.ok(stop.heard.every((hertz) => hertz < 200), 'low');
        assert.equal(new Set([go, look, stop].map(({ felt }) => JSON.stringify(felt))).size, 3);
        await phone.dismiss();
        await phone.toggle(app.menu.sound);
        await phone.scan('EINLASS-PRACTICE-FORGED');
        await phone.verdict(app.verdict.forged.title);
        const muted = await taken();
        assert.deepEqual(muted.heard, []);
        assert.equal(muted.felt.length, 1);
    });
});

test('the screen stays awake while the phone is a door, again after it was hidden', async () => {
    await withFilm(film([nobody]), async (phone, page) => {
        await page.waitForFunction(() => awake.asked === 1);
        await page.evaluate(async () => {
            await awake.locks[0].release(); // as browsers do when the page is hidden
            document.dispatchEvent(new Event('visibilitychange'));
        });
        await page.waitForFunction(() => awake.asked === 2);
        await phone.press(app.scan.menu);
        await phone.press(app.menu.unpair);
        await page.evaluate(() => awake.locks[1].addEventListener('release', () => (awake.isReleased = true)));
        await phone.press(app.menu.unpair_yes);
        await page.waitForFunction(() => awake.isReleased);
    });
});
