// The sign-up form with JavaScript: what applies is asked as one answers, people come and go
// without a new page, and the button says what it will do.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBrowser } from '../harness/browser.js';
import { exampleEvent, plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { Form, outcome } from './form.js';

const house = await openHouse();
const browser = await openBrowser(house.service.url);

async function apply(file) {
    await house.apply(file);
    return file;
}

const answers = async ({ slug }) => (await house.database.query(
    `select attendee.name, attendee.answers from attendee join event using (event_id)
      where slug = $1 order by attendee.name`, [slug])).map(({ name, answers }) => [name, answers]);

let people = 0;
const address = () => `scripted-${process.pid}-${++people}@example.org`;
const isFocused = (field) => field.evaluate((element) => element === document.activeElement);

test('questions that depend on an answer come and go with it, for each person alone, and what is hidden is not sent', async () => {
    const event = await apply(plainEvent({ registration: { most_attendees: 2 }, questions: [
        { slug: 'lunch', label: 'Lunch?', kind: 'yes_no', required: true },
        { slug: 'diet', label: 'Diet?', kind: 'several', required: true, shown_if: { lunch: true },
            choices: [{ slug: 'vegan', label: 'Vegan' }, { slug: 'other', label: 'Other' }] },
        { slug: 'which', label: 'Which?', kind: 'text', required: true, shown_if: { diet: 'other' } }] }));
    await browser.visit({ width: 390 }, async (page) => {
        const form = await new Form(page, event).open();
        await form.address.fill(address());
        await form.button('more').click();
        const [one, two] = [form.person(1), form.person(2)];
        await form.name(two).fill('B');
        await form.name(one).fill('A');
        assert.equal(await form.question('diet', one).isVisible(), false);
        await form.lunch('yes', one).check();
        assert.ok(await form.question('diet', one).isVisible());
        assert.equal(await form.question('diet', two).isVisible(), false);
        assert.equal(await page.getByText(/Only if you answered/).count(), 0, 'it is plain to see');
        await form.question('diet', one).getByRole('checkbox', { name: 'Other' }).check();
        await form.question('which', one).fill('no nuts');
        await form.lunch('no', one).check();
        assert.equal(await form.question('which', one).isVisible(), false, 'nor what depends on that');
        await form.lunch('yes', one).check();
        assert.equal(await form.question('which', one).inputValue(), 'no nuts', 'it is still there');
        await form.lunch('no', one).check();
        await form.lunch('yes', two).check();
        await form.question('diet', two).getByRole('checkbox', { name: 'Vegan' }).check();
        const sent = page.waitForRequest((request) => request.method() === 'POST');
        await form.send();
        const names = [...new URLSearchParams((await sent).postData()).keys()];
        assert.ok(!names.some((name) => /attendees\.0\.answers\.(diet|which)/.test(name)), names.join());
        assert.equal(await outcome(page), 'confirmed');
    });
    assert.deepEqual(await answers(event), [['A', { lunch: false }], ['B', { lunch: true, diet: ['vegan'] }]]);
});

test('people come and go without a new page, the focus goes along, and nothing typed is lost', async () => {
    const event = await apply(exampleEvent());
    await browser.visit({}, async (page) => {
        const form = await new Form(page, event).open();
        await page.evaluate(() => (window.isSamePage = true));
        await form.fill({ email: address(), name: 'Ada' });
        await form.lunch('yes').check();
        await form.question('diet').fill('no nuts');
        await form.lunch('no').check(); // hides it
        await form.button('more').click();
        await form.person(2).waitFor();
        assert.ok(await isFocused(form.name(form.person(2))));
        await form.fillPerson({ name: 'Bob' }, form.person(2));
        await form.button('more').click();
        await form.person(3).waitFor();
        assert.ok(await isFocused(form.name(form.person(3))));
        await form.fillPerson({ name: 'Cleo', company: 'Egypt' }, form.person(3));
        await form.removal(2).click();
        await form.person(3).waitFor({ state: 'detached' });
        assert.equal(await form.name(form.person(2)).inputValue(), 'Cleo');
        await page.getByRole('status').getByText(form.t.register.removed).waitFor({ state: 'attached' });
        await form.lunch('yes', form.person(1)).check();
        assert.equal(await form.question('diet', form.person(1)).inputValue(), 'no nuts', 'hidden, but kept');
        assert.ok(await page.evaluate(() => window.isSamePage));
        await form.send();
        assert.equal(await outcome(page), 'confirmed');
    });
    assert.deepEqual(await answers(event), [['Ada', { company: 'biosaxony', lunch: true, diet: 'no nuts' }],
        ['Cleo', { company: 'Egypt', lunch: false }]]);
});

test('where the script cannot fetch the form the browser loads it', async () => {
    const event = await apply(exampleEvent());
    const tab = await browser.open({});
    await tab.page.route('**/register', (route) => (
        route.request().resourceType() === 'fetch' ? route.abort() : route.continue()));
    const form = await new Form(tab.page, event).open();
    await form.name().fill('Ada');
    await form.button('more').click();
    await form.person(2).waitFor();
    assert.equal(await form.name(form.person(1)).inputValue(), 'Ada');
    await tab.context.close();
});

test('the button says what will become of what was chosen', async () => {
    const event = await apply(plainEvent({ registration: { capacity: 3, waiting_list: true, most_attendees: 3 }, ticket_types: [
        { slug: 'guest', title: 'Guest' }, { slug: 'press', title: 'Press', approval: true }, { slug: 'box', title: 'Box', capacity: 1 }] }));
    await house.signUp(event.slug, plainGuest());
    await browser.visit({}, async (page) => {
        const form = await new Form(page, event).open();
        const words = () => page.locator('.finish button').innerText();
        assert.equal(await words(), form.t.register.send);
        await page.getByRole('radio', { name: 'Press' }).check();
        assert.equal(await words(), form.t.register.send_ask);
        await form.button('more').click();
        await form.person(2).waitFor();
        assert.equal(await words(), form.t.register.send_ask);
        await form.button('more').click();
        await form.person(3).waitFor();
        assert.equal(await words(), form.t.register.send_wait, 'three do not fit into two places');
        const short = page.locator('#short');
        assert.equal(await short.innerText(), 'Only 2 places are left, and you’re registering 3 people. All of you would join the waiting list. To get places now, remove one person.');
        await form.removal(1).click();
        await form.person(3).waitFor({ state: 'detached' });
        assert.equal(await words(), form.t.register.send);
        assert.equal(await short.isVisible(), false);
        for (const number of [1, 2]) await form.person(number).getByRole('radio', { name: 'Box' }).check();
        assert.equal(await short.innerText(), 'Places left: 1. You’re registering 2 people. All of you would join the waiting list. Remove 1 to get places now.');
    });
});

test('nobody comes into the field for programs, by eye, keyboard or screen reader', async () => {
    const event = await apply(plainEvent());
    await browser.visit({ width: 390 }, async (page) => {
        const form = await new Form(page, event).open();
        const trap = page.locator('[name=subject]');
        assert.equal(await page.getByRole('textbox', { name: form.t.register.leave_empty }).count(), 0);
        const box = await trap.boundingBox();
        assert.ok(box.x + box.width <= 0, 'it is off the page');
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false);
        await form.address.focus();
        for (let i = 0; i < 12; i++) {
            assert.equal(await isFocused(trap), false);
            await page.keyboard.press('Shift+Tab');
        }
    });
});

