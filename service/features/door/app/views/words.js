// The wordings, in the language of the page, which brings them along; and times and numbers as
// that language writes them. A wording is a small Mustache template, as in the service:
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

// A key that is not there, which is a mistake in the program, is shown itself.
export function t(key, values = {}) {
    return knows(key) ? fill(wordings[key], values) : key;
}

export const number = (value) => new Intl.NumberFormat(language).format(value);

export const percent = (share) =>
    new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 0 }).format(share);

// A text of an event, a string or an object by language, in ours or the event's first.
export function text(value) {
    if (value === null || value === undefined) return '';
    if (typeof value !== 'object') return String(value);
    return value[language] ?? Object.values(value)[0] ?? '';
}

const day = (time, zone) => new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(time);

// "10:42" at the event's place, with the day where it is another than today.
export function clock(at, zone) {
    const time = new Date(at);
    const today = day(time, zone) === day(new Date(), zone);
    return new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, {
        hour: '2-digit', minute: '2-digit', timeZone: zone,
        ...today ? {} : { weekday: 'short', day: 'numeric', month: 'short' },
    }).format(time);
}

// What is said in one go: sentences, each with its end.
export const sentences = (parts) =>
    parts.filter(Boolean).map((part) => /[.!?…]$/.test(part) ? part : `${part}.`).join(' ');

// One of the page's own addresses: assets of the app, other pages.
export const assets = () => read('assets');
