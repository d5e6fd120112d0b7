// The mails of an event at the desk: their state in words, filters, sending again, reading as the guest does.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simpleParser } from 'mailparser';
import { signIn } from '../harness/desk.js';
import { exampleEvent, guest, plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';

const house = await openHouse();
const event = await house.apply(exampleEvent());
const registered = (await house.signUp(event, guest())).json();
const { headers } = await signIn(house);
const pathOf = (slug) => `/desk/events/${slug}/messages`;

async function get(path, { as = headers, status = 200 } = {}) {
    const answer = await house.http.get(path, { headers: as });
    assert.equal(answer.status, status, answer.body);
    return answer;
}

const unescape = (text) => text.replaceAll('&#x3D;', '=').replaceAll('&amp;', '&').replaceAll('&#39;', '\'');
const rows = (page) => page.split('<tbody>')[1]?.split('</tbody>')[0].split('</tr>').slice(0, -1) ?? [];

// Writes the outcome of mails as the sending does. → their ids
async function ended(slug, state, { code = null, words = '', count = 1, age = 0 } = {}) {
    const done = await house.database.query(`update message set state = $2, code = $3, words = $4, tries = 1,
        created_at = created_at - $6 * interval '1 minute'
        where message_id in (select message_id from message join event using (event_id)
            where slug = $1 and state = 'queued' order by message.created_at limit $5) returning message_id`,
    [slug, state, code, words, count, age]);
    return done.map(({ message_id }) => message_id);
}

test('without a mail server the desk says that mails are kept, and each is read as the guest gets it', async () => {
    const list = await get(pathOf(event));
    assert.match(list.body, /Emails aren’t being sent/);
    assert.match(rows(list.body)[0], /Tickets[^]*Waiting[^]*once a mail server is set/);
    const link = unescape(/<th[^>]*><a href="([^"]+)"/.exec(rows(list.body)[0])[1]);
    assert.equal(link, `${pathOf(event)}/${registered.id}/${registered.id}`);
    const page = await get(link);
    assert.match(page.body, /<h1>You’re registered: bionection meets Artificial Intelligence<\/h1>/);
    assert.ok(page.body.includes(`/desk/events/${event}/attendees/${registered.attendees[0].id}`), 'the way to the person');
    assert.match(page.headers['content-security-policy'], /frame-src 'self'; frame-ancestors 'none'/);
    assert.ok(page.body.includes(registered.id), 'the text with its manage link');
    const seen = await get(`${link}/html`);
    assert.equal(seen.headers['content-security-policy'], "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; " +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox allow-same-origin allow-popups");
    const [, picture] = seen.body.match(/<img src="([^"]+)"/);
    assert.equal((await house.http.get(picture)).headers['content-type'], 'image/png');
    const saved = await get(`${link}/file`);
    assert.deepEqual([saved.headers['content-type'], saved.headers['content-disposition'].split(';')[0]], ['message/rfc822', 'attachment']);
    const parsed = await simpleParser(saved.bytes);
    assert.deepEqual(parsed.attachments.map(({ contentType }) => contentType).sort(),
        ['application/pdf', 'image/png', 'text/calendar']);
    assert.equal((await house.http.get(`/events/${event}/messages`)).status, 404, 'no page by a secret link');
});

test('the command tells where mails are read', async () => {
    const printed = await house.mustCommand(['message', 'list', event]);
    assert.ok(printed.includes(`read them at ${house.service.url}/desk/events/${event}/messages`) || printed.includes(pathOf(event)));
    assert.ok(!(await house.mustCommand(['message', 'list', event], { settings: { smtp: 'smtp://localhost:9' } })).includes('/desk/'));
});

test('a mail that was overtaken says so, and no place on a list that nobody has any more', async () => {
    const slug = await house.apply(plainEvent({ registration: { capacity: 1, waiting_list: true } }));
    const [first, second] = [(await house.signUp(slug, plainGuest())).json(), (await house.signUp(slug, plainGuest())).json()];
    const letter = async () => (await get(`${pathOf(slug)}/${second.id}/${second.id}`)).body;
    assert.match(await letter(), /You’re number 1 on the waiting list/);
    const manage = new URL(first.manage_url);
    assert.ok((await house.http.delete(`/api/v1${manage.pathname}${manage.search}`)).status < 300);
    assert.doesNotMatch(await letter(), /You’re number/);
    assert.match(await letter(), /Not needed<\/span>/);
    assert.match(await letter(), /no longer correct/);
});

