// Writes docs/openapi.yaml as JSON, for the build:
//
//   node openapi.js INPUT OUTPUT PACKAGES
//
// PACKAGES is the folder of npm packages that service/web/bundle.js installed.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

const [input, output, packages] = process.argv.slice(2);
const { parse } = createRequire(resolve(packages, 'package.json'))('yaml');
const description = parse(readFileSync(input, 'utf8'), { version: '1.2', uniqueKeys: true });
writeFileSync(output, JSON.stringify(description));
