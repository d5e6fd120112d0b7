// Permissions: API tokens with roles and scopes, devices, manage links for one registration.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { exampleEvent, guest, plainEvent } from '../harness/events.js';
import { openHouse } from '../harness/house.js';

const house = await openHouse();
const event = await house.apply(exampleEvent());
const other = await house.apply(plainEvent());
const foreign = await house.apply(plainEvent({ organiser: { slug: 'others', name: 'Others' } }));
const { registration, key } = await signUp();

async function signUp() {
    const answer = await house.signUp(event, guest());
    assert.equal(answer.status, 201, answer.body);
    const { id, manage_url: url } = answer.json();
    return { registration: id, key: new URL(url).searchParams.get('key') };
}

async function status(method, path, options) {
    return (await house.http.request(method, `/api/v1${path}`, options)).status;
}

const checkIn = (token, at = event) => status('POST', `/events/${at}/checkins`,
    { token, json: { ticket: 'nothing', door: 'main' } });
const attendees = (token, at = event) => status('GET', `/events/${at}/attendees.csv`, { token });
const deviceList = (token, at = event) => status('GET', `/events/${at}/devices`, { token });

test('roles: who reads, who admits, who edits', async () => {
    const may = { owner: [200, 200, 200], manager: [200, 200, 200], viewer: [200, 403, 403],
        door: [403, 200, 403] };
    for (const [role, expected] of Object.entries(may)) {
        const token = await house.token({ role });
        const found = [await attendees(token), await checkIn(token), await deviceList(token)];
        assert.deepEqual(found, expected, role);
    }
    const nobody = [await attendees(), await checkIn(), await deviceList()];
    assert.deepEqual(nobody, [401, 401, 401]);
});

test('a token of one event opens no other, and none of another organiser', async () => {
    const narrow = await house.token({ event });
    assert.deepEqual([await attendees(narrow), await attendees(narrow, other)], [200, 403]);
    const wide = await house.token();
    assert.deepEqual([await attendees(wide, other), await attendees(wide, foreign)], [200, 403]);
    assert.equal(await checkIn(wide, foreign), 403);
});

test('a token nobody has is refused, on public routes too', async () => {
    for (const token of ['wrong', `einlass_api_${'a'.repeat(32)}`, 'x'.repeat(5000), '']) {
        for (const path of [`/api/v1/events/${event}`, `/api/v1/events/${event}/attendees`]) {
            const headers = { authorization: `Bearer ${token}` };
            const answer = await house.http.get(path, { headers });
            assert.equal(answer.status, 401, `${token.slice(0, 40)} ${path}`);
            assert.match(answer.headers['www-authenticate'], /^Bearer/);
            assert.equal(answer.json().code, 'bad_token');
        }
    }
});

test('the scheme is read in any case; credentials of other schemes count as none', async () => {
    const token = await house.token();
    const get = (authorization) => status('GET', `/events/${event}/attendees`,
        { headers: { authorization } });
    assert.equal(await get(`bearer ${token}`), 200);
    assert.equal(await get(`BEARER  ${token}`), 200);
    assert.equal(await get(`Basic ${Buffer.from('a:b').toString('base64')}`), 401);
    const basic = { authorization: 'Basic YTpi' };
    assert.equal(await status('GET', `/events/${event}`, { headers: basic }), 200);
});

test('a revoked token is worth nothing, at once and on every worker', async () => {
    const token = await house.token();
    const ask = () => status('GET', `/events/${event}/attendees`,
        { token, headers: { connection: 'close' } });
    const list = await house.mustCommand(['token', 'list', '--organiser', 'biosaxony']);
    const [id] = list.trim().split('\n').at(-1).split(' ');
    assert.ok(!list.includes(token));
    for (let i = 0; i < 10; i++) assert.equal(await ask(), 200);
    await house.mustCommand(['token', 'revoke', '--organiser', 'biosaxony', id]);
    const deadline = Date.now() + 2000; // sooner than the cache expires (three seconds), so the notification works
    for (let refused = 0; refused < 10; refused = (await ask()) === 401 ? refused + 1 : 0)
        assert.ok(refused > 0 || Date.now() < deadline, 'still works');
    assert.match(await house.mustCommand(['token', 'list', '--organiser', 'biosaxony']),
        new RegExp(`${id}.*revoked`));
});

