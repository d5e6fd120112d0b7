// Whether the service can be reached. After a failed request only a probe asks, until it succeeds; so
// the next guest does not wait for another timeout.
//
//   state "online" | "slow" (a network, but no answer in time) | "offline"
//   event 'change' of the state; 'back' when the service can be reached again
import { Pauses } from './pauses.js';

const PROBE_PAUSE_MOST_MS = 10_000;

export class Network extends EventTarget {
    #probe;
    #pauses = new Pauses(PROBE_PAUSE_MOST_MS);
    #timer = null;
    #ended = new AbortController();
    state = navigator.onLine === false ? 'offline' : 'online';

    // probe() → a promise that rejects while the service cannot be reached
    constructor(probe) {
        super();
        this.#probe = probe;
        const { signal } = this.#ended;
        addEventListener('online', () => this.#look(), { signal });
        addEventListener('offline', () => this.down(), { signal });
        // The phone was taken out of a pocket: probe now, before the next guest.
        globalThis.document?.addEventListener('visibilitychange', () => this.#seen(), { signal });
        if (this.state !== 'online') this.#wait();
    }

    get isUp() {
        return this.state === 'online' && navigator.onLine !== false;
    }

    up() {
        clearTimeout(this.#timer);
        this.#timer = null;
        this.#pauses.reset();
        // A late answer of a lost network.
        if (navigator.onLine === false) return this.down();
        if (this.state === 'online' || this.#ended.signal.aborted) return;
        this.#become('online');
        this.dispatchEvent(new Event('back'));
    }

    down(slow = false) {
        if (this.#ended.signal.aborted) return;
        this.#become(slow && navigator.onLine !== false ? 'slow' : 'offline');
        if (this.#timer === null) this.#wait();
    }

    end() {
        clearTimeout(this.#timer);
        this.#ended.abort();
    }

    #become(state) {
        if (state === this.state) return;
        this.state = state;
        this.dispatchEvent(new Event('change'));
    }

    #wait() {
        this.#timer = setTimeout(() => this.#look(), this.#pauses.next());
    }

    #seen() {
        if (document.visibilityState === 'visible') this.#look();
    }

    async #look() {
        clearTimeout(this.#timer);
        this.#timer = null;
        try {
            await this.#probe();
            this.up();
        } catch (error) {
            if (error.later) this.down(error.slow);
            else this.up(); // the service itself refused
        }
    }
}
