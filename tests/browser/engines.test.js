// A guest's and a door's story in the other browsers that people have: Firefox, WebKit, and a Chromium
// that has none of the interfaces of the last years.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBrowser, readThrough } from '../harness/browser.js';
import { openFirefox, openWebKit } from '../harness/engines.js';
import { exampleEvent, guest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { pattern, words } from '../harness/words.js';
import { until } from '../harness/wait.js';
import { DoorPage, pairingCode, ticketOf } from './door.js';

const house = await openHouse();
const t = words('en');

// --- What the stories are told with --------------------------------------------------------------

// Waits in the page until check(given) is true there, also across the loading of a page.
const seen = (browser, check, given) => until(() => browser.evaluate(check, given).catch(() => false), async () =>
    `${check} with ${given}: ${await browser.evaluate(() => document.body.innerText)}`);

const says = (browser, text) => seen(browser, (wanted) => document.body.innerText.includes(wanted), text);

// Clicks the button, link or label with these words.
async function press(browser, text) {
    await seen(browser, (wanted) => {
        document.querySelector('[data-pressed]')?.removeAttribute('data-pressed');
        const named = (one) => (one.getAttribute('aria-label') ?? one.innerText).trim() === wanted;
        const all = [...document.querySelectorAll('button, a, label')].filter((one) => one.getClientRects().length > 0);
        all.find(named)?.setAttribute('data-pressed', '');
        return all.some(named);
    }, text);
    await browser.click('[data-pressed]');
}

// → the ticket
async function signUp(browser, event) {
    await browser.goto(`/events/${event}/register`);
    await seen(browser, () => document.querySelector('form [name$=name]') !== null);
    const field = await browser.evaluate(() => Object.fromEntries([['email', '[type=email]'], ['name', '[autocomplete=name]'],
        ['company', '[name*=company]'], ['lunch', '[name*=lunch]'], ['privacy', '[type=checkbox][value=privacy], [name*=privacy]'],
        ['press', '.card input[value=press]'], ['guest', '.card input']].map(([key, css]) => {
        document.querySelector(`form ${css}`).setAttribute('data-field', key);
        return [key, `[data-field=${key}]`];
    })));
    await browser.type(field.email, `engines-${event}@example.org`);
    await browser.type(field.name, 'Käthe Größe');
    await browser.type(field.company, 'biosaxony');
    await browser.click(field.press);
    const cards = () => browser.evaluate(() => [...document.querySelectorAll('.card-title')]
        .map((title) => getComputedStyle(title, '::before').backgroundColor));
    const [other, chosen] = await cards();
    await browser.click(field.guest);
    assert.deepEqual(await cards(), [chosen, other], 'the chosen card is highlighted');
    assert.notEqual(chosen, other);
    await browser.click(field.lunch);
    await browser.click(field.privacy);
    const look = await browser.evaluate(() => {
        const style = getComputedStyle(document.querySelector('.finish button'));
        return [style.backgroundColor, style.color];
    });
    assert.doesNotMatch(look[0], /rgba\(.*, 0\)|transparent/);
    await readThrough(browser);
    await browser.click('.finish button');
    await seen(browser, (title) => document.querySelector('h1')?.innerText.trim() === title, t.registration.confirmed);
    await seen(browser, () => document.querySelector('.qr svg').getClientRects()[0].width > 100);
    return browser.evaluate(() => document.querySelector('a[href*="/tickets/"]').href.match(/\/tickets\/([^/?]+)/)[1]);
}

// The page's camera shows this picture, until hide().
function show(path) {
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width: 640, height: 480 });
    const context = canvas.getContext('2d');
    const image = new Image();
    const draw = () => {
        context.fillStyle = '#fff';
        context.fillRect(0, 0, 640, 480);
        if (image.complete && !globalThis.isHidden) context.drawImage(image, 190 + Math.random(), 110, 260, 260);
    };
    image.src = path;
    setInterval(draw, 100);
    MediaDevices.prototype.getUserMedia = async () => canvas.captureStream(10);
    return image.decode();
}

const hide = () => {
    globalThis.isHidden = true;
};

