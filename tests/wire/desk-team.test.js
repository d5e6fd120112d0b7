// Who works for an organiser: invitations, roles, the last owner, API tokens, and the log at the desk.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { blake2b } from '@noble/hashes/blake2b';
import { attendeeOf, expect } from '../harness/attendee.js';
import { signIn, signInLink } from '../harness/desk.js';
import { plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { startService } from '../harness/service.js';
import { buttonOf, startMail } from '../harness/smtp.js';
import { until } from '../harness/wait.js';
import { words } from '../harness/words.js';

const house = await openHouse();
const { registered } = attendeeOf(house);
const event = await house.apply(plainEvent());
const foreign = { slug: 'others', name: 'The others' };
const foreignEvent = await house.apply(plainEvent({ organiser: foreign }));
const owner = await signIn(house, { role: 'owner' });
const other = await signIn(house, { role: 'owner', organiser: foreign.slug });
const said = words('en').team;

const get = (path, who = owner) => house.http.get(path, { headers: who.headers });
const post = (path, form, who = owner) => house.http.post(path, { form, headers: who.headers });
const fresh = () => `${randomUUID().slice(0, 8)}@example.org`;
const linkIn = (html) => /<code class="copy"[^>]*>[^<]*(\/desk\/join\/[^<]+)</.exec(html)[1];

async function invite(email, { role = 'viewer', place = 'biosaxony', who = owner } = {}) {
    return await post('/desk/team/new', { email, role, place }, who);
}

// → the path of the page of a member or an invitation
async function pathOf(email, who = owner) {
    const rows = (await get('/desk/team', who)).body.matchAll(/<a href="(\/desk\/team\/[^"]+)">([^<]+)<\/a>/g);
    return [...rows].find(([, , name]) => name === email)?.[1];
}

// Sends an invitation again. → the answer
async function sendAgain(email, who = owner) {
    const path = await pathOf(email, who);
    const [, links] = /name="links" value="(\d+)"/.exec((await get(path, who)).body);
    return await post(`${path}/again`, { links }, who);
}

// Accepts an invitation without a session. → the session
async function enter(link) {
    const answer = await expect(303, house.http.post(`${link}/accept`, { form: {} }));
    assert.equal(answer.headers.location, '/desk/account?done=account.entered');
    return { headers: { cookie: answer.headers['set-cookie'][0].split(';')[0] } };
}

const list = (who, of = event) => house.http.get(`/api/v1/events/${of}/attendees`, { headers: who.headers });

test('an invited person is a member once they accept: the role, the end and the log', async () => {
    const email = fresh();
    const asked = (await expect(200, get('/desk/team/new'))).body;
    for (const role of ['owner', 'manager', 'door', 'viewer'])
        assert.ok(asked.includes(said.role_means[role]), role);
    assert.ok(asked.includes(said.invite_lead_no_mail), 'without a mail server the page says so');
    const link = linkIn((await expect(200, invite(email, { role: 'door' }))).body);
    assert.match((await get('/desk/team')).body, new RegExp(`${email}[^]*?${said.invited}[^]*?${said.until}`));
    assert.equal(await house.database.value('select count(*)::integer from account where email = $1', [email]), 0);
    assert.match((await invite(email)).body, new RegExp(words('en').finding.already_invited.slice(0, 30)));

    // The role can change before. The person sees whose team it is, and what they may do there.
    const waiting = await pathOf(email);
    await expect(422, post(waiting, { role: '' }), undefined);
    await expect(303, post(waiting, { role: 'viewer' }));
    const shown = (await expect(200, house.http.get(link))).body;
    for (const text of ['biosaxony', email, said.role_means.viewer]) assert.ok(shown.includes(text), text);
    const guest = await enter(link);
    await expect(410, house.http.post(`${link}/accept`, { form: {} }));
    await expect(410, house.http.get(link));
    assert.match((await post(`${waiting}/end`, {})).headers.location, /done=team\.answered/);
    await expect(200, list(guest));
    await expect(403, get('/desk/team', guest));
    assert.match((await invite(email)).body, new RegExp(words('en').finding.already_member));

    // A change of the role reaches a running session at once, and so does the end.
    const path = await pathOf(email);
    await expect(303, post(path, { role: 'door' }));
    await until(async () => (await house.http.get(`/api/v1/events/${event}/attendees.csv`, guest)).status === 403);
    await expect(303, post(`${path}/remove`, {}));
    await until(async () => [401, 403].includes((await get(`/api/v1/events/${event}/doors`, guest)).status));
    await expect(404, post(`${path}/remove`, {}));
    assert.deepEqual((await house.database.query(
        `select action, before ->> 'role' as before, after ->> 'role' as after from audit_entry
          where detail ->> 'email' = $1 or subject_id = (select account_id from account where email = $1) order by entry_id`, [email])),
    [{ action: 'member.invite', before: null, after: 'door' },
        { action: 'invitation.change', before: 'door', after: 'viewer' },
        { action: 'member.join', before: null, after: 'viewer' },
        { action: 'member.change', before: 'viewer', after: 'door' },
        { action: 'member.remove', before: 'door', after: null }]);
    assert.match((await get('/desk/log')).body, new RegExp(`${words('en').history.action.member.invite}</strong>: ${email}`));
});

