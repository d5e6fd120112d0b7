// The session of a paired phone: all data and tasks from pairing to unpairing.
//
//   event 'change'; 'conflict' (CustomEvent detail {…}); 'unpaired': the token is no longer valid
import { Api } from './api.js';
import { Conflicts } from './conflicts.js';
import { dayAt } from './days.js';
import { Guests, Revoked } from './guests.js';
import { Keys } from './keys.js';
import { Live } from './live.js';
import { Network } from './network.js';
import { Presence } from './presence.js';
import { Queue } from './queue.js';
import { Scans } from './scans.js';
import { openTabs } from './tabs.js';
import { Upkeep } from './upkeep.js';

const MINUTE_MS = 60_000;
const NEW_GUESTS_EVERY_MS = MINUTE_MS; // shortest time between two fetches of new guests
const RECENT_EVERY_MS = 500; // shortest time between two writes of the recent scans
const POSITION_EVERY_MS = 5000; // shortest time between two writes of the stream's position

export class Session extends EventTarget {
    #store;
    #clock;
    #channel;
    #positionTimer = null;
    #recentTimer = null;
    #guestsTimer = null;
    #isRecentKept = true;
    #counts = null;
    #countsDay = null;
    #namesTimer = null;
    countsAt = null;

    // pairing: {token, event (slug), device}; name: of the storage; the tabs share locks by it
    constructor({ store, clock, pairing, name, fetch, language, ed25519 }) {
        super();
        this.#store = store;
        this.#clock = clock;
        Object.assign(this, { clock, pairing, session: this, path: `/api/v1/events/${pairing.event}` });
        this.place = { event: { slug: pairing.event }, doors: [], door: null };
        this.api = new Api({ fetch, clock, language });
        this.api.token = pairing.token;
        this.keys = new Keys({ ed25519 });
        const given = { store, api: this.api, clock, event: pairing.event };
        this.guests = new Guests({ ...given, keepsNames: () => this.#keepsNames });
        this.revoked = new Revoked(given);
        this.conflicts = new Conflicts(this);
        this.presence = new Presence(store);
        this.queue = new Queue({ ...given, lock: `${name}: queue`,
            isUp: () => this.network?.isUp ?? false,
            onAnswer: (...told) => this.scans.answered(...told) });
        this.scans = new Scans(this);
        this.#channel = openTabs(`${name}: session`);
    }

    async load() {
        const [doors, jwks, skewMs, position, recent, counts] = await Promise.all(
            ['doors', 'keys', 'skew', 'position', 'recent', 'counts'].map((key) => this.#store.get('kept', key)));
        if (doors) this.#takeDoors(doors);
        this.#counts = counts?.counts ?? null;
        this.#countsDay = counts?.countsDay ?? null;
        this.countsAt = counts?.countsAt ?? null;
        this.keys.set(jwks);
        this.#clock.recall(skewMs ?? 0);
        this.live = new Live({ api: this.api, event: this.pairing.event, lastId: position });
        const parts = [this.guests, this.revoked, this.presence, this.queue];
        await Promise.all(parts.map((part) => part.load()));
        await this.presence.forgetUnqueued((nonce) => this.queue.has(nonce));
        this.scans.recent = recent ?? [];
        // Without a position the stream cannot repeat what happened, so fetch the whole list.
        if (!position) this.guests.distrust();
        await this.#dropNames();
    }

    // Starts the stream and the fetches. isKnown resolves when all data for a scan was requested once.
    start() {
        this.network = new Network(() => this.#askDevice());
        this.upkeep = new Upkeep(() => this.network.isUp);
        this.#wire();
        this.live.start();
        this.upkeep.add('keys', 10 * MINUTE_MS, () => this.#fetchKeys());
        this.upkeep.add('doors', 10 * MINUTE_MS, () => this.#fetchDoors());
        this.upkeep.add('device', 10 * MINUTE_MS, () => this.#askDevice());
        this.upkeep.add('report', MINUTE_MS, () => this.#report());
        this.upkeep.add('revoked', MINUTE_MS, () => this.revoked.refresh());
        this.upkeep.add('guests', 10 * MINUTE_MS, () => this.guests.refresh());
        this.upkeep.add('conflicts', 10 * MINUTE_MS, () => this.conflicts.refresh());
        this.#namesTimer = setInterval(() => this.#dropNames(), MINUTE_MS);
        this.queue.reconsider();
        this.queue.wake();
        this.isKnown = Promise.all(
            ['keys', 'doors', 'device'].map((name) => this.upkeep.settled(name)));
    }

    // The phone is about to be unpaired: it asks nothing of its own any more.
    leave() {
        this.isLeaving = true;
        this.live.end();
        this.upkeep.end();
    }

    end() {
        clearTimeout(this.#positionTimer);
        clearTimeout(this.#guestsTimer);
        clearInterval(this.#namesTimer);
        this.#keepRecent();
        clearTimeout(this.#recentTimer);
        for (const part of [this.live, this.network, this.upkeep, this.queue, this.api]) part?.end();
        this.#channel.close();
    }

    changed() {
        this.dispatchEvent(new Event('change'));
    }

    // Writes at once, but at most every RECENT_EVERY_MS.
    #scannedHere() {
        this.#isRecentKept = false;
        if (this.#recentTimer === null) this.#keepRecent();
        this.changed();
    }

    #keepRecent() {
        clearTimeout(this.#recentTimer);
        this.#recentTimer = null;
        if (this.#isRecentKept) return;
        this.#isRecentKept = true;
        this.#recentTimer = setTimeout(() => this.#keepRecent(), RECENT_EVERY_MS);
        this.#keep('recent', this.scans.recent.map((scan) => ({ ...scan, name: null })));
    }

    #wire() {
        const changed = () => this.changed();
        this.api.onUnpaired = () => this.dispatchEvent(new Event('unpaired'));
        this.api.onSkew = () => this.#keep('skew', this.#clock.skewMs);
        this.api.onReached = () => this.network.up();
        this.api.onUnreached = (slow) => this.network.down(slow);
        this.guests.onChange = changed;
        this.conflicts.addEventListener('change', changed);
        this.conflicts.addEventListener('conflict', ({ detail }) =>
            this.dispatchEvent(new CustomEvent('conflict', { detail })));
        this.network.addEventListener('change', changed);
        this.network.addEventListener('back', () => this.#back());
        this.scans.addEventListener('change', () => this.#scannedHere());
        this.queue.addEventListener('change', changed);
        this.queue.addEventListener('moved', () => this.#tell({ kind: 'queue' }));
        this.live.addEventListener('connected', () => this.#connected());
        this.live.addEventListener('lost', () => this.network.isUp && this.#askDevice().catch(() => {}));
        this.live.addEventListener('message', ({ detail }) => this.#happened(detail));
        this.#channel.onmessage = ({ data }) => this.#heard(data);
    }

    #back() {
        this.queue.wake();
        this.live.start();
        this.upkeep.catchUp();
    }

    // The stream may not repeat everything that happened while it was disconnected.
    #connected() {
        this.network.up();
        this.queue.wake();
        this.upkeep.now('conflicts');
        this.upkeep.now('revoked');
    }

    // --- Fetches ------------------------------------------------------------------------------

    async #fetchKeys() {
        const { body } = await this.api.ask('GET', '/.well-known/jwks.json');
        this.keys.set(body);
        await this.#keep('keys', body);
    }

    async #fetchDoors() {
        const { body } = await this.api.ask('GET', `${this.path}/doors`);
        const doors = { event: body.event, doors: body.doors };
        this.#takeDoors(doors);
        this.count(body.counts);
        await this.#keep('doors', doors);
        await this.#keepCounts();
    }

    async #keepCounts() {
        await this.#keep('counts', { counts: this.#counts, countsDay: this.#countsDay, countsAt: this.countsAt });
    }

    async #askDevice() {
        const { body } = await this.api.ask('GET', `${this.path}/device`, { patience: 5000 });
        await this.#takeDevice(body.device);
    }

    // Tells the organiser that this phone is there, how many scans wait, and its battery.
    async #report() {
        const battery = await globalThis.navigator?.getBattery?.().catch(() => null);
        await this.api.ask('POST', `${this.path}/device`,
            { json: { waiting: this.queue.length, battery: battery ? Math.round(battery.level * 100) : null } });
    }

    // Moves the phone to another door. Earlier scans belong to the old door.
    async changeDevice(changes) {
        if (changes.door) await this.queue.flush();
        const { body } = await this.api.ask('PATCH', `${this.path}/device`, { json: changes });
        await this.#takeDevice(body.device);
    }

    // A late answer may be older than the known state.
    async #takeDevice(device) {
        if (device.version <= this.pairing.device.version) return;
        const keptNames = this.#keepsNames;
        this.pairing = { ...this.pairing, device };
        this.#takeDoors(this.place);
        this.queue.reconsider();
        await this.#keep('pairing', this.pairing);
        await this.#dropNames();
        if (this.#keepsNames && !keptNames) this.#fetchNames();
    }

    // Whether the organiser lets this phone keep the guests' names, until the event is over.
    get #keepsNames() {
        const isOver = this.#clock.now() >= Date.parse(this.place.event.check_in_closes_at);
        return Boolean(this.pairing.device.keeps_names) && !isOver;
    }

    async #dropNames() {
        if (this.#keepsNames || this.guests.names.count === 0) return;
        await this.guests.names.forget();
        this.changed();
    }

    #fetchNames() {
        this.guests.distrust();
        this.upkeep.now('guests');
    }

    #takeDoors({ event, doors }) {
        const { door: here } = this.pairing.device;
        this.place = { event, doors, door: doors.find(({ slug }) => slug === here) ?? null };
        this.changed();
    }

    titleOf(door) {
        return this.place.doors.find(({ slug }) => slug === door)?.title ?? door ?? null;
    }

    async #keep(key, value) {
        await this.#store.put('kept', value, key).catch(() => {}); // the store reports it
    }

    // --- Events of the stream -----------------------------------------------------------------

    // Each day of the event begins with nobody inside.
    get counts() {
        const isOld = this.#countsDay !== null && this.#countsDay !== this.dayAt(this.#clock.now());
        if (!this.#counts || !isOld) return this.#counts;
        return { ...this.#counts, admitted: 0, inside: 0 };
    }

    dayAt(at) {
        return dayAt(this.place.event, at);
    }

    isToday = (at) => this.dayAt(at) === this.dayAt(this.#clock.now());

    count(counts) {
        if (!counts) return;
        const { expected, admitted, inside } = counts;
        if (this.#counts && expected > this.#counts.expected) this.#expectsMore();
        this.#counts = { expected, admitted, inside };
        this.#countsDay = this.dayAt(this.#clock.now());
        this.countsAt = this.#clock.own();
        this.changed();
    }

    // Fetches new guests soon, so the phone knows their names if the network fails.
    #expectsMore() {
        const isOpen = this.#clock.now() >= Date.parse(this.place.event.check_in_opens_at);
        if (isOpen) this.#guestsTimer ??= setTimeout(() => this.#fetchNewGuests(), NEW_GUESTS_EVERY_MS);
    }

    #fetchNewGuests() {
        this.#guestsTimer = null;
        this.upkeep.now('guests');
    }

    async #happened({ type, data }) {
        if (type === 'counts') this.count(data);
        else if (type === 'scan') await this.#scanned(data);
        else if (type === 'conflict') this.conflicts.tell(data);
        else if (type === 'device') await this.#takeDevice(data);
        else if (type === 'event') this.#redefined();
        else if (type === 'revoked') this.upkeep.now('revoked');
        else if (type === 'missed') this.#missed();
        if (type === 'conflict') this.#keepPosition(); // so a restart does not report it again
        else this.#positionTimer ??= setTimeout(() => this.#keepPosition(), POSITION_EVERY_MS);
    }

    #redefined() {
        this.upkeep.now('doors');
        this.queue.reconsider();
    }

    // The phone was offline longer than the stream repeats.
    #missed() {
        this.guests.distrust();
        this.upkeep.now('guests');
        this.upkeep.now('conflicts');
    }

    #keepPosition() {
        clearTimeout(this.#positionTimer);
        this.#positionTimer = null;
        if (this.live.lastId) this.#keep('position', this.live.lastId);
        this.#keepCounts();
    }

    // A scan of another device, or the echo of our own.
    async #scanned({ nonce, ticket, verdict, door, scanned_at, told_at, undone, conflict }) {
        const known = this.presence.keyOfNonce(nonce);
        if (undone || !conflict) this.conflicts.withdraw(nonce);
        const key = ticket ?? known;
        if (!key || !['admitted', 'left'].includes(verdict)) return;
        const at = Date.parse(scanned_at);
        const admittedAt = verdict === 'admitted' ? scanned_at : null;
        await this.note(key, { nonce, inside: verdict === 'admitted', at, admittedAt, door,
            knownAt: Date.parse(told_at), isPending: false },
        this.presence.attendeeOf(known));
        if (undone) await this.noteUndone(nonce);
    }

    async note(key, step, attendee) {
        await this.presence.note(key, step, attendee);
        this.#tell({ kind: 'presence', key: this.presence.keyOfNonce(step.nonce) });
    }

    async settle(key, nonce) {
        await this.presence.settle(key, nonce);
        this.#tell({ kind: 'presence', key });
    }

    async noteUndone(nonce, isQueued) {
        await this.presence.undo(nonce, this.#clock.now(), isQueued);
        this.#tell({ kind: 'presence', key: this.presence.keyOfNonce(nonce) });
    }

    async noteNotUndone(nonce) {
        await this.presence.redo(nonce);
        this.#tell({ kind: 'presence', key: this.presence.keyOfNonce(nonce) });
    }

    // --- The other tabs of this phone ----------------------------------------------------------

    #tell(message) {
        if (message.kind !== 'presence' || message.key) this.#channel.postMessage(message);
    }

    #heard({ kind, key }) {
        if (kind === 'presence') this.presence.reload(key);
        else if (kind === 'queue') this.queue.load();
    }
}