test('what was typed is never lost: by a wrong code, by Back, or by the other language', async () => {
    const event = await apply(exampleEvent());
    await browser.visit({}, async (page) => {
        let form = await new Form(page, event).open();
        await form.address.fill('ada@example.org');
        await form.fillPerson({ name: 'Ada', lunch: 'yes' });
        await form.question('diet').fill('no nuts');
        await form.lunch('no').check(); // hides it
        await form.typeCode('GUESS');
        await form.button('apply_code').click();
        const code = page.locator('#code[aria-invalid]');
        await code.waitFor();
        assert.ok(await isFocused(code));
        assert.match(await page.title(), /^Error: /);
        await code.fill('');
        await form.button('more').click();
        await form.person(2).waitFor();
        assert.doesNotMatch(await page.title(), /^Error: /);
        await form.name(form.person(2)).fill('Bob');
        await page.getByRole('link', { name: form.t.register.back }).click();
        await page.waitForURL(/\/events\/[^/]+$/);
        await page.goBack({ waitUntil: 'commit' });
        await form.person(2).waitFor();
        assert.equal(await form.name(form.person(2)).inputValue(), 'Bob');
        await page.getByRole('button', { name: 'Deutsch' }).click();
        await page.waitForURL(/lang=de/);
        form = new Form(page, event, 'de');
        assert.equal(await form.name(form.person(2)).inputValue(), 'Bob');
        assert.equal(await form.address.inputValue(), 'ada@example.org');
        await form.lunch('yes', form.person(1)).check();
        assert.equal(await form.question('diet', form.person(1)).inputValue(), 'no nuts', 'hidden, but sent along');
    });
    await browser.visit({ javascript: false }, async (page) => {
        const form = await new Form(page, event).open();
        await form.address.fill('ada@');
        await form.name().fill('Ada');
        await form.name().press('Enter'); // sends, and does not change the language
        await page.locator('.error-summary').waitFor();
        assert.match(await page.title(), /^Error: /);
        await form.name().fill('Ada King');
        await page.getByRole('link', { name: form.t.register.back }).click();
        await page.waitForURL(/\/events\/[^/]+$/);
        await page.goBack({ waitUntil: 'commit' });
        assert.equal(await form.name().inputValue(), 'Ada King');
        await page.getByRole('button', { name: 'Deutsch' }).click();
        await page.waitForURL(/lang=de/);
        assert.equal(await new Form(page, event, 'de').name().inputValue(), 'Ada King');
    });
});
