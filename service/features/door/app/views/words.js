// The wordings in the page's language, which the page contains, and formats of times and numbers. A
// wording is a small Mustache template, as in the service:
// {{name}}, {{name.number}}, {{#name}}…{{/name}}, {{^name}}…{{/name}}, {{#name.one}} for plurals.

const read = (id) => JSON.parse(document.getElementById(id)?.textContent ?? '{}');

let wordings;
export const language = document.documentElement.lang || 'en';

const section = /\{\{([#^])([\w.]+)\}\}([^]*?)\{\{\/\2\}\}/g;
const variable = /\{\{([\w.]+)\}\}/g;

function look(values, path) {
    const [name, aspect] = path.split('.');
    const value = values[name];
    if (aspect === 'one') return value === 1;
    return aspect === 'number' ? number(value) : value;
}

function fill(template, values) {
    return template
        .replace(section, (all, kind, path, inside) =>
            (kind === '#') === Boolean(look(values, path)) ? fill(inside, values) : '')
        .replace(variable, (all, path) => look(values, path) ?? '');
}

export function knows(key) {
    wordings ??= read('words');
    return wordings[key] !== undefined;
}

// A missing key is a mistake in the program; the key itself is shown.
export function t(key, values = {}) {
    return knows(key) ? fill(wordings[key], values) : key;
}

// The same in a language of the event, for guests: the words of the kiosk.
export function forGuests(language, key, values = {}) {
    return fill(read('kiosk-words')[language]?.[key] ?? '', values);
}

// The page's language first, then the others of the event that the kiosk speaks.
export function guestLanguages(event) {
    const spoken = Object.keys(read('kiosk-words'));
    const others = (event?.languages ?? spoken).filter((one) => one !== language && spoken.includes(one));
    return [language, ...others];
}

export const number = (value) => new Intl.NumberFormat(language).format(value);

export const percent = (share) =>
    new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 0 }).format(share);

// A text of an event, a string or an object by language, in the page's or the event's first language.
export function text(value) {
    if (value === null || value === undefined) return '';
    if (typeof value !== 'object') return String(value);
    return value[language] ?? Object.values(value)[0] ?? '';
}

const day = (time, zone) => new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(time);

// "10:42" in the event's zone, with the day if it is not today.
export function clock(at, zone) {
    const time = new Date(at);
    const today = day(time, zone) === day(new Date(), zone);
    return new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, {
        hour: '2-digit', minute: '2-digit', timeZone: zone,
        ...today ? {} : { weekday: 'short', day: 'numeric', month: 'short' },
    }).format(time);
}

// "26 November and 27 November"; days: "2026-11-26"
export function dates(days) {
    const locale = language === 'en' ? 'en-GB' : language;
    const format = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'long', timeZone: 'UTC' });
    return new Intl.ListFormat(locale).format(days.map((day) => format.format(new Date(day))));
}

// Joins sentences for a screen reader; each ends with a full stop.
export const sentences = (parts) =>
    parts.filter(Boolean).map((part) => /[.!?…]$/.test(part) ? part : `${part}.`).join(' ');

// Addresses that the page contains: assets of the app, other pages.
export const assets = () => read('assets');
