// The service's wordings. Tests find elements by their label, so a changed label does not break them.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from './paths.js';

function files(directory, name) {
    return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
        const path = join(directory, entry.name);
        if (entry.isDirectory()) return files(path, name);
        return entry.name === name ? [path] : [];
    });
}

function merge(base, more) {
    for (const [key, value] of Object.entries(more))
        base[key] = typeof value === 'object' ? merge(base[key] ?? {}, value) : value;
    return base;
}

// words('de').register.send
export function words(language) {
    return files(join(repository, 'service'), `words.${language}.json`)
        .map((path) => JSON.parse(readFileSync(path, 'utf8')))
        .reduce(merge, {});
}

// → a pattern for a wording; placeholders match any text
export function pattern(wording) {
    const fixed = wording.split(/\{\{[#^]([^}]+)\}\}[^]*?\{\{\/\1\}\}|\{\{[^}]*\}\}/)
        .filter((part, i) => i % 2 === 0) // the odd ones are names of sections
        .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    return new RegExp(`^\\s*${fixed.join('[^]*')}\\s*$`);
}

// → a wording with values for its placeholders: filled(t.scan.conflicts, {n: 2})
export function filled(wording, values, language = 'en') {
    const value = (path) => {
        const [name, aspect] = path.split('.');
        if (aspect === 'one') return values[name] === 1;
        return aspect === 'number' ? new Intl.NumberFormat(language).format(values[name]) : values[name];
    };
    return wording
        .replace(/\{\{([#^])([^}]+)\}\}([^]*?)\{\{\/\2\}\}/g, (all, kind, path, inside) =>
            (kind === '#') === Boolean(value(path)) ? inside : '')
        .replace(/\{\{([^}]+)\}\}/g, (all, path) => value(path));
}
