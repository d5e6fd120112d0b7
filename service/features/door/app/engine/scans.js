// Handles scans one after the other: asks the service if it can be reached, else decides on the phone
// and queues the scan.
import { DoorError } from './api.js';
import { decide } from './decide.js';
import { keyOfAttendee } from './presence.js';
import { readTicket } from './ticket.js';

const SCAN_PATIENCE_MS = 3000;
const UNDO_WITHIN_MS = 15 * 60_000;
const RECENT_MOST = 500;
const RECENT_ALWAYS = 50; // so many are kept even if they can no longer be undone
const REASON_MOST = 500;
// Characters that are stored of a ticket that the phone cannot verify; it may still be genuine.
const TEXT_KEPT = 24;

const iso = (ms) => new Date(ms).toISOString();
const changesPresence = (verdict) => ['admitted', 'left', 'already_admitted'].includes(verdict);

function refuse(pointer, code) {
    return new DoorError({ code: 'invalid', status: 422, errors: [{ pointer, code }] });
}

export class Scans extends EventTarget {
    #parts;
    #line = Promise.resolve();
    #met = new Map(); // attendee → their last known data; in memory only
    recent = [];

    // parts: session, api, clock, keys, guests, revoked, presence, queue, network, place (the event,
    // door and doors) and path
    constructor(parts) {
        super();
        this.#parts = parts;
    }

    // → see door.js. Scans run one after the other, so two of one guest keep their order.
    scan(text, { direction = 'in', force = false, reason, attendee, nonce } = {}) {
        const given = reason?.trim().slice(0, REASON_MOST) || undefined;
        if (force && this.#parts.pairing.device.role === 'scanner')
            return Promise.reject(refuse('/force', 'force_not_allowed'));
        if (force && !given) return Promise.reject(refuse('/reason', 'reason_needed'));
        const at = this.#parts.clock.stamp();
        const scan = { text, direction, force, reason: given, attendee, at,
            door: this.#parts.pairing.device.door, nonce: nonce ?? crypto.randomUUID() };
        const verdict = this.#line.then(() => this.#scan(scan));
        this.#line = verdict.catch(() => {});
        return verdict;
    }

    async #scan(given) {
        const { keys, presence, network, session } = this.#parts;
        const ticket = given.attendee ? null
            : await readTicket(given.text, (...signed) => keys.verify(...signed));
        if (ticket?.status === 'unknown' && !ticket.looksLikeOurs) return this.#noTicket(given);
        if (ticket?.kid && !keys.has(ticket.kid)) session.upkeep.now('keys'); // keys may have been rotated
        const isGenuine = ticket?.status === 'genuine';
        const key = given.attendee ? presence.keyOf(given.attendee) : isGenuine ? ticket.claims.id : null;
        const scan = { ...given, ticket, key };
        // Queued scans of this guest must reach the service first.
        if (!network.isUp || (key && presence.isPending(key))) return this.#decideAlone(scan, false);
        return (await this.#askService(scan)) ?? this.#decideAlone(scan, true);
    }

    #noTicket({ nonce, at }) {
        const { counts } = this.#parts;
        return { verdict: 'not_a_ticket', attendee: null, admittedAt: null, admittedDoor: null,
            decidedBy: 'phone', forced: false, nonce, scannedAt: iso(at), counts };
    }

    // → null if there was no answer
    async #askService(scan) {
        const { api, path } = this.#parts;
        const { attendee, ticket, direction, nonce, at, force, reason } = scan;
        const whose = attendee ? { attendee } : { ticket: ticket.text };
        const json = { ...whose, direction, nonce, scanned_at: iso(at),
            ...(force ? { force, reason } : {}) };
        try {
            const { body } = await api.ask('POST', `${path}/checkins`, { json, patience: SCAN_PATIENCE_MS });
            this.#learn(scan.key, nonce, at, body); // do not wait for the storage
            this.#remember({ ...scan, verdict: body.verdict, name: body.attendee?.name });
            return this.#told(body);
        } catch (error) {
            if (!error.later || api.isEnded) throw error;
            return null;
        }
    }

