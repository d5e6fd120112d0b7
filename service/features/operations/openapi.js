// Writes docs/openapi.yaml as JSON, and what the pages at /api show of it, for the build:
//
//   node openapi.js INPUT DESCRIPTION REFERENCE PACKAGES
//
// PACKAGES is the folder of npm packages that service/web/bundle.js installed.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { makeReference } from './reference.js';

const [input, description, reference, packages] = process.argv.slice(2);
const { parse } = createRequire(resolve(packages, 'package.json'))('yaml');
const api = parse(readFileSync(input, 'utf8'), { version: '1.2', uniqueKeys: true });
writeFileSync(description, JSON.stringify(api));
writeFileSync(reference, JSON.stringify(makeReference(api)));
