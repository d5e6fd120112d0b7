// Scans, and scans undone, that the service does not know yet. Durable, in order, sent by one tab of
// the phone at a time, again and again until an answer came. What cannot be written is held in
// memory and sent all the same. An entry the service cannot read is set aside, so that it does not
// stop the others.
//
//   {order, nonce, kind: "scan" | "undo", key, ticket_id | attendee | ticket, direction, scanned_at,
//    door, decided, force, reason, undone_at, change {admitted, inside}, tried (may have reached the
//    service), refused (code; set aside), why}
//
// order: ms, made larger where needed, so that entries of one phone never change places. door: where
// it was scanned, wherever the phone stands when it is sent.
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
    #lock;
    #entries = []; // what this tab knows of, oldest first
    #unwritten = new Set(); // of those: what is in memory only
    #sent = new Set(); // names of what was answered, should the disk not let go of it
    #untried = new Set(); // nonces of scans that never were on their way
    #texts = new Map(); // nonce → text of a ticket that must not lie on the phone
    #lastOrder = 0;
    #pauses = new Pauses();
    #timer = null;
    #running = null;
    #limit = new AbortController(); // of the request under way
    #askedAt = Infinity;
    #isEnded = false;
    #onAnswer;
    #isUp;

    // isUp() → whether it makes sense to send at once what is added;
    // onAnswer(entry, answer, refusal): answer null for what was undone, and for what was refused
    constructor({ store, api, event, lock, isUp, onAnswer }) {
        super();
        this.#store = store;
        this.#api = api;
        this.#path = `/api/v1/events/${event}/checkins`;
        this.#lock = lock;
        this.#isUp = isUp;
        this.#onAnswer = onAnswer;
    }

    // What is on the phone, also what another tab has written meanwhile.
    async load() {
        const stored = await this.#store.getAll('queue');
        if (!stored) return; // it cannot be read now; what this tab knows of stays
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

    // → what was set aside: [{at (ms), decided (verdict; null: a scan taken back), why}]
    get refused() {
        return this.#entries.filter((entry) => entry.refused).map((entry) => ({
            at: Date.parse(entry.scanned_at ?? entry.undone_at), decided: entry.decided ?? null,
            why: entry.why ?? entry.refused }));
    }

    // What the service does not know of yet, as it changes who is there: {admitted, inside}
    get change() {
        const waiting = this.#entries.filter((entry) => !entry.refused);
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

    // Other tabs want to know, too.
    #moved() {
        this.dispatchEvent(new Event('moved'));
        this.#changed();
    }

    // Resolves when it is on the disk, or held in memory because the disk is full. secretText: of a
    // ticket that only its text can tell; it is sent, but never written. wasTried: a request with
    // this scan went out before.
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

    // Unless it is under way, or will be.
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
            // Held in memory; the store has said so.
        }
    }

    // Sends now; does not wait for a request that the network has swallowed.
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

    // Another tab that is sending will take what this one has written.
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

    // The oldest scans, until one that is undone, which goes alone.
    #nextBatch(most) {
        const waiting = this.#entries.filter((entry) => !entry.refused).slice(0, most);
        const undo = waiting.findIndex(({ kind }) => kind === 'undo');
        return undo < 0 ? waiting : waiting.slice(0, Math.max(undo, 1));
    }

    // → false: one of them cannot be read, and which is not known: fewer at a time will tell
    async #sendBatch(batch) {
        await this.#noteTried(batch);
        try {
            const answers = batch[0].kind === 'undo' ? await this.#undo(batch[0]) : await this.#post(batch);
            await this.#finish(batch, answers);
        } catch (error) {
            if (error.later !== false || this.#isEnded) throw error;
            const bad = batch.length === 1 ? batch : misread(batch, error);
            if (bad.length === 0) return false;
            await this.#setAside(bad, error);
        }
        return true;
    }

    // Before they go: should the answer be lost, no tab of the phone may take them for unsent.
    async #noteTried(batch) {
        for (const { nonce } of batch) this.#untried.delete(nonce);
        const fresh = batch.filter((entry) => !entry.tried);
        if (fresh.length === 0) return;
        for (const entry of fresh) entry.tried = true;
        const written = fresh.filter((entry) => !this.#unwritten.has(entry));
        const put = (queue) => written.forEach((entry) => queue.put(entry));
        await this.#store.write(['queue'], put).catch(() => {}); // the store says so itself
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

    async #finish(batch, answers) {
        for (const [i, entry] of batch.entries()) await this.#onAnswer(entry, answers[i], null);
        await this.#drop(batch);
        this.#pauses.reset();
        this.#moved();
    }

    // What was set aside is tried once more: the event, or what this phone may do, is another now.
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

    // What the disk keeps all the same is sent again after the next start: one nonce, one scan.
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

    // A scan that never was on its way need not be: → whether it was taken out.
    async takeBack(nonce) {
        if (!this.#untried.has(nonce) || this.#running || !navigator.locks) return false;
        return navigator.locks.request(this.#lock, { ifAvailable: true }, async (lock) => {
            if (!lock) return false;
            await this.load(); // another tab may have sent it, or tried to
            const entry = this.#entries.find((one) => one.nonce === nonce && one.kind === 'scan');
            if (!entry || entry.tried) return false;
            await this.#drop([entry]);
            this.#moved();
            return true;
        });
    }
}

// The scans that the errors of a problem document point at.
function misread(batch, { errors }) {
    const places = errors.map(({ pointer }) => /^\/scans\/(\d+)(\/|$)/.exec(pointer ?? '')?.[1]);
    return batch.filter((_, i) => places.includes(String(i)));
}
