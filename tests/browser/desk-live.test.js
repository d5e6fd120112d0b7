// The live page of the desk: a scan is there within a second, also after the service was away.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBrowser } from '../harness/browser.js';
import { signIn } from '../harness/desk.js';
import { exampleEvent, guest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { until } from '../harness/wait.js';

const house = await openHouse();
const event = await house.apply(exampleEvent());
const phone = await house.device(event);
const viewer = await signIn(house, { role: 'viewer' });
const browser = await openBrowser(house.service.url);
const path = `/desk/events/${event}/live`;

async function ticketOf(name) {
    const answer = await house.signUp(event, guest({ attendees: [{ name, answers: { company: 'biosaxony', lunch: false } }] }));
    return answer.json().attendees[0].ticket;
}

const scan = async (ticket, more) => assert.equal((await house.scan(event, phone, { ticket, ...more })).status, 200);
const number = (page, name) => page.locator(`[data-count=${name}]`);
const shows = (locator, text) => until(async () => (await locator.textContent()).includes(text), () => text);

test('scans, people inside and conflicts appear by themselves, and go on when the service is back', async () => {
    const tab = await browser.open();
    await viewer.enter(tab.context);
    const { page } = tab;
    await page.goto(path);
    await shows(page.locator('.live-state'), 'Updates automatically');
    const ada = await ticketOf('Ada Lovelace');
    await shows(number(page, 'expected'), '1');
    await page.getByText('Show as a table').click();
    const startedAt = Date.now();
    await scan(ada);
    await shows(number(page, 'admitted'), '1');
    const tookMs = Date.now() - startedAt;
    assert.ok(tookMs < 5000, `within a second on a quiet machine, ${tookMs} ms here`);
    await page.getByRole('link', { name: 'Ada Lovelace' }).waitFor();
    assert.equal(await page.locator('.chart-bar').count(), 1);
    assert.ok(await page.getByRole('columnheader', { name: 'Time' }).isVisible(), 'the table stays unfolded');
    await scan(ada, { direction: 'out' });
    await shows(number(page, 'inside'), '0');
    assert.equal(await number(page, 'admitted').textContent(), '1');
    await scan(ada);
    await shows(number(page, 'inside'), '1');
    await scan(ada, { decided: 'admitted' });
    await page.getByRole('heading', { name: 'One conflict' }).waitFor();
    await shows(page.locator('#live-news'), 'One conflict');
    assert.equal(await page.locator('.chart-bar').count(), 1, 'one person is one arrival');

    const grace = await ticketOf('Grace Hopper');
    await house.service.stop();
    await shows(page.locator('.live-state'), 'Connection lost');
    await house.service.start();
    await scan(grace);
    await shows(page.locator('.live-state'), 'Updates automatically');
    await shows(number(page, 'admitted'), '2');
    await page.getByRole('link', { name: 'Grace Hopper' }).waitFor();
    await tab.context.close();
});

test('without JavaScript it is the page of that moment, with a link to load it again', async () => {
    const tab = await browser.open({ javascript: false, width: 390 });
    await viewer.enter(tab.context);
    await tab.use(async (page) => {
        await page.goto(`${path}?projector=1`);
        await shows(page.locator('.live-state'), 'As of');
        await scan(await ticketOf('Emmy Noether'));
        await page.getByRole('link', { name: 'Reload' }).click();
        await shows(number(page, 'admitted'), '3');
        assert.equal(await page.getByText('Emmy Noether').count(), 0, 'a projector names nobody');
    });
    await tab.context.close();
});
