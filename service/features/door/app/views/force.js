// Asks for the reason to admit somebody against the rules; usual reasons need one tap.
import { button, el, freshId } from './dom.js';
import { openPanel } from './panel.js';
import { t } from './words.js';

const MOST_LETTERS = 500;

// → the reason; null if cancelled
export function askReason(title, detail, ready = ['staff', 'mistake', 'document', 'guest_of']) {
    return new Promise((resolve) => {
        let reason = null;
        const give = (words) => {
            reason = words;
            panel.close();
        };
        const own = freshId('reason');
        const error = el('p', { class: 'field-error', id: `${own}-error`, hidden: true }, t('force.own_needed'));
        const input = el('input', { id: own, type: 'text', maxlength: String(MOST_LETTERS), autocomplete: 'off',
            'aria-describedby': `${own}-error` });
        const send = (event) => {
            event.preventDefault();
            if (input.value.trim() !== '') return give(input.value.trim());
            error.hidden = false;
            input.setAttribute('aria-invalid', 'true');
            input.focus();
        };
        const panel = openPanel(title, [
            el('p', {}, detail),
            el('div', { class: 'reasons', role: 'group', 'aria-label': t('force.reasons') }, ready.map((key) =>
                button(t(`force.${key}`), { class: 'quiet', click: () => give(t(`force.${key}`)) }))),
            el('form', { class: 'field', novalidate: true, submit: send },
                el('label', { for: own }, t('force.own')), error, input,
                el('div', { class: 'actions' }, el('button', { type: 'submit' }, t('force.send')))),
        ], { small: true, closed: () => resolve(reason), discreet: true });
    });
}
