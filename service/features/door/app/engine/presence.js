// Who came and went, as far as this phone knows: what it let in itself, what the service answered
// and what the live stream told. One record for each ticket (`key`: its id, or "attendee:ID" for
// somebody whose ticket is not known): no names, nothing that a ticket opens.
//
//   {key, attendee: id | null, steps: [{nonce, inside, at, admittedAt, door (slug), knownAt,
//    isPending, undoneAt | null, isUndoQueued}]}   at, knownAt: ms; isPending, isUndoQueued: the service
//    does not know of it, of its undoing, yet
const STEPS_MOST = 12;
const LIST_MARGIN_MS = 10_000; // a list is as of a moment after it was read

const waits = ({ isPending, isUndoQueued }) => isPending || (isUndoQueued ?? false);

export const keyOfAttendee = (attendee) => `attendee:${attendee}`;

export class Presence {
    #store;
    #records = new Map();
    #keys = new Map(); // attendee → key
    #byNonce = new Map(); // nonce → key

    constructor(store) {
        this.#store = store;
    }

    async load() {
        for (const record of (await this.#store.getAll('presence')) ?? []) this.#take(record);
    }

    // isQueued(nonce): what waits for the service and is not queued was written when the app died, just
    // before its queue entry would have been: nobody was told, so it has not happened.
    async forgetUnqueued(isQueued) {
        const isLost = (step) => waits(step) && !isQueued(step.nonce);
        const mended = [...this.#records.values()].filter(({ steps }) => steps.some(isLost))
            .map((record) => ({ ...record, steps: record.steps.flatMap((step) =>
                (!isLost(step) ? [step] : step.isPending ? [] : [notUndone(step)])) }));
        if (mended.length > 0) await this.#keep(mended);
    }

    // Another tab of this phone has changed it.
    async reload(key) {
        const record = await this.#store.get('presence', key);
        if (record) this.#take(record);
    }

    #take(record) {
        this.#records.set(record.key, record);
        if (record.attendee) this.#keys.set(record.attendee, record.key);
        for (const { nonce } of record.steps) this.#byNonce.set(nonce, record.key);
    }

    keyOf(attendee) {
        return this.#keys.get(attendee) ?? keyOfAttendee(attendee);
    }

    // Whose attendee this key is of, or null.
    attendeeOf(key) {
        return key?.startsWith('attendee:') ? key.slice('attendee:'.length) : null;
    }

    keyOfNonce(nonce) {
        return this.#byNonce.get(nonce);
    }

    isPending(key) {
        return this.#records.get(key)?.steps.some(waits) ?? false;
    }

    // guest: the record of the guest list, if there is one. nonce: of the scan that asks, which the
    // stream may have told of before its own answer came. → {inside, admittedAt, door} or null
    of(key, guest, nonce) {
        const all = this.#records.get(key)?.steps ?? [];
        const steps = all.filter((step) => step.nonce !== nonce);
        const listAt = guest ? Date.parse(guest.as_of) - LIST_MARGIN_MS : -Infinity;
        const tells = (step) => waits(step) || (step.undoneAt ?? step.knownAt) > listAt;
        if (!steps.some(tells)) return guest ? fromList(guest) : null;
        const good = steps.filter((step) => !step.undoneAt);
        const last = good.at(-1);
        // Undone, and nothing before it is known: then it is as if it had not been.
        if (!last) return { inside: !steps.at(-1).inside, admittedAt: null, door: null };
        const first = good.find((step) => step.admittedAt);
        const listed = guest?.admitted_at ?? null;
        return { inside: last.inside, door: first?.door ?? null,
            admittedAt: earliest(first?.admittedAt ?? null, listed) };
    }

    // What is known is known at once; resolves when it is written. What could not be written is known
    // until the app closes.
    async note(given, step, attendee = null) {
        if (attendee && given !== keyOfAttendee(attendee)) this.join(given, attendee);
        const key = this.#known(given);
        const record = this.#records.get(key) ?? { key, attendee, steps: [] };
        const others = record.steps.filter(({ nonce }) => nonce !== step.nonce);
        const before = record.steps.find(({ nonce }) => nonce === step.nonce);
        const { undoneAt = null, isUndoQueued = false } = before ?? {};
        const steps = [...others, { undoneAt, isUndoQueued, ...step }].sort((a, b) => a.at - b.at)
            .slice(-STEPS_MOST);
        const joined = { ...record, attendee: attendee ?? record.attendee, steps };
        await this.#keep([joined], { strict: step.isPending });
    }

    // What was scanned by name is told under that key also once the ticket is known.
    #known(key) {
        const attendee = this.attendeeOf(key);
        return attendee ? this.keyOf(attendee) : key;
    }

    // The service knows it, or never will.
    async settle(given, nonce) {
        const key = this.#known(given);
        const step = this.#records.get(key)?.steps.find((one) => one.nonce === nonce);
        if (step) await this.note(key, { ...step, isPending: false, isUndoQueued: false });
    }

    // It has been answered that this scan did not let anybody in or out.
    async drop(nonce) {
        const record = this.#records.get(this.#byNonce.get(nonce));
        if (!record) return;
        await this.#keep([{ ...record, steps: record.steps.filter((step) => step.nonce !== nonce) }]);
    }

    // isQueued: the service will be told later; until then, nothing of this guest may overtake it.
    async undo(nonce, at, isQueued = false) {
        await this.#amend(nonce, (step) => undoneStep(step, at, isQueued));
    }

    // The service did not take the undoing.
    async redo(nonce) {
        await this.#amend(nonce, notUndone);
    }

    async #amend(nonce, change) {
        const record = this.#records.get(this.#byNonce.get(nonce));
        if (!record) return;
        const steps = record.steps.map((step) => (step.nonce === nonce ? change(step) : step));
        await this.#keep([{ ...record, steps }]);
    }

    // What was noted of the attendee before the ticket was known belongs to the ticket.
    async join(key, attendee) {
        const loose = this.#records.get(keyOfAttendee(attendee));
        this.#keys.set(attendee, key);
        if (!loose || loose.steps.length === 0) return;
        const record = this.#records.get(key) ?? { key, steps: [] };
        const steps = [...record.steps, ...loose.steps].sort((a, b) => a.at - b.at).slice(-STEPS_MOST);
        await this.#keep([{ ...loose, attendee: null, steps: [] }, { ...record, attendee, steps }]);
    }

    // All of them, or none.
    async #keep(records, how) {
        for (const record of records) this.#take(record);
        const put = (objects) => records.forEach((record) => objects.put(record));
        await this.#store.write(['presence'], put, how).catch(() => {}); // it says so itself
    }
}

const notUndone = (step) => ({ ...step, undoneAt: null, isUndoQueued: false });

function undoneStep(step, at, isQueued) {
    return { ...step, undoneAt: at, isUndoQueued: isQueued, isPending: isQueued && step.isPending };
}

function earliest(a, b) {
    if (!a || !b) return a ?? b;
    return Date.parse(a) <= Date.parse(b) ? a : b;
}

const fromList = (guest) => ({ inside: guest.inside, admittedAt: guest.admitted_at, door: null });
