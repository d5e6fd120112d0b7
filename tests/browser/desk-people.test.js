// The people of an event at the desk: found while one types, chosen by keyboard, and changed once,
// whatever is loaded again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBrowser, schemes, size, widths } from '../harness/browser.js';
import { signIn } from '../harness/desk.js';
import { exampleEvent, guest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { axe, keyboard, layout } from '../harness/page_checks.js';

const house = await openHouse();
const event = await house.apply(exampleEvent({ registration: { approval: true, once_per_email: false } }));
for (const [i, name] of ['Ada Lovelace', 'Grace Hopper', 'Jürgen Müllerheide'].entries())
    await house.signUp(event, guest({ email: i < 2 ? `guest-${i}@example.org` : 'guest-1@example.org',
        attendees: [{ name, answers: { company: ['Nadel', 'Faden', 'Faden'][i], lunch: true } }] }));
const manager = await signIn(house);
const browser = await openBrowser(house.service.url);
const path = `/desk/events/${event}/attendees`;

async function check(page, name) {
    const found = [];
    for (const [i, width] of widths.entries()) {
        await page.setViewportSize(size(width));
        await page.emulateMedia({ colorScheme: schemes[i % schemes.length] });
        found.push(...await layout(page), ...await axe(page), ...await keyboard(page));
    }
    assert.deepEqual(found, [], name);
}

test('somebody finds people while typing, chooses them and changes them once', async () => {
    const tab = await browser.open();
    await manager.enter(tab.context);
    const { page } = tab;
    const names = () => page.getByRole('rowheader').getByRole('link').allTextContents();
    await page.goto(path);
    await check(page, 'the list');
    for (const id of ['filters', 'columns']) await page.locator(`#${id} summary`).click();
    await check(page, 'the list with filters and columns');

    const box = page.getByRole('searchbox');
    await box.pressSequentially('fad');
    await page.locator('#news', { hasText: '2 people' }).waitFor({ state: 'attached' });
    assert.deepEqual(await names(), ['Jürgen Müllerheide', 'Grace Hopper']);
    assert.ok(await box.evaluate((element) => element === document.activeElement), 'the focus stays in the box');
    assert.match(page.url(), /\?q=fad$/);
    await page.reload();
    assert.equal(await box.inputValue(), 'fad');
    assert.equal((await names()).length, 2);

    const bar = page.locator('.bulk');
    await bar.waitFor({ state: 'hidden' });
    await page.getByRole('checkbox', { name: 'Select Grace Hopper' }).focus();
    await page.keyboard.press('Space');
    await bar.getByText('1 selected').waitFor();
    await page.getByRole('checkbox', { name: 'Select all on this page' }).check();
    await bar.getByText('2 selected').waitFor();
    await check(page, 'the list with people chosen');
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByRole('heading', { name: '2 people will be approved' }).waitFor();
    await check(page, 'the preview');
    await page.getByRole('textbox').fill('See you!');
    await page.getByRole('button', { name: 'Approve 2 people' }).click();
    await page.getByRole('heading', { name: 'People approved' }).waitFor();
    await check(page, 'the outcome');
    await page.reload();
    await page.goBack();
    await page.goForward();
    await page.getByRole('heading', { name: '2 people were approved' }).waitFor();
    assert.equal(await house.database.value("select count(*)::integer from message where kind = 'approved'"), 2);
    await tab.close?.();
});

test('somebody writes to those whom the list shows, sees it as they will, and stops it by keyboard', async () => {
    const tab = await browser.open();
    await manager.enter(tab.context);
    const { page } = tab;
    await page.goto(`${path}?q=fad`);
    await page.getByRole('button', { name: 'Write to everyone in this list' }).click();
    await page.waitForURL(/\/mailings\/[^/]+\/edit$/);
    const [subject] = await page.getByRole('textbox', { name: 'Subject' }).all();
    await subject.fill('For ');
    await page.getByRole('button', { name: '{name}' }).click();
    assert.equal(await subject.inputValue(), 'For {name}');
    await page.getByRole('textbox', { name: 'Text' }).first().fill('See you!');
    await page.getByRole('button', { name: 'Save and preview' }).click();
    await page.frameLocator('iframe.letter').first().getByRole('heading', { name: 'For Grace Hopper' }).waitFor();
    await page.getByRole('button', { name: /^Send [12] email/ }).click();
    const stop = page.getByRole('button', { name: 'Stop' });
    await stop.focus();
    const before = await stop.elementHandle();
    await house.database.query(`update mailing set texts = jsonb_set(texts, '{0,subject}', '"For you"')`);
    await page.getByRole('heading', { name: 'For you', level: 1 }).waitFor(); // the page was replaced under the keyboard
    assert.equal(await before.evaluate((button) => button.isConnected), false);
    assert.equal(await page.evaluate(() => document.activeElement.id), 'stop');
    await page.keyboard.press('Enter');
    await page.getByText('Nothing has been sent, and the email is a draft again').waitFor();
    await tab.close?.();
});

test('without JavaScript it is all there', async () => {
    const tab = await browser.open({ javascript: false });
    await manager.enter(tab.context);
    const { page } = tab;
    await page.goto(path);
    await page.getByRole('searchbox').fill('ada');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.getByRole('checkbox', { name: 'Select Ada Lovelace' }).check();
    await page.getByRole('button', { name: 'Decline' }).click();
    await page.getByRole('heading', { name: '1 person will be declined' }).waitFor();
});
