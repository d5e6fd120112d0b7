// How long to wait before the next try: 1 s, doubled up to `mostMs`, a little spread so that many
// phones do not come back in the same moment.
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