test('an invitation ends when it is taken back, declined, sent again or too old', async () => {
    const make = async () => {
        const email = fresh();
        return { email, link: linkIn((await expect(200, invite(email, { role: 'manager' }))).body) };
    };
    const gone = async ({ link }) => {
        await expect(410, house.http.get(link));
        await expect(410, house.http.post(`${link}/accept`, { form: {} }));
    };
    const back = await make();
    await expect(303, post(`${await pathOf(back.email)}/end`, {}));
    await gone(back);
    assert.equal(await pathOf(back.email), undefined);

    const declined = await make();
    const answer = await expect(303, house.http.post(`${declined.link}/decline`, { form: {} }));
    assert.match((await house.http.get(answer.headers.location)).body, new RegExp(words('en').account.done.declined));
    await gone(declined);

    const again = await make();
    const path = await pathOf(again.email);
    const form = { links: '1' };
    const second = linkIn((await expect(200, post(`${path}/again`, form))).body);
    await gone(again);
    assert.match((await post(`${path}/again`, form)).headers.location, /done=team\.sent_already/, 'a form that is sent twice makes one link');
    await expect(200, house.http.get(second));

    await house.database.query("update team_invitation set expires_at = now() - interval '1 second' where email = $1", [again.email]);
    await gone({ link: second });
    assert.match((await get('/desk/team')).body, new RegExp(`${again.email}[^]*?${said.over}`));
    await enter(linkIn((await sendAgain(again.email)).body));
    for (const guess of ['a', 'a'.repeat(32), '%00', '..%2fteam']) assert.ok([404, 410].includes((await house.http.get(`/desk/join/${guess}`)).status), guess);
});

test('an invitation is for its address only: another account is refused, and who has an account signs in first', async () => {
    const known = await signIn(house, { role: 'viewer', organiser: foreign.slug });
    const link = linkIn((await expect(200, invite(known.email, { role: 'manager' }))).body);
    const wrong = await signIn(house, { role: 'viewer', organiser: foreign.slug });
    const refused = await expect(403, post(`${link}/accept`, {}, wrong), undefined);
    assert.ok(refused.body.includes(known.email) && refused.body.includes(wrong.email), 'it says for whom it is, and who is signed in');
    const led = await expect(303, house.http.post(`${link}/accept`, { form: {} }));
    assert.equal(led.headers.location, `/desk/sign-in?done=account.known&to=${encodeURIComponent(link)}`);
    assert.equal(led.headers['set-cookie'], undefined, 'a link of seven days signs nobody in who has an account');

    // Who is signed in with the address needs no link, and sees the invitation on every page.
    assert.match((await get('/desk', known)).body, /You’ve been invited to join a team/);
    const [, base] = /action="(\/desk\/invitations\/[^"]+)\/accept"/.exec((await expect(200, get('/desk/invitations', known))).body);
    assert.doesNotMatch((await get('/desk/invitations', wrong)).body, /biosaxony/);
    await expect(410, post(`${base}/accept`, {}, wrong), undefined);
    await expect(401, house.http.post(`${base}/accept`, { form: {} }), undefined);
    await expect(403, list(known));
    await expect(303, post(`${base}/accept`, {}, known));
    await expect(200, list(known));

    // Two at once: one becomes a member, once.
    const twice = fresh();
    const both = linkIn((await expect(200, invite(twice))).body);
    const answers = await Promise.all([1, 2].map(() => house.http.post(`${both}/accept`, { form: {} })));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 410]);
});

