// Self check-in on a tablet: one sentence, the camera's picture, a welcome by first name. All other
// guests are asked to see the staff, without a reason. A code ends the kiosk.
import { el, icon, iconButton } from './dom.js';
import { recall } from './keeping.js';
import { askCode, unlock } from './kiosk_lock.js';
import { practiceSign } from './practice.js';
import { signal } from './sound.js';
import { CameraTrouble } from './trouble.js';
import { sentences, t, text } from './words.js';

const WELCOME_MS = 3_000;
const STAFF_MS = 5_000;

// "Dr. Ada Lovelace" is welcomed as Ada.
export function firstName(name) {
    const words = name.trim().split(/\s+/);
    return words.find((word) => !word.endsWith('.')) ?? words[0];
}

export class Kiosk {
    #timer = null;

    constructor(root, { getState, camera, video, said, onLeave }) {
        Object.assign(this, { root, getState, camera, video, said, onLeave });
    }

    show() {
        this.over = el('div', { class: 'finder-over' });
        this.heading = el('h1', { tabindex: '-1' }, t('kiosk.show'));
        this.sign = el('div', { class: 'kiosk-sign', hidden: true });
        this.staff = iconButton(t('kiosk.staff'), 'lock', { class: 'plain kiosk-leave', click: () => this.#leave() });
        this.root.replaceChildren(practiceSign(),
            el('header', { class: 'kiosk-top' },
                el('p', { class: 'eyebrow' }, text(this.getState().event?.title)), this.heading, this.staff),
            el('div', { class: 'finder' }, this.video,
                el('div', { class: 'finder-frame', 'aria-hidden': 'true' }), this.over),
            this.sign);
        this.root.hidden = false;
        this.#stay();
        addEventListener('popstate', this.#stay);
    }

    // The browser's back button stays on this screen.
    #stay = () => history.pushState({ kiosk: true }, '');

    async startCamera() {
        try {
            await this.camera.start(recall('kiosk-camera') ?? undefined, 'user');
            this.#mirror();
        } catch (error) {
            this.showTrouble(error.reason);
        }
    }

    // Mirrors the picture of a camera that faces the guests.
    #mirror() {
        this.video.dataset.mirror = String(this.camera.facing !== 'environment');
    }

    showTrouble(reason) {
        const sign = reason && new CameraTrouble(reason, () => this.startCamera(), t('kiosk.see_staff'));
        this.over.replaceChildren(...sign ? [sign.element] : []);
    }

    // Controls behind the sign cannot be used, also by keyboard.
    #cover(yes) {
        this.sign.hidden = !yes;
        this.staff.inert = this.over.inert = yes;
    }

    #say(tone, image, words, more, ms) {
        clearTimeout(this.#timer);
        this.sign.dataset.tone = tone;
        this.sign.replaceChildren(icon(image), el('p', { class: 'kiosk-words', dir: 'auto' }, words),
            more && el('p', { class: 'kiosk-more' }, more));
        this.#cover(true);
        this.said.textContent = sentences([words, more]);
        signal(tone);
        this.#timer = setTimeout(() => {
            this.#cover(false);
            this.said.textContent = '';
        }, ms);
    }

    verdict({ verdict, attendee }) {
        if (verdict === 'admitted') {
            const name = attendee?.name ? firstName(attendee.name) : null;
            const welcome = name ? t('kiosk.welcome', { name }) : t('kiosk.welcome_guest');
            this.#say('go', 'go', welcome, t('kiosk.enjoy'), WELCOME_MS);
        } else if (verdict === 'not_a_ticket') {
            this.#say('look', 'look', t('kiosk.no_ticket'), t('kiosk.no_ticket_detail'), WELCOME_MS);
        } else {
            this.#say('look', 'note', t('kiosk.see_staff'), t('kiosk.see_staff_detail'), STAFF_MS);
        }
    }

    async #leave() {
        if (!await askCode()) return;
        this.close();
        unlock();
        this.onLeave();
    }

    close() {
        clearTimeout(this.#timer);
        removeEventListener('popstate', this.#stay);
        delete this.video.dataset.mirror;
        if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
        this.root.replaceChildren();
        this.root.hidden = true;
    }
}
