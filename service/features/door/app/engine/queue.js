// The queue of scans, undos and admissions without a ticket that the service does not know yet. It is durable and ordered. One tab
// at a time sends it and retries until there is an answer. Entries that cannot be stored stay in memory
// and are sent too. An entry that the service cannot read is set aside, so it does not block the
// others.
//
//   {order, nonce, kind: "scan" | "undo" | "admission" (name, reason), key, ticket_id | attendee | ticket, direction, scanned_at,
//    door, decided, force, reason, undone_at, change {admitted, inside}, tried (may have reached the
//    service), refused (code; set aside), why}
//
// order: ms, increased if needed, so that entries of one phone keep their order. door: the door of the
// scan, even if the phone moved since.
import { Pauses } from './pauses.js';

const BATCH_MOST = 200;
const PATIENCE_MS = 30_000;
const SWALLOWED_MS = 5000;

const sameEntry = (a) => (b) => a.order === b.order && a.nonce === b.nonce && a.kind === b.kind;
const keyOf = ({ order, nonce, kind }) => [order, nonce, kind];
const nameOf = (entry) => keyOf(entry).join(' ');

export class Queue extends EventTarget {
    #store;
    #api;
    #path;
    #admissions;
    #lock;
    #entries = []; // oldest first
    #unwritten = new Set(); // entries in memory only
    #sent = new Set(); // names of answered entries, in case the store cannot delete them
    #untried = new Set(); // nonces of scans that were never sent
    #texts = new Map(); // nonce → ticket text that must not be stored
    #lastOrder = 0;
    #pauses = new Pauses();
    #timer = null;
    #running = null;
    #limit = new AbortController(); // of the running request
    #askedAt = Infinity;
    #isEnded = false;
    #onAnswer;
    #isUp;

    // isUp() → whether to send new entries at once;
    // onAnswer(entry, answer, refusal): answer is null for undone and refused entries
    constructor({ store, api, event, lock, isUp, onAnswer }) {
        super();
        this.#store = store;
        this.#api = api;
        this.#path = `/api/v1/events/${event}/checkins`;
        this.#admissions = `/api/v1/events/${event}/admissions`;
        this.#lock = lock;
        this.#isUp = isUp;
        this.#onAnswer = onAnswer;
    }

