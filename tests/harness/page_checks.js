// Checks of a page in the browser, for every page in every state. Each gives a list of findings:
// sentences with the mistake, its place and its remedy.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// What a width, colours or a language can break; all else is broken in each of them.
const looksAndWords = ['button-name', 'color-contrast', 'document-title', 'empty-heading', 'html-has-lang', 'image-alt', 'label',
    'label-content-name-mismatch', 'link-in-text-block', 'link-name', 'meta-viewport', 'scrollable-region-focusable',
    'select-name', 'summary-name', 'svg-img-alt', 'target-size', 'valid-lang'];

const axeOptions = {
    resultTypes: ['violations'],
    preload: false, // would fetch the stylesheet again, which the page's policy forbids
};

const axeRules = {
    all: {
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
        rules: { 'target-size': { enabled: true } }, // off by default
    },
    'looks and words': { runOnly: { type: 'rule', values: looksAndWords } },
};

// WCAG 2.2 A and AA, and axe-core's best practices. rules: 'all' | 'looks and words'
export async function axe(page, rules = 'all') {
    if (!await page.evaluate('typeof window.axe === "object"')) await page.evaluate(source);
    const violations = await page.evaluate(
        async (options) => (await window.axe.run(document, options)).violations, { ...axeOptions, ...axeRules[rules] });
    return violations.flatMap(({ id, help, helpUrl, nodes }) => nodes.map((node) =>
        `${id}: ${help}\n  at ${node.target.join(' ')}: ${node.html}\n` +
        `  ${node.failureSummary.replaceAll('\n', '\n  ')}\n  ${helpUrl}`));
}

// Checks the width of 320 that WCAG 1.4.10 demands, and the page's own width; so for a panel of the door.
export async function layout(page) {
    return await page.evaluate(() => [document.documentElement, ...document.querySelectorAll('dialog[open] .panel-body')]
        .flatMap((room) => {
            const { scrollWidth, clientWidth } = room;
            if (scrollWidth <= clientWidth) return [];
            const edge = room.getBoundingClientRect().left + clientWidth;
            const widest = [...room.querySelectorAll('*')]
                .filter((element) => element.getBoundingClientRect().right > edge + 0.5)
                .map((element) => element.outerHTML.slice(0, 120));
            return [`${room.className || 'the page'} scrolls sideways: ${scrollWidth} px in ${clientWidth}\n  ` +
                widest.slice(-3).join('\n  ')];
        }));
}

