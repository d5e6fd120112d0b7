// The door on a phone: kept there, started without a network, replaced as a whole by a newer version.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { languages, openBrowser } from '../harness/browser.js';
import { openHouse } from '../harness/house.js';
import { words } from '../harness/words.js';

const house = await openHouse();

// What lies between a phone and the service: it can be down, and show a newer version of the worker.
class Line {
    asked = [];
    version = null;
    page = null; // (text) → another text

    async open() {
        this.server = createServer((asked, answer) => this.#pass(asked, answer)).listen(this.port ?? 0, '127.0.0.1');
        await once(this.server, 'listening');
        this.port = this.server.address().port;
        this.url = `http://127.0.0.1:${this.port}`;
        return this;
    }

    #pass(asked, answer) {
        this.asked.push(`${asked.method} ${asked.url}`);
        const { hostname, port } = new URL(house.service.url);
        const headers = { ...asked.headers, 'accept-encoding': 'identity' };
        asked.pipe(request({ hostname, port, path: asked.url, method: asked.method, headers }, async (found) => {
            const chunks = await found.toArray();
            let body = Buffer.concat(chunks);
            if (this.version && asked.url === '/door/worker.js')
                body = Buffer.from(body.toString().replace(/"version":"\w+"/, `"version":"${this.version}"`));
            if (this.page && asked.url.startsWith('/door?')) body = Buffer.from(this.page(body.toString()));
            answer.writeHead(found.statusCode, { ...found.headers, 'content-length': body.length }).end(body);
        }));
    }

    async close() {
        this.server.close();
        this.server.closeAllConnections();
        await once(this.server, 'close');
    }
}

const ours = await openBrowser(house.service.url);

// work(page, line, tab): with a phone that was never here
async function withPhone({ browser = ours, ...options }, work) {
    const line = await new Line().open();
    browser.url = line.url;
    const tab = await browser.open({ width: 390, ...options });
    try {
        await tab.use((page) => work(page, line, tab));
    } finally {
        await tab.context.close();
        if (line.server.listening) await line.close();
    }
}

const isKept = (page) => page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    if (!navigator.serviceWorker.controller)
        await new Promise((resolve) => { navigator.serviceWorker.oncontrollerchange = resolve; });
});

const caches = (page) => page.evaluate(() => globalThis.caches.keys());

async function shows(page, language) {
    await page.getByLabel(words(language).app.pair.code).waitFor();
    assert.equal(await page.locator('html').getAttribute('lang'), language);
}

for (const language of languages)
    test(`the manifest makes the page an application (${language})`, async () => {
        const answer = await house.http.get(`/door.webmanifest?lang=${language}`);
        assert.equal(answer.headers['content-type'], 'application/manifest+json');
        const manifest = answer.json();
        const { name, short_name, description } = words(language).door.app;
        assert.deepEqual([manifest.lang, manifest.name, manifest.short_name, manifest.description],
            [language, name, short_name, description]);
        assert.deepEqual([manifest.start_url, manifest.scope, manifest.display], ['/door', '/door', 'standalone']);
        for (const { src, sizes, type } of manifest.icons) {
            const icon = await house.http.get(src);
            assert.equal(icon.headers['content-type'], type);
            const [width, height] = [icon.bytes.readUInt32BE(16), icon.bytes.readUInt32BE(20)];
            assert.equal(`${width}x${height}`, sizes);
        }
        assert.deepEqual(manifest.icons.map(({ purpose }) => purpose).sort(), ['any', 'any', 'maskable']);
    });

test('Chromium finds nothing that keeps the page from being installed', async () => {
    const browser = await openBrowser(house.service.url, [], 'chromium');
    await withPhone({ browser }, async (page, line, { context }) => {
        await page.goto('/door');
        await isKept(page);
        const devtools = await context.newCDPSession(page);
        const { errors, url } = await devtools.send('Page.getAppManifest');
        assert.deepEqual(errors, []);
        assert.match(url, /\/door\.webmanifest\?lang=en$/);
        const { installabilityErrors } = await devtools.send('Page.getInstallabilityErrors');
        // Windows of their own for tests are incognito, to Chromium.
        assert.deepEqual(installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== 'in-incognito'), []);
        const icon = await page.locator('link[rel=apple-touch-icon]').getAttribute('href');
        assert.equal((await page.request.get(icon)).status(), 200);
    });
});

test('without a network it starts in every language, plain /door in the one used last', async () => {
    await withPhone({}, async (page, line, tab) => {
        await page.goto('/door?lang=de');
        await isKept(page);
        await page.goto('/door?lang=de'); // now through the worker
        await line.close();
        for (const [address, language] of [['/door', 'de'], ['/door?lang=en', 'en'], ['/door', 'en'], ['/door?lang=de#7K3M-9QXD', 'de']]) {
            await page.goto(address);
            await shows(page, language);
            const broken = await page.evaluate(async () => {
                const assets = Object.values(JSON.parse(document.querySelector('#assets').textContent));
                const links = [...document.querySelectorAll('link[href], script[src]')].map((one) => one.href || one.src);
                const answers = await Promise.all([...assets, ...links].map((one) => fetch(one).then((a) => a.ok, () => false)));
                return [...assets, ...links].filter((_, i) => !answers[i]);
            });
            assert.deepEqual(broken, [], `${address}: everything it loads is there`);
        }
        // The pairing code was asked about, in vain.
        tab.complaints.splice(0, Infinity, ...tab.complaints.filter((one) => !/ERR_(CONNECTION|ABORTED|FAILED)/.test(one)));
    });
});

