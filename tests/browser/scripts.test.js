// What the pages' script adds where there is JavaScript, and that nothing is missing without.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBrowser, readThrough, visitor } from '../harness/browser.js';
import { plainEvent } from '../harness/events.js';
import { openHouse } from '../harness/house.js';

const house = await openHouse();
const browser = await openBrowser(house.service.url);
const whole = await openBrowser(house.service.url, [], 'chromium');
const open = { opens_at: '2020-01-01T00:00', closes_at: undefined };
const event = (starts_at, ends_at) => house.apply(plainEvent({
    timezone: 'Europe/Berlin', starts_at, ends_at, registration: { ...open, most_attendees: 1 } }));
const morning = await event('2031-05-13T10:00', '2031-05-13T14:00');
const late = await event('2031-05-13T23:00', '2031-05-14T02:00');

// What the page says of the visitor's own time there; null: nothing.
async function ownTime(slug, timezoneId, language = 'en') {
    const context = await browser.chromium.newContext({ ...visitor({ language }), timezoneId, baseURL: house.service.url });
    try {
        const page = await context.newPage();
        await page.goto(`/events/${slug}`, { waitUntil: 'networkidle' });
        const line = page.locator('.own-time');
        return await line.isVisible() ? (await line.innerText()).replace(/\s+/g, ' ') : null;
    } finally {
        await context.close();
    }
}

test('times are said in the visitor’s own zone where its clocks show others', async () => {
    assert.match(await ownTime(morning, 'America/New_York'), /^That’s 04:00 ?– ?08:00 in your time zone \(America\/New York\)\.$/);
    assert.match(await ownTime(morning, 'America/New_York', 'de'), /^Das ist 04:00 ?– ?08:00 Uhr in Ihrer Zeitzone \(America\/New York\)\.$/);
    assert.match(await ownTime(morning, 'Pacific/Auckland'), /20:00 ?– ?.*00:00|Tuesday.* 20:00.*Wednesday.* 00:00/s);
    assert.match(await ownTime(late, 'Asia/Tokyo'), /Wednesday,? 14 May/);
    for (const same of ['Europe/Berlin', 'Europe/Paris', 'Africa/Ceuta'])
        assert.equal(await ownTime(morning, same), null, same);
});

async function fill(page, email) {
    await page.goto(`/events/${morning}/register`);
    await page.locator('#email').fill(email);
    await page.locator('input[autocomplete=name]').fill('Ada');
    await readThrough(page);
}

test('a form is sent once however often its button is pressed, and again after coming back', async () => {
    await whole.visit({}, async (page) => {
        let sent = 0;
        let goOn;
        const held = new Promise((resolve) => (goOn = resolve));
        await page.route('**/register*', async (route) => {
            if (route.request().method() === 'POST') {
                sent++;
                await held;
            }
            await route.continue();
        });
        await fill(page, 'ada@example.org');
        // Not Playwright's click, which waits for what the first one began.
        const button = page.locator('button[type=submit].primary');
        await button.scrollIntoViewIfNeeded();
        const { x, y, width, height } = await button.boundingBox();
        for (let i = 0; i < 3; i++) await page.mouse.click(x + width / 2, y + height / 2);
        goOn();
        await page.waitForURL('**/registrations/**');
        assert.equal(sent, 1);
        await page.evaluate(() => history.back());
        await page.locator('#email').waitFor();
        assert.equal(await page.locator('form[data-sending]').count(), 0);
        await page.locator('#email').fill('ada@example.org');
        await page.locator('input[autocomplete=name]').fill('Ada');
        await page.locator('button[type=submit].primary').click();
        await page.waitForURL('**/registrations/**');
        assert.equal(sent, 2);
    });
});

test('a page that a browser kept in memory sends again', async () => {
    await browser.visit({}, async (page) => {
        await fill(page, 'emmy@example.org');
        // An answer that leaves the page where it is, as coming back to it does.
        await page.route('**/register*', (route) => route.fulfill({ status: 204 }), { times: 1 });
        await page.locator('button[type=submit].primary').click({ noWaitAfter: true });
        await page.locator('form[data-sending]').waitFor({ state: 'attached' });
        await page.evaluate(() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })));
        await page.locator('button[type=submit].primary').click();
        await page.waitForURL('**/registrations/**');
    });
});

test('a click in the list of errors leads into the field', async () => {
    await browser.visit({ width: 390 }, async (page) => {
        await page.goto(`/events/${morning}/register`);
        await page.locator('button[type=submit].primary').click();
        await page.locator('.error-summary').waitFor();
        assert.equal(await page.evaluate(() => document.activeElement.className), 'error-summary');
        await page.locator('.error-summary a').first().click();
        assert.equal(await page.evaluate(() => document.activeElement.matches('input') && document.activeElement.getAttribute('aria-invalid')), 'true');
    });
});

test('the event page says all but that without JavaScript', async () => {
    await browser.visit({ javascript: false }, async (page) => {
        await page.goto(`/events/${morning}`);
        assert.equal(await page.locator('.own-time').isVisible(), false);
        assert.match(await page.locator('.facts').first().innerText(), /10:00–14:00/);
        assert.match(await page.locator('.facts').first().innerText(), /Europe\/Berlin/);
    });
});
