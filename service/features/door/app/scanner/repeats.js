// A code that stays in front of the camera is one scan, however often it is read meanwhile.
const APART_MS = 4000;

export class Repeats {
    #sightings = new Map();

    // text: what was read; now: of the clock that all calls use, in ms. → whether the same text was
    // seen less than 4 s before. Every sighting begins the 4 s anew.
    seen(text, now) {
        const last = this.#sightings.get(text);
        this.#sightings.set(text, now);
        for (const [other, at] of this.#sightings)
            if (now - at >= APART_MS) this.#sightings.delete(other);
        return last !== undefined && now - last < APART_MS;
    }

    // The next sighting counts again, of everything.
    forget() {
        this.#sightings.clear();
    }
}
