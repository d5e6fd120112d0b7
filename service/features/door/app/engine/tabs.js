// Messages between the tabs of this phone: a BroadcastChannel, or the same by the storage's events where
// a browser, such as the window that an app opens for links, has none.
class StoredMessages {
    #key;
    #ended = new AbortController();
    onmessage = () => {};

    constructor(name) {
        this.#key = `${name}: message`;
        const { signal } = this.#ended;
        addEventListener('storage', ({ key, newValue }) => {
            if (key === this.#key && newValue) this.onmessage({ data: JSON.parse(newValue) });
        }, { signal });
    }

    postMessage(data) {
        try {
            localStorage.setItem(this.#key, JSON.stringify(data));
            localStorage.removeItem(this.#key);
        } catch {
            // without storage there is nothing that tabs share
        }
    }

    close() {
        this.#ended.abort();
    }
}

// → {onmessage({data}), postMessage(data), close()}
export function openTabs(name) {
    return globalThis.BroadcastChannel ? new globalThis.BroadcastChannel(name) : new StoredMessages(name);
}