test('an account that began with a link which an owner passed on is its own once a mailed link was used', async () => {
    const email = fresh();
    const squatter = await enter(linkIn((await expect(200, invite(email, { place: foreign.slug, who: other }))).body));
    await expect(303, post('/desk/account/password', { password: 'a squatter was here' }, squatter));
    const link = linkIn((await expect(200, invite(email, { role: 'manager' }))).body);
    assert.doesNotMatch((await get('/desk', squatter)).body, /You’ve been invited/);
    assert.doesNotMatch((await get('/desk/invitations', squatter)).body, /biosaxony/);
    const answer = await expect(303, house.http.post(await signInLink(house, email), { form: {} }));
    const person = { headers: { cookie: answer.headers['set-cookie'][0].split(';')[0] } };
    await until(async () => (await get('/desk', squatter)).status === 303);
    const form = { email, password: 'a squatter was here' };
    await expect(422, house.http.post('/desk/sign-in', { form }), undefined);
    await expect(303, post(`${link}/accept`, {}, person));
    await expect(200, list(person));
});

test('what is wrong with an invitation is said at its field, and nothing typed is lost', async () => {
    const answer = await expect(422, invite('ada', { role: '', place: '' }));
    for (const name of ['role_needed', 'place_needed']) assert.ok(answer.body.includes(words('en').finding[name]), name);
    assert.match(answer.body, /value="ada"/);
    await expect(422, invite(fresh(), { place: foreign.slug }), undefined);
    await expect(422, invite(fresh(), { place: `biosaxony/${foreignEvent}` }), undefined);
    await expect(422, invite(fresh(), { role: 'king' }), undefined);
});

