// An organiser's story, without a shell: from the link that signs them in to the list of who came, as a
// workbook.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import ExcelJS from 'exceljs';
import { openBrowser } from '../harness/browser.js';
import { signInLink } from '../harness/desk.js';
import { exampleEvent, guest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';

const house = await openHouse();
const slug = await house.apply(exampleEvent());
const { attendees: [coming] } = (await house.signUp(slug, guest())).json();
const email = 'organiser@example.org';
await house.mustCommand(['account', 'add', email, '--organiser', 'biosaxony', '--role', 'owner']);
const link = await signInLink(house, email);
const browser = await openBrowser(house.service.url);

// A phone that was paired by the code on the organiser's screen.
async function scan(code, ticket) {
    const { token } = (await house.http.post('/api/v1/devices', { json: { code } })).json();
    const answer = await house.http.post(`/api/v1/events/${slug}/checkins`, { token, json: { ticket } });
    assert.equal(answer.json().verdict, 'admitted', answer.body);
}

async function readRows(download) {
    const book = new ExcelJS.Workbook();
    await book.xlsx.load(readFileSync(await download.path()));
    const rows = [];
    book.worksheets[0].eachRow(({ values }) => rows.push(values.slice(1)));
    return rows;
}

test('an organiser signs in, adds a speaker, opens a door, watches, and takes home who came', async () => {
    await browser.visit({}, async (page) => {
        const follow = (name, within = page) => within.getByRole('link', { name, exact: true }).first().click();
        const press = (name) => page.getByRole('button', { name, exact: true }).click();

        await page.goto(link);
        await page.locator('main form button').click();
        await follow('bionection meets Artificial Intelligence');

        await follow('People');
        await page.getByText(coming.name).first().waitFor();
        await follow('Add a person');
        await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Émilie du Châtelet');
        await page.getByLabel('Ticket type').selectOption('speaker');
        await press('Add');
        await page.getByRole('status').getByText('The person was added.').waitFor();
        await page.getByRole('heading', { name: 'Émilie du Châtelet', level: 1 }).waitFor();

        await follow('Doors');
        await press('Show the pairing code');
        await scan((await page.locator('.pairing-code').textContent()).trim(), coming.ticket);
        await follow('Live');
        await page.getByText(coming.name).first().waitFor(); // among the newest scans

        await follow('People');
        await page.locator('.tabs a', { hasText: /^Came/ }).click();
        await page.locator('summary', { hasText: 'Download' }).click();
        const arriving = page.waitForEvent('download');
        await page.locator('details[open] a', { hasText: 'Excel' }).first().click();
        const [head, ...rows] = await readRows(await arriving);
        assert.ok(head.includes('Name'), head);
        assert.deepEqual(rows.map((row) => row[head.indexOf('Name')]), [coming.name]);

        await press('Sign out');
        await page.goto(`/desk/events/${slug}/attendees`);
        await page.getByRole('heading', { name: 'Sign in', level: 1 }).waitFor();
    });
});
