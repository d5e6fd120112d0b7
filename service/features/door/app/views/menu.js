// The menu: this phone, its door, sound, practice, kiosk, guide.
import { button, el, freshId, icon } from './dom.js';
import { keep, recall } from './keeping.js';
import { chooseCode, kioskPossible } from './kiosk_lock.js';
import { confirmed, openPanel, problem } from './panel.js';
import { practising } from './practice.js';
import { mute, muted } from './sound.js';
import { clock, number, t, text } from './words.js';

function toggle(words, hint, on, change) {
    const id = freshId('switch');
    const input = el('input', { type: 'checkbox', role: 'switch', id, 'aria-describedby': `${id}-hint`,
        change: () => change(input.checked) });
    input.checked = on;
    return el('div', { class: 'menu-switch' },
        el('div', {}, el('label', { for: id }, words), el('p', { class: 'hint', id: `${id}-hint` }, hint)), input);
}

const item = (image, words, act, more) =>
    el('li', {}, button(words, { image, class: 'menu-item', click: act, ...more }));

export class Menu {
    // acts: {practice(on), kiosk(code), conflicts(), cameras() → [{id, label}]}
    constructor(door, acts) {
        Object.assign(this, { door, acts });
    }

    get state() {
        return this.door.state;
    }

    open() {
        const staff = this.state.device.role === 'staff';
        this.panel = openPanel(t('menu.title'), [
            this.#facts(),
            el('ul', { class: 'menu' },
                item('name', t('menu.rename'), () => this.#rename()),
                staff && this.state.doors.length > 1 && item('door', t('menu.move'), () => this.#move()),
                this.state.conflicts.length > 0 &&
                    item('conflict', t('menu.conflicts'), () => this.#then(this.acts.conflicts))),
            toggle(t('menu.sound'), t('menu.sound_hint'), !muted(), (on) => mute(!on)),
            toggle(t('menu.stays'), t('menu.stays_hint'), recall('stays') === true, (on) => keep('stays', on)),
            toggle(t('menu.practice'), t('menu.practice_hint'), practising(),
                (on) => this.#then(() => this.acts.practice(on))),
            el('ul', { class: 'menu' },
                practising() && item('practice', t('menu.practice_codes'), () => this.#codes()),
                item('kiosk', t('menu.kiosk'), () => this.#kiosk()),
                el('li', {}, el('a', { class: 'menu-item', href: '/door/guide', target: '_blank', rel: 'noopener' },
                    icon('guide'), el('span', {}, t('menu.guide'))))),
            this.#languages(),
            el('ul', { class: 'menu' },
                item('close', t('menu.unpair'), () => this.#unpair(), { class: 'menu-item menu-danger' })),
        ]);
    }

    #then(act) {
        this.panel.close();
        act();
    }

    #facts() {
        const { device, event, door, list, queued } = this.state;
        const fact = (name, value) => el('div', {}, el('dt', {}, name), el('dd', { dir: 'auto' }, value));
        return el('dl', { class: 'menu-facts' },
            fact(t('menu.event'), text(event?.title)),
            fact(t('menu.door'), text(door?.title ?? device.door)),
            fact(t('menu.phone'), device.name ?? '–'),
            fact(t('menu.role'), t(`menu.role_${device.role}`)),
            fact(t('menu.list'), list
                ? t('menu.list_of', { n: list.guests, at: clock(list.at, event?.timezone) }) : t('menu.no_list')),
            list?.names > 0 && fact(t('menu.names'), t('menu.names_of', { n: list.names })),
            fact(t('menu.queue'), number(queued)));
    }

    #languages() {
        const links = document.getElementById('languages')?.content.cloneNode(true);
        return links && el('div', { class: 'menu-languages' }, icon('language'), links);
    }

    #rename() {
        this.panel.close();
        const id = freshId('name');
        const input = el('input', { id, type: 'text', maxlength: '100', autofocus: true, autocomplete: 'off' });
        input.value = this.state.device.name ?? '';
        const trouble = el('div', {});
        const panel = openPanel(t('menu.rename'), [trouble, el('form', { class: 'field', submit: (event) => {
            event.preventDefault();
            this.#try(() => this.door.rename(input.value.trim()), panel, trouble);
        } }, el('label', { for: id }, t('menu.phone')), input,
            el('div', { class: 'actions' }, el('button', { type: 'submit' }, t('save'))))], { small: true });
    }

    #move() {
        this.panel.close();
        const trouble = el('div', {});
        const panel = openPanel(t('menu.move'), [trouble, el('p', {}, t('menu.move_detail')),
            el('ul', { class: 'menu' }, this.state.doors.map(({ slug, title }) => {
                const here = slug === this.state.device.door;
                return item(here ? 'go' : 'door', text(title), () =>
                    this.#try(() => here || this.door.moveTo(slug), panel, trouble),
                { 'aria-current': here ? 'true' : null });
            }))], { small: true });
    }

    async #try(work, panel, trouble) {
        try {
            await work();
            panel.close();
        } catch (error) {
            trouble.replaceChildren(problem(error));
        }
    }

    #codes() {
        this.panel.close();
        const codes = document.getElementById('practice-codes')?.content.cloneNode(true);
        openPanel(t('menu.practice_codes'), [el('p', {}, t('practice.codes_lead')), codes ?? '']);
    }

    async #kiosk() {
        this.panel.close();
        if (!kioskPossible()) {
            openPanel(t('menu.kiosk'), [el('p', { class: 'notice notice-look' }, t('kiosk.impossible'))],
                { small: true });
            return;
        }
        const code = await chooseCode(await this.acts.cameras());
        if (code !== null) this.acts.kiosk(code);
    }

    async #unpair() {
        this.panel.close();
        const { queued, rejected } = this.state;
        const lost = queued + rejected;
        const sure = await confirmed(t('menu.unpair'),
            lost > 0 ? t('menu.unpair_queued', { n: lost }) : t('menu.unpair_detail'), t('menu.unpair_yes'));
        if (!sure) return;
        try {
            await this.door.unpair({ force: lost > 0 });
        } catch (error) {
            openPanel(t('menu.unpair'), [problem(error)], { small: true });
        }
    }
}

