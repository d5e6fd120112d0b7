// The main screen: the camera's picture with a frame for tickets, event and door, counts, direction,
// and buttons in reach of the thumb.
import { button, el, icon, iconButton } from './dom.js';
import { keep, recall } from './keeping.js';
import { practiceSign } from './practice.js';
import { Status } from './status.js';
import { CameraTrouble } from './trouble.js';
import { number, t, text } from './words.js';

const SKEW_MS = 2 * 60_000;

export class Scanning {
    #root;
    #status;
    #held = null;

    // acts: {search, walkIn, recent, conflicts, refused, menu, turned}, the functions of the buttons
    constructor(root, { getState, camera, video, acts }) {
        Object.assign(this, { getState, camera, video, acts });
        this.#root = root;
        this.#status = new Status(getState);
    }

    get direction() {
        return recall('direction') === 'out' ? 'out' : 'in';
    }

    set direction(direction) {
        keep('direction', direction);
        this.acts.turned();
        this.#drawDirection();
    }

    show() {
        this.heading = el('h1', { class: 'scan-event', tabindex: '-1' });
        this.place = el('p', { class: 'scan-door' });
        this.notes = el('div', { class: 'scan-notes' });
        this.frame = el('div', { class: 'finder-frame', 'aria-hidden': 'true' });
        this.over = el('div', { class: 'finder-over' });
        this.#root.replaceChildren(this.#top(), this.#finder(), this.#bottom());
        this.draw();
        this.#drawDirection();
    }

    #top() {
        return el('header', { class: 'scan-top' }, practiceSign(),
            el('div', { class: 'scan-head' },
                el('div', { class: 'scan-where' }, this.heading, this.place),
                this.#status.element),
            this.notes);
    }

    #finder() {
        this.torch = iconButton(t('scan.torch'), 'torch', {
            'aria-pressed': 'false', hidden: true, click: () => this.#torch(),
        });
        this.turn = iconButton(t('scan.other_camera'), 'turn', { hidden: true, click: () => this.#otherCamera() });
        return el('div', { class: 'finder' }, this.video, this.frame,
            el('p', { class: 'finder-way', 'aria-hidden': 'true' }, icon('out'), el('span', {}, t('scan.going_out'))),
            el('p', { class: 'finder-busy', hidden: true }, t('scan.looking')),
            this.over,
            el('div', { class: 'finder-tools' }, this.torch, this.turn));
    }

    #bottom() {
        this.counts = el('dl', { class: 'counts' });
        this.nav = el('nav', { class: 'scan-acts', 'aria-label': t('scan.acts') });
        this.role = null;
        return el('div', { class: 'scan-bottom' },
            el('div', { class: 'scan-line' }, this.counts, this.#ways()), this.nav);
    }

    // The desk can change the phone's role at any time.
    #drawActs({ device: { role } }) {
        if (role === this.role) return;
        this.role = role;
        const act = (words, image, click) => button(words, { image, class: 'plain', click });
        this.nav.replaceChildren(...[
            role === 'staff' && act(t('scan.search'), 'search', this.acts.search),
            role === 'staff' && act(t('scan.walk_in'), 'add', this.acts.walkIn),
            act(t('scan.recent'), 'recent', this.acts.recent),
            act(t('scan.menu'), 'menu', this.acts.menu),
        ].filter(Boolean));
    }

    #ways() {
        this.ways = ['in', 'out'].map((direction) => el('label', { class: `way way-${direction}` },
            el('input', { type: 'radio', name: 'direction', value: direction,
                change: () => (this.direction = direction) }),
            el('span', { class: 'way-face' }, icon(direction), el('span', {}, t(`scan.${direction}`)))));
        return el('fieldset', { class: 'ways' },
            el('legend', { class: 'visually-hidden' }, t('scan.direction')), this.ways);
    }

    #drawDirection() {
        this.#root.dataset.direction = this.direction;
        for (const way of this.ways ?? []) way.firstChild.checked = way.firstChild.value === this.direction;
    }

    draw() {
        const state = this.getState();
        if (!state.paired || !this.heading) return;
        this.heading.textContent = text(state.event?.title ?? state.event?.slug);
        this.place.replaceChildren(icon('door'), el('span', {}, text(state.door?.title ?? state.device.door)));
        this.#status.draw();
        this.counts.replaceChildren(...this.#countsOf(state));
        this.#drawActs(state);
        this.#drawNotes(state);
    }

    #countsOf({ counts }) {
        const shown = (name) => counts ? number(counts[name]) : '–';
        return ['inside', 'admitted', 'expected'].map((name) =>
            el('div', { class: `count-${name}` }, el('dt', {}, t(`scan.${name}`)), el('dd', {}, shown(name))));
    }

    // Redraws only changed notes; else a screen reader would read them at each scan.
    #drawNotes(state) {
        const { conflicts, rejected, trouble, skewMs } = state;
        const lines = [
            trouble === 'storage' && ['stop', t('scan.storage')],
            state.event?.cancelled && ['stop', t('scan.cancelled')],
            conflicts.length > 0 && ['look', t('scan.conflicts', { n: conflicts.length }), this.acts.conflicts],
            rejected > 0 && ['look', t('scan.rejected', { n: rejected }), this.acts.refused],
            Math.abs(skewMs ?? 0) > SKEW_MS &&
                ['look', t('scan.skew', { n: Math.round(Math.abs(skewMs) / 60_000) })],
        ].filter(Boolean);
        const told = JSON.stringify(lines);
        if (told === this.told) return;
        this.told = told;
        this.notes.replaceChildren(...lines.map(([tone, words, act]) => act
            ? button(words, { image: tone, class: `scan-note scan-note-${tone}`, click: act })
            : el('p', { class: `scan-note scan-note-${tone}`, role: 'status' }, icon(tone), el('span', {}, words))));
    }

    // Controls cannot be used while a verdict covers them.
    cover(yes) {
        for (const part of this.#root.children) part.inert = yes;
    }

    busy(yes) {
        const sign = this.#root.querySelector('.finder-busy');
        clearTimeout(this.#held);
        if (!sign) return;
        sign.hidden = true;
        if (yes) this.#held = setTimeout(() => (sign.hidden = false), 350);
    }

    async startCamera() {
        this.over.replaceChildren();
        try {
            await this.camera.start(recall('camera') ?? undefined);
            await this.#drawTools();
        } catch (error) {
            this.showTrouble(error.reason);
        }
    }

    async #drawTools() {
        this.torch.hidden = !this.camera.hasTorch;
        this.torch.setAttribute('aria-pressed', String(this.camera.isLit));
        this.turn.hidden = (await this.camera.cameras()).length < 2;
    }

    // reason: of a CameraError or 'trouble'; null: no trouble
    showTrouble(reason) {
        this.torch.hidden = this.turn.hidden = true;
        const sign = reason && new CameraTrouble(reason, () => this.startCamera(), t('camera.goes_on'));
        this.over.replaceChildren(...sign ? [sign.element] : []);
        if (!reason) this.#drawTools();
    }

    async #torch() {
        await this.camera.torch(!this.camera.isLit);
        this.torch.setAttribute('aria-pressed', String(this.camera.isLit));
    }

    async #otherCamera() {
        const cameras = await this.camera.cameras();
        const now = cameras.findIndex(({ id }) => id === this.camera.id);
        keep('camera', cameras[(now + 1) % cameras.length].id);
        this.camera.stop();
        await this.startCamera();
    }
}