const verdict = (browser, title) => seen(browser, (wanted) =>
    document.querySelector('#verdict:not([hidden]) .verdict-room:not([data-earlier]) .verdict-title')?.innerText === wanted, title);

async function next(browser) {
    await browser.press('Escape');
    await seen(browser, () => document.getElementById('verdict').hidden);
}

const waiting = (count) => pattern(t.app.status.queued.replace(/\{\{.*\}\}/, count)).source;
const offers = (browser, source) => seen(browser, (wanted) =>
    [...document.querySelectorAll('.chip')].some((one) => new RegExp(wanted).test(one.innerText)), source);

const recorded = (event, name) => house.database.value(
    `select count(*)::integer from scan join attendee using (event_id, attendee_id) join event using (event_id)
      where event.slug = $1 and attendee.name = $2 and verdict = 'admitted'`, [event, name]);

// A panel that names guests closes by itself after 30 s.
function stayOpen() {
    const { setTimeout: later } = globalThis;
    globalThis.setTimeout = (work, ms, ...given) => ms === 30_000 ? 0 : later(work, ms, ...given);
}

// A search field keeps Escape to itself, in WebKit also an empty one. The panel closes at the first Escape.
async function search(browser) {
    await browser.evaluate(stayOpen);
    for (const text of ['Last', '']) {
        await press(browser, t.app.scan.search);
        await seen(browser, () => document.activeElement.type === 'search');
        if (text !== '') {
            await browser.type('input[type=search]', text);
            await says(browser, 'Last Guest');
        }
        assert.equal(await browser.evaluate(() => document.activeElement.value), text);
        await browser.press('Escape');
        await seen(browser, () => !document.querySelector('dialog[open]'));
    }
}

// The camera shows the first ticket, a hand scanner types the others. The last one is of Last Guest.
async function workAtTheDoor(browser, event, tickets) {
    const page = new DoorPage(browser);
    const scan = (ticket) => page.scan(ticket);
    const code = await pairingCode(house, event);
    await browser.goto('/door');
    await seen(browser, () => document.querySelector('.pair input') !== null);
    await browser.evaluate(() => localStorage.setItem('einlass-door-stays', 'true'));
    await browser.evaluate(show, `/tickets/${tickets[0]}/qr.png`);
    await browser.type('.pair input', code);
    await press(browser, t.app.pair.send);
    await verdict(browser, t.app.verdict.admitted.title);
    await browser.evaluate(hide); // the same code counts again after 4 s
    await next(browser);

    await search(browser);
    const colours = () => browser.evaluate(() => [...document.querySelectorAll('.way-face')]
        .map((one) => getComputedStyle(one).backgroundColor));
    const [inwards] = await colours();
    assert.notEqual(inwards, (await colours())[1], 'the direction is highlighted');

    await scan(tickets[1]);
    await verdict(browser, t.app.verdict.admitted.title);
    await next(browser);
    await page.hasGuests();
    await seen(browser, () => navigator.serviceWorker.controller !== null);

    await house.service.stop();
    try {
        await offers(browser, pattern(t.app.status.offline).source);
        await browser.reload();
        await offers(browser, pattern(t.app.status.offline).source);
        await seen(browser, () => document.querySelector('video').videoWidth > 0 &&
            document.querySelector('.finder-over').childElementCount === 0); // the browser's own camera
        await scan(tickets[2]);
        await verdict(browser, t.app.verdict.admitted.title);
        await says(browser, t.app.verdict.by_phone);
        await next(browser);
        await offers(browser, waiting(1));
    } finally {
        await house.service.start();
    }
    await offers(browser, pattern(t.app.status.online).source);
    await until(async () => await recorded(event, 'Last Guest') === 1);
}

async function tell(open) {
    const event = await house.apply(exampleEvent());
    const more = [];
    for (const name of ['Second Guest', 'Last Guest']) {
        const answer = await house.signUp(event, guest({ attendees: [{ name, answers: { company: 'biosaxony', lunch: false } }] }));
        more.push(ticketOf(answer.json()));
    }
    const browser = await open(house.service.url);
    try {
        const ticket = await signUp(browser, event);
        await workAtTheDoor(browser, event, [ticket, ...more]);
    } finally {
        await browser.close();
    }
}

