// Who is inside, from this phone's own scans, the service's answers and the live stream. One record
// per ticket (`key`: its id, or "attendee:ID" if the ticket is unknown), without names and without
// data of the guest list.
//
//   {key, attendee: id | null, steps: [{nonce, inside, at, admittedAt, door (slug), knownAt,
//    isPending, undoneAt | null, isUndoQueued}]}   at, knownAt: ms; isPending: the service does not
//    know the step yet; isUndoQueued: the service does not know that it was undone
const STEPS_MOST = 12;
const LIST_MARGIN_MS = 10_000; // this phone's clock may be ahead of the service's by this much

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

    // Drops pending steps that are not queued: isQueued(nonce). The app ended between writing the step
    // and its queue entry, so nobody saw a verdict.
    async forgetUnqueued(isQueued) {
        const isLost = (step) => waits(step) && !isQueued(step.nonce);
        const mended = [...this.#records.values()].filter(({ steps }) => steps.some(isLost))
            .map((record) => ({ ...record, steps: record.steps.flatMap((step) =>
                (!isLost(step) ? [step] : step.isPending ? [] : [notUndone(step)])) }));
        if (mended.length > 0) await this.#keep(mended);
    }

    // Another tab of this phone changed the record.
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

    // The attendee of this key, or null.
    attendeeOf(key) {
        return key?.startsWith('attendee:') ? key.slice('attendee:'.length) : null;
    }

    keyOfNonce(nonce) {
        return this.#byNonce.get(nonce);
    }

    isPending(key) {
        return this.#records.get(key)?.steps.some(waits) ?? false;
    }

    // The presence on one day of the event: day is its date (null: unknown), isOn(ms) whether a time is
    // on it. guest: the record of the guest list, if any. nonce: the asking scan; it is ignored, because
    // the stream may report it before its own answer arrives. → {inside, admittedAt, door} or null
    of(key, { guest, nonce, day, isOn }) {
        const all = this.#records.get(key)?.steps ?? [];
        const steps = all.filter((step) => step.nonce !== nonce && isOn(step.at));
        const isListed = guest && (day === null || guest.day === day);
        const listAt = guest?.scans_to ? Date.parse(guest.scans_to) - LIST_MARGIN_MS : -Infinity;
        const tells = (step) => waits(step) || (step.undoneAt ?? step.knownAt) > listAt;
        if (!steps.some(tells)) return guest ? fromList(isListed ? guest : nobody) : null;
        const good = steps.filter((step) => !step.undoneAt);
        const last = good.at(-1);
        // All steps were undone: assume the state before the last one.
        if (!last) return { inside: !steps.at(-1).inside, admittedAt: null, door: null };
        const first = good.find((step) => step.admittedAt && isOn(Date.parse(step.admittedAt)));
        const listed = isListed ? guest.admitted_at : null;
        return { inside: last.inside, door: first?.door ?? null,
            admittedAt: earliest(first?.admittedAt ?? null, listed) };
    }

    // Takes effect at once; resolves when it is stored. If storing fails, it lasts until the app closes.
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

    // A guest scanned by name keeps that key after the ticket is known.
    #known(key) {
        const attendee = this.attendeeOf(key);
        return attendee ? this.keyOf(attendee) : key;
    }

    // The step is no longer pending: the service has it or has refused it.
    async settle(given, nonce) {
        const key = this.#known(given);
        const step = this.#records.get(key)?.steps.find((one) => one.nonce === nonce);
        if (step) await this.note(key, { ...step, isPending: false, isUndoQueued: false });
    }

    // The service answered that this scan changed nothing.
    async drop(nonce) {
        const record = this.#records.get(this.#byNonce.get(nonce));
        if (!record) return;
        await this.#keep([{ ...record, steps: record.steps.filter((step) => step.nonce !== nonce) }]);
    }

    // isQueued: the undo is sent later; until then, later scans of this guest must wait.
    async undo(nonce, at, isQueued = false) {
        await this.#amend(nonce, (step) => undoneStep(step, at, isQueued));
    }

    // The service refused the undo.
    async redo(nonce) {
        await this.#amend(nonce, notUndone);
    }

    async #amend(nonce, change) {
        const record = this.#records.get(this.#byNonce.get(nonce));
        if (!record) return;
        const steps = record.steps.map((step) => (step.nonce === nonce ? change(step) : step));
        await this.#keep([{ ...record, steps }]);
    }

    // Moves the attendee's record to the ticket, which is known now.
    async join(key, attendee) {
        const loose = this.#records.get(keyOfAttendee(attendee));
        this.#keys.set(attendee, key);
        if (!loose || loose.steps.length === 0) return;
        const record = this.#records.get(key) ?? { key, steps: [] };
        const steps = [...record.steps, ...loose.steps].sort((a, b) => a.at - b.at).slice(-STEPS_MOST);
        await this.#keep([{ ...loose, attendee: null, steps: [] }, { ...record, attendee, steps }]);
    }

    // Stores all records or none.
    async #keep(records, how) {
        for (const record of records) this.#take(record);
        const put = (objects) => records.forEach((record) => objects.put(record));
        await this.#store.write(['presence'], put, how).catch(() => {}); // the store reports it
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

const nobody = { inside: false, admitted_at: null };
const fromList = (guest) => ({ inside: guest.inside, admittedAt: guest.admitted_at, door: null });
