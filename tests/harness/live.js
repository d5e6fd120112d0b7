// Listens to an event's live stream of server-sent events (HTML, section 9.2), like a phone.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { until } from './wait.js';

class Live {
    constructor(response, incoming) {
        this.status = response.statusCode;
        this.headers = response.headers;
        this.events = [];
        this.isOver = false;
        this.lastId = null; // for Last-Event-ID
        this.retryMs = null; // until it may come back, if the service has said so
        this.incoming = incoming;
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (piece) => {
            text += piece;
            for (let end; (end = text.indexOf('\n\n')) >= 0; text = text.slice(end + 2))
                this.#add(text.slice(0, end));
        });
        for (const end of ['end', 'close', 'error']) response.on(end, () => (this.isOver = true));
    }

    #add(block) {
        const fields = Object.fromEntries(block.split('\n').map((line) => {
            const at = line.indexOf(':');
            return [line.slice(0, at), line.slice(at + 1).trimStart()];
        }));
        if (fields.id) this.lastId = fields.id;
        if (fields.retry) this.retryMs = Number(fields.retry);
        if (fields.event)
            this.events.push({ name: fields.event, id: fields.id, data: JSON.parse(fields.data) });
    }

    // Waits for and removes the first event of this name that matches. → the event
    next(name, matches = () => true) {
        return until(() => {
            const at = this.events.findIndex((event) => event.name === name && matches(event.data));
            if (at >= 0) return this.events.splice(at, 1)[0];
            assert.ok(!this.isOver, `the stream ended before ${name}`);
            return null;
        }, () => `${name}; there were ${JSON.stringify(this.events)}`);
    }

    end() {
        return until(() => this.isOver, () => 'the end of the stream');
    }

    close() {
        this.incoming.destroy();
    }
}

// url: of the service. → a Live, when the head of the answer has arrived
export function listen(url, event, token, { lastEventId } = {}) {
    return new Promise((resolve, reject) => {
        const incoming = request(`${url}/api/v1/events/${event}/live`, {
            headers: {
                ...(token && { Authorization: `Bearer ${token}` }),
                ...(lastEventId && { 'Last-Event-ID': lastEventId }),
            },
        }, (response) => resolve(new Live(response, incoming)));
        incoming.on('error', reject);
        incoming.end();
    });
}
