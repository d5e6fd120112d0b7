// Signing in at the desk: links, passwords, sessions, the second factor, and what ends them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signIn, signInLink, totp } from '../harness/desk.js';
import { plainEvent } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { startService } from '../harness/service.js';
import { buttonOf, startMail } from '../harness/smtp.js';
import { until } from '../harness/wait.js';

const house = await openHouse({ settings: { workers: 2 } });
const event = await house.apply(plainEvent());
const other = await house.apply(plainEvent());
const foreign = await house.apply(plainEvent({ organiser: { slug: 'others', name: 'Others' } }));

// → the status of a list that all roles but the door's may read, as this person sees it
const list = async ({ headers }, at = event) =>
    (await house.http.get(`/api/v1/events/${at}/messages`, { headers })).status;

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

// --- Passwords -----------------------------------------------------------------------------------

const password = 'correct horse battery';
const cookieOf = ({ headers }) => headers['set-cookie']?.[0].split(';')[0];
const post = (path, form, person, http = house.http) => http.post(path, { form, headers: person?.headers });
const signInBy = (form, headers) => house.http.post('/desk/sign-in?to=/desk/account', { form, headers });
const text = (body) => body.replace(/<head>.*<\/head>/s, '').replaceAll(/\s+/g, ' ');

// → a person who is signed in by password, like signIn()
async function enter(email, secret = password) {
    const answer = await signInBy({ email, password: secret });
    assert.equal(answer.status, 303, text(answer.body));
    return { email, answer, headers: { cookie: cookieOf(answer) } };
}

const page = async (person, path = '/desk/account') => house.http.get(path, person);

test('an address and its password sign in, and lead to the page that was asked for', async () => {
    await account('pat@example.org', { password });
    const asked = await house.http.get('/desk/account?x=1');
    assert.deepEqual([asked.status, asked.headers.location], [303, '/desk/sign-in?to=%2Fdesk%2Faccount%3Fx%3D1']);
    const form = await house.http.get(asked.headers.location);
    assert.match(form.body, /action="\/desk\/sign-in\?to=%2Fdesk%2Faccount%3Fx%3D1"/);
    const person = await enter('Pat@Example.org');
    assert.equal(person.answer.headers.location, '/desk/account');
    const own = await page(person);
    assert.equal(own.status, 200);
    assert.match(own.body, /pat@example\.org/);
    assert.equal((await house.http.get('/desk/sign-in', person)).status, 303, 'who is signed in is led on');
});

test('a wrong address and a wrong password get the same answer, and take the same time', async () => {
    await account('slow@example.org', { password });
    const answers = { known: [], unknown: [] };
    const attempt = async (name, email) => {
        const began = performance.now();
        const answer = await signInBy({ email, password: 'wrong horse battery' });
        answers[name].push(performance.now() - began);
        assert.equal(answer.status, 422);
        assert.equal(answer.headers['set-cookie'], undefined);
        return text(answer.body).replaceAll(email, 'EMAIL');
    };
    for (let i = 0; i < 4; i++) {
        const [known, unknown] = [await attempt('known', 'slow@example.org'), await attempt('unknown', `nobody${i}@example.org`)];
        assert.equal(known, unknown);
    }
    // Without the hash of nobody, an unknown address would be some ten times as quick.
    const least = (times) => Math.min(...times);
    assert.ok(least(answers.unknown) > least(answers.known) / 3, JSON.stringify(answers));
});

test('after ten wrong passwords the address waits, the right one too, and a link still works', async () => {
    await account('guessed@example.org', { password });
    for (let i = 0; i < 10; i++)
        assert.equal((await signInBy({ email: 'guessed@example.org', password: `wrong horse ${i}` })).status, 422);
    const late = await signInBy({ email: 'guessed@example.org', password });
    assert.equal(late.status, 429);
    assert.ok(Number(late.headers['retry-after']) > 0);
    const unknown = await Promise.all(Array.from({ length: 11 }, () => signInBy({ email: 'no@example.org', password })));
    assert.equal(unknown.filter(({ status }) => status === 429).length, 1, 'an unknown address is limited alike');
    assert.equal((await post(await signInLink(house, 'guessed@example.org'), {})).status, 303);
    assert.equal((await signInBy({ email: 'guessed@example.org', link: '1' })).status, 303);
    await enter('pat@example.org'); // another account is not touched
});

