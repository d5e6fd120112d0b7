// The verdict fills the screen, with sound, vibration and one announcement for screen readers. Green
// goes by itself; a touch makes it stay longer, and it stays while held. Amber and red stay until the
// next scan or a tap. What names a guest goes after PERSON_MS, and when the screen is locked.
import { PERSON_MS, whenHidden } from './discreet.js';
import { button, el, icon } from './dom.js';
import { recall } from './keeping.js';
import { practiceSign } from './practice.js';
import { signal } from './sound.js';
import { sentences, t } from './words.js';

const TOUCHED_SECONDS = 10;
// A tap so soon after the verdict appeared was meant for what was there before.
const BLIND_MS = 500;

function answers(list = []) {
    if (list.length === 0) return null;
    return el('dl', { class: 'verdict-answers' }, list.map(({ label, text }) =>
        el('div', {}, el('dt', {}, label), el('dd', { dir: 'auto' }, text))));
}

// Finds the largest size without overflow by bisection.
function fit(name, room) {
    name.style.overflowWrap = '';
    let [small, large] = [24, Math.min(112, innerWidth / 5)];
    for (let i = 0; i < 7; i++) {
        const size = (small + large) / 2;
        name.style.fontSize = `${size}px`;
        const fits = name.scrollWidth <= name.clientWidth && room.scrollHeight <= room.clientHeight;
        if (fits) small = size;
        else large = size;
    }
    name.style.fontSize = `${small}px`;
    name.style.overflowWrap = name.scrollWidth > name.clientWidth ? 'anywhere' : '';
}

export class VerdictView {
    #root;
    #said;
    #timer = null;
    #forgetting = null;
    #goesAfter = null; // seconds; null: it stays
    #shownAt = 0;
    #before = null;

    // root: its parent; said: the live region; onGone(): called when the verdict is gone
    constructor(root, said, { onGone }) {
        this.#root = root;
        this.#said = said;
        this.onGone = onGone;
        addEventListener('resize', () => this.shown && this.#fit());
        root.addEventListener('pointerdown', () => this.#hold());
        for (const type of ['pointerup', 'pointercancel', 'focusin'])
            root.addEventListener(type, () => this.#touched());
        root.addEventListener('click', ({ target }) => this.#tapped(target));
        whenHidden(() => this.#forget());
        document.addEventListener('keydown', (event) => {
            if (event.key === 'Escape' && this.shown) this.dismiss();
        });
    }

    get shown() {
        return !this.#root.hidden;
    }

    // view: of describe(); person: {name, ticket_type_title, answers} or null;
    // doing: [{words, image, act, person: it is about the guest}]; byPhone: decided without network
    show(view, { person, doing = [], byPhone = false }) {
        if (!this.shown) this.#before = document.activeElement;
        const name = person?.name && el('p', { class: 'verdict-name', dir: 'auto' }, person.name);
        const room = el('div', { class: 'verdict-room' },
            icon(view.image),
            el('h2', { class: 'verdict-title' }, view.title),
            name,
            person?.ticket_type_title && el('p', { class: 'verdict-type' }, person.ticket_type_title),
            view.detail && el('p', { class: 'verdict-detail' }, view.detail),
            view.todo && el('p', { class: 'verdict-todo' }, view.todo),
            answers(person?.answers),
            byPhone && el('p', { class: 'verdict-phone' }, icon('offline'), el('span', {}, t('verdict.by_phone'))));
        this.#bar = el('div', { class: 'verdict-bar', 'aria-hidden': 'true' });
        this.#root.replaceChildren(practiceSign(), this.#bar, room, this.#buttons(doing));
        this.#root.dataset.tone = view.tone;
        this.#root.hidden = false;
        this.#fit = () => this.#arrange(name, room);
        this.#fit();
        this.#say(view, person, byPhone);
        signal(view.tone);
        this.#view = view;
        this.#shownAt = performance.now();
        this.#goesAfter = view.seconds && recall('stays') !== true ? view.seconds : null;
        this.#wait(this.#goesAfter);
        this.#forgetLater();
        if (document.hidden) this.#forget();
    }

    #view = null;

    #bar = null;
    #fit = null;

    // Content that still does not fit can be scrolled, also by keyboard.
    #arrange(name, room) {
        const overflows = () => room.scrollHeight > room.clientHeight;
        delete this.#root.dataset.tight;
        room.removeAttribute('tabindex');
        if (name) fit(name, room);
        if (!overflows()) return;
        this.#root.dataset.tight = '';
        if (name) fit(name, room);
        if (overflows()) room.tabIndex = 0;
    }

    #buttons(doing) {
        return el('div', { class: 'verdict-doing' },
            doing.map(({ words, image, act, person }) =>
                button(words, { image, class: person ? 'secondary verdict-person' : 'secondary', click: act })),
            button(t('next'), { class: 'verdict-next', image: 'back', click: () => this.dismiss() }));
    }

    // Announces the same words twice in a row too: two guests may get the same verdict.
    #say(view, person, byPhone) {
        const answered = (person?.answers ?? []).map(({ label, text }) => `${label}: ${text}`);
        const words = sentences([view.title, person?.name, person?.ticket_type_title, view.detail, view.todo,
            ...answered, byPhone && t('verdict.by_phone')]);
        const again = this.#said.textContent === words ? '\u00a0' : '';
        this.#said.textContent = words + again;
    }

    #hold() {
        clearTimeout(this.#timer);
        clearTimeout(this.#forgetting);
        this.#root.dataset.held = '';
    }

    #touched() {
        this.#forgetLater();
        this.#wait(this.#goesAfter && TOUCHED_SECONDS);
    }

    // A tap beside the buttons ends a verdict that stays.
    #tapped(target) {
        const isEarly = performance.now() - this.#shownAt < BLIND_MS;
        if (!this.#goesAfter && !isEarly && !target.closest('button')) this.dismiss();
    }

    // seconds null: it stays
    #wait(seconds) {
        clearTimeout(this.#timer);
        delete this.#root.dataset.held;
        if (!this.shown || !this.#bar) return;
        this.#bar.hidden = !seconds;
        if (!seconds) return;
        const fresh = this.#bar.cloneNode();
        this.#bar.replaceWith(fresh);
        this.#bar = fresh;
        fresh.style.animationDuration = `${seconds}s`;
        this.#timer = setTimeout(() => this.dismiss(), seconds * 1000);
    }

    #forgetLater() {
        clearTimeout(this.#forgetting);
        if (this.shown) this.#forgetting = setTimeout(() => this.#forget(), PERSON_MS);
    }

    // Amber and red keep their sign, without the guest.
    #forget() {
        clearTimeout(this.#forgetting);
        if (!this.shown) return;
        if (this.#view.tone === 'go') return this.dismiss();
        const about = this.#root.querySelectorAll(
            '.verdict-name, .verdict-type, .verdict-answers, .verdict-person');
        if (about.length === 0) return;
        const isFocused = [...about].includes(document.activeElement);
        for (const part of about) part.remove();
        this.#said.textContent = sentences([this.#view.title, this.#view.todo]);
        if (isFocused) this.#root.querySelector('.verdict-next').focus();
    }

    dismiss() {
        if (!this.shown) return;
        clearTimeout(this.#timer);
        clearTimeout(this.#forgetting);
        const focused = this.#root.contains(document.activeElement);
        this.#root.hidden = true;
        this.#root.replaceChildren();
        this.#bar = null;
        if (this.#view) this.#said.textContent = '';
        this.#view = null;
        this.onGone();
        if (focused) (this.#before?.isConnected ? this.#before : document.querySelector('h1'))?.focus();
        this.#before = null;
    }
}