test('the last owner stays, also when two owners remove each other at once', async () => {
    const refused = await expect(409, post(await pathOf(owner.email), { role: 'viewer' }));
    assert.ok(refused.body.includes(said.problem.last_owner.slice(0, 30)));
    await expect(409, post(`${await pathOf(owner.email)}/remove`, {}));
    const invited = await invite(fresh(), { role: 'owner' });
    await expect(409, post(`${await pathOf(owner.email)}/remove`, {}), undefined); // has not accepted yet
    const second = await enter(linkIn(invited.body));
    const [own] = (await get('/desk/team', second)).body.match(/\/desk\/team\/members\/[0-9a-f-]{36}(?=">[^<]*<\/a> <span class="status">you)/);
    const answers = await Promise.all([post(`${own}/remove`, {}), post(`${await pathOf(owner.email)}/remove`, {}, second)]);
    // The later one is refused as the last owner, or is no owner any more.
    assert.match(answers.map(({ status }) => status).sort().join(), /^303,(403|409)$/);
    const owners = await house.database.value(
        `select count(*)::integer from membership join organiser using (organiser_id) where slug = 'biosaxony' and role = 'owner'`);
    assert.equal(owners, 1);
    await house.mustCommand(['account', 'add', owner.email, '--organiser', 'biosaxony', '--role', 'owner']);
    await until(async () => (await get('/desk/team')).status === 200);
});

test('with a mail server the invitation goes to the person only, is sent again, and says what failed', async () => {
    const mail = await startMail();
    const service = await startService({ ...house.settings, smtp: mail.url });
    await house.database.query(`insert into organiser_profile (organiser_id, profile)
        select organiser_id, '{"contact_email": "help@biosaxony.example", "reply_to": "answers@biosaxony.example"}' from organiser where slug = 'biosaxony'`);
    const email = fresh();
    const at = (path, form) => service.http.post(path, { form, headers: owner.headers });
    const answer = await at('/desk/team/new', { email, role: 'manager', place: `biosaxony/${event}` });
    assert.deepEqual([answer.status, answer.headers.location], [303, '/desk/team?done=team.invited']);
    const linkOf = (letter) => new URL(buttonOf(letter, words('en').account.invitation.action)).pathname;
    const first = await mail.arrives(({ to }) => to === email);
    assert.match(first.parsed.subject, /biosaxony has invited you/);
    for (const body of [first.parsed.text, first.parsed.html]) {
        assert.ok(body.includes(said.role_means.manager) && body.includes('biosaxony'));
        assert.ok(body.includes('help@biosaxony.example'), 'whom to ask');
    }
    assert.equal(first.parsed.replyTo.text, 'answers@biosaxony.example');
    const path = await pathOf(email);
    assert.equal((await at(`${path}/again`, { links: '1' })).headers.location, '/desk/team?done=team.invited');
    const letters = () => mail.letters.filter(({ to }) => to === email);
    await until(() => letters().length === 2);
    await expect(410, house.http.get(linkOf(first)));
    const member = await enter(linkOf(letters()[1]));
    await expect(200, list(member));
    assert.equal(await house.database.value('select is_proven from account where email = $1', [email]), true);

    const wrong = fresh();
    await at('/desk/team/new', { email: wrong, role: 'viewer', place: 'biosaxony' });
    await house.database.query(`update sign_in_mail set state = 'failed', code = 550, words = '5.1.1 no such user' where email = $1`, [wrong]);
    const page = (await service.http.get(await pathOf(wrong), { headers: owner.headers })).body;
    assert.ok(page.includes(said.mail.no_such_address));
    assert.ok((await get('/desk/team')).body.includes(said.mail_problem));
    for (let links = 1; links < 5; links++) await expect(303, at(`${await pathOf(wrong)}/again`, { links }));
    await expect(429, at(`${await pathOf(wrong)}/again`, { links: '5' }), undefined);
    await service.stop();
});

test('organisers on one installation do not learn of each other, also where somebody works for both', async () => {
    const both = await signIn(house, { role: 'manager', email: fresh() });
    const seen = async (who) => (await Promise.all(['/desk/team', '/desk/team/new', '/desk/tokens', '/desk/tokens/new', '/desk/log']
        .map(async (path) => (await get(path, who)).body))).join('');
    const [ours, theirs] = [await seen(owner), await seen(other)];
    assert.ok(ours.includes('biosaxony') && theirs.includes('The others'));
    assert.doesNotMatch(ours, new RegExp(`The others|${foreignEvent}|${other.email}`));
    assert.doesNotMatch(theirs, new RegExp(`biosaxony|${event}|${owner.email}`));
    // Who invites an address that works elsewhere gets the same answer, and no way into that account.
    const link = linkIn((await expect(200, invite(both.email, { place: foreign.slug, who: other }))).body);
    await expect(303, house.http.post(`${link}/accept`, { form: {} }));
    assert.doesNotMatch(await seen(owner), /The others/);
    for (const path of [await pathOf(both.email, other)])
        assert.match((await get(path)).headers.location, /done=team\.answered/, 'the other side has no such invitation');
    await expect(303, post(`${link}/accept`, {}, both));
    await expect(404, get(await pathOf(both.email), other));
    await expect(404, post(`${await pathOf(both.email)}/remove`, {}, other));
    // The person sees both logs, one at a time.
    const log = (await get('/desk/log', both)).body;
    assert.ok(log.includes('The others') === false, 'a viewer of the others has no log there');
    await expect(303, post(await pathOf(both.email, other), { role: 'manager' }, other));
    await until(async () => /organiser=others/.test((await get('/desk/log', both)).body));
    assert.doesNotMatch(await seen(owner), /The others/);
});

test('invitations of others do not push out the roles that somebody has', async () => {
    const person = await signIn(house, { role: 'viewer' });
    await house.database.query(`with many as (
          insert into organiser (organiser_id, slug, name)
          select gen_random_uuid(), 'crowd-' || n, 'Crowd' from generate_series(1, 40) as n returning organiser_id)
        insert into membership (organiser_id, account_id, role)
        select organiser_id, account_id, 'owner' from many, account where email = $1`, [person.email]);
    await expect(200, get(`/api/v1/events/${event}/attendees`, person));
});

test('an owner of one event decides about that event only', async () => {
    const one = await house.apply(plainEvent());
    const host = await signIn(house, { role: 'owner', event: one });
    const choices = (await get('/desk/team/new', host)).body;
    assert.match(choices, new RegExp(`value="biosaxony/${one}" selected`));
    assert.doesNotMatch(choices, /value="biosaxony"/);
    await expect(422, invite(fresh(), { who: host }), undefined);
    const invited = await expect(200, invite(fresh(), { who: host, role: 'manager', place: `biosaxony/${one}` }));
    const helper = await enter(linkIn(invited.body));
    await expect(200, get(`/api/v1/events/${one}/attendees`, helper));
    await expect(403, get(`/api/v1/events/${event}/attendees`, helper));
    assert.equal(await pathOf(owner.email, host), undefined);
    await expect(404, post(await pathOf(owner.email), { role: 'viewer' }, host));
    const entries = (await expect(200, get('/api/v1/log', helper))).json().entries;
    assert.ok(entries.length > 0 && entries.every((entry) => entry.event?.slug === one));
    await house.database.query(`insert into audit_entry (organiser_id, actor, action)
        select organiser_id, 'command', 'organiser.second_factor' from organiser where slug = 'biosaxony'`);
    const offered = async (who) => [...(await get('/desk/log', who)).body.matchAll(/<option value="([a-z_]+\.[a-z_]+)"/g)].map(([, action]) => action);
    assert.ok((await offered(owner)).includes('organiser.second_factor'));
    assert.deepEqual(await offered(helper), [...new Set(entries.map(({ action }) => action))].sort());
});

test('a key for a program is shown once, works for its role, its event and its days, and ends at once', async () => {
    const form = async () => /name="id" value="([^"]+)"/.exec((await get('/desk/tokens/new')).body)[1];
    const wish = { id: await form(), name: 'Caterer <Müller>', role: 'viewer', place: `biosaxony/${event}`, expires_on: '2099-12-31' };
    const made = await expect(200, post('/desk/tokens/new', wish));
    const token = /einlass_api_[a-z2-7]+/.exec(made.body)[0];
    assert.match(made.body, /curl -H &quot;Authorization: Bearer einlass_api_/);
    assert.equal(made.headers['cache-control'], 'no-store');
    const again = await expect(303, post('/desk/tokens/new', wish));
    assert.match(again.headers.location, /done=team.token_shown/);
    const list = async () => (await get('/desk/tokens')).body;
    assert.ok(!(await list()).includes(token));
    assert.match(await list(), /Caterer &lt;Müller&gt;[^]*31 December 2099|Caterer &lt;Müller&gt;[^]*31 Dec 2099/);
    assert.match(await list(), new RegExp(said.never_used));
    const use = () => house.http.get(`/api/v1/events/${event}/attendees`, { token });
    await expect(200, use());
    assert.equal(await house.database.value('select last_used_on = (now() at time zone \'UTC\')::date from api_token where name = $1', [wish.name]), true);
    const changes = await house.database.value("select xmin::text from api_token where name = $1", [wish.name]);
    await expect(200, house.http.get(`/api/v1/events/${event}`, { token }));
    assert.equal(await house.database.value("select xmin::text from api_token where name = $1", [wish.name]), changes, 'once a day');

    const entry = await house.database.value("select after from audit_entry where action = 'token.add' order by entry_id desc limit 1");
    assert.deepEqual(entry, { name: wish.name, role: 'viewer', expires_on: '2099-12-31' });
    await house.database.query('update api_token set expires_at = now() where name = $1', [wish.name]);
    await until(async () => (await use()).status === 401);
    await house.database.query('update api_token set expires_at = null where name = $1', [wish.name]);
    await until(async () => (await use()).status === 200);
    const id = await house.database.value('select token_id from api_token where name = $1', [wish.name]);
    await expect(404, post(`/desk/tokens/${id}/revoke`, {}, other));
    await expect(303, post(`/desk/tokens/${id}/revoke`, {}));
    await until(async () => (await use()).status === 401);
    for (const wrong of [{ name: '' }, { place: foreign.slug }, { role: '' }, { expires_on: 'soon' }])
        await expect(422, post('/desk/tokens/new', { ...wish, id: await form(), ...wrong }), undefined);
});

