// What the event page costs a visitor's connection, as Chromium counts it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exampleEvent, exampleProgramme } from '../harness/events.js';
import { openBrowser } from '../harness/browser.js';
import { openHouse } from '../harness/house.js';

// What a server may send before it hears from the client again: ten segments (RFC 6928).
const FIRST_FLIGHT_BYTES = 10 * 1460;

const house = await openHouse();
const event = await house.apply(exampleEvent({ programme: exampleProgramme(), contact: { name: 'Events', phone: '+49 341 1234567' } }));
await house.http.request('PUT', '/api/v1/organisers/biosaxony/profile', { token: await house.token(), json: {
    name: 'biosaxony e. V.', contact_email: 'info@example.org', contact_phone: '+49 351 7965500', accent: '#e2a100',
    website: 'https://www.example.org/', imprint: { de: 'x' }, privacy: { de: 'x' },
} });
const browser = await openBrowser(house.service.url);

// Everything that crosses the wire until work(page) is done, headers too; → the requests in order:
// {url, type, bytes, cached, encoding}
async function traffic(page, work) {
    const session = await page.context().newCDPSession(page);
    await session.send('Network.enable');
    const requests = new Map();
    session.on('Network.requestWillBeSent', ({ requestId, request, type }) =>
        requests.set(requestId, { url: request.url, type, bytes: 0, cached: false }));
    session.on('Network.requestServedFromCache', ({ requestId }) =>
        (requests.get(requestId).cached = true));
    session.on('Network.responseReceived', ({ requestId, response }) => Object.assign(
        requests.get(requestId), {
            encoding: response.headers['content-encoding'] ?? response.headers['Content-Encoding'],
            cached: requests.get(requestId).cached || response.fromDiskCache,
        }));
    session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) =>
        (requests.get(requestId).bytes = encodedDataLength));
    await work();
    await page.waitForLoadState('networkidle');
    await session.detach();
    return [...requests.values()].filter(({ url }) => !url.startsWith('data:'));
}

const sum = (requests) => requests.reduce((bytes, request) => bytes + request.bytes, 0);

for (const language of ['en', 'de']) {
    test(`the event page with all it loads stays below 30 KB, in ${language}`, async (t) => {
        await browser.visit({ language, width: 390 }, async (page) => {
            const requests = await traffic(page, () => page.goto(`/events/${event}`));
            for (const { url, bytes } of requests) t.diagnostic(`${bytes} bytes: ${new URL(url).pathname}`);
            const [document, ...more] = requests;
            assert.equal(document.type, 'Document');
            assert.equal(document.encoding, 'gzip');
            assert.ok(more.every(({ type }) => type !== 'Stylesheet'), 'it brings its styles along');
            assert.ok(sum(requests) < 30 * 1024, `${sum(requests)} bytes`);
            assert.ok(document.bytes > 5000, `${document.bytes} bytes cannot be all of it`);
            assert.ok(document.bytes <= FIRST_FLIGHT_BYTES, `${document.bytes} bytes do not fit one flight`);
            for (const { url } of requests) assert.equal(new URL(url).origin, house.service.url);
        });
    });
}

test('nothing stands between the page and its first paint: one round trip', async () => {
    await browser.visit({ width: 390 }, async (page) => {
        await page.goto(`/events/${event}`);
        const blocking = await page.evaluate(() => performance.getEntriesByType('resource')
            .filter(({ renderBlockingStatus }) => renderBlockingStatus !== 'non-blocking')
            .map(({ name }) => name));
        assert.deepEqual(blocking, []);
        const background = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
        assert.notEqual(background, 'rgba(0, 0, 0, 0)', 'the policy lets its own styles through');
    });
});

test('who comes back loads the page alone, and what has not changed is not sent again', async () => {
    await browser.visit({}, async (page) => {
        const first = await traffic(page, () => page.goto(`/events/${event}`));
        const again = await traffic(page, () => page.goto(`/events/${event}`));
        const twice = again.filter(({ url, cached }) =>
            !cached && first.some((request) => request.url === url));
        assert.deepEqual(twice.map(({ type }) => type), ['Document']);
        assert.ok(sum(twice) < 1500, `${sum(twice)} bytes`);
        assert.ok(again.some(({ type, cached }) => type === 'Script' && cached));
    });
});