export async function language(page, wanted) {
    const { lang, title, headings, described } = await page.evaluate(() => ({
        lang: document.documentElement.lang,
        // Pages of the desk and the door are not for search engines, nor is what a frame of the desk shows.
        described: /^\/(desk|door)/.test(location.pathname)
            || document.querySelector('meta[name="description"]')?.content.trim().length > 10,
        title: document.title.trim(),
        headings: [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')]
            .filter((heading) => heading.checkVisibility())
            .map((heading) => [Number(heading.tagName[1]), heading.textContent.trim()]),
    }));
    const findings = [];
    if (lang !== wanted) findings.push(`the page says it is in "${lang}", not in "${wanted}"`);
    if (title === '') findings.push('the page has no title');
    if (!described) findings.push('the page has no meta description');
    if (headings.filter(([level]) => level === 1).length !== 1)
        findings.push(`the page has not one h1 but ${JSON.stringify(headings)}`);
    headings.forEach(([level, text], i) => {
        if (text === '') findings.push(`an h${level} is empty`);
        if (level > (headings[i - 1]?.[0] ?? 0) + 1)
            findings.push(`h${level} "${text}" skips a level`);
    });
    return findings;
}

// Runs in the page. Every control must be reachable by Tab; radio buttons with one name are one stop.
// Records for each stop whether its focus is visible.
function beginTabbing() {
    const name = (element) => element.outerHTML.replace(/\s+/g, ' ').slice(0, 120);
    const group = (element) =>
        element.type === 'radio' ? `radio ${element.name}` : element;
    const root = [...document.querySelectorAll('dialog:modal')].at(-1) ?? document; // the upper one blocks all else
    // The focus in a frame is no event of the page around it.
    const wanted = new Map([...root.querySelectorAll('a[href], button, input, select, textarea, ' +
        'summary, [tabindex], [contenteditable], [role=button], [role=link], [onclick]')]
        .filter((element) => element.checkVisibility({ visibilityProperty: true }))
        .filter((element) => !element.matches(':disabled, [type=hidden], [inert], [inert] *'))
        .filter((element) => !element.closest('[aria-hidden=true]') || element.tabIndex >= 0)
        .filter((element) => !(element.getAttribute('tabindex') === '-1' && !element.matches('a, button, input, select, textarea')))
        .map((element) => [group(element), element]));
    const brush = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
    const paint = (colours) => {
        for (brush.fillStyle = '#fff', brush.fillRect(0, 0, 1, 1); colours.length > 0;) {
            brush.fillStyle = colours.shift();
            brush.fillRect(0, 0, 1, 1);
        }
        return [...brush.getImageData(0, 0, 1, 1).data].slice(0, 3);
    };
    const luminance = (colour) => colour.map((part) => part / 255)
        .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
        .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
    const contrast = (a, b) => {
        const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
        return (light + 0.05) / (dark + 0.05);
    };
    const grounds = (element) =>
        element ? [...grounds(element.parentElement), getComputedStyle(element).backgroundColor] : [];
    // The label may draw the focus ring for its field, and so may a part of it or what stands before one.
    const ring = (element) => {
        const labels = [...element.labels ?? []];
        const wearers = [[element], ...labels.map((label) => [label]),
            ...labels.flatMap(({ children }) => [...children].flatMap((part) => [[part], [part, '::before']]))];
        const wearer = wearers.find((one) => {
            const { outlineStyle, outlineWidth } = getComputedStyle(...one);
            return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2;
        });
        if (!wearer) return 'its focus has no ring of 2 px or more';
        const behind = grounds(wearer[0].parentElement);
        const colour = getComputedStyle(...wearer).outlineColor;
        const ratio = contrast(paint([...behind]), paint([...behind, colour]));
        return ratio < 3 && `its focus ring has a contrast of ${ratio.toFixed(2)}, not 3`;
    };
    // WCAG 2.4.11: part of it must be in the window and not covered.
    const covered = (element) => {
        const [box] = element.getClientRects();
        if (!box || box.width < 2 || box.height < 2) return 'it is focused and cannot be seen';
        const [left, right] = [Math.max(box.left, 0), Math.min(box.right, innerWidth)];
        const [top, bottom] = [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)];
        const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
        const related = hit && (element.contains(hit) || hit.closest('label')?.control === element);
        return !related && `it is focused and hidden behind ${hit ? name(hit) : 'the edge of the window'}`;
    };
    const stops = new Map();
    const onFocus = ({ target }) => {
        if (stops.has(group(target))) return;
        const findings = [ring(target), covered(target)].filter(Boolean);
        stops.set(group(target), findings.map((finding) => `${name(target)}: ${finding}`));
    };
    addEventListener('focusin', onFocus);
    document.body.tabIndex = -1; // makes Tab start at the top
    document.body.focus();
    document.body.removeAttribute('tabindex');
    scrollTo(0, 0);
    stops.clear();
    window.tabbing = {
        left: () => [...wanted.keys()].filter((key) => !stops.has(key)).length,
        finish() {
            removeEventListener('focusin', onFocus);
            document.activeElement?.blur();
            return [...stops.values()].flat().concat([...wanted]
                .filter(([key]) => !stops.has(key))
                .map(([, element]) => `${name(element)}: the Tab key does not get there`));
        },
    };
    return wanted.size;
}

// Tab reaches every control, and the focus is visible. The keys go together: each would wait for a
// picture of its own.
export async function keyboard(page) {
    const wanted = await page.evaluate(beginTabbing);
    let pressed = 0;
    do { // a date field has several stops
        await Promise.all(Array.from({ length: wanted }, () => page.keyboard.press('Tab')));
        pressed += Math.max(wanted, 1);
    } while (pressed < 3 * wanted && await page.evaluate('tabbing.left()') > 0);
    return await page.evaluate('tabbing.finish()');
}
