// The service's clock, as far as the phone's own and the answers tell. A phone that is a day off
// must neither open the door too late nor make a guest's scan look older than it is.
export class Clock {
    #now;
    #last = 0;
    #spanMs = Infinity; // of the request that the skew is from: what it is sure to
    skewMs = 0;

    constructor(now) {
        this.#now = now;
    }

    // The phone's own time, in ms.
    own() {
        return this.#now();
    }

    now() {
        return this.#now() + this.skewMs;
    }

    // The time of a scan: never that of an earlier one.
    stamp() {
        this.#last = Math.max(this.now(), this.#last + 1);
        return this.#last;
    }

    // kept: of an earlier run
    recall(skewMs) {
        this.skewMs = skewMs;
        this.#spanMs = Infinity;
    }

    // serverNow: ISO time of an answer to a request of these own times; → whether the skew is another
    // now. A slow request tells less than a quick one, unless it contradicts it.
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