    #told(answer) {
        const { attendee, verdict, forced, nonce, scanned_at: scannedAt } = answer;
        const person = attendee && { answers: [], ...attendee };
        return { verdict, attendee: person, admittedAt: since(answer),
            admittedDoor: this.#parts.titleOf(answer.admitted_door), decidedBy: 'service', forced, nonce,
            scannedAt, validOn: answer.valid_on ?? null, counts: answer.counts };
    }

    // Updates presence and counts from an answer.
    async #learn(key, nonce, at, answer) {
        const { presence, clock, session } = this.#parts;
        const { verdict, attendee, admitted_door: door } = answer;
        const admittedAt = since(answer);
        session.count(answer.counts);
        if (attendee) this.#meet([{ ...attendee,
            ...(admittedAt && session.isToday(Date.parse(admittedAt)) ? { admitted_at: admittedAt } : {}),
            present: changesPresence(verdict) ? verdict !== 'left' : undefined }]);
        const known = key ?? (attendee && keyOfAttendee(attendee.id));
        if (!known || !changesPresence(verdict)) return presence.drop(nonce);
        const step = { nonce, inside: verdict !== 'left', at, admittedAt, door: door ?? null,
            knownAt: clock.now(), isPending: false };
        return session.note(known, step, attendee?.id);
    }

    async #decideAlone(scan, wasTried) {
        const { guests, presence, revoked, place, queue, clock, session } = this.#parts;
        const { ticket, key, attendee, at, direction, force, nonce } = scan;
        const record = key && !key.startsWith('attendee:') ? await guests.find(key) : undefined;
        const met = this.#met.get(attendee);
        const person = attendee ? met ?? null : key ? await guests.open(ticket, record) : null;
        if (person && !attendee) await presence.join(key, person.id);
        const day = session.dayAt(at);
        const isOn = (time) => session.dayAt(time) === day;
        const before = presence.of(key, { guest: record, nonce, day, isOn }) ?? presenceOf(met, day);
        const state = key ? revoked.stateOf(key) : undefined;
        const outcome = decide({ ticket, isListed: record !== undefined, person, event: place.event,
            door: place.door, at, direction, force, presence: before,
            revoked: attendee && state === 'replaced' ? undefined : state }); // a person has another ticket then
        const { verdict, admittedAt, admittedDoor } = outcome;
        const step = { nonce, inside: verdict === 'admitted', at, admittedAt, knownAt: clock.now(),
            door: admittedDoor ?? place.door?.slug ?? null, isPending: true };
        const isSecret = ticket && (ticket.status !== 'genuine' || verdict === 'wrong_event');
        await Promise.all([
            ['admitted', 'left'].includes(verdict) && session.note(key, step, person?.id),
            queue.add({ ...this.#entryOf(scan, verdict), change: changeBy(verdict, before) },
                { wasTried, secretText: isSecret ? ticket.text : undefined })]);
        this.#remember({ ...scan, verdict, name: person?.name });
        return { ...outcome, admittedDoor: this.#parts.titleOf(admittedDoor),
            attendee: person && pick(person), decidedBy: 'phone', nonce, scannedAt: iso(at),
            counts: this.#parts.counts };
    }

    #entryOf({ ticket, attendee, key, direction, at, door, nonce, force, reason }, decided) {
        const whose = attendee ? { attendee }
            : ticket.status === 'genuine' ? { ticket_id: ticket.claims.id }
                : { ticket: ticket.text.slice(0, TEXT_KEPT) };
        return { kind: 'scan', key, ...whose, direction, nonce, door, scanned_at: iso(at), decided,
            ...(force ? { force, reason } : {}) };
    }

    #remember({ nonce, at, verdict, name, key, direction, attendee }) {
        const ticketId = key?.startsWith('attendee:') ? null : key;
        const entry = { nonce, at, verdict, name: name ?? null, ticketId, direction, undone: false,
            attendee: attendee ?? null };
        const others = this.recent.filter((one, i) =>
            one.nonce !== nonce && (i < RECENT_ALWAYS || at - one.at < UNDO_WITHIN_MS));
        this.recent = [entry, ...others].slice(0, RECENT_MOST);
        this.dispatchEvent(new Event('change'));
    }

    #amend(nonce, changes) {
        this.recent = this.recent.map((one) => (one.nonce === nonce ? { ...one, ...changes } : one));
        this.dispatchEvent(new Event('change'));
    }

    // Remembers people from an answer.
    #meet(people) {
        const { session, clock } = this.#parts;
        const day = session.dayAt(clock.now());
        for (const person of people) {
            const known = this.#met.get(person.id);
            const yesterdays = known?.day === day ? {} : { present: undefined, admitted_at: null };
            this.#met.set(person.id, { ...known, ...yesterdays, ...person, day });
        }
    }

    meet(people) {
        this.#meet(people);
    }

    // People from names.js → as the service's search gives them, as far as this phone knows
    async recognise(people) {
        const { session, clock, presence, guests, revoked } = this.#parts;
        const day = session.dayAt(clock.now());
        const isOn = (time) => session.dayAt(time) === day;
        const seen = await Promise.all(people.map(async ({ ticket, known_by: _, ...person }) => {
            await presence.join(ticket, person.id);
            const known = presence.of(ticket, { guest: await guests.find(ticket), day, isOn });
            const status = revoked.stateOf(ticket) === 'cancelled' ? 'cancelled' : 'confirmed';
            return { ...person, status, present: known?.inside ?? false,
                admitted_at: known?.admittedAt ?? null };
        }));
        this.#meet(seen);
        return seen;
    }

    // Notes that somebody comes in without a ticket, to be matched later. → as from scan()
    async admitUnticketed({ name, reason }) {
        const { clock, queue, pairing, counts } = this.#parts;
        const at = clock.stamp();
        const nonce = crypto.randomUUID();
        await queue.add({ kind: 'admission', nonce, name, reason: reason.slice(0, REASON_MOST),
            scanned_at: iso(at), door: pairing.device.door });
        this.#remember({ nonce, at, verdict: 'unticketed', name, key: null, direction: 'in' });
        return { verdict: 'unticketed', attendee: { id: null, name, answers: [] }, admittedAt: null,
            admittedDoor: null, decidedBy: 'phone', forced: false, nonce: null, scannedAt: iso(at), counts };
    }

    // The queue got an answer or a final refusal.
    async answered(entry, answer, refused) {
        const { nonce, key, decided, kind } = entry;
        const { session, presence } = this.#parts;
        if (kind === 'admission') return undefined;
        if (kind === 'undo' && refused) return this.#notUndone(nonce);
        if (kind === 'undo') return session.noteUndone(nonce);
        if (refused) return session.settle(key ?? presence.keyOfNonce(nonce), nonce);
        // Ignore its counts: they may be old, and the stream has newer ones.
        await this.#learn(key, nonce, Date.parse(entry.scanned_at), { ...answer, counts: null });
        if (answer.verdict !== decided) this.#amend(nonce, { verdict: answer.verdict });
        if (answer.conflict) session.conflicts.tell({ nonce, decided,
            verdict: answer.verdict, door: entry.door ?? this.#parts.place.door?.slug ?? null,
            scanned_at: answer.scanned_at, attendee: answer.attendee,
            admitted_at: since(answer), admitted_door: answer.admitted_door ?? null });
    }

    async #notUndone(nonce) {
        await this.#parts.session.noteNotUndone(nonce);
        this.#amend(nonce, { undone: false });
    }

    // → {nonce, attendee | null, counts}; waits for earlier scans
    undo(nonce) {
        const undone = this.#line.then(() => this.#undo(nonce));
        this.#line = undone.catch(() => {});
        return undone;
    }

    async #undo(nonce) {
        const { clock, session, queue } = this.#parts;
        const scanned = this.recent.find((one) => one.nonce === nonce);
        const at = clock.now();
        if (scanned && at - scanned.at > UNDO_WITHIN_MS)
            throw new DoorError({ code: 'undo_too_late', status: 409 });
        const isGone = await queue.takeBack(nonce);
        const answer = isGone ? null : await this.#undoAtService(nonce, at);
        if (answer?.counts) session.count(answer.counts);
        if (isGone || answer) await session.noteUndone(nonce);
        this.#amend(nonce, { undone: true });
        if (scanned?.attendee) this.#meet([{ id: scanned.attendee, present: undefined }]);
        return answer ?? { nonce, attendee: null, counts: this.#parts.counts };
    }

    // → null if the undo was queued
    async #undoAtService(nonce, at) {
        const { api, path, network, queue, session } = this.#parts;
        const isQueued = queue.has(nonce);
        try {
            if (network.isUp && !isQueued)
                return (await api.ask('DELETE', `${path}/checkins/${nonce}`, { patience: SCAN_PATIENCE_MS })).body;
        } catch (error) {
            if (!error.later || api.isEnded) throw error;
        }
        await session.noteUndone(nonce, true);
        await queue.add({ kind: 'undo', nonce, undone_at: iso(at) });
        return null;
    }
}

const since = (answer) => answer.admitted_at ?? answer.first_admitted_at;

function changeBy(verdict, before) {
    const wasInside = before?.inside ?? false;
    if (verdict === 'left') return { admitted: 0, inside: wasInside ? -1 : 0 };
    if (verdict !== 'admitted') return { admitted: 0, inside: 0 };
    return { admitted: before?.admittedAt || wasInside ? 0 : 1, inside: wasInside ? 0 : 1 };
}

function presenceOf(person, day) {
    if (person?.present === undefined || person.day !== day) return null;
    return { inside: person.present, admittedAt: person.admitted_at ?? null, door: null };
}

function pick({ id, name, ticket_type, ticket_type_title, status, answers }) {
    return { id, name, ticket_type, ticket_type_title, status, answers: answers ?? [] };
}
