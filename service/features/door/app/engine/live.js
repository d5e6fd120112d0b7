// The live stream of an event: server-sent events (HTML, section 9.2), read by fetch, because
// EventSource cannot send a token. It reconnects and continues at its last id.
//
//   event 'message' (CustomEvent detail {type, data}), 'connected', 'lost' (also when an attempt to
//   reconnect failed)
import { Pauses } from './pauses.js';

const SILENCE_MOST_MS = 40_000; // the service sends something every 15 s
const HANGING_MS = 3000;
const streamType = 'text/event-stream';

// Parses bytes into events; empty lines separate the blocks.
export class Blocks {
    #rest = '';
    #decoder = new TextDecoder();

    // → [{type, data (text), id (text or null)}] of the blocks that are now complete
    add(bytes) {
        const text = this.#rest + this.#decoder.decode(bytes, { stream: true }).replaceAll('\r', '');
        const blocks = text.split('\n\n');
        this.#rest = blocks.pop();
        return blocks.map(readBlock).filter(({ data, id }) => data !== '' || id !== null);
    }
}

function readBlock(block) {
    const event = { type: 'message', data: '', id: null };
    const data = [];
    for (const line of block.split('\n')) {
        const [, field, value] = /^([^:]*):? ?(.*)$/.exec(line);
        if (field === 'event') event.type = value;
        else if (field === 'data') data.push(value);
        else if (field === 'id') event.id = value;
    }
    return { ...event, data: data.join('\n') };
}

export class Live extends EventTarget {
    #api;
    #path;
    #pauses = new Pauses();
    #timer = null;
    #connection = null;
    #isEnded = false;
    lastId;

    // lastId: where to continue, or null
    constructor({ api, event, lastId }) {
        super();
        this.#api = api;
        this.#path = `/api/v1/events/${event}/live`;
        this.lastId = lastId ?? null;
    }

    get isConnected() {
        return this.#connection?.isOpen ?? false;
    }

    // Connects now, unless connected; replaces a hanging attempt.
    start() {
        if (this.#isEnded) return;
        clearTimeout(this.#timer);
        if (this.#connection) {
            this.#pauses.reset();
            if (!this.isConnected && Date.now() - this.#connection.begunAt > HANGING_MS)
                this.#connection.limit.abort();
            return;
        }
        const connection = { limit: new AbortController(), isOpen: false, begunAt: Date.now() };
        this.#connection = connection;
        this.#listen(connection).catch(() => {}).finally(() => this.#ended(connection));
    }

    end() {
        this.#isEnded = true;
        clearTimeout(this.#timer);
        this.#connection?.limit.abort();
    }

    #ended(connection) {
        clearTimeout(connection.watch);
        connection.limit.abort();
        this.#connection = null;
        if (this.#isEnded) return;
        this.#timer = setTimeout(() => this.start(), this.#pauses.next());
        this.dispatchEvent(new Event('lost'));
    }

    #heard(connection) {
        clearTimeout(connection.watch);
        connection.watch = setTimeout(() => connection.limit.abort(), SILENCE_MOST_MS);
    }

    async #listen(connection) {
        this.#heard(connection);
        const headers = { accept: streamType };
        if (this.lastId) headers['last-event-id'] = this.lastId;
        const { signal } = connection.limit;
        const response = await this.#api.open(this.#path, { headers, signal });
        if (response.status === 401) await this.#api.noticeUnpaired(response);
        if (!response.ok || !response.headers.get('content-type')?.startsWith(streamType)) return;
        await this.#read(connection, response.body.getReader());
    }

    async #read(connection, reader) {
        const blocks = new Blocks();
        for (;;) {
            const { done, value } = await reader.read();
            if (done) return;
            if (!connection.isOpen) this.#opened(connection);
            this.#heard(connection);
            for (const event of blocks.add(value)) this.#tell(event);
        }
    }

    // Called with the first bytes: a proxy may answer 200 and hold the body back.
    #opened(connection) {
        connection.isOpen = true;
        this.#pauses.reset();
        this.dispatchEvent(new Event('connected'));
    }

    #tell({ type, data, id }) {
        if (id) this.lastId = id;
        if (!data) return;
        let detail;
        try {
            detail = { type, data: JSON.parse(data) };
        } catch {
            return; // not from the service
        }
        this.dispatchEvent(new CustomEvent('message', { detail }));
    }
}
