// Signing in at the desk: links, passwords, sessions, the second factor, and what ends them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signIn, signInLink } from '../harness/desk.js';
import { plainEvent } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { startService } from '../harness/service.js';
import { until } from '../harness/wait.js';

const house = await openHouse({ settings: { workers: 2 } });
const event = await house.apply(plainEvent());
const other = await house.apply(plainEvent());
const foreign = await house.apply(plainEvent({ organiser: { slug: 'others', name: 'Others' } }));

// → the status of an organiser's list, as this person sees it
const list = async ({ headers }, at = event) =>
    (await house.http.get(`/api/v1/events/${at}/attendees.csv`, { headers })).status;

async function account(email, { role = 'owner', organiser = 'biosaxony', password = '' } = {}) {
    const words = ['account', 'add', email, '--organiser', organiser, '--role', role];
    await house.mustCommand(words, { input: password && `${password}\n` });
}

// --- Links ---------------------------------------------------------------------------------------

test('a link signs in once, by its button, and opening it does not use it up', async () => {
    await account('ada@example.org');
    const link = await signInLink(house, 'Ada@Example.org');
    for (let opened = 0; opened < 2; opened++) {
        const page = await house.http.get(link);
        assert.equal(page.status, 200);
        assert.match(page.body, /<form method="post"/);
        assert.equal(page.headers['set-cookie'], undefined);
    }
    const used = await house.http.post(`${link}?to=/desk/account`, { form: {} });
    assert.deepEqual([used.status, used.headers.location], [303, '/desk/account']);
    const [cookie] = used.headers['set-cookie'];
    assert.match(cookie, /^einlass=[a-z2-7]{32}; Path=\/; HttpOnly; SameSite=Lax$/);
    assert.equal(await list({ headers: { cookie: cookie.split(';')[0] } }), 200);
    for (const again of [await house.http.post(link, { form: {} }), await house.http.get(link)]) {
        assert.equal(again.status, 410);
        assert.equal(again.headers['set-cookie'], undefined);
    }
});

test('of two who use a link at the same time, one is in', async () => {
    await account('twice@example.org');
    const link = await signInLink(house, 'twice@example.org');
    const answers = await Promise.all(Array.from({ length: 8 }, () => house.http.post(link, { form: {} })));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [303, ...Array(7).fill(410)]);
});

test('a link is over after 15 minutes, and leads only to pages of the desk', async () => {
    await account('late@example.org');
    const link = await signInLink(house, 'late@example.org');
    for (const to of ['https://evil.example', '//evil.example', '/deskevil', '/desk/%0d%0ax: y', '/desk\\evil', '/events']) {
        const answer = await house.http.post(`${await signInLink(house, 'late@example.org')}?to=${encodeURIComponent(to)}`,
            { form: {} });
        assert.deepEqual([answer.status, answer.headers.location], [303, '/desk'], to);
    }
    await house.database.query("update sign_in_link set expires_at = expires_at - interval '15 minutes'");
    assert.equal((await house.http.post(link, { form: {} })).status, 410);
    assert.equal((await house.command(['account', 'link', 'nobody@example.org'])).status, 1);
});

test('the cookie has the prefix __Host- and is Secure where the address is https', async () => {
    await account('secure@example.org');
    const secure = await startService({ ...house.settings, public_url: 'https://tickets.example' });
    const link = await signInLink(house, 'secure@example.org');
    const { headers } = await secure.http.post(link, { form: {} });
    const [cookie] = headers['set-cookie'];
    assert.match(cookie, /^__Host-einlass=[a-z2-7]{32}; Path=\/; HttpOnly; SameSite=Lax; Secure$/);
    const [pair] = cookie.split(';');
    const see = async (sent) => (await secure.http.get(`/api/v1/events/${event}/attendees.csv`, { headers: { cookie: sent } })).status;
    assert.equal(await see(`lang=de; ${pair}`), 200);
    assert.equal(await see(pair.slice('__Host-'.length)), 401, 'a cookie that a page of http may have set');
    await secure.stop();
});

// --- Who a session is ----------------------------------------------------------------------------

test('a session has the roles of its account, there and nowhere else', async () => {
    for (const [role, expected] of Object.entries({ owner: 200, manager: 200, viewer: 200, door: 403 }))
        assert.equal(await list(await signIn(house, { role })), expected, role);
    const narrow = await signIn(house, { role: 'viewer', event });
    assert.deepEqual([await list(narrow), await list(narrow, other), await list(narrow, foreign)], [200, 403, 403]);
    await account(narrow.email, { role: 'viewer', organiser: 'others' });
    await until(async () => await list(narrow, foreign) === 200);
    assert.equal(await list(narrow, other), 403);
    assert.equal(await list({ headers: { cookie: `einlass=${'a'.repeat(32)}` } }), 401);
    assert.equal(await list({ headers: { cookie: 'einlass=' } }), 401);
});

test('a session writes as its account, and another site cannot use it', async () => {
    const person = await signIn(house, { role: 'manager' });
    const answer = await house.signUp(event, { email: 'guest@example.org', attendees: [{ name: 'Guest' }] });
    assert.equal(answer.status, 201, answer.body);
    const path = `/api/v1/registrations/${answer.json().id}`;
    for (const site of ['cross-site', 'same-site']) {
        const headers = { ...person.headers, 'sec-fetch-site': site, origin: 'https://evil.example' };
        assert.equal((await house.http.delete(path, { headers })).status, 403);
    }
    assert.ok((await house.http.delete(path, person)).status < 300);
    const [entry] = await house.database.query(
        `select actor from audit_entry where action = 'registration.cancel'`);
    const [{ account_id: id }] = await house.database.query('select account_id from account where email = $1', [person.email]);
    assert.equal(entry.actor, `account ${id}`);
});