test('a form that lacks something says what, and keeps the address', async () => {
    const empty = await signInBy({ email: 'pat@example.org', password: '' });
    assert.equal(empty.status, 422);
    assert.match(empty.body, /href="#password"/);
    assert.match(empty.body, /value="pat@example\.org"/);
    assert.doesNotMatch(empty.body, /name="password"[^>]*value=/);
    assert.equal((await signInBy({ email: 'pat', password })).status, 422);
});

// --- The second factor ---------------------------------------------------------------------------

const hidden = (body, name) => new RegExp(`name="${name}" value="([^"]+)"`).exec(body)[1];

// Sets the second factor of a person up. → {secret, codes}
async function setUp(person) {
    const form = await page(person, '/desk/account/second-factor');
    assert.equal(form.status, 200, text(form.body));
    assert.match(form.body, /<svg/);
    const secret = /class="copy">([A-Z2-7 ]+)</.exec(form.body)[1];
    const sealed = hidden(form.body, 'secret');
    const wrong = await post('/desk/account/second-factor', { secret: sealed, code: '000000' }, person);
    assert.equal(wrong.status, 422);
    assert.equal(hidden(wrong.body, 'secret'), sealed, 'the picture stays');
    const confirm = () => post('/desk/account/second-factor', { secret: sealed, code: totp(secret, -1) }, person);
    let done = await confirm();
    if (done.status === 422) done = await confirm(); // a step of 30 seconds ended on the way
    assert.equal(done.status, 200, text(done.body));
    const codes = [...done.body.matchAll(/<li>([0-9A-Z]{4}-[0-9A-Z]{4})<\/li>/g)].map(([, code]) => code);
    assert.equal(new Set(codes).size, 10);
    return { secret, codes };
}

test('a second factor is asked for after the password and after a link, and a code counts once', async () => {
    await account('two@example.org', { password });
    const first = await enter('two@example.org');
    const other = await enter('two@example.org');
    const { secret, codes } = await setUp(first);
    assert.equal((await page(first)).status, 200, 'who set it up is in');
    assert.equal(await list(other), 401, 'another session has to give a code');

    const person = await enter('two@example.org');
    assert.match(person.answer.headers.location, /^\/desk\/sign-in\?to=/);
    assert.equal(await list(person), 401, 'the password is not enough');
    assert.equal((await page(person)).headers.location, '/desk/sign-in?to=%2Fdesk%2Faccount');
    assert.match((await page(person, '/desk/sign-in')).body, /name="code"/);
    assert.equal((await signInBy({ code: totp(secret, -1) }, person.headers)).status, 422, 'it confirmed the set-up');
    const right = totp(secret);
    const used = await signInBy({ code: `${right.slice(0, 3)} ${right.slice(3)}` }, person.headers);
    assert.deepEqual([used.status, used.headers.location], [303, '/desk/account'], text(used.body));
    assert.equal(await list(person), 200);

    const linked = await post(await signInLink(house, 'two@example.org'), {});
    const byLink = { headers: { cookie: cookieOf(linked) } };
    assert.equal(await list(byLink), 401, 'a link is not enough either');
    assert.equal((await signInBy({ code: right }, byLink.headers)).status, 422, 'the code was used');
    const lower = codes[0].toLowerCase().replace('-', '');
    const again = await enter('two@example.org');
    const spent = await Promise.all([byLink, again].map(({ headers }) => signInBy({ code: lower }, headers)));
    assert.deepEqual(spent.map(({ status }) => status).sort(), [303, 422], 'one of two at the same time');
    assert.deepEqual((await Promise.all([byLink, again].map((one) => list(one)))).sort(), [200, 401]);
    assert.match((await page(person)).body, /Recovery codes left: 9\./);
    const [{ count }] = await house.database.query(
        "select count(*)::int from audit_entry where action = 'account.recovery_code'");
    assert.equal(count, 1);
});

