// Phones at the door: the door's engine in Chromium, on the service's origin and with the real service,
// but without the user interface.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { launchChromium, launchProfile, visitor } from './browser.js';
import { exampleEvent, guest } from './events.js';
import { openHouse } from './house.js';
import { program, repository } from './paths.js';
import { PATIENCE_MS, until } from './wait.js';
import { after } from 'node:test';

const engine = join(repository, 'service/features/door/app/engine');
const packages = join(dirname(program), 'web/npm');
const modules = ['door', 'ticket', 'keys', 'sealed', 'decide', 'store', 'live', 'clock', 'presence', 'fold'];

let bundled;

// → one module that exports the modules above, made by the build's bundler
async function bundle() {
    const esbuild = createRequire(join(packages, 'package.json'))('esbuild');
    const options = { bundle: true, format: 'esm', write: false,
        nodePaths: [join(packages, 'node_modules')] };
    const contents = modules.map((name) => `export * from './${name}.js';`).join('\n');
    const all = await esbuild.build({ ...options, stdin: { contents, resolveDir: engine } });
    const library = await esbuild.build({ ...options, entryPoints: [join(engine, 'ed25519.js')] });
    await esbuild.stop?.();
    return { engine: all.outputFiles[0].text, ed25519: library.outputFiles[0].text };
}

// Runs in the page before the test.
function prepare({ skewMs }) {
    globalThis.events = [];
    globalThis.noted = []; // the tickets of scans that the engine has recorded
    new BroadcastChannel('einlass-door: session').onmessage = ({ data: { kind, key } }) => {
        if (kind === 'presence') noted.push(key);
    };
    globalThis.open = async (options = {}) => {
        globalThis.engine = await import('/phone/engine.js');
        globalThis.door = await engine.openDoor({ now: () => Date.now() + skewMs,
            ed25519: '/phone/ed25519.js', ...options });
        for (const type of ['change', 'conflict', 'forgotten'])
            door.addEventListener(type, ({ detail }) => events.push({ type, detail }));
    };
    globalThis.dump = async () => {
        const found = [];
        for (const { name } of await indexedDB.databases()) {
            const database = await new Promise((resolve, reject) => {
                const request = indexedDB.open(name);
                request.onsuccess = () => resolve(request.result);
                request.onerror = () => reject(request.error);
            });
            for (const store of database.objectStoreNames) {
                const all = await new Promise((resolve) => {
                    const request = database.transaction(store).objectStore(store).getAll();
                    request.onsuccess = () => resolve(request.result);
                });
                found.push({ name, store, all });
            }
            database.close();
        }
        return JSON.stringify(found);
    };
}

class Phone {
    constructor(context, page, house, options) {
        Object.assign(this, { context, page, house, options });
    }

    // Opens the app, as for the first time or again.
    async open() {
        await this.page.goto('/phone');
        await this.page.evaluate(prepare, { skewMs: this.options.skewMs ?? 0 });
        await this.page.evaluate((options) => open(options), this.options.door);
        return this;
    }

    async pair(event, door = 'main', more = []) {
        const code = (await this.house.mustCommand(['door', 'pair', event, door, ...more])).split('\n')[0].trim();
        await this.page.evaluate((given) => door.pair(given), code);
        this.event = event;
        return this;
    }

    // → {…} or {refused: code, errors}
    call(method, ...given) {
        return this.page.evaluate(async ([name, args]) => {
            try {
                return (await door[name](...args)) ?? null;
            } catch (error) {
                if (!error.code) throw error;
                return { refused: error.code, errors: error.errors };
            }
        }, [method, given]);
    }

    scan(ticket, options) {
        return this.call('scan', ticket, options);
    }

    async verdict(ticket, options) {
        const { verdict, decidedBy, refused } = await this.scan(ticket, options);
        return refused ?? `${verdict} by ${decidedBy}`;
    }

    state() {
        return this.page.evaluate(() => door.state);
    }

    recent() {
        return this.page.evaluate(() => door.recent);
    }

    // → the events of this type so far
    async events(type) {
        const all = await this.page.evaluate(() => events);
        return all.filter((event) => event.type === type).map(({ detail }) => detail);
    }

    // Waits until the phone has recorded so many scans since it was opened.
    async noted(count) {
        await this.page.waitForFunction((wanted) => noted.length >= wanted, count);
    }

    async goOffline() {
        await this.offline();
        await this.until((state) => state.network === 'offline');
    }

