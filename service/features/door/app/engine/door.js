// The door without its user interface. openDoor() gives the object that the views use.
//
//   door.state  {paired, device: {id, name, door, role}, event, doors, door: {slug, title}, counts,
//                countsAt (ms), network: "online"|"slow"|"offline", queued, rejected, conflicts,
//                list: {guests, names, at} | null, trouble: null | "storage", skewMs}
//   door.recent the last scans of this tab, newest first: {nonce, at (ms), verdict, name | null,
//               ticketId | null, direction, undone}
//   events      'change' when state or recent changed; 'conflict' (detail: the service's message);
//               'forgotten' when the service or another tab ended the pairing
//
// Calls that the service refuses, or that need a network, reject with a DoorError (api.js).
import { Api, DoorError } from './api.js';
import { Clock } from './clock.js';
import { Session } from './session.js';
import { openStore, persist } from './store.js';
import { openTabs } from './tabs.js';

export { DoorError };

const SEARCH_PATIENCE_MS = 3000; // if the phone can search by itself

const nobody = { paired: false, device: null, event: null, doors: [], door: null, counts: null,
    countsAt: null, network: 'online', queued: 0, rejected: 0, conflicts: [], list: null };

// A code as typed, or the link with it: https://…/door#AB12-CD34
function codeIn(text) {
    const given = text.trim();
    if (!/^https?:/i.test(given)) return given;
    const { hash, searchParams, pathname } = new URL(given);
    return searchParams.get('code') ?? (decodeURIComponent(hash.slice(1)) || pathname.split('/').at(-1));
}

// Adds the scans that the service does not know yet to its counts.
const plus = ({ expected, admitted, inside }, change) =>
    ({ expected, admitted: admitted + change.admitted, inside: Math.max(0, inside + change.inside) });

class Door extends EventTarget {
    #settings;
    #clock;
    #store = null;
    #session = null;
    #channel;
    #trouble = null;
    #isClosed = false;
    #forgetting = 0; // calls under way: an answer 401 may come twice

    constructor(settings) {
        super();
        this.#settings = settings;
        this.#clock = new Clock(settings.now);
        this.#channel = openTabs(`${settings.storageName}: pairing`);
        this.#channel.onmessage = ({ data }) => this.#heard(data);
    }

