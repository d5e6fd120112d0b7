// The phone's preferences: sound, camera, practice, kiosk. Nothing about guests. In private windows
// they last as long as the page.

const prefix = 'einlass-door-';
const held = new Map();

export function recall(name) {
    try {
        return JSON.parse(localStorage.getItem(prefix + name) ?? 'null') ?? held.get(name) ?? null;
    } catch {
        return held.get(name) ?? null;
    }
}

// null deletes it.
export function keep(name, value) {
    if (value === null) held.delete(name);
    else held.set(name, value);
    try {
        if (value === null) localStorage.removeItem(prefix + name);
        else localStorage.setItem(prefix + name, JSON.stringify(value));
    } catch {
        // kept in memory
    }
}

// listener(name): called when another tab of this phone changed it.
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
