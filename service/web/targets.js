// The oldest browsers that get pages and door as they are meant ("browserslist" in package.json), for
// esbuild: it rewrites syntax and adds prefixes for them. tests/wire/compat.test.js holds the rest.
import { readFileSync } from 'node:fs';

const { browserslist } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));

export const target = browserslist.map((browser) => browser.replace('ios_saf', 'ios').replace(' ', ''));
