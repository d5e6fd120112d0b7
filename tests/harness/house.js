// The fixture of a wire test: a database, keys, the running service, and the organiser's commands.
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { einlass, mustRun } from './command.js';
import { exampleEvent } from './events.js';
import { temporaryDirectory } from './paths.js';
import { createDatabase } from './postgres.js';
import { startService } from './service.js';

class House {
    constructor(directory, database) {
        this.directory = directory;
        this.database = database;
        // Nothing asks the DNS of the machine: no server answers there.
        this.settings = { database: database.conninfo, keys: join(directory, 'keys'), resolver: '127.0.0.1:9' };
    }

    get http() {
        return this.service.http;
    }

    // → {status, stdout, stderr}
    command(words, options) {
        return einlass(words, { ...options, settings: { ...this.settings, ...options?.settings } });
    }

    // → its standard output; fails unless the status is 0
    mustCommand(words, options) {
        return mustRun(words, { ...options, settings: { ...this.settings, ...options?.settings } });
    }

    // Writes a file into the house's own directory; → its path.
    file(name, content) {
        const path = join(this.directory, name);
        writeFileSync(path, content);
        return path;
    }

    // Creates or updates the event; → its slug.
    async apply(event = exampleEvent()) {
        const file = this.file(`${event.slug}.json`, JSON.stringify(event));
        await this.mustCommand(['event', 'apply', file]);
        return event.slug;
    }

    // → the table of routes: {method, path, mount, who: [role…]}
    async routes() {
        const lines = (await this.mustCommand(['routes'])).trim().split('\n');
        return lines.map((line) => line.split('\t'))
            .map(([method, path, mount, who, query = '']) =>
                ({ method, path, mount, who: who.split(',').sort(), query: query.split(' ').filter(Boolean).sort() }));
    }

    // → an API token
    async token({ role = 'manager', organiser = 'biosaxony', event } = {}) {
        const only = event === undefined ? [] : ['--event', event];
        const words = ['token', 'add', '--organiser', organiser, '--role', role, ...only];
        return (await this.mustCommand(words)).trim();
    }

    // → the token of a device at this door
    async device(event, door = 'main') {
        const code = (await this.mustCommand(['door', 'pair', event, door])).split('\n')[0].trim();
        return (await this.http.post('/api/v1/devices', { json: { code } })).json().token;
    }

    // → the answer to a sign-up
    signUp(event, json, options) {
        return this.http.post(`/api/v1/events/${event}/registrations`, { json, ...options });
    }

    // → the answer to a scan: scan(event, device, {ticket, direction…})
    scan(event, token, scan, options) {
        const json = { door: 'main', direction: 'in', nonce: randomUUID(), ...scan };
        return this.http.post(`/api/v1/events/${event}/checkins`, { token, json, ...options });
    }
}

// settings: more settings of the service; environment: more variables. serve: false does not start it
// (house.serve() does).
export async function openHouse({ settings, environment, cluster, serve = true } = {}) {
    const database = await createDatabase({ cluster });
    const house = new House(temporaryDirectory(), database);
    house.serve = async (more) => {
        house.service = await startService({ ...house.settings, ...settings, ...more }, { environment });
        house.settings.public_url = house.service.url;
        return house.service;
    };
    await house.mustCommand(['keys', 'rotate']);
    if (serve) await house.serve();
    return house;
}
