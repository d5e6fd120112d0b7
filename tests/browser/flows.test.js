// What people do: from the event page to a ticket and back out, in a browser.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exampleEvent, plainEvent } from '../harness/events.js';
import { openBrowser } from '../harness/browser.js';
import { openHouse } from '../harness/house.js';
import { words } from '../harness/words.js';
import { Form, outcome } from './form.js';

const house = await openHouse();
const browser = await openBrowser(house.service.url);
const whole = await openBrowser(house.service.url, [], 'chromium');

async function apply(event) {
    await house.apply(event);
    return event;
}

// → the people of an event who have not cancelled
const people = ({ slug }) => house.database.query(
    `select attendee.name, registration.email, registration.language, attendee.status
       from attendee
       join registration using (event_id, registration_id)
       join event using (event_id)
      where event.slug = $1 and attendee.status <> 'cancelled'
      order by registration_id, attendee.position`, [slug]);

let addresses = 0;
const address = () => `visitor-${process.pid}-${++addresses}@example.org`;

// → a registration of its own through the form, seen on the page it leads to
async function register(page, event, { name = 'Ada', email = address(), language = 'en' } = {}) {
    const form = await new Form(page, event, language).open();
    await form.fill({ name, email });
    await form.send();
    return await outcome(page, language);
}

const scripts = [['without JavaScript', false], ['with JavaScript', true]];

for (const [how, javascript] of scripts) {
    test(`somebody signs up in German on a phone ${how}`, async () => {
        const event = await apply(exampleEvent());
        const t = words('de');
        const email = address();
        await browser.visit({ width: 390, language: 'de', javascript }, async (page) => {
            await page.goto(`/events/${event.slug}`);
            await page.getByRole('link', { name: t.event.register, exact: true }).first().tap();
            const form = new Form(page, event, 'de');
            await form.fill({ email, name: 'Käthe Größe' });
            await form.send();
            assert.equal(await outcome(page, 'de'), 'confirmed');
            assert.equal(await page.locator('html').getAttribute('lang'), 'de');
            await page.getByText('Käthe Größe').first().waitFor();
            await page.getByRole('img').first().waitFor(); // the code
        });
        assert.deepEqual(await people(event),
            [{ name: 'Käthe Größe', email, language: 'de', status: 'confirmed' }]);
    });

    test(`errors are listed, linked and focused, and what was typed is kept, ${how}`, async () => {
        const event = await apply(exampleEvent());
        await browser.visit({ javascript }, async (page) => {
            const form = await new Form(page, event).open();
            await form.address.fill('ada@');
            await form.name().fill('Ada "L" <b>');
            const medicine = form.question('field').getByRole('radio', { name: 'Medicine' });
            await medicine.check();
            await form.consent('photos').check();
            await form.send();
            const summary = page.getByRole('alert');
            await summary.waitFor();
            assert.ok(await summary.evaluate((element) => element === document.activeElement),
                'the list of errors has the focus');
            const links = summary.getByRole('link');
            const wrong = [form.address, form.question('company'), form.question('lunch'),
                form.consent('privacy')];
            assert.equal(await links.count(), wrong.length);
            for (const [i, field] of wrong.entries()) {
                await links.nth(i).click();
                await assertFocus(page, field);
            }
            assert.equal(await form.address.inputValue(), 'ada@');
            assert.equal(await form.name().inputValue(), 'Ada "L" <b>');
            assert.ok(await medicine.isChecked());
            assert.ok(await form.consent('photos').isChecked());
            assert.equal(await form.consent('privacy').isChecked(), false);
            for (const field of [form.address, form.question('company')]) {
                assert.equal(await field.getAttribute('aria-invalid'), 'true');
                assert.notEqual(await describedBy(field), '');
            }
            await form.address.fill(address());
            await form.question('company').fill('Engines');
            await form.lunch('no').check();
            await form.consent('privacy').check();
            await form.send();
            assert.equal(await outcome(page), 'confirmed');
        });
    });

    test(`companions come and go, and what was typed stays, ${how}`, async () => {
        const event = await apply(exampleEvent());
        await browser.visit({ width: 390, javascript }, async (page) => {
            const form = await new Form(page, event).open();
            await form.fill({ email: address(), name: 'Ada' });
            await form.button('more').click();
            await form.fillPerson({ name: 'Grace', company: 'Navy', lunch: 'yes' }, form.person(2));
            await form.button('more').click();
            await form.name(form.person(3)).fill('Nobody');
            assert.equal(await form.name(form.person(1)).inputValue(), 'Ada');
            assert.equal(await form.name(form.person(2)).inputValue(), 'Grace');
            await form.removal(3).click();
            await form.person(3).waitFor({ state: 'detached' });
            assert.equal(await form.question('company', form.person(1)).inputValue(), 'biosaxony');
            assert.equal(await form.question('company', form.person(2)).inputValue(), 'Navy');
            assert.ok(await form.lunch('yes', form.person(2)).isChecked());
            assert.ok(await form.consent('privacy').isChecked());
            await form.send();
            assert.equal(await outcome(page), 'confirmed');
        });
        assert.deepEqual((await people(event)).map(({ name }) => name), ['Ada', 'Grace']);
    });

    test(`a double click on send registers once, ${how}`, async () => {
        const event = await apply(plainEvent({ registration: { once_per_email: false } }));
        await browser.visit({ javascript }, async (page) => {
            const form = await new Form(page, event).open();
            await form.fill({ email: address(), name: 'Ada' });
            await form.pause();
            await form.end.dblclick();
            assert.equal(await outcome(page), 'confirmed');
        });
        assert.equal((await people(event)).length, 1);
    });

    test(`who goes back and sends again has one registration, ${how}`, async () => {
        const event = await apply(plainEvent({ registration: { once_per_email: false } }));
        await whole.visit({ javascript }, async (page) => {
            assert.equal(await register(page, event), 'confirmed');
            const first = page.url();
            await page.goBack({ waitUntil: 'commit' }); // what is only shown again does not load
            await new Form(page, event).send();
            assert.equal(await outcome(page), 'confirmed');
            assert.equal(page.url(), first);
        });
        assert.equal((await people(event)).length, 1);
    });
}

