// An organiser makes an event, asks three questions, of which one depends on another, puts them in order
// by keys, tries the form out and saves.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBrowser } from '../harness/browser.js';
import { signIn } from '../harness/desk.js';
import { plainEvent } from '../harness/events.js';
import { openHouse } from '../harness/house.js';

const house = await openHouse();
await house.apply(plainEvent());
const me = await signIn(house);
const browser = await openBrowser(house.service.url);

test('a new event gets questions, which are ordered by keys and tried out before they are saved', async () => {
    await browser.visit({}, async (page) => {
        const press = (name) => page.getByRole('button', { name, exact: true }).last().click();
        const done = (words) => page.getByRole('status').getByText(words).waitFor();
        await me.enter(page.context());
        await page.goto('/desk/events/new');
        await page.getByLabel('Title').fill('Summer party');
        for (const [of, time] of [['starts_at', '18:00'], ['ends_at', '23:00']]) {
            await page.locator(`[id="${of}.date"]`).fill('2031-07-01');
            await page.locator(`[id="${of}.time"]`).fill(time);
        }
        await press('Create draft');
        await done('The draft has been created.');
        await page.getByRole('link', { name: /^Questions/ }).click();

        const ask = async (label, kind, steps = async () => {}) => {
            await page.getByRole('link', { name: 'Add a question' }).click();
            await page.getByRole('textbox', { name: 'English' }).first().fill(label);
            await page.getByRole('radio', { name: kind, exact: true }).check();
            await steps();
            await press('Add');
            await done('Added.');
        };
        await ask('Your company', 'Short text');
        await ask('Will you eat?', 'Yes or no');
        await ask('What?', 'One answer from a list', async () => {
            await page.getByRole('textbox', { name: 'Option 1, English' }).fill('Soup');
            await page.getByRole('textbox', { name: 'Option 2, English' }).fill('Salad');
            await page.getByLabel('When to ask').selectOption({ label: 'Will you eat? – Yes' });
            const form = page.frameLocator('iframe[name="preview"]');
            await form.getByText('Will you eat?').waitFor();
            await form.getByRole('radio', { name: 'Soup' }).waitFor({ state: 'hidden' });
            await form.getByRole('radio', { name: 'Yes' }).check();
            await form.getByRole('radio', { name: 'Soup' }).waitFor(); // before it is saved
            await page.getByRole('textbox', { name: 'Option 1, English' }).fill('Tomato soup');
            await form.getByRole('radio', { name: 'Tomato soup' }).waitFor(); // what was tried out stays
        });

        const up = page.getByRole('button', { name: 'Move “Will you eat?” up' });
        await up.focus();
        await page.keyboard.press('Enter');
        await done('The order has been saved.');
        assert.deepEqual(await page.locator('.element-list a').allTextContents(), ['Will you eat?', 'Your company', 'What?']);
        const focused = await page.evaluate(() => document.activeElement.getAttribute('aria-label'));
        assert.equal(focused, 'Move “Will you eat?” down', 'the focus stays at the question');
    });
    const { questions } = JSON.parse(await house.mustCommand(['event', 'show', 'summer-party']));
    assert.deepEqual(questions.map(({ slug, shown_if }) => [slug, shown_if]),
        [['will-you-eat', undefined], ['your-company', undefined], ['what', { 'will-you-eat': true }]]);
});
