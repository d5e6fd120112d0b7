// Access rules, generated from the table of routes. Every kind of caller calls every route, for a public
// event, a hidden one and one that does not exist. Each answer must match the route's row. A new route
// needs no line here.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { signIn } from '../harness/desk.js';
import { plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { until } from '../harness/wait.js';

const roles = ['owner', 'manager', 'viewer', 'door'];
const house = await openHouse();
const routes = await house.routes();

// --- Places --------------------------------------------------------------------------------------

// The objects of one event that a path may name.
class Place {
    constructor(slug) {
        this.slug = slug;
        this.isThere = true;
        this.isPublished = true;
        this.spare = []; // registrations that no route has used yet
    }

    async fill(count) {
        for (let i = 0; i < count; i++) {
            const answer = await house.signUp(this.slug, plainGuest());
            assert.equal(answer.status, 201, answer.body);
            const { id, manage_url: url, attendees: [attendee] } = answer.json();
            this.spare.push({ registration: id, key: new URL(url).searchParams.get('key'),
                attendee: attendee.id, ticket: attendee.ticket });
        }
    }

    // Routes that cancel or erase get a fresh registration.
    take() {
        return this.spare.length > 1 ? this.spare.pop() : this.spare[0];
    }
}

const namesRegistration = (path) => /\{(registration|ticket)\}/.test(path);
const file = plainEvent();
const open = new Place(await house.apply(plainEvent()));
const hidden = new Place(await house.apply(file));
const nowhere = new Place(`${hidden.slug.slice(0, -1)}x`);
const other = await house.apply(plainEvent());
const foreign = { slug: 'others', name: 'Others' };
await house.apply(plainEvent({ organiser: foreign }));

const wanted = routes.filter(({ path }) => namesRegistration(path)).length + 10;
await Promise.all([open.fill(wanted), hidden.fill(wanted)]);
nowhere.isThere = false;
nowhere.spare = [{ registration: randomUUID(), key: 'a'.repeat(32), attendee: randomUUID(),
    ticket: hidden.spare[0].ticket.slice(0, -8) }];

// --- Callers -------------------------------------------------------------------------------------

// isAt(place): whether the membership holds there. token: of an API token or device.
async function apiToken(name, role, options, isAt) {
    return { name: `${name} ${role}`, role, isAt, token: await house.token({ role, ...options }) };
}

async function pair(role, slug) {
    const code = (await house.mustCommand(['door', 'pair', slug, 'main', '--role', role])).trim();
    return (await house.http.post('/api/v1/devices', { json: { code } })).json().token;
}

async function device(name, role, slug) {
    const caller = {
        name: `${name} ${role}`,
        role: role === 'staff' ? 'device' : role,
        isAt: (place) => place.slug === slug,
        renew: async () => { caller.token = await pair(role, slug); },
    };
    await caller.renew();
    return caller;
}

const isOurs = (place) => place.isThere;
const isOpen = (place) => place === open;
const never = () => false;
const tokens = roles.flatMap((role) => [
    apiToken('organiser-wide', role, {}, isOurs),
    apiToken('of the open event', role, { event: open.slug }, isOpen),
    apiToken('of another event', role, { event: other }, never),
    apiToken('of another organiser', role, { organiser: foreign.slug }, never),
]);
const devices = ['staff', 'scanner'].flatMap((role) => [
    device('of the open event', role, open.slug),
    device('of the hidden event', role, hidden.slug),
    device('of another event', role, other),
]);
// A person who is signed in counts at the desk and by API. On guests' pages everybody is anybody.
async function session(name, role, options, isAt) {
    const { headers } = await signIn(house, { role, ...options });
    return { name: `${name} ${role} with a session`, role, isAt, headers };
}

const sessions = roles.flatMap((role) => [
    session('organiser-wide', role, {}, isOurs),
    session('of the open event', role, { event: open.slug }, isOpen),
    session('of another organiser', role, { organiser: foreign.slug }, never),
]);
const callers = [
    { name: 'nobody' },
    { name: 'the manage link', link: 'right' },
    { name: 'the manage link of another registration', link: 'wrong' },
    ...await Promise.all([...tokens, ...devices, ...sessions]),
];

await house.apply({ ...file, published: false });
hidden.isPublished = false;
await until(async () => (await house.http.get(`/api/v1/events/${hidden.slug}`)).status === 404);

// --- Expected answers ----------------------------------------------------------------------------

// → 'in' if the handler answers, or the status of the refusal
function expected({ method, path, mount, who }, caller, place) {
    const isScoped = /\{(event|registration|ticket)\}/.test(path);
    const isLink = caller.link && who.includes('manage_link') && path.includes('{registration}');
    if (isLink && caller.link === 'wrong') return 404;
    const isKnown = !caller.headers || ['api', 'desk'].includes(mount);
    const role = isLink ? 'manage_link' : isKnown ? caller.role : undefined;
    const isMember = isLink || (role && (!isScoped || caller.isAt(place)));
    const isVisible = !isScoped || (place.isThere &&
        (place.isPublished || isMember || !path.includes('{event}')));
    if (who.includes('anybody')) return isVisible ? 'in' : 404;
    if (!role) return mount === 'desk' && method === 'GET' ? 303 : 401; // to the sign-in page
    if (caller.headers && who.includes('session')) return 'in';
    if (!who.includes(role)) return 403;
    if (!isVisible) return 404;
    return isMember ? 'in' : 403;
}

// --- Actual answers ------------------------------------------------------------------------------

const unknown = randomUUID(); // a device, a scan or a message that does not exist
const types = { '/api/v1/messages/bounced': { 'content-type': 'message/rfc822' } }; // bodies that are no JSON

// → status, and the answer without the event's names
async function call({ method, path, mount, query }, caller, place, item) {
    const values = { event: place.slug, ...item };
    const at = path.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? unknown);
    const key = { right: item.key, wrong: open.spare[0].key }[caller.link];
    const sent = ['GET', 'DELETE'].includes(method) ? {} : { [['page', 'desk'].includes(mount) ? 'form' : 'json']: {} };
    const inQuery = key && (mount !== 'api' || query.includes('key')); // elsewhere the API does not know it
    const inHeader = key && !inQuery ? { 'x-manage-key': key } : {};
    const response = await house.http.open(method, inQuery ? `${at}?key=${key}` : at,
        { ...sent, token: caller.token, headers: { ...caller.headers, ...types[path], ...inHeader } });
    const { statusCode: status, headers } = response;
    if (headers['content-type'] === 'text/event-stream') { // the stream has no end
        response.destroy();
        return { status };
    }
    response.setEncoding('utf8');
    let body = '';
    for await (const chunk of response) body += chunk;
    const { date, 'x-request-id': id, ...rest } = headers;
    const own = { id, slug: place.slug, attendee: item.attendee, registration: item.registration, key: item.key };
    let seen = JSON.stringify([status, rest, body]);
    for (const [name, value] of Object.entries(own)) seen = seen.replaceAll(value, `{${name}}`);
    return { status, seen };
}

