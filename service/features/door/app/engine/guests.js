// The encrypted guest list: one record per ticket, {digest, admitted_at, day, inside, sealed,
// scans_to, round}. Only a scanned ticket decrypts its record, and the decrypted data is never stored. Also
// holds the revoked tickets, and the names, if this phone keeps them.
import { Names } from './names.js';
import { digestOf, openSealed } from './sealed.js';

const FULL_EVERY_MS = 3_600_000;
const PAGES_MOST = 10_000;

export class Guests {
    #store;
    #api;
    #path;
    #clock;
    #kept = { asOf: null, fullAt: 0, round: 0 };
    #keepsNames;
    #count = 0;
    #doubts = 0;
    onChange = () => {}; // a callback

    // keepsNames() → whether this phone may keep the guests' names
    constructor({ store, api, clock, event, keepsNames }) {
        this.#store = store;
        this.#api = api;
        this.#clock = clock;
        this.#keepsNames = keepsNames;
        this.#path = `/api/v1/events/${event}/guest-list`;
        this.names = new Names(store);
    }

    async load() {
        this.#kept = (await this.#store.get('kept', 'list')) ?? this.#kept;
        await this.#recount();
    }

    async #recount() {
        this.#count = await this.#store.count('guests');
        await this.names.load();
    }

    // → {guests, names (numbers), at (time of the list)} or null
    get summary() {
        return this.#kept.asOf && { guests: this.#count, names: this.names.count, at: this.#kept.asOf };
    }

    // → the encrypted record, or undefined
    async find(ticketId) {
        return this.#store.get('guests', await digestOf(ticketId));
    }

    // → {id, name, ticket_type, ticket_type_title, status, answers} or null
    async open(ticket, record) {
        const person = record && (await openSealed(ticket, record.sealed));
        return person && { status: 'confirmed', answers: [], ...person };
    }

    // Makes the whole list due, even if a fetch is running.
    distrust() {
        this.#doubts++;
        this.#kept = { ...this.#kept, fullAt: 0 };
    }

    // Fetches changes, or once an hour the whole list.
    async refresh() {
        const sinceMs = this.#clock.own() - this.#kept.fullAt;
        const isDue = sinceMs < 0 || sinceMs >= FULL_EVERY_MS; // < 0: the clock was set back
        await this.fetch(this.#kept.asOf && !isDue ? this.#kept.asOf : null);
    }

    // since null: the whole list; deletes records that are no longer on it.
    async fetch(since) {
        const isFull = since === null;
        const round = this.#kept.round + (isFull ? 1 : 0);
        const startedAt = this.#clock.own();
        const doubts = this.#doubts;
        let asOf = null;
        let scansTo;
        let cursor = null;
        for (let pages = 0; pages < PAGES_MOST; pages++) {
            const page = await this.#page(since, cursor);
            asOf ??= page.as_of;
            if (scansTo === undefined) scansTo = page.scans_to;
            await this.#write(page, scansTo, round);
            cursor = page.next ?? null;
            if (!cursor) break;
        }
        if (isFull) await this.#sweep(round);
        const isBelieved = isFull && doubts === this.#doubts;
        await this.#recount();
        this.#kept = { asOf, round, fullAt: isBelieved ? startedAt : this.#kept.fullAt };
        await this.#store.put('kept', this.#kept, 'list');
        this.onChange();
    }

    async #page(since, cursor) {
        const query = new URLSearchParams();
        if (since) query.set('since', since);
        if (cursor) query.set('cursor', cursor);
        const { body } = await this.#api.ask('GET', `${this.#path}?${query}`.replace(/\?$/, ''));
        return body;
    }

    // The organiser may have switched names off since the page was asked for.
    async #write({ guests, names: hasNames }, scansTo, round) {
        const isNamed = hasNames && this.#keepsNames();
        await this.#store.write(['guests', 'names'], (records, names) => {
            for (const { person, ...guest } of guests) {
                records.put({ ...guest, scans_to: scansTo, round });
                if (isNamed) names.put({ digest: guest.digest, round, person });
            }
        });
        if (!hasNames && this.names.count > 0) await this.names.forget();
    }

    #sweep(round) {
        return this.#store.write(['guests', 'names'], (...stores) => stores.forEach((objects) => {
            const request = objects.openCursor();
            request.onsuccess = () => {
                const cursor = request.result;
                if (!cursor) return;
                if (cursor.value.round !== round) cursor.delete();
                cursor.continue();
            };
        }));
    }
}

export class Revoked {
    #store;
    #api;
    #path;
    #asOf = '0';
    #states = new Map();

    constructor({ store, api, event }) {
        this.#store = store;
        this.#api = api;
        this.#path = `/api/v1/events/${event}/revoked-tickets`;
    }

    async load() {
        const kept = await this.#store.get('kept', 'revoked');
        if (!kept) return;
        this.#asOf = kept.asOf;
        this.#states = kept.states;
    }

    // → "cancelled" | "replaced" | undefined
    stateOf(ticketId) {
        return this.#states.get(ticketId);
    }

    // Fetches only the tickets that were revoked since the last fetch.
    async refresh() {
        for (let pages = 0, next = this.#asOf; next !== null && pages < PAGES_MOST; pages++) {
            const { body } = await this.#api.ask('GET', `${this.#path}?since=${next}`);
            for (const { id, state } of body.tickets) this.#states.set(id, state);
            this.#asOf = body.as_of;
            next = body.next;
            if (next === null && this.#states.size > 0)
                await this.#store.put('kept', { asOf: this.#asOf, states: this.#states }, 'revoked');
        }
    }
}
