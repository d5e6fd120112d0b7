// The screen of an unpaired phone. It pairs by camera, by typing eight characters, or by a code in the
// address (/door#CODE).
import { Camera } from '../scanner/camera.js';
import { button, el, icon } from './dom.js';
import { problem } from './panel.js';
import { CameraTrouble } from './trouble.js';
import { assets, t } from './words.js';

const LETTERS = 8;

// A first name for the phone; it can be renamed.
export function suggestedName() {
    const agent = navigator.userAgent;
    const model = /Android [^;)]*; ([^;)]+?)(?: Build[^)]*)?\)/.exec(agent)?.[1];
    if (/iPad/.test(agent) || (/Macintosh/.test(agent) && navigator.maxTouchPoints > 1)) return 'iPad';
    if (/iPhone/.test(agent)) return 'iPhone';
    if (model && model !== 'K') return model;
    if (/Android/.test(agent)) return t(/Mobile/.test(agent) ? 'pair.phone' : 'pair.tablet');
    return t('pair.computer');
}

// The characters of a code, or of a link with the code behind "#".
const lettersOf = (text) => text.slice(text.lastIndexOf('#') + 1).toUpperCase().replace(/[^0-9A-Z]/g, '');

export const isCode = (text) => lettersOf(text).length === LETTERS;

// "7k3m 9qxd" → "7K3M-9QXD", while it is typed.
export function grouped(typed) {
    const letters = lettersOf(typed).slice(0, LETTERS);
    return letters.length > 4 ? `${letters.slice(0, 4)}-${letters.slice(4)}` : letters;
}

export class Pairing {
    #camera = null;
    busy = false;

    // onPaired(): the phone is a door now
    constructor(root, door, { onPaired }) {
        Object.assign(this, { root, door, onPaired });
    }

    show() {
        this.trouble = el('div', { class: 'pair-trouble' });
        this.code = el('input', {
            id: 'pair-code', class: 'pair-code', type: 'text', inputmode: 'text', autocomplete: 'one-time-code',
            autocapitalize: 'characters', spellcheck: 'false', placeholder: 'XXXX-XXXX',
            'aria-describedby': 'pair-code-hint', input: () => this.#typed(),
        });
        this.name = el('input', { id: 'pair-name', type: 'text', maxlength: '100', autocomplete: 'off',
            input: () => (this.isNamed = true) });
        this.name.value = suggestedName();
        this.isNamed = false; // true: typed here; else the desk's name wins over the proposal
        this.send = el('button', { type: 'submit' }, t('pair.send'));
        this.view = el('div', { class: 'pair-camera' }, this.#scanButton());
        this.root.replaceChildren(
            el('header', { class: 'pair-head' },
                el('p', { class: 'brand' }, icon('door'), el('span', {}, 'Einlass')),
                document.getElementById('languages')?.content.cloneNode(true)),
            el('div', { class: 'pair frame' },
                el('h1', { tabindex: '-1' }, t('pair.title')),
                el('p', { class: 'lead' }, t('pair.lead')),
                this.trouble, this.view, this.#form(),
                el('p', { class: 'fine' }, t('pair.where'), ' ', el('a', { href: '/door/guide' }, t('menu.guide')))));
    }

    #scanButton() {
        return button(t('pair.scan'), { image: 'camera', click: () => this.#scan() });
    }

    #form() {
        const submit = (event) => {
            event.preventDefault();
            this.pair(this.code.value);
        };
        return el('form', { class: 'pair-form', novalidate: true, submit },
            el('div', { class: 'field' },
                el('label', { for: 'pair-code' }, t('pair.code')),
                el('p', { class: 'hint', id: 'pair-code-hint' }, t('pair.code_hint')),
                this.code),
            el('div', { class: 'field' },
                el('label', { for: 'pair-name' }, t('pair.name')),
                el('p', { class: 'hint', id: 'pair-name-hint' }, t('pair.name_hint')),
                this.name),
            el('div', { class: 'actions' }, this.send));
    }

    #typed() {
        this.code.value = grouped(this.code.value);
    }

    async #scan() {
        const video = el('video', { muted: true, playsinline: true, autoplay: true });
        this.#camera = new Camera(video, { assets: assets() });
        this.#camera.addEventListener('code', ({ detail }) => this.#seen(detail.text));
        this.trouble.replaceChildren();
        this.view.replaceChildren(
            el('div', { class: 'finder' }, video, el('div', { class: 'finder-frame', 'aria-hidden': 'true' })),
            this.aim = el('p', { class: 'fine', role: 'status' }, t('pair.aim')),
            button(t('pair.stop'), { class: 'quiet', click: () => this.#stop() }));
        this.view.scrollIntoView({ block: 'nearest' });
        try {
            await this.#camera.start();
        } catch (error) {
            this.#stop();
            this.view.prepend(new CameraTrouble(error.reason).element);
        }
    }

    // Other codes only give a small note; the search goes on.
    #seen(text) {
        if (isCode(text)) this.pair(text);
        else this.aim.textContent = t('pair.other');
    }

    #stop() {
        this.#camera?.stop();
        this.#camera = null;
        this.view.replaceChildren(this.#scanButton());
    }

    async pair(code) {
        if (this.busy) return;
        const letters = lettersOf(code).length;
        if (letters !== LETTERS) return this.#refuse(letters < LETTERS
            ? { title: t('pair.short'), detail: t('pair.short_detail') }
            : { title: t('pair.other'), detail: t('pair.other_detail') });
        this.#busy(true);
        try {
            await this.door.pair(code, this.isNamed ? this.name.value.trim() : undefined);
            if (!this.door.state.device?.name) this.door.rename(suggestedName()).catch(() => {});
            this.#stop();
            this.#busy(false);
            this.onPaired();
        } catch (error) {
            this.#stop();
            this.#busy(false);
            this.#refuse(error);
        }
    }

    #busy(yes) {
        this.busy = yes;
        this.send.disabled = yes;
        this.send.textContent = t(yes ? 'pair.sending' : 'pair.send');
    }

    #refuse(error) {
        this.trouble.replaceChildren(problem(error, 'h2'));
        this.code.setAttribute('aria-invalid', 'true');
        this.code.focus();
        this.code.select();
    }
}