// Names that every object of a program has, and no language.
test('a link with a language nobody speaks breaks nothing, also where it was remembered', async () => {
    await withPhone({}, async (page) => {
        await page.goto('/door?lang=de');
        await isKept(page);
        for (const nobody of ['constructor', 'toString', '__proto__', '']) {
            await page.goto(`/door?lang=${nobody}`);
            await shows(page, 'de');
            await page.goto('/door');
            await shows(page, 'de');
            await page.evaluate(async (name) => {
                const choices = await caches.open('door-choices');
                await choices.put('/door/language', new Response(name));
            }, nobody);
            await page.goto('/door');
            await shows(page, 'en');
            await page.goto('/door?lang=de');
            await shows(page, 'de');
        }
    });
});

test('what the phone asks the service is asked the service, every time', async () => {
    await withPhone({}, async (page, line) => {
        await page.goto('/door');
        await isKept(page);
        line.asked.length = 0;
        await page.goto('/door');
        await shows(page, 'en');
        const ask = () => page.evaluate(() => fetch('/readyz').then(({ status }) => status));
        assert.deepEqual([await ask(), await ask()], [200, 200]);
        const count = (line_) => line.asked.filter((one) => one === line_).length;
        assert.equal(count('GET /readyz'), 2);
        assert.equal(count('GET /door') + count('GET /door?lang=en'), 0, 'the page came from the phone');
        const kept = await page.evaluate(async () => {
            const all = [];
            for (const name of await caches.keys())
                for (const { url } of await (await caches.open(name)).keys()) all.push(new URL(url).pathname);
            return all;
        });
        assert.ok(kept.length > 5);
        assert.deepEqual(kept.filter((path) => !/^\/(door$|door\/guide$|door\.webmanifest$|door\/language$|(door\/)?assets\/)/.test(path)), []);
    });
});

// The service has a newer version, and this phone has fetched it.
async function release(page, line, version) {
    line.version = version;
    await page.evaluate(async () => {
        const registration = await navigator.serviceWorker.getRegistration('/door');
        await registration.update();
        while (!registration.waiting) await new Promise((resolve) => setTimeout(resolve, 50));
    });
}

const versions = async (page) => (await caches(page)).filter((name) => name !== 'door-choices');

const waits = (page) => page.evaluate(async () =>
    (await navigator.serviceWorker.getRegistration('/door')).waiting !== null);

// → what the phone keeps once no version waits any more; null: one still does
async function settled(page) {
    const look = async () => (await waits(page) ? null : versions(page));
    for (const deadline = Date.now() + 15_000; Date.now() < deadline; await sleep(100)) {
        const kept = await look().catch(() => null); // it may just be loaded anew
        if (kept) return kept;
    }
    return null;
}

// Starts the app again. A browser that is watched, and busy, does not always let the new version take
// over at the first start. → what the phone keeps then
async function restart(page) {
    for (let tries = 0; tries < 5; tries++) {
        await page.reload({ waitUntil: 'commit' });
        const kept = await settled(page);
        if (kept) return kept;
    }
    return assert.fail('the new version never took over');
}

test('a newer version waits until the app starts again, then takes over; the one before the last goes', async () => {
    await withPhone({}, async (page, line) => {
        await page.goto('/door');
        await isKept(page);
        const [old] = await versions(page);
        await release(page, line, 'feedfacefeedface');
        await page.evaluate(() => (globalThis.isTheSame = true));
        assert.ok((await versions(page)).includes(old), 'who is in the middle of something goes on with what he has');
        assert.equal(await page.evaluate(() => globalThis.isTheSame), true);
        assert.deepEqual(await restart(page), [old, 'door-feedfacefeedface']);
        await shows(page, 'en');
        assert.equal(await page.evaluate(() => globalThis.isTheSame), undefined);
        await page.waitForLoadState('networkidle');
        await release(page, line, 'cafecafecafecafe');
        assert.deepEqual(await restart(page), ['door-feedfacefeedface', 'door-cafecafecafecafe']);
        await shows(page, 'en');
        await page.waitForLoadState('networkidle');
        await line.close();
        await page.goto('/door', { waitUntil: 'commit' }); // what counts is that it shows
        await shows(page, 'en');
    });
});

test('a page that names files of another version is not kept, and tried again later', async () => {
    await withPhone({}, async (page, line) => {
        line.page = (text) => text.replace(/door-decoder\.\w+\.js/, 'door-decoder.0123456789abcdef.js');
        await page.goto('/door');
        await page.waitForFunction(() => navigator.serviceWorker.getRegistration('/door')
            .then((registration) => registration === undefined));
        assert.deepEqual(await page.evaluate(() => navigator.serviceWorker.controller), null);
        line.page = null;
        await page.goto('/door');
        await isKept(page);
    });
});

test('a second window is not taken by surprise', async () => {
    await withPhone({}, async (page, line, { context }) => {
        await page.goto('/door');
        await isKept(page);
        const other = await context.newPage();
        await other.goto('/door');
        const [old] = await versions(page);
        await release(page, line, 'feedfacefeedface');
        await page.reload();
        await shows(page, 'en');
        await page.waitForTimeout(3500);
        assert.ok((await caches(page)).includes(old));
    });
});
