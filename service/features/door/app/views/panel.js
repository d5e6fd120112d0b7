// A panel over the screen. It is a real dialog with a heading and a close button, so the browser keeps
// the focus inside, restores it afterwards, and closes it with Escape.
import { closeDiscreetly } from './discreet.js';
import { button, el, freshId, iconButton } from './dom.js';
import { practiceSign } from './practice.js';
import { knows, t } from './words.js';

const open = new Set();
let tell = () => {};

// listener(open): called when the first panel opens and the last one closes.
export function onPanels(listener) {
    tell = listener;
}

// Makes long content without controls scrollable by keyboard.
function scrollByKeys(body) {
    const overflows = body.scrollHeight > body.clientHeight;
    if (overflows && !body.querySelector('a[href], button, input, select, textarea')) body.tabIndex = 0;
    else body.removeAttribute('tabindex');
}

// content: elements; closed(): called after closing; keeps: a scan must not close it; discreet: it
// names guests, so it closes by itself when nobody uses it.
// → {dialog, body, close()}
export function openPanel(title, content, { closed, small = false, keeps = false, discreet = false } = {}) {
    const heading = freshId('panel');
    const body = el('div', { class: 'panel-body' }, content);
    const dialog = el('dialog', { class: small ? 'panel panel-small' : 'panel', 'aria-labelledby': heading },
        practiceSign(),
        el('header', { class: 'panel-head' },
            el('h2', { id: heading, tabindex: '-1' }, title),
            iconButton(t('close'), 'close', { class: 'plain', click: () => dialog.close() })),
        body);
    const panel = { dialog, body, keeps, close: () => dialog.close() };
    const sizes = new ResizeObserver(() => scrollByKeys(body));
    sizes.observe(body);
    const endWatch = discreet ? closeDiscreetly(dialog) : null;
    dialog.addEventListener('close', () => {
        endWatch?.();
        sizes.disconnect();
        open.delete(panel);
        dialog.remove();
        if (open.size === 0) tell(false);
        closed?.();
    });
    // A touch outside closes the panel, unless it began inside.
    dialog.addEventListener('pointerdown', (event) => {
        if (event.target === dialog) dialog.close();
    });
    // In WebKit a search field keeps Escape to itself.
    dialog.addEventListener('keydown', (event) => {
        if (event.key !== 'Escape' || event.isComposing) return;
        event.preventDefault();
        dialog.close();
    });
    document.getElementById('content').append(dialog);
    open.add(panel);
    if (open.size === 1) tell(true);
    dialog.showModal();
    (dialog.querySelector('[autofocus]') ?? dialog.querySelector('h2')).focus();
    return panel;
}

export const panelOpen = () => open.size > 0;

// The open panel with typed text, if any.
export const filledIn = () => [...open].find(({ keeps }) => keeps);

export function closePanels() {
    for (const panel of [...open]) panel.close();
}

// Asks before an action that cannot be undone. → true: yes
export function confirmed(title, detail, yes, { danger = true } = {}) {
    return new Promise((resolve) => {
        let answer = false;
        const say = button(yes, { class: danger ? 'danger' : '', click: () => {
            answer = true;
            panel.close();
        } });
        const panel = openPanel(title, [
            el('p', {}, detail),
            el('div', { class: 'actions' }, say,
                button(t('cancel'), { class: 'quiet', autofocus: true, click: () => panel.close() })),
        ], { small: true, closed: () => resolve(answer) });
    });
}

// Shows a problem's text, also to screen readers.
export function problem(error, heading = 'h3') {
    const own = knows(`problem.${error.code}.title`) && !error.title ? `problem.${error.code}` : 'problem.other';
    return el('div', { class: 'notice notice-stop', role: 'alert' },
        el(heading, {}, error.title ?? t(`${own}.title`)),
        el('p', {}, error.detail ?? t(`${own}.detail`)));
}
