// The attendee's side of a house: sign-up, pages and API behind the manage link, messages.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { blake2b } from '@noble/hashes/blake2b';
import { plainGuest } from './events.js';
import { until } from './wait.js';

// → the path of a registration's page or API, with its key
export function page({ manage_url }, rest = '') {
    const { pathname, search } = new URL(manage_url);
    return `${pathname}${rest}${search}`;
}
export const api = (registration, rest) => `/api/v1${page(registration, rest)}`;
export const attendeePath = ({ attendees }, at, rest = '') => `/attendees/${attendees[at].id}${rest}`;

// → the body of a sign-up for so many people
export const several = (count, changes = {}) => plainGuest({
    attendees: Array.from({ length: count }, (_, i) => ({ name: `Person ${i + 1}` })), ...changes,
});

// Waits until the service shows a change. → the answer whose body has the wording
export async function becomes(wording, ask) {
    let answer;
    await until(async () => wording.test((answer = await ask()).body), () => `${wording} in ${answer.body}`);
    return answer;
}

export async function expect(status, promise, code) {
    const answer = await promise;
    assert.equal(answer.status, status, answer.body);
    if (code !== undefined) assert.equal(answer.json().code, code);
    return answer;
}

// → [[name, value], …], the fields of a page's form as a browser would send them
export function formFields(html) {
    const unescape = (text) => text.replaceAll('&quot;', '"').replaceAll('&#39;', "'")
        .replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
    const attribute = (tag, name) => {
        const found = new RegExp(` ${name}="([^"]*)"`).exec(tag);
        return found && unescape(found[1]);
    };
    const fields = [];
    const controls = /<(input)\b[^>]*>|<(textarea|select)\b[^]*?<\/\2>/g;
    for (const [tag, input, other] of html.matchAll(controls)) {
        const kind = input ?? other;
        const name = attribute(tag, 'name');
        if (!name) continue;
        if (kind === 'textarea')
            fields.push([name, unescape(/>([^]*)<\/textarea>/.exec(tag)[1])]);
        else if (kind === 'select')
            fields.push([name, /<option value="([^"]*)" selected/.exec(tag)?.[1] ?? '']);
        else if (!/type="(radio|checkbox)"/.test(tag) || / checked/.test(tag))
            fields.push([name, attribute(tag, 'value') ?? '']);
    }
    return fields;
}

export const withField = (fields, wanted, value) =>
    [...fields.filter(([name]) => name !== wanted), [wanted, value]];

// The key in a mailed link, as secret_link_key() makes it.
function linkKey(house, purpose, id) {
    const secret = readFileSync(join(house.settings.keys, 'secret'), 'utf8').trim();
    const input = Buffer.concat([Buffer.from(`${purpose}\0`), Buffer.from(id.replaceAll('-', ''), 'hex')]);
    const hash = blake2b(input, { key: Buffer.from(secret, 'hex'), dkLen: 20 });
    const bits = [...hash].map((byte) => byte.toString(2).padStart(8, '0')).join('');
    const letters = 'abcdefghijklmnopqrstuvwxyz234567';
    return bits.match(/.{5}/g).map((five) => letters[parseInt(five, 2)]).join('');
}

// house: from openHouse()
export function attendeeOf(house) {
    return {
        registered: async (event, body = plainGuest(), options = {}) =>
            (await expect(201, house.signUp(event, body, options))).json(),

        shown: async (registration) => (await house.http.get(api(registration))).json(),

        // → the kinds of a registration's messages, the oldest first
        messages: async ({ id }) => {
            const rows = await house.database.query(
                'select kind from message where registration_id = $1 order by created_at, kind', [id]);
            return rows.map(({ kind }) => kind);
        },

        forgetMessages: ({ id }) =>
            house.database.query('delete from message where registration_id = $1', [id]),

        verifyKey: ({ id }, email) => linkKey(house, `verify ${email}`, id),

        // → the path of a companion's own page, by the link of this version
        companionPath: (registration, at, version = 0) => {
            const key = linkKey(house, version ? `companion ${version}` : 'companion', registration.attendees[at].id);
            return `/registrations/${registration.id}${attendeePath(registration, at)}?key=${key}${version ? `-${version}` : ''}`;
        },

        // Hands a ticket on by its manage link. → the new holder's registration, as the organiser sees it
        handOn: async (registration, at, person, token) => {
            const before = (await expect(200, house.http.post(
                api(registration, attendeePath(registration, at, '/ticket')), { json: person }))).json();
            const former = (await house.http.get(`/api/v1/registrations/${before.id}`, { token })).json();
            const { registration: id } = former.attendees[at].handed_on_to;
            return (await expect(200, house.http.get(`/api/v1/registrations/${id}`, { token }))).json();
        },
    };
}

// → the name of a ticket's record in the guest list
export function digestOf(ticketId) {
    return createHash('sha256').update(Buffer.from(ticketId.replaceAll('-', ''), 'hex'))
        .update('einlass guest list').digest().subarray(0, 16).toString('base64url');
}
