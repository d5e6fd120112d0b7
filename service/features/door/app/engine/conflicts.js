// Conflicts: guests who were let in wrongly while a phone had no network. They come from the service and
// from the answers to this phone's own scans. The scans of other phones may settle them.
//
//   event 'change'; 'conflict' (CustomEvent detail: the service's message) for a new one
export class Conflicts extends EventTarget {
    #api;
    #path;
    #isKnown = false; // conflicts from before the start of the app are not new
    list = []; // the newest first

    constructor({ api, path }) {
        super();
        this.#api = api;
        this.#path = `${path}/conflicts`;
    }

    // Fetches all conflicts. Keeps those that arrived meanwhile, drops settled ones.
    async refresh() {
        const before = this.list;
        const { body: { conflicts } } = await this.#api.ask('GET', this.#path);
        const isIn = (some) => ({ nonce }) => some.some((one) => one.nonce === nonce);
        const told = this.list;
        const meanwhile = told.filter((one) => !before.includes(one) && !isIn(conflicts)(one));
        this.#become([...meanwhile, ...conflicts]);
        if (this.#isKnown)
            for (const one of [...conflicts].reverse()) if (!isIn(told)(one)) this.#announce(one);
        this.#isKnown = true;
    }

    tell(conflict) {
        const others = this.list.filter(({ nonce }) => nonce !== conflict.nonce);
        const isNew = others.length === this.list.length;
        this.#become([conflict, ...others]);
        if (isNew) this.#announce(conflict);
    }

    // The scan was undone, or is no conflict (any more).
    withdraw(nonce) {
        if (!this.list.some((one) => one.nonce === nonce)) return;
        this.#become(this.list.filter((one) => one.nonce !== nonce));
    }

    #become(list) {
        this.list = list;
        this.dispatchEvent(new Event('change'));
    }

    #announce(conflict) {
        this.dispatchEvent(new CustomEvent('conflict', { detail: conflict }));
    }
}