// Whether the handler answered. For public routes the answer equals the one of an anonymous caller at the
// public event. For others 404 is possible, because the named device, scan or message does not exist.
function isHandlers({ path, who }, status, nobody) {
    if (who.includes('anybody')) return status === nobody || status === 429;
    const hasUnknown = path.replace(/\{(event|registration|ticket|attendee)\}/g, '').includes('{');
    return ![401, 403, ...(hasUnknown ? [] : [404])].includes(status);
}

// → the differences from the row: "method path, caller, event: expected, found"
async function walk(route) {
    const isScoped = /\{(event|registration|ticket)\}/.test(route.path);
    const found = [];
    const places = isScoped ? { open, hidden, nowhere } : { open };
    const items = Object.fromEntries(Object.entries(places).map(([name, place]) =>
        [name, namesRegistration(route.path) ? place.take() : place.spare[0]]));
    const nobody = (await call(route, callers[0], open, items.open)).status;
    await Promise.all(callers.map(async (caller) => {
        if (caller.headers && /^\/desk\/sign-/.test(route.path)) return; // signs out, or leads on
        const seen = {};
        for (const [name, place] of Object.entries(places)) {
            const should = expected(route, caller, place);
            const answer = await call(route, caller, place, items[name]);
            const isRight = should === 'in' ? isHandlers(route, answer.status, nobody) : answer.status === should;
            if (!isRight)
                found.push(`${route.method} ${route.path}, ${caller.name}, ${name} event: ${should}, ${answer.status}`);
            if (caller.renew && route.method === 'DELETE' && answer.status < 300) await caller.renew();
            seen[name] = answer.seen;
        }
        const mayKnow = caller.role && caller.isAt(hidden);
        if (route.path.includes('{event}') && !mayKnow && seen.hidden !== seen.nowhere)
            found.push(`${route.method} ${route.path}, ${caller.name}: a hidden event is told from none`);
    }));
    return found;
}

test('every route answers every caller as its row says, and tells no hidden event from none', async () => {
    const found = [];
    for (const route of routes) found.push(...await walk(route));
    assert.deepEqual(found, []);
    assert.ok(routes.length > 60 && callers.length > 20);
});

test('a row that says something else than the service does is found', async () => {
    const row = (path, method = 'GET') => routes.find((one) => one.path === path && one.method === method);
    const list = row('/api/v1/events/{event}/attendees.csv');
    const registration = row('/api/v1/registrations/{registration}');
    for (const wrong of [
        { ...list, who: [...list.who, 'door'] },
        { ...list, who: [...list.who, 'scanner'] },
        { ...list, who: ['anybody'] },
        { ...list, who: list.who.filter((role) => role !== 'viewer') },
        { ...registration, who: registration.who.filter((role) => role !== 'manage_link') },
        { ...row('/api/v1/events/{event}'), who: ['owner'] },
    ]) assert.notDeepEqual(await walk(wrong), [], `${wrong.path} ${wrong.who}`);
});

// The routes of a phone at a door, listed so that a change is noticed.
test('the routes of devices are these', () => {
    const scanners = [
        'POST /api/v1/events/{event}/checkins', 'DELETE /api/v1/events/{event}/checkins/{nonce}',
        'GET /api/v1/events/{event}/live', 'GET /api/v1/events/{event}/conflicts',
        'GET /api/v1/events/{event}/doors', 'GET /api/v1/events/{event}/device',
        'POST /api/v1/events/{event}/device', 'PATCH /api/v1/events/{event}/device',
        'DELETE /api/v1/events/{event}/device',
        'GET /api/v1/events/{event}/guest-list', 'GET /api/v1/events/{event}/revoked-tickets',
    ];
    const staff = [...scanners, 'GET /api/v1/events/{event}/attendees', 'POST /api/v1/events/{event}/walk-ins',
        'POST /api/v1/events/{event}/admissions'];
    const of = (role) => routes.filter(({ who }) => who.includes(role))
        .map(({ method, path }) => `${method} ${path}`).sort();
    assert.deepEqual(of('scanner'), scanners.sort());
    assert.deepEqual(of('device'), staff.sort());
});
