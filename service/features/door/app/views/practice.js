// Practice mode: the same screens with practice tickets and a door that sends and counts nothing.
import { el, icon } from './dom.js';
import { recall } from './keeping.js';
import { t } from './words.js';

const tickets = {
    'EINLASS-PRACTICE-GO': 'admitted',
    'EINLASS-PRACTICE-TWICE': 'already_admitted',
    'EINLASS-PRACTICE-CANCELLED': 'cancelled',
    'EINLASS-PRACTICE-FORGED': 'forged',
    'EINLASS-PRACTICE-DOOR': 'wrong_door',
};

const ticketOf = (text) => tickets[text.trim().toUpperCase()];

export const isPracticeTicket = (text) => ticketOf(text) !== undefined;

export const practising = () => recall('practice') === true;

// The sign on every screen and panel; visible only in practice mode.
export function practiceSign() {
    return el('p', { class: 'practice-sign' }, icon('practice'), el('span', {}, t('practice.sign')));
}

const people = () => t('practice.names').split(', ').map((name, i) => ({
    id: `practice-${i}`, name, ticket_type_title: t('practice.type'), status: 'confirmed',
    present: false, admitted_at: null, answers: [{ label: t('practice.question'), text: t('practice.answer') }],
}));

// Has the interface of the engine's Door that the screens use. Event and phone are those of the real
// door.
export class PracticeDoor extends EventTarget {
    #door;
    #people = people();
    #recent = [];
    #scans = 0;
    #counts = { expected: 3, admitted: 0, inside: 0 };

    constructor(door) {
        super();
        this.#door = door;
    }

    get state() {
        return { ...this.#door.state, counts: this.#counts, queued: 0, rejected: 0, conflicts: [], trouble: null };
    }

    get recent() {
        return this.#recent;
    }

    async scan(text, { direction = 'in', force = false, attendee, nonce = `practice-${++this.#scans}` } = {}) {
        const person = this.#people.find(({ id }) => id === attendee) ?? this.#people[0];
        const found = attendee ? 'admitted' : ticketOf(text ?? '');
        const verdict = force ? 'admitted'
            : !found ? 'practice_real'
                : direction === 'out' && ['admitted', 'already_admitted'].includes(found) ? 'left' : found;
        const known = !['forged', 'practice_real'].includes(verdict);
        return this.#note({
            verdict, nonce, forced: force, decidedBy: 'service', scannedAt: new Date().toISOString(),
            attendee: known ? person : null,
            admittedAt: verdict === 'already_admitted' ? new Date(Date.now() - 12 * 60_000).toISOString() : null,
            admittedDoor: verdict === 'already_admitted' ? this.state.door.title : null,
        }, direction);
    }

    #note(decided, direction) {
        this.#count(decided.verdict, 1);
        this.#recent = [{
            nonce: decided.nonce, at: Date.now() + this.#door.state.skewMs, verdict: decided.verdict,
            name: decided.attendee?.name ?? null, direction, undone: false,
        }, ...this.#recent].slice(0, 50);
        this.dispatchEvent(new Event('change'));
        return { ...decided, counts: this.#counts };
    }

    #count(verdict, by) {
        const { expected, admitted, inside } = this.#counts;
        if (verdict === 'admitted') this.#counts = { expected, admitted: admitted + by, inside: inside + by };
        if (verdict === 'left') this.#counts = { expected, admitted, inside: Math.max(0, inside - by) };
    }

    async undo(nonce) {
        const scan = this.#recent.find((one) => one.nonce === nonce);
        if (scan && !scan.undone) this.#count(scan.verdict, -1);
        this.#recent = this.#recent.map((one) => one === scan ? { ...one, undone: true } : one);
        this.dispatchEvent(new Event('change'));
        return { nonce, attendee: scan?.name ? { name: scan.name } : null, counts: this.#counts };
    }

    async search(text) {
        const wanted = text.toLowerCase();
        return this.#people.filter(({ name }) => name.toLowerCase().includes(wanted));
    }

    // Settings of the phone are real in practice mode too.
    walkInForm() {
        return this.#door.walkInForm();
    }

    rename(name) {
        return this.#door.rename(name);
    }

    moveTo(door) {
        return this.#door.moveTo(door);
    }

    unpair(how) {
        return this.#door.unpair(how);
    }

    async admitUnticketed({ name }) {
        return this.#note({ verdict: 'unticketed', nonce: null, forced: false, decidedBy: 'phone',
            scannedAt: new Date().toISOString(), attendee: { id: null, name, answers: [] }, admittedAt: null,
            admittedDoor: null }, 'in');
    }

    async walkIn({ name }) {
        const person = { ...this.#people[0], id: `practice-${this.#people.length}`, name };
        this.#people.push(person);
        return { status: 'confirmed', attendees: [person] };
    }
}