// --- The browsers ---------------------------------------------------------------------------------

// Runs before the scripts of pages, not in workers.
function forgetTheLastYears() {
    const missing = { globalThis: ['BroadcastChannel', 'structuredClone', 'BarcodeDetector', 'OffscreenCanvas', 'CloseWatcher'],
        'Array.prototype': ['toReversed', 'toSorted', 'toSpliced', 'with', 'findLast', 'findLastIndex'],
        'HTMLFormElement.prototype': ['requestSubmit'], 'HTMLElement.prototype': ['inert', 'showPopover'],
        'Navigator.prototype': ['locks', 'wakeLock', 'getBattery', 'share'],
        'HTMLVideoElement.prototype': ['requestVideoFrameCallback'], Promise: ['withResolvers'],
        AbortSignal: ['any', 'timeout'], Object: ['groupBy'], Intl: ['Segmenter'], URL: ['canParse'] };
    for (const [owner, names] of Object.entries(missing))
        for (const name of names) delete owner.split('.').reduce((one, part) => one[part], globalThis)[name];
}

async function openOldTab(url) {
    const browser = await openBrowser(url, ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream']);
    const tab = await browser.open({ width: 390 });
    await tab.context.addInitScript(forgetTheLastYears);
    return tab;
}

async function openOldChromium(url) {
    const { context, page } = await openOldTab(url);
    return {
        goto: (path) => page.goto(path), reload: () => page.reload(), click: (css) => page.click(css),
        type: (css, text) => page.fill(css, text), press: (key) => page.keyboard.press(key),
        evaluate: (work, given) => page.evaluate(work, given), close: () => context.close(),
    };
}

test('a guest signs up and a door lets them in in a Chromium without the interfaces of the last years',
    () => tell(openOldChromium));

test('a guest signs up and a door lets them in in Firefox', () => tell(openFirefox));

test('a guest signs up and a door lets them in in WebKit', () => tell(openWebKit));

test('two tabs of a door know of each other in a browser without BroadcastChannel', async () => {
    const event = await house.apply(exampleEvent());
    const tickets = [];
    for (const name of ['First Guest', 'Second Guest']) {
        const answer = await house.signUp(event, guest({ attendees: [{ name, answers: { company: 'biosaxony', lunch: false } }] }));
        tickets.push(ticketOf(answer.json()));
    }
    const tab = await openOldTab(house.service.url);
    await tab.use(async (page) => {
        const one = new DoorPage(page);
        await one.pair(await pairingCode(house, event));
        await one.hasGuests();
        const two = new DoorPage(await tab.context.newPage());
        await two.page.goto('/door');
        await two.button(t.app.scan.menu).waitFor();
        for (const { page: at } of [one, two])
            assert.equal(await at.evaluate(() => typeof BroadcastChannel), 'undefined');

        await two.scan(tickets[0]);
        await two.verdict(t.app.verdict.admitted.title);
        await two.dismiss();
        await one.page.bringToFront();
        await one.scan(tickets[0]);
        await one.verdict(t.app.verdict.already_admitted.title);
        await one.dismiss();

        await one.goOffline();
        await one.scan(tickets[1]);
        await one.verdict(t.app.verdict.admitted.title);
        await one.dismiss();
        await two.page.bringToFront();
        await offers(two.page, waiting(1));
        await two.scan(tickets[1]);
        await two.verdict(t.app.verdict.already_admitted.title);
        await two.dismiss();
        await two.goOffline(false);
        await until(async () => await recorded(event, 'Second Guest') === 1);
        for (const { page: at } of [one, two])
            await seen(at, () => document.querySelectorAll('.chip').length === 1); // the network's

        await one.page.bringToFront();
        await one.press(t.app.scan.menu);
        await one.press(t.app.menu.unpair);
        await one.press(t.app.menu.unpair_yes);
        await two.page.getByRole('heading', { name: t.app.forgotten.title }).waitFor();
        const expected = /failed request: .*INTERNET_DISCONNECTED|^401: GET/; // offline, and unpaired meanwhile
        tab.complaints.splice(0, Infinity, ...tab.complaints.filter((one) => !expected.test(one)));
    });
    await tab.context.close();
});