test('guesses of a code are limited, and one cannot turn the second factor off by guessing', async () => {
    await account('codes@example.org', { password });
    const person = await enter('codes@example.org');
    const { secret } = await setUp(person);
    assert.equal((await post('/desk/account/second-factor/off', { confirm: '123456' }, person)).status, 422);
    assert.equal((await post('/desk/account/second-factor/off', { confirm: 'wrong horse battery' }, person)).status, 422);
    const waiting = await enter('codes@example.org');
    const guesses = [];
    for (let i = 0; i < 9; i++) guesses.push((await signInBy({ code: '000000' }, waiting.headers)).status);
    assert.deepEqual(guesses.slice(-2), [429, 429]);
    assert.equal((await signInBy({ code: totp(secret) }, waiting.headers)).status, 429);
});

test('the second factor is turned off by the password or a code, and new recovery codes replace the old', async () => {
    await account('off@example.org', { password });
    const person = await enter('off@example.org');
    const { secret, codes } = await setUp(person);
    const renewed = await post('/desk/account/recovery-codes', { confirm: totp(secret) }, person);
    assert.equal(renewed.status, 200, text(renewed.body));
    assert.ok(!renewed.body.includes(codes[0]));
    const waiting = await enter('off@example.org');
    assert.equal((await signInBy({ code: codes[0] }, waiting.headers)).status, 422);
    const off = await post('/desk/account/second-factor/off', { confirm: password }, person);
    assert.deepEqual([off.status, off.headers.location], [303, '/desk/account?done=account.second_factor_off']);
    assert.equal(await list(await enter('off@example.org')), 200);
    await setUp(person);
    assert.equal(await list(await enter('off@example.org')), 401);
    await house.mustCommand(['account', 'unlock', 'off@example.org']);
    assert.equal(await list(await enter('off@example.org')), 200);
});

test('the database alone gives no second factor', async () => {
    const rows = await house.database.query(
        'select totp_secret from account where totp_secret is not null union all select encode(hash, $1) from recovery_code', ['hex']);
    assert.ok(rows.length > 10);
    const [row] = await house.database.query("select totp_secret from account where email = 'two@example.org'");
    assert.equal(row.totp_secret.length, 80);
});

test('an organiser may require a second factor: then it is set up before anything else', async () => {
    await house.apply(plainEvent({ organiser: { slug: 'strict', name: 'Strict' } }));
    await account('boss@example.org', { organiser: 'strict', password });
    await account('helper@example.org', { organiser: 'strict', role: 'viewer', password });
    const boss = await enter('boss@example.org');
    const helper = await enter('helper@example.org');
    const organiser = hidden((await page(boss)).body, 'organiser');
    assert.equal((await post('/desk/account/rule', { organiser, required: 'true' }, helper)).status, 403);
    assert.equal((await post('/desk/account/rule', { organiser, required: 'true' }, boss)).status, 303);
    const [{ slug }] = await house.database.query("select event.slug from event join organiser using (organiser_id) where organiser.slug = 'strict'");
    await until(async () => await list(helper, slug) === 403);
    assert.match((await page(helper, '/desk/account/second-factor')).body, /Set it up to continue/);
    assert.equal((await page(helper, '/desk/account')).status, 200);
    await setUp(helper);
    assert.equal(await list(helper, slug), 200);

    // An owner who does not meet the rule cannot lift it: only the password is known.
    const lift = async (person) => (await post('/desk/account/rule', { organiser }, person)).headers.location;
    assert.equal(await lift(boss), '/desk/account/second-factor');
    await account('second@example.org', { organiser: 'strict', password });
    await account('second@example.org');
    const second = await enter('second@example.org');
    assert.equal(await lift(second), '/desk/account/second-factor');
    assert.deepEqual(await house.database.query("select requires_second_factor as is from organiser where slug = 'strict'"), [{ is: true }]);

    // The rule of one organiser does not keep anybody from working for another.
    assert.deepEqual([await list(second), await list(second, slug)], [200, 403]);
    // What the account's page says is what is enforced: it names the one organiser.
    assert.match((await page(second)).body, /Required by Strict\. You’ll see their events once it’s on/);
    const home = await page(second, '/desk');
    assert.equal(home.status, 200);
    assert.match(home.body, /requires a second factor\. [^<]* <a href="\/desk\/account\/second-factor">/);
    await setUp(second);
    assert.deepEqual([await list(second), await list(second, slug)], [200, 200]);
    assert.match((await page(second)).body, /Required by Strict\. If you turn it off, you can no longer see their events/);
    assert.equal(await lift(second), '/desk/account?done=account.rule');
    await until(async () => await list(boss, slug) === 200);
});

