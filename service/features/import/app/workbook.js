/*
 * The page that takes a list: reads an Excel file in the browser and puts its sheet in the file's
 * place as CSV. The service never unpacks an archive.
 */
import readWorkbook from 'read-excel-file/universal';

const LARGEST_BYTES = 16 * 1024 * 1024;

const form = document.getElementById('import');
const input = document.getElementById('file');
const error = document.getElementById('file-error');
const sheetField = document.getElementById('sheet-field');
const sheetChoice = document.getElementById('sheet');

let workbook = null; // {name, sheets}: what the input had before it was replaced

const two = (number) => String(number).padStart(2, '0');

// A cell's value as a person would type it. Dates of a workbook have no time zone.
function textOf(value) {
    if (value === null || value === undefined) return '';
    if (!(value instanceof Date)) return String(value);
    const day = `${value.getUTCFullYear()}-${two(value.getUTCMonth() + 1)}-${two(value.getUTCDate())}`;
    const time = `${two(value.getUTCHours())}:${two(value.getUTCMinutes())}`;
    return time === '00:00' ? day : `${day} ${time}`;
}

const csvOf = (rows) => rows.map((row) => row.map((value) =>
    `"${textOf(value).replaceAll('"', '""')}"`).join(',')).join('\r\n');

function tell(problem) {
    error.textContent = problem ? error.dataset[problem] : '';
    error.hidden = !problem;
    if (problem) {
        input.setAttribute('aria-invalid', 'true');
        input.setAttribute('aria-describedby', 'file-hint file-error');
    } else {
        input.removeAttribute('aria-invalid');
        input.setAttribute('aria-describedby', 'file-hint');
    }
    input.closest('.field').classList.toggle('field-wrong', Boolean(problem));
}

function refuse(problem) {
    workbook = null;
    input.value = '';
    sheetField.hidden = true;
    tell(problem);
}

// The form sends the input's file.
function use(sheet) {
    const rows = sheet.data.filter((row) => row.some((value) => textOf(value).trim() !== ''));
    tell(rows.length > 0 ? '' : 'empty');
    const files = new DataTransfer();
    files.items.add(new File([csvOf(rows)], workbook.name, { type: 'text/csv' }));
    input.files = files.files;
}

function offer(sheets) {
    sheetChoice.replaceChildren(...sheets.map(({ sheet }) => new Option(sheet, sheet)));
    sheetField.hidden = sheets.length < 2;
}

async function isArchive(file) {
    const start = new Uint8Array(await file.slice(0, 4).arrayBuffer());
    return start[0] === 0x50 && start[1] === 0x4b && start[2] === 3 && start[3] === 4;
}

async function read() {
    const file = input.files[0];
    sheetField.hidden = true;
    workbook = null;
    tell('');
    if (!file || !(await isArchive(file))) return;
    if (file.size > LARGEST_BYTES) {
        refuse('large');
        return;
    }
    form.setAttribute('aria-busy', 'true');
    try {
        const sheets = await readWorkbook(file);
        workbook = { name: file.name, sheets };
        offer(sheets);
        use(sheets.find(({ data }) => data.length > 0) ?? sheets[0]);
        sheetChoice.value = (sheets.find(({ data }) => data.length > 0) ?? sheets[0]).sheet;
    } catch {
        refuse('unreadable');
    } finally {
        form.removeAttribute('aria-busy');
    }
}

let reading = Promise.resolve();
input.addEventListener('change', () => {
    reading = read();
});
sheetChoice.addEventListener('change', () =>
    use(workbook.sheets.find(({ sheet }) => sheet === sheetChoice.value)));

// Sends only what has been read.
form.addEventListener('submit', async (event) => {
    if (form.getAttribute('aria-busy') !== 'true') return;
    event.preventDefault();
    await reading;
    if (input.files.length > 0) form.querySelector('[type=submit]').click();
});