    get state() {
        const { skewMs } = this.#clock;
        const session = this.#session;
        if (!session) return { ...nobody, trouble: this.#trouble, skewMs,
            network: navigator.onLine === false ? 'offline' : 'online' };
        const { pairing, place, counts, countsAt, network, queue, conflicts, guests } = session;
        const { slug, title } = place.door ?? { slug: pairing.device.door, title: pairing.device.door };
        return { paired: true, device: pairing.device, event: place.event, doors: place.doors,
            door: { slug, title }, counts: counts && plus(counts, queue.changeOn(session.isToday)), countsAt,
            network: network.state, queued: queue.length, rejected: queue.rejected,
            conflicts: conflicts.list, list: guests.summary, trouble: this.#trouble, skewMs };
    }

    // → [{at (ms), decided, why}]: scans that the service refused
    get refused() {
        return this.#session?.queue.refused ?? [];
    }

    sendRefused() {
        return this.#session?.queue.reconsider();
    }

    get recent() {
        return this.#session?.scans.recent ?? [];
    }

    // Continues with the stored pairing, if there is one.
    async resume() {
        const { storageName } = this.#settings;
        this.#store = await openStore(storageName, { create: false, onTrouble: this.#onTrouble });
        const pairing = await this.#store?.get('kept', 'pairing');
        if (pairing) await this.#begin(pairing);
    }

    #onTrouble = (isTrouble) => {
        const trouble = isTrouble ? 'storage' : null;
        if (trouble === this.#trouble) return;
        this.#trouble = trouble;
        this.#changed();
    };

    // What a session that ends still tells does not count: 'forgotten' comes before 'change'.
    #changed() {
        if (!this.#isClosed && this.#forgetting === 0) this.dispatchEvent(new Event('change'));
    }

    async #begin(pairing) {
        const { storageName: name, fetch, language, ed25519 } = this.#settings;
        const session = new Session({ store: this.#store, clock: this.#clock, pairing, name, fetch,
            language, ed25519 });
        await session.load();
        session.addEventListener('change', () => this.#changed());
        session.addEventListener('unpaired', () => session.isLeaving || this.#forget({ isOurs: false }));
        session.addEventListener('conflict', ({ detail }) =>
            this.dispatchEvent(new CustomEvent('conflict', { detail })));
        session.start();
        persist();
        this.#session = session;
        this.#changed();
    }

    // force: replace a pairing even if its unsent scans are lost.
    async pair(code, name, { force = false } = {}) {
        await this.#mayForget(force);
        const { fetch, language, storageName } = this.#settings;
        const api = new Api({ fetch, language, clock: this.#clock });
        const json = { code: codeIn(code), ...(name ? { name } : {}) };
        const { body } = await api.ask('POST', '/api/v1/devices', { json });
        await this.#leave();
        this.#store = await openStore(storageName, { create: true, onTrouble: this.#onTrouble });
        const event = body.event.slug ?? body.event;
        const device = { door: body.door.slug ?? body.door, ...body.device };
        const pairing = { token: body.token, event, device };
        await this.#store.put('kept', pairing, 'pairing').catch(() => {}); // the store reports it
        this.#channel.postMessage('paired');
        await this.#begin(pairing);
        await this.#session?.isKnown;
    }

    // Refuses if unsent scans, or refused scans that nobody has checked, would be lost.
    async #mayForget(force) {
        const queue = this.#session?.queue;
        if (!queue || force) return;
        if (queue.length > 0) await queue.flush().catch(() => {});
        if (queue.length + queue.rejected > 0) throw new DoorError({ code: 'queue_not_empty', status: 409 });
    }

    // Deletes the pairing and all its data.
    async unpair({ force = false } = {}) {
        this.#paired();
        await this.#mayForget(force);
        await this.#leave();
    }

    // If the service cannot be reached, its list of devices still has this one.
    async #leave() {
        const session = this.#session;
        if (session) {
            session.leave();
            await session.api.ask('DELETE', `${session.path}/device`, { patience: 5000 }).catch(() => {});
        }
        await this.#forget({ isOurs: true });
    }

    async #forget({ isOurs, isTold = false }) {
        const session = this.#session;
        const store = this.#store;
        this.#forgetting++;
        this.#session = null;
        this.#store = null;
        session?.end();
        this.#clock.recall(0);
        this.#trouble = null;
        // The other tab has deleted the database and may have made a new one.
        if (isTold) store?.close();
        else await store?.destroy();
        this.#forgetting--;
        if (!session) return;
        if (!isTold) this.#channel.postMessage('forgotten');
        if (!isOurs && !this.#isClosed) this.dispatchEvent(new Event('forgotten'));
        this.#changed();
    }

    // Another tab of this phone was paired or unpaired.
    async #heard(message) {
        if (message === 'forgotten') return this.#forget({ isOurs: false, isTold: true });
        this.#session?.end();
        this.#session = null;
        this.#store?.close();
        await this.resume();
    }

    #paired() {
        if (!this.#session) throw new DoorError({ code: 'not_paired' });
        return this.#session;
    }

    // → {verdict, attendee: {id, name, ticket_type, ticket_type_title, status, answers} | null,
    //   admittedAt, admittedDoor (title), decidedBy: "service" | "phone", forced, nonce, scannedAt,
    //   counts}; options: direction, force with a reason, attendee (an id, instead of text), nonce
    async scan(text, options) {
        return this.#paired().scans.scan(text, options);
    }

    // → {nonce, attendee | null, counts}
    async undo(nonce) {
        return this.#paired().scans.undo(nonce);
    }

    // → {attendees (20 at most), listAt: null, or the time of the phone's own list, if it searched that}
    async search(text) {
        const session = this.#paired();
        const { guests: { names, summary }, network, scans } = session;
        try {
            if (network.isUp || names.count === 0) return await this.#searchOnline(session, text);
        } catch (error) {
            if (!error.later || names.count === 0) throw error;
        }
        return { attendees: await scans.recognise(await names.search(text)), listAt: summary?.at ?? null };
    }

    async #searchOnline({ api, path, scans, guests }, text) {
        const query = new URLSearchParams({ q: text });
        const patience = guests.names.count > 0 ? { patience: SEARCH_PATIENCE_MS } : {};
        const { attendees } = (await api.ask('GET', `${path}/attendees?${query}`, patience)).body;
        scans.meet(attendees);
        return { attendees, listAt: null };
    }

    // Without network; → as from scan()
    admitUnticketed(given) {
        return this.#paired().scans.admitUnticketed(given);
    }

    // → the event with its questions
    async walkInForm() {
        const { api, path } = this.#paired();
        return (await api.ask('GET', path)).body;
    }

    // → the registration; a retry with the same key makes no second one
    async walkIn(body, key) {
        const { api, path } = this.#paired();
        return (await api.ask('POST', `${path}/walk-ins`, { json: body, key })).body;
    }

    async rename(name) {
        await this.#paired().changeDevice({ name });
    }

    async moveTo(door) {
        await this.#paired().changeDevice({ door });
    }

    // Closes the door in this tab; its data stays.
    close() {
        this.#isClosed = true;
        this.#session?.end();
        this.#store?.close();
        this.#channel.close();
    }
}

// now() → ms; fetch: like the browser's; storageName: name of the database; language: of titles ("de");
// ed25519: address of the library for browsers without Ed25519.
export async function openDoor({ now = Date.now, fetch = (...given) => globalThis.fetch(...given),
    storageName = 'einlass-door', language, ed25519 } = {}) {
    const door = new Door({ now, fetch, storageName, language, ed25519 });
    await door.resume();
    return door;
}
