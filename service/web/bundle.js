// A tool of the build: bundles the door's scripts, and the one that reads Excel files, with their npm packages.
//
//   node bundle.js OUTPUT DEPFILE
//
// Installs the packages of package-lock.json into OUTPUT/npm, once. Writes a file for each entry below
// into OUTPUT, and their sources into DEPFILE. Every entry is an asset with its own address, so the page
// loads it only when needed.
import { spawnSync } from 'node:child_process';
import { appendFileSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { target } from './targets.js';

const here = dirname(fileURLToPath(import.meta.url));
const features = join(here, '../features');
const [output, depfile] = process.argv.slice(2);
const packages = join(output, 'npm');

const entries = {
    door: 'door/app/main.js',
    'door-decoder': 'door/app/scanner/decoder_worker.js',
    'door-ed25519': 'door/app/engine/ed25519.js',
    'door-worker': 'door/app/worker.js',
    import: 'import/app/workbook.js',
};

function die(sentence) {
    process.stderr.write(`${sentence}\n`);
    process.exit(1);
}

// Not "npm ci": it needs optional packages for other platforms, which a registry may lack.
function install() {
    const lock = readFileSync(join(here, 'package-lock.json'));
    const installed = join(packages, 'installed.json');
    if (existsSync(installed) && readFileSync(installed).equals(lock)) return;
    mkdirSync(packages, { recursive: true });
    for (const file of ['package.json', 'package-lock.json'])
        copyFileSync(join(here, file), join(packages, file));
    const npm = spawnSync('npm', ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund'],
        { cwd: packages, encoding: 'utf8' });
    if (npm.error) die(`The scripts need npm to be built: ${npm.error.message}`);
    if (npm.status !== 0) die(`npm could not install what the scripts need:\n${npm.stderr}`);
    writeFileSync(installed, lock);
}

async function bundle() {
    const esbuild = createRequire(resolve(packages, 'package.json'))('esbuild');
    return esbuild.build({
        entryPoints: Object.entries(entries).map(([out, file]) => ({ out, in: join(features, file) })),
        outdir: output,
        bundle: true,
        minify: true,
        format: 'esm',
        target,
        charset: 'utf8',
        legalComments: 'none', // addNotices() writes them whole
        nodePaths: [resolve(packages, 'node_modules')],
        metafile: true,
        logLevel: 'warning',
    });
}

// Their licences ask that copyright and permission go with every copy (docs/licences.md).
function notice(name) {
    const folder = join(packages, 'node_modules', name);
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry)) ?? die(`${name} comes without its licence.`);
    const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json')));
    return `/*! Bundled: ${name} ${version} (${license})\n${readFileSync(join(folder, file), 'utf8').trim().replaceAll('*/', '')}\n*/\n`;
}

function addNotices({ outputs }) {
    for (const [file, { inputs }] of Object.entries(outputs)) {
        const names = Object.keys(inputs).map((input) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1]);
        if (names.includes('barcode-detector')) names.push('zxing-wasm'); // it loads zxing_reader.wasm
        for (const name of new Set(names.filter(Boolean))) appendFileSync(file, notice(name));
    }
}

install();
const { metafile } = await bundle();
addNotices(metafile);
copyFileSync(join(packages, 'node_modules/zxing-wasm/dist/reader/zxing_reader.wasm'),
    join(output, 'zxing_reader.wasm'));
const made = [...Object.keys(entries).map((name) => `${name}.js`), 'zxing_reader.wasm'];
const from = [...Object.keys(metafile.inputs).filter((file) => !file.includes('node_modules')),
    join(here, 'targets.js')];
const escape = (path) => path.replaceAll(' ', '\\ ');
writeFileSync(depfile, `${made.map((name) => escape(join(output, name))).join(' ')}: ${
    from.map(escape).join(' ')}\n`);
