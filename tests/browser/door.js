// The door's page as a test uses it: /door on a phone.
import assert from 'node:assert/strict';
import { openBrowser } from '../harness/browser.js';
import { exampleEvent, guest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { words } from '../harness/words.js';

// → a code as `einlass door pair` prints it
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

    // Verdicts stay, by the phone's own setting, so that none is gone before it was looked at.
    async open() {
        await this.page.goto('/door');
        await this.page.getByLabel(this.t.pair.code).waitFor();
        await this.page.evaluate(() => localStorage.setItem('einlass-door-stays', 'true'));
        return this;
    }

    async letVerdictsGo() {
        await this.page.evaluate(() => localStorage.removeItem('einlass-door-stays'));
    }

    // From here on the page's time stands still but for what page.clock is told, until
    // page.clock.resume(). Needs the option clock.
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

    // As a hand scanner does: keys in no time, and Enter, with no field in focus. All at once, as a
    // busy machine would hand single ones on too slowly for a scanner.
    async scan(text) {
        await this.page.evaluate((keys) => {
            document.querySelector('.verdict-room')?.setAttribute('data-earlier', '');
            document.activeElement?.blur();
            for (const key of keys)
                document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
        }, [...text, 'Enter']);
    }

    // → the verdict, once the one of the last scan is there and says this
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

    // Waits until the phone has its guest list, and so can decide by itself.
    async hasGuests() {
        await this.page.waitForFunction(async () => {
            const database = await new Promise((resolve) => {
                indexedDB.open('einlass-door').onsuccess = ({ target }) => resolve(target.result);
            });
            const count = await new Promise((resolve) => {
                const asked = database.transaction('guests').objectStore('guests').count();
                asked.onsuccess = () => resolve(asked.result);
            });
            database.close();
            return count > 0;
        });
    }

    // offline false: it is back.
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

    // A switch of the menu, which closes by itself or is closed.
    async toggle(name) {
        await this.press(this.t.scan.menu);
        await this.page.getByRole('switch', { name, exact: true }).click();
        await this.page.keyboard.press('Escape');
    }
}

// A house with an event, and phones that come to its doors.
class Stage {
    constructor(house, browser, event) {
        Object.assign(this, { house, browser, event });
    }

    // work(page), on a visitor's own phone. complaints: what the browser may say meanwhile. clock: the
    // page's time is the test's.
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

    // work(phone, page): with a phone that is a door.
    atTheDoor = async (work, { door = 'main', role, at = this.event, complaints, ...options } = {}) => {
        await this.visit(options, async (page) => {
            const phone = new DoorPage(page, options.language);
            await phone.pair(await pairingCode(this.house, at, door, role));
            await work(phone, page);
        }, complaints);
    };

    // → the registration as its answer tells it
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
