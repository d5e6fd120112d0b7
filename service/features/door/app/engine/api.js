// Requests to the service. A request gives an answer, or a DoorError with the code of a problem
// document, or a DoorError with `later` true if the service itself did not decide (no network, no
// answer in time, a captive portal's page, a busy service).
export class DoorError extends Error {
    // problem: a problem document (RFC 9457), possibly incomplete
    constructor({ code, title, detail, errors, status }, { later = false, slow = false } = {}) {
        super(detail ?? title ?? code);
        Object.assign(this, { name: 'DoorError', code, title, detail, errors: errors ?? [], status });
        this.later = later; // a retry may help
        this.slow = slow; // timeout: there was a network but no answer
    }
}

const PATIENCE_MS = 15_000;
const QUICK_MS = 5000; // requests with at most this timeout are expected to be answered at once

export const unreachable = (slow = false) =>
    new DoorError({ code: 'offline' }, { later: true, slow });

const isLater = (status) => status >= 500 || [408, 425, 429].includes(status);

export class Api {
    #fetch;
    #clock;
    #language;
    #ended = new AbortController();
    token = null;
    // Callbacks.
    onUnpaired = () => {};
    onSkew = () => {};
    onReached = () => {};
    onUnreached = () => {}; // (slow); not called for the timeout of a long request

    constructor({ fetch, clock, language }) {
        this.#fetch = fetch;
        this.#clock = clock;
        this.#language = language;
    }

    // Aborts all requests and refuses new ones.
    end() {
        this.#ended.abort();
    }

    get isEnded() {
        return this.#ended.signal.aborted;
    }

    headers(more) {
        const headers = { accept: 'application/json', ...more };
        if (this.token) headers.authorization = `Bearer ${this.token}`;
        if (this.#language) headers['accept-language'] = this.#language;
        return headers;
    }

    // The bare fetch of a request, for streams.
    open(path, { headers, ...options }) {
        const sent = { cache: 'no-store', credentials: 'omit', redirect: 'error', ...options };
        return this.#fetch(path, { ...sent, headers: this.headers(headers) });
    }

    // → {status, body (JSON or null), headers}
    async ask(method, path, { json, headers, key, signal, patience = PATIENCE_MS } = {}) {
        const given = { ...headers };
        if (key) given['idempotency-key'] = key;
        if (json !== undefined) given['content-type'] = 'application/json';
        const body = json === undefined ? undefined : JSON.stringify(json);
        const startedAt = this.#clock.own();
        const options = { method, headers: given, body, signal };
        const { response, answer } = await this.#sent(path, options, patience);
        if (answer?.now && this.#clock.learn(answer.now, startedAt, this.#clock.own())) this.onSkew();
        this.#refuse(response, answer, patience);
        return { status: response.status, body: answer, headers: response.headers };
    }

    // Handles the 401 of a stream.
    async noticeUnpaired(response) {
        const answer = await response.json().catch(() => null);
        if (answer?.code === 'bad_token' && !this.isEnded) this.onUnpaired();
    }

    async #sent(path, options, patience) {
        try {
            const sent = await this.#send(path, options, patience);
            if (!isLater(sent.response.status) && !this.isEnded) this.onReached();
            return sent;
        } catch (error) {
            const tells = !error.slow || patience <= QUICK_MS;
            if (tells && !this.isEnded && !options.signal?.aborted) this.onUnreached(error.slow);
            throw error;
        }
    }

    async #send(path, { signal, ...options }, patience) {
        const limit = new AbortController();
        const stop = () => limit.abort();
        const ends = [this.#ended.signal, signal].filter(Boolean);
        const timer = setTimeout(stop, patience);
        for (const end of ends) end.addEventListener('abort', stop);
        if (ends.some(({ aborted }) => aborted)) stop();
        try {
            return await this.#receive(await this.open(path, { ...options, signal: limit.signal }));
        } catch {
            throw unreachable(limit.signal.aborted && !this.isEnded);
        } finally {
            clearTimeout(timer);
            for (const end of ends) end.removeEventListener('abort', stop);
        }
    }

    // Throws if the timeout cut the answer off, or if something else than the service answered.
    async #receive(response) {
        const isEmpty = response.status === 204 || response.status === 304;
        const answer = isEmpty ? null : await response.json();
        if (!isEmpty && (answer === null || (!response.ok && !answer.code))) throw new TypeError();
        return { response, answer };
    }

    #refuse(response, answer, patience) {
        const { status } = response;
        if (response.ok || status === 304) return;
        if (status === 401 && answer.code === 'bad_token' && this.token && !this.isEnded)
            this.onUnpaired();
        if (isLater(status) && patience <= QUICK_MS && !this.isEnded) this.onUnreached(true);
        throw new DoorError({ ...answer, status }, { later: isLater(status), slow: true });
    }
}
