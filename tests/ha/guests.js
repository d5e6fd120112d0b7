// Guests and doors of a highly available house. Like browsers they go to another address if one does not
// answer, and send again with the same key.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { createClient } from '../harness/http.js';

const PATIENCE_MS = 5000; // then a guest presses again
const CONNECT_MS = 1000;

// Whether somebody accepts connections there.
function accepts(address) {
    const [host, port] = address.split(':');
    return new Promise((resolve) => {
        const socket = connect({ host, port, timeout: CONNECT_MS }, () => end(true));
        const end = (is) => {
            socket.destroy();
            resolve(is);
        };
        socket.on('error', () => end(false)).on('timeout', () => end(false));
    });
}

export class HighHouse {
    isProxied = true;
    askAgainMs = 500;
    service = { stderr: '' };
    database = { query: (text, values) => this.machines.query(text, values, 'einlass') };
    http = {
        get: (path, options) => this.ask('GET', path, options),
        post: (path, options) => this.ask('POST', path, options),
    };
    #current = 0;
    #signUps = 0;

    constructor(machines) {
        this.machines = machines;
        this.clients = machines.guestAddresses.map((address) => createClient(address));
    }

    // Rejects if there is no answer.
    async ask(method, path, options = {}) {
        const patience = AbortSignal.timeout(PATIENCE_MS);
        const signal = options.signal ? AbortSignal.any([options.signal, patience]) : patience;
        try {
            return await this.clients[this.#current].request(method, path, { ...options, signal });
        } catch (error) {
            while (!await accepts(this.machines.guestAddresses[this.#current]))
                this.#current = (this.#current + 1) % this.clients.length;
            throw error;
        }
    }

    // Each from a source of its own, as rate limits count by it.
    signUp(event, json, options) {
        const headers = { 'x-forwarded-for': `198.18.${++this.#signUps >> 8 & 255}.${this.#signUps & 255}` };
        return this.ask('POST', `/api/v1/events/${event}/registrations`, { json, headers, ...options });
    }

    scan(event, token, scan, options) {
        const json = { direction: 'in', nonce: randomUUID(), ...scan };
        return this.ask('POST', `/api/v1/events/${event}/checkins`, { token, json, ...options });
    }

    async apply(event) {
        const file = join(this.machines.directory, `${event.slug}.json`);
        writeFileSync(file, JSON.stringify(event));
        await this.machines.command(['event', 'apply', file]);
        return event.slug;
    }

    async device(event, door) {
        const code = (await this.machines.command(['door', 'pair', event, door])).split('\n')[0].trim();
        return (await this.ask('POST', '/api/v1/devices', { json: { code } })).json().token;
    }

    // → how often the promises to these guests were broken
    async broken(crowd) {
        const slugs = crowd.events.map(({ slug }) => slug);
        const [figures] = await this.database.query(
            `with these as (select event_id from event where slug = any($1)),
                  registered as (select registration_id, email from registration join these using (event_id)),
                  scanned as (select nonce, attendee_id, verdict from scan join these using (event_id))
             select (select count(*) from unnest($2::uuid[]) as told (id)
                      where not exists (select from registered where registration_id = id))::integer +
                    (select count(*) from unnest($3::uuid[]) as told (id)
                      where not exists (select from scanned where nonce = id))::integer as lost,
                    (select count(*) - count(distinct email) from registered)::integer +
                    (select count(*) - count(distinct attendee_id) from scanned
                      where verdict = 'admitted')::integer as doubled,
                    (select coalesce(sum(greatest(places - capacity, 0)), 0)
                       from (select capacity, (select count(*) from attendee
                                     where attendee.event_id = tally.event_id and status = 'confirmed') as places
                               from tally join these using (event_id)) as taken)::integer as oversold`,
            [slugs, crowd.signUps.map(({ id }) => id), crowd.scans.map(({ nonce }) => nonce)]);
        return figures;
    }
}
