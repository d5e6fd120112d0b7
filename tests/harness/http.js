// A small HTTP client: keeps connections alive, follows no redirects, throws for no status.
import { Agent, request as httpRequest } from 'node:http';

// listen: "127.0.0.1:8080" or "unix:/path", like the setting.
function target(listen) {
    if (listen.startsWith('unix:')) return { socketPath: listen.slice(5) };
    const colon = listen.lastIndexOf(':');
    return { host: listen.slice(0, colon), port: Number(listen.slice(colon + 1)) };
}

class Answer {
    constructor(response, bytes) {
        this.status = response.statusCode;
        this.reason = response.statusMessage;
        this.headers = response.headers;
        this.bytes = bytes;
    }

    get body() {
        return this.bytes.toString('utf8');
    }

    json() {
        return JSON.parse(this.body);
    }
}

function readAnswer(response) {
    return new Promise((resolve, reject) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => resolve(new Answer(response, Buffer.concat(chunks))));
    });
}

class Client {
    constructor(listen, connections) {
        this.target = target(listen);
        this.agent = new Agent({ keepAlive: true, maxSockets: connections });
    }

    // json, form (an object or a list of pairs) or body: the request's body. token: API token or device.
    // key: the Idempotency-Key. → node:http's response, before its body
    open(method, path, { headers = {}, json, form, body, token, key, signal } = {}) {
        const sent = { ...headers };
        if (token !== undefined) sent.authorization = `Bearer ${token}`;
        if (key !== undefined) sent['idempotency-key'] = key;
        if (json !== undefined) {
            sent['content-type'] ??= 'application/json';
            body = JSON.stringify(json);
        } else if (form !== undefined) {
            sent['content-type'] ??= 'application/x-www-form-urlencoded';
            body = new URLSearchParams(form).toString();
        }
        if (body !== undefined) sent['content-length'] ??= Buffer.byteLength(body);
        const { host, port, socketPath } = this.target;
        const { agent } = this;
        const options = { host, port, socketPath, method, path, headers: sent, agent, signal };
        // While this process was busy, the service may have closed a connection that waited here.
        const send = (resolve, reject) => {
            const request = httpRequest(options, resolve);
            request.on('error', (error) =>
                method === 'GET' && request.reusedSocket && error.code === 'ECONNRESET' ? send(resolve, reject)
                    : reject(error));
            request.end(body);
        };
        return new Promise(send);
    }

    // → {status, headers, body, bytes, json()}
    async request(method, path, options) {
        return await readAnswer(await this.open(method, path, options));
    }

    get(path, options) {
        return this.request('GET', path, options);
    }

    post(path, options) {
        return this.request('POST', path, options);
    }

    patch(path, options) {
        return this.request('PATCH', path, options);
    }

    delete(path, options) {
        return this.request('DELETE', path, options);
    }

    close() {
        this.agent.destroy();
    }
}

// connections: the most at once.
export function createClient(listen, { connections = Infinity } = {}) {
    return new Client(listen, connections);
}
