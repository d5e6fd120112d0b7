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

// A closed BroadcastChannel throws at what is still sent, such as a scan that is decided while the phone is
// unpaired.
class Tabs {
    #channel;
    #isClosed = false;

    constructor(name) {
        this.#channel = globalThis.BroadcastChannel ? new globalThis.BroadcastChannel(name) : new StoredMessages(name);
    }

    set onmessage(heard) {
        this.#channel.onmessage = heard;
    }

    postMessage(data) {
        if (!this.#isClosed) this.#channel.postMessage(data);
    }

    close() {
        this.#isClosed = true;
        this.#channel.close();
    }
}

// → {onmessage({data}), postMessage(data), close()}
export const openTabs = (name) => new Tabs(name);
