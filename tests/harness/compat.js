// What the browsers of service/web/package.json ("browserslist") lack, by MDN's tables.
//
// Scripts are read by the names of their members and globals. A name is a finding if no interface of
// such a browser has it, unless the scripts define a member of this name themselves. A call such as
// a.b?.() works without it. Style sheets are read as the build makes them, with its prefixes. A value is
// no finding after a plainer one of the same property, but then it has no var(): a browser notices too
// late what it cannot read there.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parse } from 'acorn';
import { ancestor, full } from 'acorn-walk';
import { repository } from './paths.js';

const data = JSON.parse(readFileSync(createRequire(import.meta.url).resolve('@mdn/browser-compat-data')));
const names = { chrome: 'chrome', ios_saf: 'safari_ios', safari: 'safari', firefox: 'firefox' };

export const browsers = JSON.parse(readFileSync(join(repository, 'service/web/package.json'), 'utf8'))
    .browserslist.map((line) => line.split(' ')).map(([name, version]) => ({ name: names[name], version }));

const numbers = (version) => version.replace('≤', '').split('.').map(Number);

function isOlder(one, other) {
    const [[major, minor = 0], [otherMajor, otherMinor = 0]] = [numbers(one), numbers(other)];
    return major < otherMajor || (major === otherMajor && minor < otherMinor);
}

// Whether a statement of MDN says that this version has something. A part of it counts, as MDN notes
// every trifle, unless the whole has a prefix there: then the part is a name without effect.
function holds(version, all) {
    const isThen = ({ version_added: from, version_removed: to }) => typeof from === 'string' &&
        from !== 'preview' && !isOlder(version, from) && !(to && !isOlder(version, to));
    const then = all.filter(isThen);
    const isPrefixed = then.some(({ prefix }) => prefix);
    return then.some((one) => !one.prefix && !one.alternative_name && !one.flags &&
        !(one.partial_implementation && isPrefixed));
}

const lacks = ({ support }) => browsers
    .filter(({ name, version }) => !holds(version, [support[name] ?? []].flat()))
    .map(({ name, version }) => `${name} ${version}`);

const has = (node) => !node.__compat || lacks(node.__compat).length === 0;

// --- Scripts ----------------------------------------------------------------------------------

const children = (node) => Object.entries(node ?? {}).filter(([key]) => !key.startsWith('__'));

// name → the features that a member of this name may be
const members = new Map();

function addMember(key, feature) {
    const name = key.replace(/_static$/, '');
    if (feature.__compat) members.set(name, [...members.get(name) ?? [], feature]);
}

function collect(node) {
    for (const [name, child] of children(node)) {
        addMember(name, child);
        collect(child);
    }
}

collect(data.javascript.builtins);
collect(data.webassembly.api);
for (const [, owner] of children(data.api)) for (const [name, child] of children(owner)) addMember(name, child);

const globals = { ...data.api, ...data.javascript.builtins };

// Members and globals that are in every browser above, but not in the windows that apps open for links.
const oftenMissing = ['BroadcastChannel'];

