// What this phone keeps of how it is used: sound, camera, practice, kiosk. Nothing of guests.
// Where the browser keeps nothing (private windows), it holds as long as the page.

const prefix = 'einlass-door-';
const held = new Map();

export function recall(name) {
    try {
        return JSON.parse(localStorage.getItem(prefix + name) ?? 'null') ?? held.get(name) ?? null;
    } catch {
        return held.get(name) ?? null;
    }
}

// null forgets it.
export function keep(name, value) {
    if (value === null) held.delete(name);
    else held.set(name, value);
    try {
        if (value === null) localStorage.removeItem(prefix + name);
        else localStorage.setItem(prefix + name, JSON.stringify(value));
    } catch {
        // held is enough
    }
}

export function forgetAll() {
    for (const name of ['sound', 'camera', 'practice', 'kiosk', 'stays', 'direction']) keep(name, null);
}
