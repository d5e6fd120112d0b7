// Raw connections: their start, their bytes and their end.
import { once } from 'node:events';
import { connect } from 'node:net';

export function requestText(method, path, { json, headers = {} } = {}) {
    const body = json === undefined ? '' : JSON.stringify(json);
    const all = { host: 'localhost', ...headers };
    if (json !== undefined) {
        all['content-type'] = 'application/json';
        all['content-length'] ??= Buffer.byteLength(body);
    }
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}

// → the complete answers in these bytes; each must have a Content-Length
export function answersIn(text) {
    const answers = [];
    for (let rest = text; ;) {
        const head = /^HTTP\/1\.1 (\d{3})[^]*?\r\n\r\n/.exec(rest);
        const length = /\r\ncontent-length: (\d+)/i.exec(head?.[0])?.[1] ?? 0;
        const end = head ? head[0].length + Number(length) : Infinity;
        if (rest.length < end) return answers;
        answers.push({
            status: Number(head[1]),
            closes: /\r\nconnection: close/i.test(head[0]),
            body: rest.slice(head[0].length, end),
        });
        rest = rest.slice(end);
    }
}

export class Wire {
    received = '';
    ended = false;
    #watchers = [];

    constructor(service) {
        const [host, port] = service.settings.listen.split(':');
        this.socket = connect({ host, port: Number(port) });
        this.socket.setEncoding('latin1').on('data', (text) => {
            this.received += text;
            this.#tell();
        });
        this.socket.on('error', () => {}); // treat a reset like a close
        this.socket.on('close', () => {
            this.ended = true;
            this.#tell();
        });
    }

    #tell() {
        for (const watcher of this.#watchers.splice(0)) watcher();
    }

    #change() {
        return new Promise((resolve) => this.#watchers.push(resolve));
    }

    async opened() {
        if (this.socket.connecting) await once(this.socket, 'connect');
        return this;
    }

    send(text) {
        this.socket.write(text);
    }

    get answers() {
        return answersIn(this.received);
    }

    // Waits for so many answers in total, or for the end. → the answers
    async answered(count) {
        while (!this.ended && this.answers.length < count) await this.#change();
        return this.answers;
    }

    async closed() {
        while (!this.ended) await this.#change();
    }

    drop() {
        this.socket.destroy();
    }
}