// An option that is not a name of its own.
const options = [
    { pattern: /new Worker\([^)]*type: ?["']module/g, feature: data.api.Worker.Worker.options_type_parameter,
        what: 'new Worker(…, {type: "module"})' },
];

// A call such as a.b?.() and a test such as "b" in a work without it.
const isGuarded = (ancestors, node) => {
    const parent = ancestors.at(-2);
    return parent?.type === 'CallExpression' && parent.optional && parent.callee === node;
};

const read = (text) => parse(text, { ecmaVersion: 2022, sourceType: 'module' });

// → the names that these scripts give to members: of classes, of objects, and of what they take apart
export function ownNames(texts) {
    const own = new Set();
    const add = ({ computed, key }) => computed || own.add(key.name ?? key.value);
    for (const text of texts)
        full(read(text), (node) => {
            if (['MethodDefinition', 'PropertyDefinition', 'Property'].includes(node.type)) add(node);
            if (node.type === 'AssignmentExpression' && node.left.object?.type === 'ThisExpression')
                own.add(node.left.property.name);
        });
    return own;
}

// → ["what, which browsers lack it"]; own: ownNames(), and what works without
export function lintScript(text, own = new Set()) {
    const found = new Set();
    const add = (what, features) => {
        if (features.length > 0 && !features.some(has))
            found.add(`${what}: not in ${[...new Set(features.flatMap(({ __compat }) => lacks(__compat)))].join(', ')}`);
    };
    const tree = read(text);
    ancestor(tree, {
        MemberExpression(node, _, ancestors) {
            if (node.computed || node.property.type !== 'Identifier' || isGuarded(ancestors, node)) return;
            const { object, property: { name } } = node;
            const ofClass = globals[object.name]?.[`${name}_static`];
            if (ofClass) add(`${object.name}.${name}`, [ofClass]);
            else if (!own.has(name)) add(`.${name}`, members.get(name) ?? []);
        },
        NewExpression({ callee }) {
            if (oftenMissing.includes(callee.name)) found.add(`new ${callee.name}: may be missing`);
        },
        Identifier({ name }) {
            if (!own.has(name) && Object.hasOwn(globals, name)) add(name, [globals[name]]);
        },
        StaticBlock() {
            found.add('static {}: not in safari 15.4');
        },
    });
    for (const { pattern, feature, what } of options) if (pattern.test(text)) add(what, [feature]);
    return [...found];
}

// --- WebAssembly ------------------------------------------------------------------------------

const CODE_SECTION = 10;
const VECTOR = 0x7b; // the type v128

// → how many of its functions compute with vectors (WebAssembly core specification, section 5)
export function vectorFunctions(bytes) {
    let at = 8;
    const number = () => {
        for (let value = 0, shift = 0; ; shift += 7) {
            const byte = bytes[at++];
            value += (byte & 0x7f) * 2 ** shift;
            if (byte < 0x80) return value;
        }
    };
    while (at < bytes.length) {
        const section = bytes[at++], end = number() + at;
        if (section === CODE_SECTION) {
            let found = 0;
            for (let functions = number(); functions > 0; functions--) {
                const next = number() + at;
                const types = Array.from({ length: number() }, () => number() && bytes[at++]);
                if (types.includes(VECTOR)) found++;
                at = next;
            }
            return found;
        }
        at = end;
    }
    return 0;
}

// --- Style sheets -----------------------------------------------------------------------------

const functions = new Map();

function collectFunctions(node) {
    for (const [name, child] of children(node)) {
        if (child.__compat) functions.set(name, [...functions.get(name) ?? [], child]);
        collectFunctions(child);
    }
}

collectFunctions(data.css.types);

const patterns = [
    [/[\d.](s|l|d)v(h|w|i|b|min|max)\b/, data.css.types.length.viewport_percentage_units_dynamic],
    [/[\d.]cq(h|w|i|b|min|max)\b/, data.css.types.length.container_query_length_units],
    [/^content:.*["')] ?\/ ?"/, data.css.properties.content.alt_text],
];

// Texts are left out. → [{selectors, declarations: [{name, value}], isConditional}]
function* rules(text) {
    const stack = [];
    let start = 0;
    for (const { 0: token, index } of text.matchAll(/\/\*[^]*?\*\/|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|url\([^"')]*\)|[{};]/g)) {
        if (!/^[{};]$/.test(token)) continue;
        const piece = text.slice(start, index).replace(/\/\*[^]*?\*\//g, '').trim();
        start = index + 1;
        if (token === '{') stack.push({ selectors: piece, declarations: [] });
        else {
            const colon = piece.indexOf(':');
            if (colon > 0) stack.at(-1)?.declarations.push({ name: piece.slice(0, colon).trim(), value: piece.slice(colon + 1).trim() });
            if (token === '}') {
                const rule = stack.pop();
                const around = stack.map(({ selectors }) => selectors);
                if (!rule.selectors.startsWith('@') || rule.declarations.length > 0)
                    yield { ...rule, isConditional: around.some((one) => one.startsWith('@supports')) };
            }
        }
    }
}

// → the features that a value needs
function neededBy(name, value) {
    const property = data.css.properties[name] ?? {};
    const plain = value.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|url\([^)]*\)/g, '""');
    const words = plain.match(/(?<![-\w#.])[a-z][-a-z]*(?![-\w(])/g) ?? [];
    const calls = (plain.match(/[a-z][-a-z]*(?=\()/g) ?? []).filter((call) => functions.has(call));
    return [
        ...words.filter((word) => Object.hasOwn(property, word)).map((word) => [property[word]]),
        ...calls.map((call) => functions.get(call)),
        ...patterns.filter(([pattern]) => pattern.test(`${name}:${plain}`)).map(([, feature]) => [feature]),
    ];
}

// harmless: properties, and pseudo-elements, without which a page only looks plainer
export function lintStyles(text, harmless = []) {
    const found = new Set();
    const tell = (where, feature) => found.add(`${where}: not in ${lacks(feature.__compat).join(', ')}`);
    for (const { selectors, declarations, isConditional } of rules(text)) {
        if (isConditional) continue;
        for (const [, name] of selectors.startsWith('@') ? [] : selectors.matchAll(/(?<!\\):+([-a-z]+)/g)) {
            const feature = data.css.selectors[name];
            if (feature && !has(feature) && !harmless.includes(`::${name}`)) tell(`${selectors}`, feature);
        }
        const plain = new Set();
        for (const { name, value } of declarations) {
            if (name.startsWith('--') || name.startsWith('-webkit-')) {
                plain.add(name);
                continue;
            }
            if (plain.has(`-webkit-${name}`) || harmless.includes(name)) continue;
            const property = data.css.properties[name];
            if (property && !has(property)) tell(`${selectors} {${name}}`, property);
            const lacking = neededBy(name, value).find((features) => !features.some(has));
            if (lacking && !(plain.has(name) && !value.includes('var(')))
                tell(`${selectors} {${name}: ${value}}`, lacking[0]);
            else plain.add(name);
        }
    }
    return [...found];
}
