// Self check-in on a tablet: one sentence, the camera's picture, a welcome by name. All other guests are
// asked to see the staff, without a reason. All languages of the event are shown at once. A code ends
// the kiosk.
import { whenHidden } from './discreet.js';
import { el, icon, iconButton } from './dom.js';
import { recall } from './keeping.js';
import { askCode, unlock } from './kiosk_lock.js';
import { practiceSign } from './practice.js';
import { signal } from './sound.js';
import { CameraTrouble } from './trouble.js';
import { forGuests, guestLanguages, sentences, t, text } from './words.js';

const WELCOME_MS = 3_000;
const STAFF_MS = 5_000;

export class Kiosk {
    #timer = null;

    constructor(root, { getState, camera, video, said, onLeave }) {
        Object.assign(this, { root, getState, camera, video, said, onLeave });
    }

    show() {
        this.over = el('div', { class: 'finder-over' });
        const [own, ...others] = this.languages;
        this.heading = el('h1', { tabindex: '-1' }, forGuests(own, 'show'));
        this.sign = el('div', { class: 'kiosk-sign', hidden: true });
        this.staff = iconButton(t('kiosk.staff'), 'lock', { class: 'plain kiosk-leave', click: () => this.#leave() });
        this.root.replaceChildren(practiceSign(),
            el('header', { class: 'kiosk-top' },
                el('p', { class: 'eyebrow' }, text(this.getState().event?.title)), this.heading,
                others.map((lang) => el('p', { class: 'kiosk-other', lang }, forGuests(lang, 'show'))), this.staff),
            el('div', { class: 'finder' }, this.video,
                el('div', { class: 'finder-frame', 'aria-hidden': 'true' }), this.over),
            this.sign);
        this.root.hidden = false;
        this.#stay();
        addEventListener('popstate', this.#stay);
        this.endWatch?.();
        this.endWatch = whenHidden(() => this.#clear());
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
        const sign = reason && new CameraTrouble(reason, () => this.startCamera(), forGuests(this.languages[0], 'see_staff'));
        this.over.replaceChildren(...sign ? [sign.element] : []);
    }

    // Controls behind the sign cannot be used, also by keyboard.
    #cover(yes) {
        this.sign.hidden = !yes;
        this.staff.inert = this.over.inert = yes;
    }

    get languages() {
        return guestLanguages(this.getState().event);
    }

    // words, more: keys of the words for guests; name: of the guest
    #say(tone, image, words, more, { ms, name }) {
        clearTimeout(this.#timer);
        const say = (lang, key) => forGuests(lang, key, { name });
        const [own, ...others] = this.languages;
        this.sign.dataset.tone = tone;
        this.sign.replaceChildren(icon(image),
            el('p', { class: 'kiosk-words', dir: 'auto' }, say(own, words)),
            el('p', { class: 'kiosk-more' }, say(own, more)),
            ...others.map((lang) => el('p', { class: 'kiosk-other', lang, dir: 'auto' },
                sentences([say(lang, words), say(lang, more)]))));
        this.#cover(true);
        this.said.textContent = sentences([say(own, words), say(own, more)]);
        signal(tone);
        this.#timer = setTimeout(() => this.#clear(), ms);
        if (document.hidden) this.#clear();
    }

    #clear() {
        clearTimeout(this.#timer);
        this.#cover(false);
        this.sign.replaceChildren();
        this.said.textContent = '';
    }

    verdict({ verdict, attendee }) {
        const name = attendee?.name;
        if (verdict === 'admitted')
            this.#say('go', 'go', name ? 'welcome' : 'welcome_guest', 'enjoy', { ms: WELCOME_MS, name });
        else if (verdict === 'not_a_ticket')
            this.#say('look', 'look', 'no_ticket', 'no_ticket_detail', { ms: WELCOME_MS });
        else this.#say('look', 'note', 'see_staff', 'see_staff_detail', { ms: STAFF_MS });
    }

    async #leave() {
        if (!await askCode()) return;
        this.close();
        unlock();
        this.onLeave();
    }

    close() {
        clearTimeout(this.#timer);
        this.endWatch?.();
        removeEventListener('popstate', this.#stay);
        delete this.video.dataset.mirror;
        if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
        this.root.replaceChildren();
        this.root.hidden = true;
    }
}