// --- Links by mail -------------------------------------------------------------------------------

test('a link by mail goes to who has an account, and the page tells nobody who has one', async () => {
    await account('mailed@example.org');
    const mail = await startMail();
    const service = await startService({ ...house.settings, public_url: 'https://tickets.example', smtp: mail.url });
    const ask = async (email) => {
        const form = { email, password: '', link: '1' };
        const answer = await service.http.post('/desk/sign-in?to=/desk/account&lang=de', { form });
        assert.equal(answer.status, 303);
        return text((await service.http.get(answer.headers.location)).body);
    };
    assert.equal(await ask('Mailed@example.org'), await ask('not-there@example.org'));
    const letter = await mail.arrives(({ to }) => to.toLowerCase() === 'mailed@example.org');
    assert.equal(letter.parsed.subject, 'Ihr Link zum Anmelden');
    const link = buttonOf(letter, 'Anmelden');
    const url = new URL(link);
    assert.deepEqual([url.origin, url.searchParams.get('to')], ['https://tickets.example', '/desk/account']);
    for (const body of [letter.parsed.text, letter.parsed.html])
        assert.match(body, /biosaxony/, 'the organiser the account works for');
    const used = await house.http.post(`${url.pathname}${url.search}`, { form: {} });
    assert.deepEqual([used.status, used.headers.location], [303, '/desk/account']);
    const states = () => house.database.query('select email_key, state::text from sign_in_mail order by created_at desc limit 2');
    await until(async () => (await states()).every(({ state }) => ['sent', 'obsolete'].includes(state)));
    assert.deepEqual((await states()).map(({ state }) => state).sort(), ['obsolete', 'sent']);
    assert.ok(!mail.letters.some(({ to }) => to === 'not-there@example.org'));
    for (let i = 0; i < 5; i++) await service.http.post('/desk/sign-in', { form: { email: 'mailed@example.org', link: '1' } });
    assert.equal((await service.http.post('/desk/sign-in', { form: { email: 'mailed@example.org', link: '1' } })).status, 429);
    await service.stop();
    // Without a mail server the page says so before anybody asks.
    const asked = (await house.http.get('/desk/sign-in')).body;
    assert.ok(asked.includes('einlass account link') && !/name="link"/.test(asked));
    const without = await signInBy({ email: 'mailed@example.org', link: '1' });
    assert.match((await house.http.get(without.headers.location)).body, /einlass account link/);
});

// --- Sessions ------------------------------------------------------------------------------------

