// The door's page (/door on a phone) for tests.
import assert from 'node:assert/strict';
import { openBrowser } from '../harness/browser.js';
import { exampleEvent, guest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { until } from '../harness/wait.js';
import { words } from '../harness/words.js';

// → a pairing code from `einlass door pair`
export async function pairingCode(house, event, door = 'main', role = undefined, name = undefined) {
    const more = [...role ? ['--role', role] : [], ...name ? ['--name', name] : []];
    return (await house.mustCommand(['door', 'pair', event, door, ...more])).split('\n')[0].trim();
}

export const ticketOf = ({ attendees: [{ ticket }] }) => ticket;

export class DoorPage {
    constructor(page, language = 'en') {
        this.page = page;
        this.t = words(language).app;
    }

    // Verdicts stay on the screen (a setting of the phone), so tests can read them.
    async open() {
        await this.page.goto('/door');
        await this.page.getByLabel(this.t.pair.code).waitFor();
        await this.page.evaluate(() => localStorage.setItem('einlass-door-stays', 'true'));
        return this;
    }

    async letVerdictsGo() {
        await this.page.evaluate(() => localStorage.removeItem('einlass-door-stays'));
    }

    // Stops the page's time until page.clock.resume(); page.clock can move it. Needs the option clock.
    async stopTime() {
        await this.page.clock.pauseAt(await this.page.evaluate(() => Date.now() + 1000));
    }

    async pair(code) {
        await this.open();
        await this.page.getByLabel(this.t.pair.code).fill(code);
        await this.press(this.t.pair.send);
        await this.button(this.t.scan.menu).waitFor();
    }

    button(name) {
        return this.page.getByRole('button', { name, exact: true });
    }

    press(name) {
        return this.button(name).first().click();
    }

    // Types like a hand scanner: fast keys and Enter without a focused field. Sends all keys at once,
    // each with its time, because a busy machine delivers single ones too slowly.
    async scan(text) {
        await this.page.evaluate((keys) => {
            document.querySelector('.verdict-room')?.setAttribute('data-earlier', '');
            document.activeElement?.blur();
            const start = performance.now();
            for (const [i, key] of keys.entries()) {
                const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true });
                Object.defineProperty(event, 'timeStamp', { value: start + 2 * i });
                document.body.dispatchEvent(event);
            }
        }, [...text, 'Enter']);
    }

    // Waits for the verdict of the last scan with this title. → the verdict
    async verdict(title) {
        const shown = this.page.locator('#verdict');
        await shown.locator('.verdict-room:not([data-earlier])')
            .getByRole('heading', { name: title, exact: true }).waitFor();
        return shown;
    }

    async dismiss() {
        await this.page.keyboard.press('Escape');
        await this.page.locator('#verdict').waitFor({ state: 'hidden' });
    }

    // Waits until the phone has its guest list, or the names.
    async hasGuests(kept = 'guests') {
        await until(() => this.page.evaluate(async (name) => {
            const database = await new Promise((resolve) => {
                indexedDB.open('einlass-door').onsuccess = ({ target }) => resolve(target.result);
            });
            const count = await new Promise((resolve) => {
                const asked = database.transaction(name).objectStore(name).count();
                asked.onsuccess = () => resolve(asked.result);
            });
            database.close();
            return count > 0;
        }, kept));
    }

    // offline: false goes online.
    async goOffline(offline = true) {
        await this.page.context().setOffline(offline);
        await this.page.getByText(offline ? this.t.status.offline : this.t.status.online, { exact: true }).waitFor();
    }

    // name: 'inside' | 'admitted' | 'expected'
    async count(name) {
        return Number(await this.page.locator(`.count-${name} dd`).textContent());
    }

    async counts(name, wanted) {
        const shown = this.page.locator(`.count-${name} dd`);
        await shown.filter({ hasText: new RegExp(`^${wanted}$`) }).waitFor({ state: 'attached' });
        assert.equal(await this.count(name), wanted);
    }

    // Clicks a switch of the menu, then closes the menu if needed.
    async toggle(name) {
        await this.press(this.t.scan.menu);
        await this.page.getByRole('switch', { name, exact: true }).click();
        await this.page.keyboard.press('Escape');
    }
}

// A house with an event and phones at its doors.
class Stage {
    constructor(house, browser, event) {
        Object.assign(this, { house, browser, event });
    }

    // Runs work(page) on a new phone. complaints: allowed errors of the browser. clock: the test controls
    // the page's time.
    visit = async ({ clock, ...options }, work, complaints = []) => {
        const tab = await this.browser.open({ width: 390, ...options });
        if (clock) await tab.context.clock.install({ time: Date.now() });
        try {
            await tab.use(async (page) => {
                await work(page);
                const said = tab.complaints.filter((one) => !complaints.some((allowed) => allowed.test(one)));
                tab.complaints.splice(0, Infinity, ...said);
            });
        } finally {
            await tab.context.close();
        }
    };

    // Runs work(phone, page) with a paired phone.
    atTheDoor = async (work, { door = 'main', role, at = this.event, complaints, ...options } = {}) => {
        await this.visit(options, async (page) => {
            const phone = new DoorPage(page, options.language);
            await phone.pair(await pairingCode(this.house, at, door, role));
            await work(phone, page);
        }, complaints);
    };

    // → the registration from the answer
    signUp = async (body = guest(), at = this.event) => {
        const answer = await this.house.signUp(at, body);
        assert.equal(answer.status, 201, answer.body);
        return answer.json();
    };

    // → the ticket of a guest of this name
    named = async (name) => ticketOf(await this.signUp(guest({ attendees: [
        { name, answers: { company: 'Analytical Engines', lunch: false } }] })));
}

export async function openStage() {
    const house = await openHouse();
    return new Stage(house, await openBrowser(house.service.url), await house.apply(exampleEvent()));
}
