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

// The window's width and colours for a page in a language. Four pages that follow each other have all
// combinations of the two in both languages: pages share their styles, so what is wrong on one of them
// shows on others too.
const looks = (spoken, number) => {
    const at = languages.indexOf(spoken);
    return { width: widths[(at + (number >> 1)) % 2], scheme: schemes[(at + number) % 2] };
};

// One page, in one language: as it comes, and with all its parts unfolded. Unfolded it shows all that it
// has, so axe-core and the keyboard get that. What axe-core finds by the structure is the same in every
// language, and so is the way of the keyboard: each page has it in one of them.
async function inspect(page, { media }, spoken, number, findings) {
    const add = (variant, list) => findings.add(`${spoken} ${variant}`.trim(), list);
    const { width, scheme } = looks(spoken, number);
    await page.emulateMedia({ colorScheme: scheme });
    if (media !== 'print') add('', await language(page, spoken));
    if (await page.locator('details:not([open])').count() > 0) {
        for (const folded of widths) {
            await page.setViewportSize(size(folded));
            add(`${folded}, folded`, await layout(page));
        }
        await open(page);
    }
    for (const other of [320, ...widths.filter((one) => one !== width), width]) {
        await page.setViewportSize(size(other));
        add(other, await layout(page));
    }
    add(`${width} ${scheme}`, await axe(page, spoken === languages[0] && media !== 'print' ? 'all' : 'looks and words'));
    if (media === 'print') return; // nobody uses it by keyboard
    if (spoken === languages[(number >> 2) % languages.length]) add(`${width} ${scheme}`, await keyboard(page));
}

const promise = 'accessible by the rules and by keyboard, fits every window, and is quiet';

// A tab for each language goes from page to page: axe-core is read once, not for every page.
async function look(service, states, world) {
    const browser = await openBrowser(service.url);
    const tabs = new Map(await Promise.all(languages.map(async (spoken) =>
        [spoken, await browser.open({ language: spoken })])));
    for (const [number, state] of states.entries()) {
        test(`${state.name}: ${promise}`, async () => {
            const findings = new Findings();
            await Promise.all(languages.map((spoken) => tabs.get(spoken).use(async (page) => {
                await page.setViewportSize(size(1280));
                await arrive(page, state, world, spoken);
                await inspect(page, state, spoken, number, findings);
            })));
            findings.refuse();
        });
    }
}

const world = await openWorld();
await look(world.house.service, pages, world);

const empty = await openHouse();
await look(empty.service, [{ name: 'list of events, empty', path: () => '/' }], world);
