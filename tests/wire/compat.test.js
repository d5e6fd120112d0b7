// Pages and door work in the browsers of service/web/package.json: what those lack is not used, or not
// needed.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { lintScript, lintStyles, ownNames, vectorFunctions } from '../harness/compat.js';
import { program, repository } from '../harness/paths.js';

function scriptsBelow(directory) {
    return readdirSync(join(repository, directory), { withFileTypes: true }).flatMap((entry) => {
        const path = join(directory, entry.name);
        return entry.isDirectory() ? scriptsBelow(path) : path.endsWith('.js') ? [path] : [];
    });
}

const built = (name) => readFileSync(join(dirname(program), 'web', name));

const read = (path) => readFileSync(join(repository, path), 'utf8');

// The scripts of the feature operations are tools of the build.
const scripts = ['service/web/scripts', 'service/features'].flatMap(scriptsBelow)
    .filter((path) => !path.startsWith('service/features/operations/'));

// Each is tried before it is used, or does nothing where it is missing.
const optional = [
    'BarcodeDetector', 'getSupportedFormats', // decoder.js: our own reads the codes
    'requestVideoFrameCallback', // camera.js looks thirty times a second
    'wakeLock', // wake.js
    'share', // page.js offers a link
    'fullscreenElement', 'exitFullscreen', // kiosk.js, after requestFullscreen?.()
    'inert', // without it, a keyboard reaches controls that a verdict covers
    'level', 'charging', // of getBattery?.()
    'srcObject', 'playsInline',
];

// Members that share their name with something newer: of a decoder, of JSON, of our events.
const ours = ['detect', 'watch', 'lost', 'added', 'removed', 'colorScheme'];

// The same in the packages that the build bundles.
const theirs = ['OffscreenCanvas', 'OffscreenCanvasRenderingContext2D', 'VideoFrame', 'displayWidth', 'displayHeight',
    'captureStackTrace', 'node', 'dispose', 'setStatus'];

const harmless = [
    '::selection', 'text-wrap', 'hyphenate-limit-chars', 'container-type', 'cursor', 'resize', 'forced-color-adjust', 'size',
];

test('scripts use what the oldest browsers have', () => {
    const own = new Set([...ownNames(scripts.map(read)), ...optional, ...ours]);
    assert.deepEqual(scripts.flatMap((path) => lintScript(read(path), own).map((one) => `${path}: ${one}`)), []);
    for (const fault of ['list.toReversed()', 'days.findLast(isOver)', 'form.requestSubmit()', 'structuredClone(list)',
        'AbortSignal.timeout(5)', 'Object.groupBy(list, byDay)',
        'new BroadcastChannel("pairing")', 'new Worker(url, { type: "module" })', 'class A { static { a(); } }'])
        assert.equal(lintScript(fault, own).length, 1, fault);
    assert.deepEqual(lintScript('form.requestSubmit?.(); list.slice().reverse();', own), []);
});

test('the bundles with their packages do so too, and the decoder needs no vectors, which Safari has from 16.4', () => {
    for (const name of ['door.js', 'door-decoder.js', 'door-ed25519.js', 'door-worker.js', 'import.js']) {
        const text = String(built(name));
        assert.deepEqual(lintScript(text, new Set([...ownNames([text]), ...optional, ...ours, ...theirs])), [], name);
    }
    assert.equal(vectorFunctions(built('zxing_reader.wasm')), 0);
    // (module (func (local v128)))
    assert.equal(vectorFunctions(Buffer.from('0061736d01000000010401600000030201000a060104' + '01017b0b', 'hex')), 1);
});

test('style sheets use what the oldest browsers have', () => {
    for (const name of ['einlass.css', 'door.css', 'desk.css', 'reference.css'])
        assert.deepEqual(lintStyles(String(built(name)), harmless), [], name);
    for (const fault of ['button { background: red; background: color-mix(in srgb, var(--accent) 86%, var(--ink)) }',
        'p { mask: var(--icon) center / contain no-repeat }', '.card:has(:checked) { color: red }',
        '.back::before { content: "←" / "" }', 'body { height: 100dvh }', 'legend { float: inline-start }',
        '.frame { width: 80cqmin }', '@media print { html:has(.guide) { color: red } }'])
        assert.equal(lintStyles(fault, harmless).length, 1, fault);
    assert.deepEqual(lintStyles('p { height: 1vh; height: 1dvh; -webkit-mask: none; mask: none }', harmless), []);
});
