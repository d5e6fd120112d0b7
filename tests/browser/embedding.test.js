// An event's sign-up in a page of the organiser's own site, in Chromium: on another origin, by
// keyboard, at every size, and nowhere it is not wanted.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, test } from 'node:test';
import { launchChromium, readThrough, visitor, widths } from '../harness/browser.js';
import { exampleEvent, plainEvent } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { axe, language, layout } from '../harness/page_checks.js';
import { until } from '../harness/wait.js';

const chromium = await launchChromium();
after(() => chromium.close());
const house = await openHouse();
const { url } = house.service;

// An organiser's site; what(path) → the HTML where the sign-up is to stand. → its origin
async function openSite(what, style = '') {
    const server = createServer((request, response) => {
        response.setHeader('content-type', 'text/html; charset=utf-8');
        const path = new URL(request.url, 'http://site').searchParams;
        response.end(`<!doctype html><html lang="${path.get('lang') ?? 'en'}"><meta name="viewport" content="width=device-width">
            <title>Institute</title><style>body { margin: 1rem; ${style} }</style>
            <h1>Institute</h1><p><a href="#before" id="before">before</a></p>${what(path)}<p><a href="#after" id="after">after</a></p>`);
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    after(() => server.close());
    return `http://127.0.0.1:${server.address().port}`;
}

const script = (event, more = '') => `<script src="${url}/embed.js" data-event="${event}" ${more} async></script>`;

let plain, rich;
const site = await openSite((path) => script(path.get('event'), path.get('code') ? `data-code="${path.get('code')}"` : ''));
const dark = await openSite((path) => script(path.get('event')), 'background: #202030; color: #eee');
const bare = await openSite((path) => `<iframe src="${url}/events/${path.get('event')}?embed=1" title="Sign-up"></iframe>`);
const stranger = await openSite((path) => script(path.get('event')));
const open = { opens_at: '2020-01-01T00:00', closes_at: undefined };
plain = await house.apply(plainEvent({ embed_on: [site, dark, bare], registration: { ...open, most_attendees: 1 } }));
rich = await house.apply(exampleEvent({ embed_on: [site, dark], registration: open, description: {
    en: 'See [our rules](https://rules.example/).', de: 'Siehe [unsere Regeln](https://rules.example/).' } }));

async function visit(address, options, work) {
    const context = await chromium.newContext(visitor(options));
    context.setDefaultTimeout(10_000);
    try {
        const page = await context.newPage();
        const said = [];
        page.on('console', (message) => message.type() === 'error' && said.push(message.text()));
        page.on('pageerror', (error) => said.push(String(error)));
        await page.goto(address);
        return await work(page, said);
    } finally {
        await context.close();
    }
}

const element = (page) => page.locator('iframe');
const heightOf = async (page) => (await element(page).boundingBox()).height;

// → what check() returned once none of its assertions failed
async function eventually(check) {
    let reason, found;
    await until(async () => {
        try {
            found = await check();
            return true;
        } catch (error) {
            reason = error;
            return false;
        }
    }, () => reason.stack);
    return found;
}

// The frame, once its page is there and it is as high as what is in it.
async function inside(page, path) {
    return eventually(async () => {
        const frame = page.frames()[1];
        assert.ok(frame && new URL(frame.url()).pathname.startsWith(path), frame?.url());
        await frame.waitForLoadState();
        const content = await frame.evaluate(() => document.body.getBoundingClientRect().height);
        assert.ok(Math.abs(await heightOf(page) - content) <= 1, `${await heightOf(page)} for ${content}`);
        assert.equal(await element(page).getAttribute('title'), await frame.title());
        return frame;
    });
}

// Presses Tab until the element has the focus.
async function tabTo(page, target) {
    for (let i = 0; i < 60; i++) {
        await page.keyboard.press('Tab');
        if (await target.evaluate((node) => node === document.activeElement)) return;
    }
    assert.fail(`the Tab key does not get to ${target}`);
}

async function check(frame, spoken) {
    assert.deepEqual([...await axe(frame), ...await layout(frame), ...await language(frame, spoken)], []);
}

for (const width of widths) {
    for (const spoken of ['en', 'de']) {
        test(`somebody registers on the organiser's site by keyboard alone, at ${width} px, in ${spoken}`, async () => {
            await visit(`${site}/?event=${plain}&lang=${spoken}`, { width, language: spoken }, async (page, said) => {
                let frame = await inside(page, `/events/${plain}`);
                await check(frame, spoken);
                await page.locator('#before').focus();
                await tabTo(page, frame.locator('a.button'));
                await page.keyboard.press('Enter');
                frame = await inside(page, `/events/${plain}/register`);
                await check(frame, spoken);
                await tabTo(page, frame.locator('#email'));
                await page.keyboard.type(`${spoken}-${width}@example.org`);
                await tabTo(page, frame.locator('input[autocomplete=name]'));
                await page.keyboard.type('Ada Lovelace');
                await readThrough(frame);
                await page.keyboard.press('Enter');
                frame = await inside(page, '/registrations/');
                await frame.locator('.qr svg').waitFor();
                await check(frame, spoken);
                await tabTo(page, page.locator('#after'));
                assert.deepEqual(said, []);
            });
        });
    }
}

test('the frame grows and shrinks with what is in it', async () => {
    await visit(`${site}/?event=${rich}`, { width: 390 }, async (page) => {
        const frame = await inside(page, `/events/${rich}`);
        const before = await heightOf(page);
        await frame.locator('summary').click();
        await eventually(async () => assert.ok(await heightOf(page) > before + 40));
        await inside(page, '/');
        await frame.locator('summary').click();
        await eventually(async () => assert.equal(await heightOf(page), before));
        await page.setViewportSize({ width: 1280, height: 900 });
        await eventually(async () => assert.ok(await heightOf(page) < before));
        await inside(page, '/');
    });
});

test('the next page is seen from its top, and one that comes back from its errors', async () => {
    const seen = (frame, what) => eventually(async () => {
        const { y } = await frame.locator(what).boundingBox();
        assert.ok(y > -10 && y < 844, `${what} is at ${y}`);
    });
    await visit(`${site}/?event=${rich}&lang=de`, { width: 390 }, async (page) => {
        const frame = await inside(page, `/events/${rich}`);
        await frame.locator('a.button').scrollIntoViewIfNeeded();
        await page.mouse.wheel(0, 500);
        await eventually(async () => assert.ok((await element(page).boundingBox()).y < -300));
        await frame.locator('a.button').evaluate((link) => link.click());
        const form = await inside(page, `/events/${rich}/register`);
        await seen(form, 'h1');
        await form.locator('button[type=submit]').last().click();
        await form.locator('.error-summary').waitFor();
        await seen(form, '.error-summary');
    });
});

test('an access code of the page offers its tickets', async () => {
    await visit(`${site}/?event=${rich}&code=SPEAKER-2022`, {}, async (page) => {
        const frame = await inside(page, `/events/${rich}`);
        assert.match(await frame.locator('.ticket-types').innerText(), /Speaker/);
        await frame.locator('a.button').click();
        await inside(page, `/events/${rich}/register`);
    });
});

test('what leads away opens outside', async () => {
    await visit(`${site}/?event=${rich}`, {}, async (page) => {
        const frame = await inside(page, `/events/${rich}`);
        const links = await frame.locator('a[href]').evaluateAll((all) => all.map(({ href, target }) => [href, target]));
        const away = links.filter(([href]) => /^https:|calendar\.ics/.test(href));
        assert.ok(away.length >= 3, JSON.stringify(links));
        for (const [href, target] of away) assert.equal(target, '_blank', href);
        for (const [href, target] of links.filter(([href]) => /\/register/.test(href))) assert.equal(target, '', href);
    });
});

test('the frame is on the ground of the page around it, whatever the visitor prefers', async () => {
    for (const [address, shade] of [[site, 'light'], [dark, 'dark']]) {
        for (const scheme of ['light', 'dark']) {
            await visit(`${address}/?event=${rich}`, { scheme }, async (page) => {
                const frame = await inside(page, `/events/${rich}`);
                assert.match(frame.url(), new RegExp(`embed=${shade}`));
                const [ground, ink] = await frame.evaluate(() => [getComputedStyle(document.documentElement).backgroundColor,
                    getComputedStyle(document.body).color]);
                assert.equal(ground, 'rgba(0, 0, 0, 0)');
                const bright = ink.match(/\d+/g).slice(0, 3).every((part) => part > 128);
                assert.equal(bright, shade === 'dark', ink);
                const corner = await page.screenshot({ clip: { ...await element(page).boundingBox(), width: 4, height: 4 } });
                const outside = await page.screenshot({ clip: { x: 600, y: 4, width: 4, height: 4 } });
                assert.deepEqual(corner, outside, 'it is see-through');
            });
        }
    }
});

test('frame and page listen to each other and to nobody else', async () => {
    await visit(`${site}/?event=${plain}`, {}, async (page) => {
        const frame = await inside(page, `/events/${plain}`);
        const height = await heightOf(page);
        await page.evaluate(() => window.postMessage({ einlass: { height: 9999, title: 'forged' } }, '*'));
        await page.evaluate(() => {
            const other = document.createElement('iframe');
            other.srcdoc = '<script>parent.postMessage({ einlass: { height: 9999, title: "forged" } }, "*")</script>';
            document.body.append(other);
            return new Promise((resolve) => (other.onload = resolve));
        });
        await page.waitForTimeout(200);
        assert.equal((await page.locator('iframe').first().boundingBox()).height, height);
        assert.notEqual(await page.locator('iframe').first().getAttribute('title'), 'forged');
        await frame.evaluate(() => window.postMessage({ einlass: 'hello' }, '*'));
        await page.waitForTimeout(100);
        assert.equal((await page.locator('iframe').first().boundingBox()).height, height);
    });
});

test('a site that the event does not name cannot show it', async () => {
    await visit(`${stranger}/?event=${plain}`, {}, async (page, said) => {
        await eventually(() => assert.ok(said.some((text) => /frame-ancestors/.test(text)), said.join()));
        assert.doesNotMatch(page.frames()[1].url(), new RegExp(plain));
    });
});

test('without JavaScript a plain frame works', async () => {
    await visit(`${bare}/?event=${plain}`, { javascript: false }, async (page) => {
        const frame = page.frameLocator('iframe');
        await frame.locator('a.button').click();
        await frame.locator('#email').fill('plain@example.org');
        await frame.locator('input[autocomplete=name]').fill('Ada');
        await readThrough(page.frames()[1]);
        await frame.locator('button[type=submit].primary').click();
        await frame.locator('.qr svg').waitFor();
    });
});
