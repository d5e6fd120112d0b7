// Writes files as one C file that asset.h reads, for the build:
//
//   node embed.js OUTPUT ROOT... -- FILE...
//
// An asset's name is its file's path below the first ROOT that holds it.
import { readFileSync, realpathSync, writeFileSync } from 'node:fs';

const [output, ...rest] = process.argv.slice(2);
const end = rest.indexOf('--');
const roots = rest.slice(0, end).map((root) => `${realpathSync(root)}/`);

// How each byte is written in a C string. Three octal digits end an escape, whatever follows.
const escapes = Array.from({ length: 256 }, (_, byte) => {
    const char = String.fromCharCode(byte);
    if (/[ -~]/.test(char) && !/["\\?]/.test(char)) return char;
    return `\\${byte.toString(8).padStart(3, '0')}${char === '\n' ? '"\n"' : ''}`;
});

function find(given) {
    const path = realpathSync(given);
    const root = roots.find((folder) => path.startsWith(folder));
    if (root === undefined) {
        process.stderr.write(`embed: ${given}: is below no root\n`);
        process.exit(1);
    }
    return { path, name: path.slice(root.length) };
}

const files = rest.slice(end + 1).map(find).sort((a, b) => a.name < b.name ? -1 : 1);
const bytes = files.map(({ path }, at) => `static const unsigned char bytes_${at}[] = "${
    Array.from(readFileSync(path), (byte) => escapes[byte]).join('')}";\n`);
const table = files.map(({ name }, at) =>
    `    {"${name}", bytes_${at}, sizeof bytes_${at} - 1},\n`);
writeFileSync(output, `#include "view/asset.h"

${bytes.join('')}const struct asset asset_all[] = {
${table.join('')}    {0},
};
const size_t asset_count = ${files.length};
`);
