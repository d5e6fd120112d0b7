// The code that locks the kiosk, stored as salted PBKDF2. Each wrong code makes the pause before the
// next attempt longer, also after a reload.
import { el, freshId } from './dom.js';
import { keep, recall } from './keeping.js';
import { openPanel } from './panel.js';
import { t } from './words.js';

const ITERATIONS = 300_000;
const FREE_TRIES = 3;
const FIRST_PAUSE_MS = 5_000;
const MOST_PAUSE_MS = 10 * 60_000;
const form = /^\d{4,8}$/;

export const kioskPossible = () => globalThis.crypto?.subtle !== undefined;
export const kioskLocked = () => recall('kiosk') !== null;

const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
const fromHex = (hex) => Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));

async function derive(code, salt) {
    const key = await crypto.subtle.importKey('raw', new TextEncoder().encode(code), 'PBKDF2', false, ['deriveBits']);
    const how = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: ITERATIONS };
    const bits = await crypto.subtle.deriveBits(how, key, 256);
    return toHex(new Uint8Array(bits));
}

export async function lock(code) {
    const salt = crypto.getRandomValues(new Uint8Array(16));
    keep('kiosk', { salt: toHex(salt), hash: await derive(code, salt), wrong: 0, again: 0 });
}

export const unlock = () => keep('kiosk', null);

// The remaining pause in milliseconds.
export const pauseMs = (now = Date.now()) =>
    Math.min(MOST_PAUSE_MS, Math.max(0, (recall('kiosk')?.again ?? 0) - now));

// → whether it is the code. Counts a wrong code before the answer, so a reload does not help.
export async function tryCode(code, now = Date.now()) {
    const held = recall('kiosk');
    const wrong = held.wrong + 1;
    const pause = wrong < FREE_TRIES ? 0 : Math.min(MOST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (wrong - FREE_TRIES));
    keep('kiosk', { ...held, wrong, again: now + pause });
    return form.test(code) && await derive(code, fromHex(held.salt)) === held.hash;
}

function codeField(hint, visible) {
    const id = freshId('kiosk-code');
    const error = el('p', { class: 'field-error', id: `${id}-error`, hidden: true });
    const input = el('input', { id, class: 'kiosk-code', type: visible ? 'text' : 'password', inputmode: 'numeric',
        maxlength: '8', autocomplete: 'off', autofocus: true, 'aria-describedby': `${id}-hint ${id}-error` });
    const refuse = (words) => {
        error.textContent = words;
        error.hidden = false;
        input.setAttribute('aria-invalid', 'true');
        input.value = '';
        input.focus();
    };
    const label = el('label', { for: id }, t('kiosk.code'));
    return { input, refuse, parts: [label, el('p', { class: 'hint', id: `${id}-hint` }, hint), error, input] };
}

// Chooses the camera for the guests; the default is the front camera.
function cameraField(cameras) {
    if (cameras.length < 2) return null;
    const id = freshId('kiosk-camera');
    const select = el('select', { id, change: () => keep('kiosk-camera', select.value || null) },
        el('option', { value: '' }, t('kiosk.camera_front')),
        cameras.map(({ id: value, label }, i) => el('option', { value }, label || t('kiosk.camera_n', { n: i + 1 }))));
    select.value = recall('kiosk-camera') ?? '';
    return el('div', { class: 'field' }, el('label', { for: id }, t('kiosk.camera')), select);
}

// cameras: [{id, label}]. → the chosen code, or null
export function chooseCode(cameras) {
    return new Promise((resolve) => {
        let code = null;
        const { input, refuse, parts } = codeField(t('kiosk.code_hint'), true);
        const panel = openPanel(t('kiosk.title'), [
            el('p', {}, t('kiosk.lead')),
            el('form', { class: 'field', novalidate: true, submit: (event) => {
                event.preventDefault();
                if (!form.test(input.value)) return refuse(t('kiosk.code_form'));
                code = input.value;
                panel.close();
            } }, cameraField(cameras), parts,
            el('div', { class: 'actions' }, el('button', { type: 'submit' }, t('kiosk.start')))),
        ], { small: true, closed: () => resolve(code) });
    });
}

// Asks staff for the code. → true: it was right
export function askCode() {
    return new Promise((resolve) => {
        let right = false;
        const { input, refuse, parts } = codeField(t('kiosk.leave_hint'), false);
        const submit = async (event) => {
            event.preventDefault();
            const wait = pauseMs();
            if (wait > 0) return refuse(t('kiosk.pause', { n: Math.ceil(wait / 1000) }));
            right = await tryCode(input.value);
            if (right) panel.close();
            else refuse(pauseMs() > 0 ? t('kiosk.wrong_pause', { n: Math.ceil(pauseMs() / 1000) }) : t('kiosk.wrong'));
        };
        const panel = openPanel(t('kiosk.leave'), [el('form', { class: 'field', novalidate: true, submit }, parts,
            el('div', { class: 'actions' }, el('button', { type: 'submit' }, t('kiosk.leave'))))],
        { small: true, closed: () => resolve(right) });
    });
}