test('the commands make and list the same tokens', async () => {
    const token = (await house.mustCommand(['token', 'add', '--organiser', 'biosaxony', '--role', 'viewer', '--name', 'Website',
        '--expires-on', '2098-01-31'])).trim();
    assert.match(token, /^einlass_api_/);
    assert.match((await get('/desk/tokens')).body, /Website[^]*31 Jan(uary)? 2098/);
    assert.match(await house.mustCommand(['token', 'list', '--organiser', 'biosaxony']), /until 2098-01-31, Website/);
    assert.equal((await house.command(['token', 'add', '--organiser', 'biosaxony', '--role', 'viewer', '--expires-on', 'soon'])).status, 1);
    // Tokens from before there was a prefix go on working.
    await house.database.query(`insert into api_token (organiser_id, token_id, role, hash)
        select organiser_id, gen_random_uuid(), 'viewer', $1 from organiser where slug = 'biosaxony'`,
    [Buffer.from(blake2b('former', { dkLen: 32 }))]);
    assert.equal((await house.http.get(`/api/v1/events/${event}/attendees`, { token: 'former' })).status, 200);
});

test('the log tells each change in words, by page, event, person, action and day', async () => {
    const manager = await signIn(house, { role: 'manager' });
    const person = await registered(event, plainGuest({ attendees: [{ name: 'Ada' }] }));
    const change = (changes) => house.http.patch(`/api/v1/registrations/${person.id}`, { json: changes, headers: manager.headers });
    await expect(200, change({ version: 1, attendees: [{ id: person.attendees[0].id, name: 'Ada Lovelace' }] }));
    for (let i = 0; i < 60; i++)
        await house.database.query(`insert into audit_entry (organiser_id, at, actor, action, after)
            select organiser_id, now() - $1 * interval '1 day' - interval '30 days', 'command', 'token.add', '{"role": "door"}'
              from organiser where slug = 'biosaxony'`, [i]);
    const file = plainEvent();
    await house.apply(file);
    await house.apply({ ...file, registration: { capacity: 7 } });
    const page = (await get('/desk/log', manager)).body;
    const compared = `/desk/events/${file.slug}/publish/versions/1?with=2`;
    assert.ok(page.replaceAll('&#x3D;', '=').includes(`<a href="${compared}">${words('en').team.log_details}</a>`));
    assert.match((await get(`${compared}&lang=de`, manager)).body, /7/, 'what changed, in the words of the reader');
    assert.match(page, /<del>Ada<\/del>[^]*<ins>Ada Lovelace<\/ins>/);
    assert.ok(page.includes(manager.email) && page.includes(person.attendees[0].id));
    assert.match((await house.http.get('/desk/log', { headers: { ...manager.headers, 'accept-language': 'de' } })).body, /Angaben geändert/);
    const entries = async (query) => (await expect(200, get(`/api/v1/log?${query}`, manager))).json();
    const account = (await entries('action=registration.change')).entries[0].actor;
    const mine = (await entries(`who=${encodeURIComponent(account)}`)).entries;
    assert.ok(mine.length === 1 && mine[0].who === manager.email && mine[0].name === 'Ada Lovelace');
    assert.deepEqual(mine[0].changes, [{ label: 'Name', before: 'Ada', after: 'Ada Lovelace' }]);
    assert.ok((await entries(`event=${event}`)).entries.every((entry) => entry.event.slug === event));
    assert.deepEqual((await entries(`event=${foreignEvent}`)).entries, []);
    const day = (days) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
    assert.equal((await entries(`since=${day(40)}&until=${day(36)}`)).entries.length, 5);

    const all = [];
    for (let next = ''; next !== undefined;) {
        const found = await entries(next && `before=${next}`);
        all.push(...found.entries);
        next = found.next;
    }
    assert.equal(all.length, await house.database.value(
        `select count(*)::integer from audit_entry join organiser using (organiser_id) where slug = 'biosaxony' and actor <> 'guest'`));
    assert.ok(all.length > 60 && all.every((entry, i) => i === 0 || entry.at <= all[i - 1].at));
    await expect(400, get('/api/v1/log?before=x', manager), 'wrong_parameter');
    await expect(404, get(`/api/v1/log?organiser=${foreign.slug}`, manager));
    const filtered = (await get('/desk/log?action=token.add', manager)).body;
    assert.match(filtered, /href="\/desk\/log\?action=token\.add&amp;before=[0-9.]+"/);
});
