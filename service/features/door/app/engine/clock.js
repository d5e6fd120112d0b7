// Estimates the service's clock from the phone's clock and the service's answers. A phone with a wrong
// date must not open the door at the wrong time or give scans a wrong time.
export class Clock {
    #now;
    #last = 0;
    #spanMs = Infinity; // duration of the request that gave the skew, its uncertainty
    skewMs = 0;

    constructor(now) {
        this.#now = now;
    }

    // The phone's own time in ms.
    own() {
        return this.#now();
    }

    now() {
        return this.#now() + this.skewMs;
    }

    // The time of a scan; later than all earlier ones.
    stamp() {
        this.#last = Math.max(this.now(), this.#last + 1);
        return this.#last;
    }

    // Restores the skew of an earlier run.
    recall(skewMs) {
        this.skewMs = skewMs;
        this.#spanMs = Infinity;
    }

    // serverNow: ISO time in the answer to a request with these own times. → whether the skew changed.
    // A slow request does not replace the skew of a quick one, unless it contradicts it.
    learn(serverNow, startedAt, endedAt) {
        const spanMs = endedAt - startedAt;
        const skewMs = Math.round(Date.parse(serverNow) - (startedAt + endedAt) / 2);
        if (!Number.isFinite(skewMs) || spanMs < 0) return false;
        const contradicts = Math.abs(skewMs - this.skewMs) > spanMs / 2 + 1;
        if (spanMs > this.#spanMs && !contradicts) return false;
        const changed = skewMs !== this.skewMs;
        if (Math.abs(skewMs - this.skewMs) > 1000) this.#last = 0;
        this.#spanMs = spanMs;
        this.skewMs = skewMs;
        return changed;
    }
}
