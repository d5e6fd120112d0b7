// Reads documents with independent tools: pdftotext, qpdf, zbarimg.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from './paths.js';

// Runs a tool on a file with these bytes; '%' is its path. → the tool's output
export function tool(bytes, command, ...words) {
    const file = join(temporaryDirectory(), 'document');
    writeFileSync(file, bytes);
    const run = spawnSync(command, words.map((word) => word === '%' ? file : word), { maxBuffer: 1 << 26 });
    assert.equal(run.status, 0, `${command}: ${run.stderr}`);
    return run.stdout;
}

// → the text of a PDF on one line
export function pdfText(pdf) {
    return tool(pdf, 'pdftotext', '-raw', '%', '-').toString().replace(/\s+/g, ' ');
}

// → the text of the QR code in a picture
export function scanPicture(picture) {
    return tool(picture, 'zbarimg', '--quiet', '--raw', '-Sdisable', '-Sqrcode.enable', '%').toString().trim();
}

// → the text of the QR code on the first page of a PDF
export function scanPdf(pdf) {
    return scanPicture(tool(pdf, 'pdftoppm', '-r', '110', '-f', '1', '-l', '1', '-png', '%'));
}