test('a failed mail tells its reason in plain words and goes out again, one or all', async () => {
    const slug = await house.apply(plainEvent());
    for (let i = 0; i < 4; i++) await house.signUp(slug, plainGuest());
    const [gone] = await ended(slug, 'failed', { code: 550, words: '550 5.1.1 <ada@example.org>: User unknown' });
    await ended(slug, 'failed', { code: 552, words: '552 5.2.2 over quota', count: 2 });
    const list = (await get(pathOf(slug))).body;
    assert.match(list, /3 emails couldn’t be sent/);
    assert.match(list, /This address doesn’t exist\. Check it for typos/);
    assert.match(list, /The mailbox is full/);
    assert.match(list, /Failed <span class="count">3<\/span>/);
    const page = (await get(`${pathOf(slug)}/${gone}/${gone}`)).body;
    assert.match(unescape(page), /The mail server said[^]*550 5\.1\.1/);
    const one = await house.http.post(`${pathOf(slug)}/${gone}/${gone}/retry`, { headers, form: {} });
    assert.deepEqual([one.status, one.headers.location], [303, `${pathOf(slug)}?done=message.again&n=1`]);
    assert.match((await get(one.headers.location)).body, /One email is being sent again\./);
    assert.equal((await house.http.post(`${pathOf(slug)}/${gone}/${gone}/retry`, { headers, form: {} })).status, 409, 'it has not failed any more');
    const all = await house.http.post(`${pathOf(slug)}/retry`, { headers, form: {} });
    assert.equal(all.headers.location, `${pathOf(slug)}?done=message.again&n=2`);
    assert.doesNotMatch((await get(pathOf(slug))).body, /couldn’t be sent/);
    const noted = await house.database.query(`select action, detail from audit_entry join event using (event_id)
        where slug = $1 and action like 'message.%' order by entry_id`, [slug]);
    assert.deepEqual(noted.map(({ action }) => action), ['message.retry', 'message.retry_all']);
    assert.equal(noted[1].detail.messages, 2);
    const token = await house.token();
    assert.deepEqual((await house.http.post(`/api/v1/events/${slug}/messages/retry`, { token, json: {} })).json(), { count: 0 });
});

test('mails are found by state, kind, name and address', async () => {
    const slug = await house.apply(plainEvent({ registration: { capacity: 2, waiting_list: true } }));
    const people = [['Ada Lovelace', 'ada@engine.example'], ['Zoë Müller', 'zoe@acme.example'], ['Ada Byron', 'byron@acme.example']];
    for (const [name, email] of people) await house.signUp(slug, plainGuest({ email, attendees: [{ name }] }));
    await ended(slug, 'sent', { code: 250, words: '250 Ok' });
    const names = async (query) => rows((await get(`${pathOf(slug)}?${query}`)).body)
        .map((row) => /attendees\/[^"]+">([^<]+)/.exec(row)[1]);
    assert.deepEqual(await names(''), ['Ada Byron', 'Zoë Müller', 'Ada Lovelace'], 'the newest first');
    assert.deepEqual(await names('state=sent'), ['Ada Lovelace']);
    assert.deepEqual(await names('state=queued&kind=waitlisted'), ['Ada Byron']);
    assert.deepEqual(await names('q=ada'), ['Ada Byron', 'Ada Lovelace']);
    assert.deepEqual(await names('q=acme.example+zoe'), ['Zoë Müller']);
    assert.deepEqual(await names('q=muller'), ['Zoë Müller']);
    assert.deepEqual(await names('q=100%25'), [], 'a wildcard is a character');
    assert.match((await get(`${pathOf(slug)}?q=nobody`)).body, /No emails found/);
    for (const wrong of ['state=lost', 'kind=letter', 'cursor=x', `q=${'x'.repeat(201)}`])
        await get(`${pathOf(slug)}?${wrong}`, { status: 400 });
});

test('pages go on where the last one ended, with the same filters, and each mail is on one page', async () => {
    const slug = await house.apply(plainEvent());
    for (let i = 0; i < 7; i++) await house.signUp(slug, plainGuest());
    await house.database.query(`update message set created_at = date_trunc('minute', created_at)
        where event_id = (select event_id from event where slug = $1)`, [slug]);
    await ended(slug, 'failed', { count: 5, code: 550, words: '550 no' });
    for (const [query, count] of [['limit=3', 7], ['limit=2&state=failed', 5]]) {
        const seen = new Set();
        let path = `${pathOf(slug)}?${query}`, pages = 0;
        while (path) {
            const page = (await get(path)).body;
            for (const row of rows(page)) seen.add(/<th[^>]*><a href="([^"]+)"/.exec(row)[1]);
            const next = /href="([^"]+)" rel="next"/.exec(page);
            path = next && `${unescape(next[1])}&limit=${query.match(/limit=(\d)/)[1]}`;
            pages++;
        }
        assert.deepEqual([seen.size, pages], [count, 3]);
    }
});

test('readers see the list without letters; the door sees nothing; a mail of another event is not there', async () => {
    const reader = (await signIn(house, { role: 'viewer' })).headers;
    const list = (await get(pathOf(event), { as: reader })).body;
    assert.match(list, /Tickets/);
    assert.ok(!list.includes(`${pathOf(event)}/${registered.id}`));
    await get(`${pathOf(event)}/${registered.id}/${registered.id}`, { as: reader, status: 403 });
    await get(pathOf(event), { as: (await signIn(house, { role: 'door' })).headers, status: 403 });
    const other = await house.apply(exampleEvent());
    await get(`${pathOf(other)}/${registered.id}/${registered.id}`, { status: 404 });
    assert.match((await get(pathOf(other))).body, /No emails yet/);
});
