// The door's page as a test uses it: /door on a phone.
import assert from 'node:assert/strict';
import { words } from '../harness/words.js';

// → a code as `einlass door pair` prints it
export async function pairingCode(house, event, door = 'main', role = undefined) {
    const more = role ? ['--role', role] : [];
    return (await house.mustCommand(['door', 'pair', event, door, ...more])).split('\n')[0].trim();
}

export const ticketOf = ({ attendees: [{ ticket }] }) => ticket;

export class DoorPage {
    constructor(page, language = 'en') {
        this.page = page;
        this.t = words(language).app;
    }

    async open() {
        await this.page.goto('/door');
        await this.page.getByLabel(this.t.pair.code).waitFor();
        return this;
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
            document.activeElement?.blur();
            for (const key of keys)
                document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
        }, [...text, 'Enter']);
    }

    // → the verdict, once it says this
    async verdict(title) {
        const shown = this.page.locator('#verdict');
        await shown.getByRole('heading', { name: title, exact: true }).waitFor();
        return shown;
    }

    async dismiss() {
        await this.page.keyboard.press('Escape');
        await this.page.locator('#verdict').waitFor({ state: 'hidden' });
    }

    // name: 'inside' | 'admitted' | 'expected'
    async count(name) {
        return Number(await this.page.locator(`.count-${name} dd`).textContent());
    }

    async counts(name, wanted) {
        await this.page.locator(`.count-${name} dd`).filter({ hasText: new RegExp(`^${wanted}$`) }).waitFor({ state: 'attached' });
        assert.equal(await this.count(name), wanted);
    }

    // A switch of the menu, which closes by itself or is closed.
    async toggle(name) {
        await this.press(this.t.scan.menu);
        await this.page.getByRole('switch', { name, exact: true }).click();
        await this.page.keyboard.press('Escape');
    }
}