test('only the hash of a token is kept', async () => {
    const token = await house.token();
    const [{ found }] = await house.database.query(
        'select count(*)::integer as found from api_token where api_token::text like $1',
        [`%${token}%`]);
    assert.equal(found, 0);
});

test('a manage link opens its registration and nothing else', async () => {
    const path = `/registrations/${registration}`;
    assert.equal(await status('GET', `${path}?key=${key}`), 200);
    assert.equal(await status('GET', path, { headers: { 'x-manage-key': key } }), 200);
    assert.equal(await status('GET', path), 401);
    const second = await signUp();
    const wrong = await status('GET', `${path}?key=${second.key}`);
    const nowhere = await status('GET', `/registrations/${randomUUID()}?key=${second.key}`);
    assert.deepEqual([wrong, nowhere], [404, 404], 'which registrations there are is not told');
    assert.equal(await status('GET', `${path}?key=`), 404);
    assert.equal(await status('GET', `/events/${event}/attendees?key=${key}`), 401);
});

test('an account is added with a password on standard input, hashed, and a role', async () => {
    const add = (email, role, input, organiser = 'biosaxony') => house.command(
        ['account', 'add', email, '--organiser', organiser, '--role', role], { input });
    const first = await add('Ada@Example.org', 'owner', 'correct horse battery\n');
    assert.equal(first.status, 0, first.stderr);
    const row = () => house.database.query(
        `select password_hash, role::text from account join membership using (account_id)
          where email_key = 'ada@example.org'`);
    const [made] = await row();
    assert.match(made.password_hash, /^\$argon2id\$/);
    assert.equal(made.role, 'owner');
    assert.equal((await add('ada@example.org', 'viewer', 'another one, longer\n')).status, 0);
    const [changed, ...more] = await row();
    assert.equal(more.length, 0);
    assert.equal(changed.role, 'viewer');
    assert.notEqual(changed.password_hash, made.password_hash);
    assert.equal((await add('eve@example.org', 'owner', '')).status, 0, 'an account may have no password');
    for (const [said, code, sentence] of [
        [await add('bob@example.org', 'owner', 'short\n'), 1, /at least 12/],
        [await add('bob@example.org', 'owner', 'x'.repeat(3000)), 1, /at most/],
        [await add('bob', 'owner', 'really long enough\n'), 1, /no e-mail address/],
        [await add('bob@example.org', 'king', 'really long enough\n'), 2, /usage/],
        [await add('bob@example.org', 'door', 'really long enough\n', 'nobody'), 1,
            /no organiser "nobody"/],
    ]) {
        assert.equal(said.status, code, said.stderr);
        assert.match(said.stderr, sentence);
    }
});

test('the commands for tokens say what is wrong, and all of it is in the audit log', async () => {
    for (const [words, code, sentence] of [
        [['token', 'add', '--organiser', 'nobody', '--role', 'door'], 1, /no organiser "nobody"/],
        [['token', 'add', '--organiser', 'biosaxony', '--role', 'door', '--event', foreign], 1,
            /has no event/],
        [['token', 'add', '--organiser', 'biosaxony', '--role', 'king'], 2, /usage/],
        [['token', 'list', '--organiser', 'nobody'], 1, /no organiser/],
        [['token', 'list'], 2, /usage/],
        [['token', 'revoke', '--organiser', 'biosaxony', 'x'], 1, /token list/],
        [['token', 'revoke', '--organiser', 'biosaxony', randomUUID()], 1, /has no token/],
    ]) {
        const said = await house.command(words);
        assert.equal(said.status, code, words.join(' '));
        assert.match(said.stderr, sentence);
    }
    const actions = await house.database.query('select distinct action from audit_entry');
    for (const action of ['token.add', 'token.revoke', 'account.add'])
        assert.ok(actions.some((entry) => entry.action === action), action);
});