test('the account page lists the sessions with their devices, and ends one or all others', async () => {
    await account('many@example.org', { password });
    const agents = ['Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
        'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile/15E148 Safari/604.1',
        'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0', 'curl/8'];
    const people = [];
    for (const agent of agents) {
        const answer = await signInBy({ email: 'many@example.org', password }, { 'user-agent': agent });
        people.push({ headers: { cookie: cookieOf(answer) } });
    }
    const [own, phone] = people;
    const shown = (await page(own)).body;
    for (const device of ['Firefox, Linux', 'Safari, iPhone', 'Edge, Windows', 'Unknown device']) assert.ok(shown.includes(device), device);
    const [{ session_id: id }] = await house.database.query("select session_id from session where device = 'Safari, iPhone'");
    const stranger = await signIn(house);
    await post(`/desk/account/sessions/${id}/end`, {}, stranger);
    assert.equal(await list(phone), 200, 'nobody ends the session of another account');
    assert.equal((await post(`/desk/account/sessions/${id}/end`, {}, own)).status, 303);
    await until(async () => await list(phone) === 401);
    assert.equal((await post('/desk/account/end-others', {}, own)).status, 303);
    for (const person of people.slice(1)) await until(async () => await list(person) === 401);
    assert.equal(await list(own), 200);
    const out = await post('/desk/sign-out', {}, own);
    assert.match(out.headers['set-cookie'][0], /^einlass=; .*Max-Age=0/);
    assert.match((await house.http.get(out.headers.location)).body, /You’re signed out\./);
    await until(async () => await list(own) === 401);
});

test('a session ends after 12 hours without use, and use keeps it', async () => {
    const [idle, used] = [await signIn(house), await signIn(house)];
    const age = (person, hours) => house.database.query(
        `update session set last_used_at = now() - make_interval(mins => $2) from account
          where session.account_id = account.account_id and email = $1`, [person.email, hours * 60]);
    await age(idle, 12.1);
    await age(used, 11.9);
    assert.deepEqual([await list(idle), await list(used)], [401, 200]);
    const [{ idle_s: idleS }] = await house.database.query(
        'select extract(epoch from now() - last_used_at)::int as idle_s from session join account using (account_id) where email = $1', [used.email]);
    assert.ok(idleS < 60);
    const late = await post('/desk/account/end-others', {}, idle);
    assert.equal(late.status, 401, 'a form that was sent too late is told so');
});

test('a new password ends all other sessions and links, and has twelve characters', async () => {
    await account('change@example.org', { password });
    const [own, other] = [await enter('change@example.org'), await enter('change@example.org')];
    const link = await signInLink(house, 'change@example.org');
    const change = (former, next) => post('/desk/account/password', { former, password: next }, own);
    assert.match((await change(password, 'short')).body, /at least 12 characters/);
    assert.equal((await change('wrong horse battery', 'another good one')).status, 422);
    assert.equal((await change('', 'another good one')).status, 422);
    const done = await change(password, 'another good one');
    assert.deepEqual([done.status, done.headers.location], [303, '/desk/account?done=account.password'], text(done.body));
    await until(async () => await list(other) === 401);
    assert.equal(await list(own), 200);
    assert.equal((await post(link, {})).status, 410);
    assert.equal((await signInBy({ email: 'change@example.org', password })).status, 422);
    await enter('change@example.org', 'another good one');
    const forgot = { headers: { cookie: cookieOf(await post(await signInLink(house, 'change@example.org'), {})) } };
    assert.doesNotMatch((await page(forgot)).body, /name="former"/);
    assert.equal((await post('/desk/account/password', { password: 'forgot the old one' }, forgot)).status, 303);
});

test('a change of role or password reaches every worker at once', async () => {
    const person = await signIn(house, { role: 'manager' });
    const all = async () => Promise.all(Array.from({ length: 8 }, () => list(person)));
    assert.deepEqual(await all(), Array(8).fill(200));
    await house.database.query(
        "update membership set role = 'door' from account where membership.account_id = account.account_id and email = $1", [person.email]);
    assert.deepEqual(await all(), Array(8).fill(403), 'no worker answers from memory');
    await account(person.email, { role: 'manager' });
    assert.deepEqual(await all(), Array(8).fill(200));
    await account(person.email, { role: 'manager', password });
    assert.deepEqual(await all(), Array(8).fill(401));
});
