// A code that stays in front of the camera is one scan, even if it is read many times.
const APART_MS = 4000;

export class Repeats {
    #sightings = new Map();

    // now: ms. → whether the same text was read less than 4 s ago. Every reading restarts the 4 s.
    seen(text, now) {
        const last = this.#sightings.get(text);
        this.#sightings.set(text, now);
        for (const [other, at] of this.#sightings)
            if (now - at >= APART_MS) this.#sightings.delete(other);
        return last !== undefined && now - last < APART_MS;
    }

    // The next reading of any code counts again.
    forget() {
        this.#sightings.clear();
    }
}