    // Loads the stored entries, also those of other tabs.
    async load() {
        const stored = await this.#store.getAll('queue');
        if (!stored) return; // unreadable now; keep this tab's entries
        const written = stored.filter((entry) => !this.#sent.has(nameOf(entry)));
        const held = [...this.#unwritten].filter((entry) => !written.some(sameEntry(entry)));
        this.#entries = [...written, ...held].sort((a, b) => a.order - b.order);
        this.#lastOrder = Math.max(this.#lastOrder, this.#entries.at(-1)?.order ?? 0);
        this.#changed();
    }

    get length() {
        return this.#entries.filter((entry) => !entry.refused).length;
    }

    get rejected() {
        return this.#entries.filter((entry) => entry.refused).length;
    }

    // → the entries set aside: [{at (ms), kind, decided (verdict; null: none), why}]
    get refused() {
        return this.#entries.filter((entry) => entry.refused).map((entry) => ({
            at: Date.parse(entry.scanned_at ?? entry.undone_at), kind: entry.kind, decided: entry.decided ?? null,
            why: entry.why ?? entry.refused }));
    }

    // How the queued entries change the counts of a day: {admitted, inside}. isOn(ms): whether a time is
    // on that day
    changeOn(isOn) {
        const waiting = this.#entries.filter((entry) => !entry.refused
            && isOn(Date.parse(entry.scanned_at ?? entry.undone_at)));
        const undone = new Set(waiting.filter(({ kind }) => kind === 'undo').map(({ nonce }) => nonce));
        const changes = waiting.filter(({ nonce }) => !undone.has(nonce)).map(({ change }) => change ?? {});
        const sum = (name) => changes.reduce((all, change) => all + (change[name] ?? 0), 0);
        return { admitted: sum('admitted'), inside: sum('inside') };
    }

    has(nonce) {
        return this.#entries.some((entry) => entry.nonce === nonce && !entry.refused);
    }

    #changed() {
        this.dispatchEvent(new Event('change'));
    }

    // Informs the other tabs too.
    #moved() {
        this.dispatchEvent(new Event('moved'));
        this.#changed();
    }

    // Resolves when the entry is stored, or kept in memory because the storage is full. secretText: the
    // text of a ticket that cannot be identified without it; it is sent, but never stored. wasTried: a
    // request with this scan was sent before.
    async add(entry, { secretText, wasTried = false } = {}) {
        const order = Math.max(Date.now(), this.#lastOrder + 1);
        const added = { ...entry, order, tried: wasTried };
        this.#lastOrder = order;
        if (secretText) this.#texts.set(entry.nonce, secretText);
        if (!wasTried && entry.kind === 'scan') this.#untried.add(entry.nonce);
        this.#entries.push(added);
        await this.#write(added);
        this.#moved();
        if (this.#isUp()) this.wake();
        else this.#sendLater();
    }

    // Unless a send is running or planned.
    #sendLater(pauseMs) {
        if (this.#running || this.#isEnded) return;
        this.#timer ??= setTimeout(() => this.flush().catch(() => {}), pauseMs ?? this.#pauses.next());
    }

    async #write(entry) {
        this.#unwritten.add(entry);
        try {
            await this.#store.write(['queue'], (queue) => queue.put(entry), { strict: true });
            this.#unwritten.delete(entry);
        } catch {
            // Kept in memory; the store has reported it.
        }
    }

    // Sends now, and aborts a hanging request.
    wake() {
        this.#pauses.reset();
        if (Date.now() - this.#askedAt > SWALLOWED_MS) this.#limit.abort();
        this.flush().catch(() => {});
    }

    end() {
        this.#isEnded = true;
        clearTimeout(this.#timer);
    }

    // → a promise of whether everything has been sent
    flush() {
        clearTimeout(this.#timer);
        this.#timer = null;
        this.#running ??= this.#sendAlone();
        return this.#running;
    }

    // If another tab is sending, it also sends the entries of this tab.
    async #sendAlone() {
        const locks = navigator.locks;
        const send = () => this.#sendAll();
        let isDone = false;
        try {
            isDone = locks
                ? await locks.request(this.#lock, { ifAvailable: true }, (lock) => lock !== null && send())
                : await send();
        } finally {
            this.#running = null;
            if (!isDone || this.length > 0) this.#sendLater(isDone ? 0 : undefined);
        }
        return isDone;
    }

    async #sendAll() {
        await this.load();
        for (const entry of [...this.#unwritten]) await this.#write(entry);
        let most = BATCH_MOST;
        for (;;) {
            const batch = this.#nextBatch(most);
            if (batch.length === 0) return true;
            if (this.#isEnded) return false;
            most = (await this.#sendBatch(batch)) ? BATCH_MOST : Math.ceil(batch.length / 2);
        }
    }

    // The oldest scans up to another entry, which is sent alone.
    #nextBatch(most) {
        const waiting = this.#entries.filter((entry) => !entry.refused).slice(0, most);
        const other = waiting.findIndex(({ kind }) => kind !== 'scan');
        return other < 0 ? waiting : waiting.slice(0, Math.max(other, 1));
    }

    // → false: the service cannot read one of them; smaller batches will find it
    async #sendBatch(batch) {
        await this.#noteTried(batch);
        try {
            const [{ kind }] = batch;
            const answers = await (kind === 'undo' ? this.#undo(batch[0])
                : kind === 'admission' ? this.#admit(batch[0]) : this.#post(batch));
            await this.#finish(batch, answers);
        } catch (error) {
            if (error.later !== false || this.#isEnded) throw error;
            const bad = batch.length === 1 ? batch : misread(batch, error);
            if (bad.length === 0) return false;
            await this.#setAside(bad, error);
        }
        return true;
    }

    // Marks entries as tried before sending, so no tab takes them for unsent if the answer is lost.
    async #noteTried(batch) {
        for (const { nonce } of batch) this.#untried.delete(nonce);
        const fresh = batch.filter((entry) => !entry.tried);
        if (fresh.length === 0) return;
        for (const entry of fresh) entry.tried = true;
        const written = fresh.filter((entry) => !this.#unwritten.has(entry));
        const put = (queue) => written.forEach((entry) => queue.put(entry));
        await this.#store.write(['queue'], put).catch(() => {}); // the store reports it
    }

    async #ask(method, path, json) {
        this.#limit = new AbortController();
        this.#askedAt = Date.now();
        try {
            const { signal } = this.#limit;
            return (await this.#api.ask(method, path, { json, signal, patience: PATIENCE_MS })).body;
        } finally {
            this.#askedAt = Infinity;
        }
    }

    async #post(batch) {
        const scans = batch.map((entry) => this.#scanOf(entry));
        return (await this.#ask('POST', this.#path, { scans })).results;
    }

    #scanOf({ nonce, ticket_id, ticket, attendee, direction, scanned_at, door, decided, force, reason }) {
        const text = this.#texts.get(nonce) ?? ticket;
        const whose = attendee ? { attendee } : text ? { ticket: text } : { ticket_id };
        const forced = force ? { force, reason } : {};
        return { ...whose, direction, nonce, scanned_at, door, decided, ...forced };
    }

    async #undo({ nonce, undone_at }) {
        const when = undone_at ? `?${new URLSearchParams({ undone_at })}` : '';
        try {
            await this.#ask('DELETE', `${this.#path}/${nonce}${when}`);
        } catch (error) {
            if (error.code !== 'nothing_to_undo') throw error;
        }
        return [null];
    }

    async #admit({ nonce, name, reason, scanned_at: admitted_at, door }) {
        await this.#ask('POST', this.#admissions, { nonce, name, reason, admitted_at, door });
        return [null];
    }

    async #finish(batch, answers) {
        for (const [i, entry] of batch.entries()) await this.#onAnswer(entry, answers[i], null);
        await this.#drop(batch);
        this.#pauses.reset();
        this.#moved();
    }

    // Retries the entries set aside, because the event or the phone's role has changed.
    async reconsider() {
        const refused = this.#entries.filter((entry) => entry.refused);
        for (const entry of refused) {
            delete entry.refused;
            delete entry.why;
            await this.#write(entry);
        }
        if (refused.length > 0) this.wake();
    }

    async #setAside(bad, { code, title, detail, errors }) {
        for (const entry of bad) {
            entry.refused = code;
            entry.why = errors[0]?.detail ?? detail ?? title;
            await this.#write(entry);
            await this.#onAnswer(entry, null, code);
        }
        this.#moved();
    }

    // Entries that cannot be deleted are sent again after the next start; the nonce makes that harmless.
    async #drop(batch) {
        this.#entries = this.#entries.filter((entry) => !batch.some(sameEntry(entry)));
        for (const entry of batch) {
            this.#sent.add(nameOf(entry));
            this.#texts.delete(entry.nonce);
            this.#untried.delete(entry.nonce);
            for (const held of this.#unwritten) if (sameEntry(entry)(held)) this.#unwritten.delete(held);
        }
        const remove = (queue) => batch.forEach((entry) => queue.delete(keyOf(entry)));
        await this.#store.write(['queue'], remove).catch(() => {});
    }

    // Removes a scan that was never sent. → whether it was removed
    async takeBack(nonce) {
        if (!this.#untried.has(nonce) || this.#running || !navigator.locks) return false;
        return navigator.locks.request(this.#lock, { ifAvailable: true }, async (lock) => {
            if (!lock) return false;
            await this.load(); // another tab may have tried to send it
            const entry = this.#entries.find((one) => one.nonce === nonce && one.kind === 'scan');
            if (!entry || entry.tried) return false;
            await this.#drop([entry]);
            this.#moved();
            return true;
        });
    }
}

// The scans that the errors of a problem document name.
function misread(batch, { errors }) {
    const places = errors.map(({ pointer }) => /^\/scans\/(\d+)(\/|$)/.exec(pointer ?? '')?.[1]);
    return batch.filter((_, i) => places.includes(String(i)));
}
