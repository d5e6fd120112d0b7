// Makes events and guests for tests from the example event.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import today from '../../deploy/today.js';
import { repository } from './paths.js';

const { programme, contact, ...example } =
    JSON.parse(readFileSync(join(repository, 'deploy/events/bionection.json'), 'utf8'));

export const HOUR_MS = 3600 * 1000;

// → a local time of an event file, "2026-05-13T10:00", so many hours from now
export function localTime(hoursFromNow, timezone = example.timezone) {
    return today.localTime(Date.now() + hoursFromNow * HOUR_MS, timezone);
}

function isObject(value) {
    return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function merge(base, changes) {
    if (!isObject(changes)) return changes;
    const merged = isObject(base) ? { ...base } : {};
    for (const [name, value] of Object.entries(changes)) {
        if (value === undefined) delete merged[name];
        else merged[name] = merge(merged[name], value);
    }
    return merged;
}

// → the programme of the example event, which tests leave out unless it matters
export function exampleProgramme() {
    return today.shiftToToday({ ...example, programme }).programme;
}

let count = 0;

// → the example event, taking place now, with a new slug. Changes are merged deeply; undefined removes a
// key: exampleEvent({ registration: { capacity: 3 }, doors: undefined }).
export function exampleEvent(changes = {}) {
    const slug = `event-${process.pid}-${++count}`;
    return merge({ ...today.shiftToToday(example), slug }, changes);
}

// → a minimal event: a sign-up needs only a name and an address
export function plainEvent(changes = {}) {
    const { ticket_types, questions, consents, ...plain } = exampleEvent();
    return merge({ ...plain, doors: [{ slug: 'main', title: 'Door' }] }, changes);
}

let guests = 0;

// → the body of a sign-up by a new guest for the example event
export function guest(changes = {}) {
    const number = ++guests;
    return merge({
        email: `guest-${process.pid}-${number}@example.org`,
        language: 'en',
        consents: ['privacy'],
        attendees: [{ name: `Guest ${number}`, answers: { company: 'biosaxony', lunch: false } }],
    }, changes);
}

// → the same for a plain event
export function plainGuest(changes = {}) {
    const { email, language } = guest();
    return merge({ email, language, attendees: [{ name: `Guest ${guests}` }] }, changes);
}
