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

// listener(name): another tab of this phone has changed it.
export function onKept(listener) {
    addEventListener('storage', ({ key }) => {
        if (!key?.startsWith(prefix)) return;
        const name = key.slice(prefix.length);
        held.delete(name);
        listener(name);
    });
}

export function forgetAll() {
    for (const name of ['sound', 'camera', 'practice', 'kiosk', 'kiosk-camera', 'stays', 'direction']) keep(name, null);
}
