// A person's page at the desk: the mail is shown before it goes, with what was typed; going back and
// loading again repeat nothing; and all of it works by keyboard and for screen readers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBrowser, schemes, size, widths } from '../harness/browser.js';
import { signIn } from '../harness/desk.js';
import { exampleEvent, guest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { axe, keyboard, layout } from '../harness/page_checks.js';
import { until } from '../harness/wait.js';

const house = await openHouse();
const event = await house.apply(exampleEvent({ registration: { approval: true } }));
const registration = (await house.signUp(event, guest({
    attendees: ['Ada Lovelace', 'Grace Hopper'].map((name) => ({ name, answers: { company: 'Yale', lunch: true } })),
}))).json();
const manager = await signIn(house, { role: 'manager' });
const browser = await openBrowser(house.service.url);
const path = (rest = '') => `/desk/events/${event}/attendees/${registration.attendees[0].id}${rest}`;
const messages = () => house.database.value('select count(*)::integer from message');

async function check(page, name) {
    const found = [];
    for (const [i, width] of widths.entries()) {
        await page.setViewportSize(size(width));
        await page.emulateMedia({ colorScheme: schemes[i % schemes.length] });
        found.push(...await layout(page), ...await axe(page), ...await keyboard(page));
    }
    assert.deepEqual(found, [], name);
}

test('somebody approves a registration in their own words, and sees the mail before it goes', async () => {
    const tab = await browser.open();
    await manager.enter(tab.context);
    const { page } = tab;
    await page.goto(path());
    await check(page, 'the person');
    await page.getByRole('link', { name: 'Approve' }).click();
    const mail = page.frameLocator('iframe.mail');
    await mail.getByText('Your places are confirmed').waitFor();
    await page.getByRole('textbox', { name: 'Your message' }).fill('Please bring your slides.');
    await page.getByRole('button', { name: 'Update the preview' }).click();
    await mail.getByText('Please bring your slides.').waitFor();
    await check(page, 'the form');
    assert.equal(await page.getByRole('textbox', { name: 'Your message' }).inputValue(), 'Please bring your slides.');
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByRole('status').getByText('The registration has been approved.').waitFor();
    const count = await messages();
    await page.reload();
    await page.goBack({ waitUntil: 'commit' });
    await page.goto(path());
    assert.equal(await messages(), count, 'nothing is done twice');
    await page.goto(path('/correct'));
    await check(page, 'the correction');
    await until(async () => await page.getByRole('textbox', { name: 'Name' }).first().inputValue() === 'Ada Lovelace');
    await tab.close?.();
});
