// Network, queue and battery, each as an icon with a few words.
import { el, icon } from './dom.js';
import { percent, t } from './words.js';

const LOW = 0.2;

const chip = (image, words, tone) =>
    el('li', { class: tone ? `chip chip-${tone}` : 'chip' }, icon(image), el('span', {}, words));

function network({ network: how }) {
    if (how === 'offline') return chip('offline', t('status.offline'), 'look');
    if (how === 'slow') return chip('offline', t('status.slow'), 'look');
    return chip('online', t('status.online'));
}

function battery(power) {
    if (!power) return null;
    const words = percent(power.level);
    if (power.charging) return chip('charging', words);
    return chip('battery', words, power.level <= LOW ? 'stop' : undefined);
}

export class Status {
    #list = el('ul', { class: 'chips' });
    #power = null;

    constructor(getState) {
        this.getState = getState;
        navigator.getBattery?.().then((power) => {
            this.#power = power;
            for (const type of ['levelchange', 'chargingchange'])
                power.addEventListener(type, () => this.draw());
            this.draw();
        }, () => {});
    }

    get element() {
        return this.#list;
    }

    draw() {
        const state = this.getState();
        if (!state.paired) return;
        this.#list.replaceChildren(...[
            network(state),
            state.queued > 0 && chip('queue', t('status.queued', { n: state.queued }), 'look'),
            battery(this.#power),
        ].filter(Boolean));
    }
}
