// Takes pictures of the pages for people to look at:
//
//   node tests/browser/shots.js OUT_DIR           every page with a `shot` in pages.js, in every
//                                                 size, colour scheme and language, as PNG, and
//                                                 sheet-….png with all pages of one variant
//   node tests/browser/shots.js OUT_DIR --docs    also those of docs/screens/, as WebP
//
// EINLASS_BINARY names the program, as for every test.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import today from '../../deploy/today.js';
import { HOUR_MS } from '../harness/events.js';
import { languages, launchChromium, schemes, size, visitor, widths } from '../harness/browser.js';
import { repository } from '../harness/paths.js';
import { arrive, pages } from './pages.js';
import { webp } from './webp.js';
import { openWorld } from './world.js';

const [directory, mode] = process.argv.slice(2);
if (!directory || (mode !== undefined && mode !== '--docs')) {
    process.stderr.write('usage: node tests/browser/shots.js OUT_DIR [--docs]\n');
    process.exit(2);
}
mkdirSync(directory, { recursive: true });

const world = await openWorld();
const chromium = await launchChromium();
after(() => chromium.close());

const shown = pages.filter(({ shot }) => shot);

async function open(options, scale) {
    const context = await chromium.newContext({
        ...visitor(options), baseURL: world.house.service.url, isMobile: false,
        deviceScaleFactor: scale,
    });
    return await context.newPage();
}

// All pictures of one variant side by side with their names; long ones are cut.
async function sheet(variant, width) {
    const figures = shown.map(({ shot }) => {
        const picture = readFileSync(join(directory, `${shot}-${variant}.png`), 'base64');
        return `<figure><figcaption>${shot}</figcaption><div>` +
            `<img src="data:image/png;base64,${picture}"></div></figure>`;
    });
    const page = await chromium.newPage({ viewport: { width: 1900, height: 1000 } });
    await page.setContent(`<style>body { display: flex; flex-wrap: wrap; align-items: start; gap: 12px;
        background: #888; font: 15px sans-serif } figure { margin: 0 } img { width: ${width}px }
        div { max-height: 600px; overflow: hidden }</style>
        ${figures.join('')}`);
    await page.screenshot({ path: join(directory, `sheet-${variant}.png`), fullPage: true });
    await page.close();
}

for (const width of widths) {
    for (const scheme of schemes) {
        for (const language of languages) {
            const variant = `${width}-${scheme}-${language}`;
            test(`${shown.length} pages, ${variant}`, async () => {
                const page = await open({ width, scheme, language }, 1);
                for (const state of shown) {
                    await arrive(page, state, world, language);
                    await page.screenshot({ path: join(directory, `${state.shot}-${variant}.png`), fullPage: true });
                }
                await page.context().close();
                await sheet(variant, width === 390 ? 220 : 366);
            });
        }
    }
}

if (mode === '--docs') {
    const screens = join(repository, 'docs/screens');
    mkdirSync(screens, { recursive: true });
    const documented = pages.filter(({ docs }) => docs);
    const picture = (state) => {
        test(`docs/screens/${state.shot}.webp`, async () => {
            const { width, scheme, language } = state.docs;
            const page = await open(state.docs, width === 390 ? 2 : 1);
            await page.setViewportSize(size(width));
            await arrive(page, state, world, language);
            assert.ok(schemes.includes(scheme));
            writeFileSync(join(screens, `${state.shot}.webp`), await webp(page));
            await page.context().close();
        });
    };
    const isOfDoor = ({ shot }) => shot.startsWith('door');
    documented.filter(isOfDoor).forEach(picture);
    // Guests read of an event in three weeks, from ten in the morning, whenever the pictures are taken.
    test('docs/screens shows an event in the morning', async () => {
        const at = `/api/v1/events/${world.slugs.open}/definition`;
        const definition = (await world.house.http.get(at, { token: await world.house.token() })).json();
        const midnight = new Date(Date.now() + 21 * 24 * HOUR_MS).setUTCHours(0, 0, 0, 0);
        const hour = Array.from({ length: 24 }, (none, i) => midnight + i * HOUR_MS)
            .find((time) => today.localTime(time, definition.timezone).endsWith('T10:00'));
        await world.house.apply(today.shiftToToday(definition, undefined, hour));
    });
    documented.filter((state) => !isOfDoor(state)).forEach(picture);
}