test('a browser may keep the form for who goes back', async () => {
    const event = await apply(exampleEvent());
    const { headers } = await house.http.get(`/events/${event.slug}/register`);
    assert.doesNotMatch(headers['cache-control'], /no-store|public/);
});

// A link to a field brings the focus to it, one to a group to its first control or right before it.
async function assertFocus(page, field) {
    const isFocused = () => field.evaluate((element) => element === document.activeElement ||
        element.contains(document.activeElement));
    if (await isFocused()) return;
    await page.keyboard.press('Tab');
    assert.ok(await isFocused(), `the link does not lead to ${field}`);
}

const describedBy = (field) => field.evaluate((element) =>
    (element.getAttribute('aria-describedby') ?? '').split(' ')
        .map((id) => document.getElementById(id)?.textContent ?? '').join(' ').trim());

const hasFocus = (target) => target.evaluate((element) => element === document.activeElement);

// Presses Tab from field to field, whatever their order, and does at each what is to be done there.
async function tabThrough(page, stops) {
    const open = new Set(stops);
    for (let i = 0; open.size > 0; i++) {
        assert.ok(i < 60, `Tab does not lead to ${[...open].map(([target]) => target).join(' and ')}`);
        await page.keyboard.press('Tab');
        for (const stop of open) {
            const [target, act] = stop;
            if (!await hasFocus(target)) continue;
            await act();
            open.delete(stop);
        }
    }
}

const tabTo = (page, target) => tabThrough(page, [[target, () => {}]]);