    async comeBack() {
        await this.offline(false);
        return this.sent();
    }

    offline(isOffline = true) {
        return this.context.setOffline(isOffline);
    }

    // Waits until check(state) holds; → the state.
    async until(check) {
        let state;
        await until(async () => check(state = await this.state()), () => `${check} of ${JSON.stringify(state)}`);
        return state;
    }

    // Hides the service's time from the phone.
    async withoutTime() {
        for (const path of ['**/doors', '**/device'])
            await this.page.route(path, async (route) => {
                if (route.request().method() !== 'GET') return route.continue(); // tells no time
                const response = await route.fetch();
                const { now, ...json } = await response.json();
                await route.fulfill({ response, json });
            });
    }

    sent() {
        return this.until((state) => state.queued === 0 && state.network === 'online');
    }

    // Waits until the answered scans have left the phone's storage, too. They leave it a moment after
    // they have left the queue in memory.
    forgotten() {
        return until(() => this.page.evaluate(async () => {
            const ended = (request) => new Promise((resolve, reject) => {
                request.onsuccess = () => resolve(request.result);
                request.onerror = () => reject(request.error);
            });
            const [{ name }] = await indexedDB.databases();
            const database = await ended(indexedDB.open(name));
            const count = await ended(database.transaction('queue').objectStore('queue').count());
            database.close();
            return count === 0;
        }));
    }

    // Kills all processes of the browser, like an empty battery.
    async crash() {
        const session = await this.context.newCDPSession(this.page);
        const closed = new Promise((resolve) => this.context.once('close', resolve));
        session.send('Browser.crash').catch(() => {});
        await closed;
    }

    close() {
        return this.context.close();
    }
}

class Phones {
    constructor(chromium, house) {
        this.chromium = chromium;
        this.house = house;
        this.contexts = [];
    }

    // options: skewMs: of its clock; clock true: page.clock moves the time; door: options of openDoor;
    // init: a script to run first; tabOf: a phone to open a second tab of; profile: a directory that
    // outlives the browser
    async open(options = {}) {
        const settings = { ...visitor({ width: 390 }), baseURL: this.house.service.url };
        const context = options.tabOf?.context ?? await (options.profile
            ? launchProfile(options.profile, settings) : this.chromium.newContext(settings));
        context.setDefaultTimeout(PATIENCE_MS);
        this.contexts.push(context);
        if (!options.tabOf) await this.#serve(context);
        if (options.clock) await context.clock.install({ time: Date.now() });
        if (options.init) await context.addInitScript(options.init);
        const phone = new Phone(context, await context.newPage(), this.house, options);
        return phone.open();
    }

    // Runs work(phone) with a phone that is paired with this event and has its guest list; closes it
    // afterwards. options: as above, and atDoor
    async paired(event, options, work) {
        const phone = await this.open(options);
        try {
            await phone.pair(event, options.atDoor);
            await phone.until((state) => state.list !== null);
            return await work(phone);
        } finally {
            await phone.close();
        }
    }

    async #serve(context) {
        bundled ??= bundle();
        const { engine: all, ed25519 } = await bundled;
        const script = (body) => (route) => route.fulfill({ body, contentType: 'text/javascript' });
        await context.route('**/phone', (route) => route.fulfill(
            { body: '<!doctype html><title>Phone</title>', contentType: 'text/html' }));
        await context.route('**/phone/engine.js', script(all));
        await context.route('**/phone/ed25519.js', script(ed25519));
    }
}

// A house with an event and phones; they close when the file is done. → {house, event (slug), phones,
// signUp, withPhone}
//   signUp(at, body) → {registration, id, name, ticket} of the first attendee
//   withPhone({at, …}, work): phones.paired at that event, by default the house's
export async function openPhones() {
    const house = await openHouse();
    const chromium = await launchChromium();
    const phones = new Phones(chromium, house);
    after(async () => {
        for (const context of phones.contexts) await context.close().catch(() => {}); // also those with a profile
        await chromium.close();
    });
    const event = await house.apply(exampleEvent({ registration: { capacity: 10_000 } }));
    const signUp = async (at = event, body = guest()) => {
        const answer = await house.signUp(at, body);
        assert.equal(answer.status, 201, answer.body);
        const registration = answer.json();
        return { registration: registration.id, ...registration.attendees[0] };
    };
    const withPhone = (options, work) => phones.paired(options.at ?? event, options, work);
    return { house, phones, event, signUp, withPhone };
}
