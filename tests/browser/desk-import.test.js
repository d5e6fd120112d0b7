// An Excel file is read in the browser, and its people are added.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import ExcelJS from 'exceljs';
import { openBrowser } from '../harness/browser.js';
import { signIn } from '../harness/desk.js';
import { plainEvent } from '../harness/events.js';
import { openHouse } from '../harness/house.js';

const house = await openHouse();
const born = { slug: 'born', label: { en: 'Born', de: 'Geboren' }, kind: 'date', required: false };
const event = await house.apply(plainEvent({ questions: [born] }));
const manager = await signIn(house);
const browser = await openBrowser(house.service.url);

async function workbook() {
    const book = new ExcelJS.Workbook();
    book.addWorksheet('Notes').addRow(['Please do not touch']);
    const sheet = book.addWorksheet('Guests');
    sheet.addRow(['First name', 'Last name', 'E-mail', 'Born']);
    sheet.addRow(['Jürgen', 'Müller "MM"', 'juergen@example.org', new Date(Date.UTC(1980, 4, 13))]);
    sheet.addRow(['Ada', 'Lovelace', 'ada@example.org', null]);
    sheet.addRow(['Nobody', '', 'nobody@', null]);
    return Buffer.from(await book.xlsx.writeBuffer());
}

test('somebody brings an Excel file, chooses its sheet, sees what is wrong, and adds the others', async () => {
    const tab = await browser.open();
    await manager.enter(tab.context);
    const { page } = tab;
    await page.goto(`/desk/events/${event}/attendees`);
    await page.getByRole('link', { name: 'Import a list' }).first().click();
    const file = page.getByLabel('Choose a file');
    await file.setInputFiles({ name: 'broken.xlsx', mimeType: '', buffer: Buffer.from('PK\x03\x04 broken', 'latin1') });
    await page.getByText('We can’t read this Excel file.').waitFor();
    await file.setInputFiles({ name: 'Gäste.xlsx', mimeType: '', buffer: await workbook() });
    await page.getByLabel('Sheet', { exact: true }).selectOption('Guests');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('This is how we read “Gäste.xlsx”.').waitFor();
    assert.equal(await page.getByLabel('Last name', { exact: true }).inputValue(), 'last_name');
    await page.getByText('Müller "MM"').waitFor();
    await page.getByRole('button', { name: 'Check the list' }).click();
    await page.getByRole('heading', { name: '2 people can be added' }).waitFor();
    await page.getByText('“nobody@” is not an email address.').waitFor();
    await page.getByRole('button', { name: 'Add 2 people' }).click();
    await page.getByRole('heading', { name: '2 people were added' }).waitFor();
    const added = await house.database.query('select name, answers from attendee order by name');
    assert.deepEqual(added, [{ name: 'Ada Lovelace', answers: {} }, { name: 'Jürgen Müller "MM"', answers: { born: '1980-05-13' } }]);
});