test('a keyboard is enough, from the event page to the ticket and to cancelling it', async () => {
    const event = await apply(exampleEvent());
    const t = words('en');
    await browser.visit({}, async (page) => {
        const form = new Form(page, event);
        const type = (text) => page.keyboard.type(text);
        await page.goto(`/events/${event.slug}`);
        await tabTo(page, page.getByRole('link', { name: t.event.register, exact: true }).first());
        await page.keyboard.press('Enter');
        await page.waitForURL(/\/register/);
        await tabThrough(page, [
            [form.address, () => type(address())],
            [form.name(), () => type('Ada Lovelace')],
            [form.question('company'), () => type('Engines')],
            [form.lunch('yes'), async () => {
                await page.keyboard.press('Space');
                await page.keyboard.press('ArrowDown');
                assert.ok(await form.lunch('no').isChecked(), 'arrows choose');
            }],
            [form.consent('privacy'), () => page.keyboard.press('Space')],
        ]);
        await tabTo(page, form.end);
        await form.pause();
        await page.keyboard.press('Enter');
        assert.equal(await outcome(page), 'confirmed');
        await tabTo(page, page.getByRole('link', { name: t.registration.cancel, exact: true }));
        await page.keyboard.press('Enter');
        await page.waitForURL(/\/cancel/);
        await tabTo(page, page.getByRole('button', { name: t.manage.cancel_now }));
        await page.keyboard.press('Enter');
        await page.getByRole('heading', { level: 1, name: t.registration.cancelled }).waitFor();
    });
    assert.deepEqual(await people(event), []);
});

test('the enter key in a field sends the form, and adds nobody', async () => {
    const event = await apply(plainEvent());
    await browser.visit({}, async (page) => {
        const form = await new Form(page, event).open();
        await form.fill({ email: address(), name: 'Ada' });
        await form.pause();
        await form.name().press('Enter');
        assert.equal(await outcome(page), 'confirmed');
    });
    assert.equal((await people(event)).length, 1);
});

test('an access code typed into the form opens its ticket', async () => {
    const event = await apply(exampleEvent());
    await browser.visit({}, async (page) => {
        const form = await new Form(page, event).open();
        await form.fill({ email: address(), name: 'Ada' });
        await form.typeCode('SPEAKER-2022');
        await form.send();
        await form.ticket('Speaker').check();
        assert.equal(await form.name().inputValue(), 'Ada');
        await form.send();
        assert.equal(await outcome(page), 'confirmed');
        await page.getByText('Speaker', { exact: true }).first().waitFor();
    });
});

test('who comes late waits with a position, moves up when somebody cancels, and can give up', async () => {
    const event = await apply(plainEvent({ registration: { capacity: 1, waiting_list: true } }));
    const t = words('en');
    const cancel = async (page) => {
        await page.getByRole('link', { name: t.registration.cancel, exact: true }).click();
        await page.getByRole('button', { name: t.manage.cancel_now }).click();
        await page.getByRole('heading', { level: 1, name: t.registration.cancelled }).waitFor();
    };
    await browser.visit({}, async (first) => {
        assert.equal(await register(first, event, { name: 'First' }), 'confirmed');
        await browser.visit({ width: 390 }, async (second) => {
            await second.goto(`/events/${event.slug}`);
            await second.getByRole('link', { name: t.event.join_waiting_list }).first().waitFor();
            assert.equal(await register(second, event, { name: 'Second' }), 'waitlisted');
            const { waitlisted_position } = t.registration;
            const [, next] = /\{\{#waiting_position\.one\}\}(.*?)\{\{\//.exec(waitlisted_position);
            await second.getByText(next).waitFor();
            assert.equal(await second.getByRole('img').count(), 0, 'no code yet');
            await cancel(first);
            await second.reload();
            assert.equal(await outcome(second), 'confirmed');
            await second.getByRole('img').first().waitFor();
            await cancel(second);
        });
    });
    assert.deepEqual(await people(event), []);
});
