// Every page in every state, at 390 and 1280 px, light and dark, in English and German. It takes the
// longest of all files here, so its name lets it begin first.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { languages, openBrowser, schemes, size, widths } from '../harness/browser.js';
import { openHouse } from '../harness/house.js';
import { axe, keyboard, language, layout } from '../harness/page_checks.js';
import { arrive, pages } from './pages.js';
import { openWorld } from './world.js';

// The same finding in several variants is told once, with all of them.
class Findings {
    variants = new Map();

    add(variant, findings) {
        for (const finding of findings) {
            if (!this.variants.has(finding)) this.variants.set(finding, []);
            this.variants.get(finding).push(variant);
        }
    }

    refuse() {
        const told = [...this.variants].map(([finding, variants]) => `${variants.join(', ')}:\n${finding}`);
        assert.equal(told.length, 0, `${told.length} findings\n\n${told.join('\n\n')}`);
    }
}

async function open(page) {
    await page.locator('details:not([open])').evaluateAll((closed) => {
        for (const details of closed) details.open = true;
    });
}

// Any two of width, colours and language are looked at together, in half as many looks as there are
// combinations: what is wrong depends on two of them at most, as contrast does on width and colours,
// and what fits on width and language.
const looks = (spoken) => widths.map((width, i) =>
    [width, schemes[(languages.indexOf(spoken) + i) % schemes.length]]);

// Keys meet the same order in every language and colour: once for each width.
const isTyped = (spoken, width) => languages.indexOf(spoken) % widths.length === widths.indexOf(width);

// One page, in one language: as it comes, and with all its parts unfolded. Unfolded it shows all that it
// has, so axe-core looks at that.
async function inspect(page, spoken, findings) {
    const add = (variant, list) => findings.add(`${spoken} ${variant}`.trim(), list);
    add('', await language(page, spoken));
    for (const unfolded of [false, true]) {
        const folds = await page.locator('details:not([open])').count();
        if (unfolded && folds === 0) break;
        if (unfolded) await open(page);
        for (const [width, colorScheme] of looks(spoken)) {
            await page.setViewportSize(size(width));
            await page.emulateMedia({ colorScheme });
            const variant = `${width} ${colorScheme}${unfolded ? ' unfolded' : ''}`;
            add(variant, await layout(page));
            if (unfolded || folds === 0) add(variant, await axe(page));
            if (isTyped(spoken, width)) add(variant, await keyboard(page));
        }
    }
    await page.setViewportSize(size(320));
    add('320', await layout(page));
}

const promise = 'accessible by the rules and by keyboard, fits every window, and is quiet';

// A tab for each language goes from page to page: axe-core is read once, not for every page.
async function look(service, states, world) {
    const browser = await openBrowser(service.url);
    const tabs = new Map(await Promise.all(languages.map(async (spoken) =>
        [spoken, await browser.open({ language: spoken })])));
    for (const state of states) {
        test(`${state.name}: ${promise}`, async () => {
            const findings = new Findings();
            await Promise.all(languages.map((spoken) => tabs.get(spoken).use(async (page) => {
                await page.setViewportSize(size(1280));
                await arrive(page, state, world, spoken);
                await inspect(page, spoken, findings);
            })));
            findings.refuse();
        });
    }
}

const world = await openWorld();
await look(world.house.service, pages, world);

const empty = await openHouse();
await look(empty.service, [{ name: 'list of events, empty', path: () => '/' }], world);
