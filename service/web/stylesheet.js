// A tool of the build: joins the parts of a style sheet, removes their comments and adds prefixes.
//
//   node stylesheet.js PACKAGES PART...
//
// PACKAGES: where bundle.js has installed esbuild. Writes the style sheet to standard output.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { target } from './targets.js';

const [packages, ...parts] = process.argv.slice(2);
const esbuild = createRequire(resolve(packages, 'package.json'))('esbuild');
const text = parts.map((part) => readFileSync(part, 'utf8')).join('');
const { code, warnings } = await esbuild.transform(text,
    { loader: 'css', minify: true, charset: 'utf8', target, logLevel: 'warning' });
if (warnings.length > 0) process.exit(1);
process.stdout.write(code);
