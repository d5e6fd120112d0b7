// Backoff: 1 s, doubled up to `mostMs`, with jitter, so that phones do not return all at once.
export class Pauses {
    #tries = 0;
    #mostMs;

    constructor(mostMs = 30_000) {
        this.#mostMs = mostMs;
    }

    next() {
        const pauseMs = Math.min(1000 * 2 ** this.#tries++, this.#mostMs);
        return pauseMs * (0.85 + Math.random() * 0.15);
    }

    reset() {
        this.#tries = 0;
    }
}
