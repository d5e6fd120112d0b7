// Whom a phone let in while it was apart, and should not have: as the service tells, and as this
// phone learns when its own scans are answered.
//
//   event 'change'; 'conflict' (CustomEvent detail: what the service tells): one that is news
export class Conflicts extends EventTarget {
    #api;
    #path;
    #isKnown = false; // those from before the app was opened are no news
    list = []; // the newest first

    constructor({ api, path }) {
        super();
        this.#api = api;
        this.#path = `${path}/conflicts`;
    }

    // All there are; what was told meanwhile stays, and what was settled goes.
    async refresh() {
        const before = this.list;
        const { body: { conflicts } } = await this.#api.ask('GET', this.#path);
        const isIn = (some) => ({ nonce }) => some.some((one) => one.nonce === nonce);
        const told = this.list;
        const meanwhile = told.filter((one) => !before.includes(one) && !isIn(conflicts)(one));
        this.#become([...meanwhile, ...conflicts]);
        if (this.#isKnown)
            for (const one of conflicts.toReversed()) if (!isIn(told)(one)) this.#announce(one);
        this.#isKnown = true;
    }

    tell(conflict) {
        const others = this.list.filter(({ nonce }) => nonce !== conflict.nonce);
        const isNew = others.length === this.list.length;
        this.#become([conflict, ...others]);
        if (isNew) this.#announce(conflict);
    }

    // The scan was taken back.
    withdraw(nonce) {
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
