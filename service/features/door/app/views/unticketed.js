// Lets somebody in without a ticket while there is no network: a name and a reason, which the organiser
// matches to a registration later.
import { button, el } from './dom.js';
import { fieldFor } from './fields.js';
import { openPanel } from './panel.js';
import { t } from './words.js';

const reasons = ['staff', 'document', 'guest_of', 'invited'];
const NAME_MOST = 200;
const REASON_MOST = 500;

export class Unticketed {
    // admit({name, reason}): lets the person in
    constructor({ admit }) {
        this.admit = admit;
    }

    open(name = '') {
        this.name = fieldFor({ slug: 'name', label: t('walk_in.name'), kind: 'text', required: true });
        this.reason = fieldFor({ slug: 'reason', label: t('unticketed.reason'), kind: 'text', required: true });
        this.name.controls[0].maxLength = NAME_MOST;
        this.reason.controls[0].maxLength = REASON_MOST;
        this.name.controls[0].value = name;
        const ready = el('div', { class: 'reasons', role: 'group', 'aria-label': t('force.reasons') },
            reasons.map((key) => button(t(`force.${key}`), { class: 'quiet', type: 'button',
                click: () => this.#give(t(`force.${key}`)) })));
        this.panel = openPanel(t('unticketed.title'), [
            el('p', {}, t('unticketed.lead')),
            el('form', { novalidate: true, submit: (sent) => this.#submit(sent) },
                this.name.element, this.reason.element, ready,
                el('p', { class: 'hint' }, t('unticketed.sent')),
                el('div', { class: 'actions' }, el('button', { type: 'submit' }, t('unticketed.send')))),
        ], { keeps: true });
        (name ? this.reason : this.name).focus();
    }

    #give(reason) {
        this.reason.controls[0].value = reason;
        this.reason.refuse('');
    }

    #submit(event) {
        event.preventDefault();
        const fields = [this.name, this.reason];
        for (const field of fields) field.refuse(field.value() === undefined ? t('walk_in.missing') : '');
        const wrong = fields.find(({ error }) => !error.hidden);
        if (wrong) return wrong.focus();
        const given = { name: this.name.value(), reason: this.reason.value() };
        this.panel.close();
        this.admit(given);
    }
}
