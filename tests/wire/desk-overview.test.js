// The desk: the list of events, an event's overview by the calendar, and its live page. People are
// counted, never scans.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { signIn } from '../harness/desk.js';
import { exampleEvent, guest, localTime, plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';

const house = await openHouse();
await house.apply(); // with it comes the organiser
const token = await house.token();
const manager = await signIn(house);

const get = async (path, { headers } = manager) => {
    const answer = await house.http.get(path, { headers });
    assert.equal(answer.status, 200, `${path}: ${answer.body}`);
    return answer.body;
};
const api = async (path, given = token) => {
    const answer = await house.http.get(`/api/v1${path}`, { token: given });
    assert.equal(answer.status, 200, `${path}: ${answer.body}`);
    return answer.json();
};
const later = (hours) => ({ starts_at: localTime(hours), ends_at: localTime(hours + 4), check_in: undefined });
const signs = (more) => ({ registration: { opens_at: undefined, closes_at: undefined, ...more } });

// → the sign-ups' answers
async function signUp(event, count, body = plainGuest) {
    const all = [];
    for (let i = 0; i < count; i++) {
        const answer = await house.signUp(event, body());
        assert.ok(answer.status < 300, answer.body);
        all.push(answer.json());
    }
    return all;
}

const listed = async (event, given) =>
    (await api('/organised-events', given)).events.find(({ slug }) => slug === event);
const overview = (event) => api(`/events/${event}/overview`);
const arrivals = (event, given) => api(`/events/${event}/arrivals`, given);

// Moves an event in time, without telling the service.
const move = (event, hours) => house.database.query(
    `update event set starts_at = now() + $2 * interval '1 hour',
            ends_at = now() + ($2 + 4) * interval '1 hour' where slug = $1`, [event, hours]);
// The item of the list of events, or the part of a page between two marks.
const itemOf = (page, slug) => page.split('<li class="panel">').find((item) => item.includes(`/desk/events/${slug}`));

test('the list tells counts and what needs attention, each with its link, right after it happened', async () => {
    const event = await house.apply(plainEvent({ ...later(500), ...signs({ capacity: 3, waiting_list: true, approval: true }) }));
    assert.doesNotMatch(itemOf(await get('/desk'), event), /class="todo"/, 'nothing needs attention');
    const [first] = await signUp(event, 5);
    let { taken, coming, to_approve: pending, waiting, full } = await listed(event);
    assert.deepEqual({ taken, coming, pending, waiting, full }, { taken: 3, coming: 0, pending: 3, waiting: 2, full: true });
    const item = itemOf(await get('/desk'), event);
    assert.match(item, new RegExp(`href="/desk/events/${event}/attendees\\?list=to_approve">3 people are waiting for approval<`));
    assert.match(item, new RegExp(`href="/desk/events/${event}/attendees\\?list=waiting">Fully booked, 2 people on the waiting list<`));
    assert.match(item, /3 of 3 places taken/);
    const path = `/api/v1/registrations/${first.id}`;
    assert.equal((await house.http.patch(path, { token, json: { status: 'confirmed' } })).status, 200);
    ({ coming, to_approve: pending } = await listed(event));
    assert.deepEqual({ coming, pending }, { coming: 1, pending: 2 });
    await house.database.query(`update message set state = 'failed' where event_id =
        (select event_id from event where slug = $1) and registration_id = $2`, [event, first.id]);
    assert.match(itemOf(await get('/desk'), event),
        new RegExp(`href="/desk/events/${event}/messages\\?state=failed">2 emails couldn’t be sent<`));
    assert.match(await get('/desk'), /No mail server is set up/);
});

test('a draft says so and is nobody else\'s; organisers never learn of each other', async () => {
    const draft = await house.apply(plainEvent({ published: false, ...later(900), ...signs() }));
    const foreign = await house.apply(plainEvent({ organiser: { slug: 'strangers', name: 'Strangers Ltd' }, ...later(900), ...signs() }));
    const page = await get('/desk');
    assert.match(itemOf(page, draft), /Not published yet\. View the event page/);
    assert.doesNotMatch(page, new RegExp(`${foreign}|Strangers`));
    assert.equal(await listed(foreign), undefined);
    assert.equal((await house.http.get(`/desk/events/${foreign}`, { headers: manager.headers })).status, 403);
    const one = await signIn(house, { role: 'viewer', event: draft });
    assert.deepEqual([...(await get('/desk', one)).matchAll(/desk-events-title"><a href="([^"]*)"/g)].map(([, href]) => href),
        [`/desk/events/${draft}`], 'a role in one event shows this event');
    const door = await signIn(house, { role: 'door', event: draft });
    assert.match(await get('/desk', door), new RegExp(`href="/desk/events/${draft}/live"`));
    assert.equal((await house.http.get(`/desk/events/${draft}`, { headers: door.headers })).status, 403);
    // Who works for both sees both, each under its name.
    const both = await signIn(house, { role: 'viewer' });
    await house.mustCommand(['account', 'add', both.email, '--organiser', 'strangers', '--role', 'viewer']);
    const again = await signIn(house, { role: 'viewer', email: both.email });
    const names = [...(await get('/desk', again)).matchAll(/<h2>([^<]*)<\/h2>/g)].map(([, name]) => name);
    assert.equal(names.length, 2);
    assert.ok(names.includes('Strangers Ltd'));
});

test('many events: the next first, then the past ones, found by title or place, and in pages', async () => {
    const slug = await house.apply(plainEvent({ organiser: { slug: 'busy', name: 'Busy' }, title: { en: 'Jour fixe' },
        ...later(48), ...signs() }));
    await house.database.query(`
        with old as (select * from event join event_version using (event_id, version) where slug = $1),
        made as (select gen_random_uuid() as event_id, n from generate_series(1, 60) as n),
        defined as (
          insert into event_version (event_id, version, definition, actor)
          select made.event_id, 1, jsonb_set(definition, '{title}', jsonb_build_object('en', 'Meeting ' || n)), 'test' from made, old),
        kept as (insert into tally (event_id) select event_id from made)
        insert into event (event_id, organiser_id, slug, published, cancelled, timezone, starts_at, ends_at,
          waiting_list, once_per_email, approval, verify_hours, reminder_hours)
        select made.event_id, organiser_id, 'meeting-' || n, true, false, timezone, starts_at - n * interval '7 days',
               ends_at - n * interval '7 days', false, true, false, 24, 0 from made, old`, [slug]);
    const busy = await signIn(house, { role: 'viewer', organiser: 'busy' });
    const titles = async (path) => [...(await get(path, busy)).matchAll(/desk-events-title"><a[^>]*>([^<]*)</g)].map(([, title]) => title);
    const first = await titles('/desk');
    assert.deepEqual([first.length, first[0], first[1], first[49]], [50, 'Jour fixe', 'Meeting 1', 'Meeting 49']);
    assert.match(await get('/desk', busy), /rel="next" href="\/desk\?q=&amp;page=2"/);
    assert.deepEqual(await titles('/desk?page=2'), Array.from({ length: 11 }, (_, i) => `Meeting ${i + 50}`));
    assert.deepEqual(await titles('/desk?q=jour+FIXE'), ['Jour fixe']);
    assert.match(await get('/desk?q=%3Cnothing%3E', busy), /No event matches “&lt;nothing&gt;”/);
    assert.equal((await house.http.get('/desk?page=x', { headers: busy.headers })).status, 400);
    const nobody = await house.apply(plainEvent({ organiser: { slug: 'new', name: 'New' } }));
    await house.mustCommand(['account', 'add', 'new@example.org', '--organiser', 'new', '--role', 'owner']);
    await house.database.query(`update event set organiser_id = (select organiser_id from organiser where slug = 'busy') where slug = $1`, [nobody]);
    assert.match(await get('/desk', await signIn(house, { role: 'owner', organiser: 'new', email: 'new@example.org' })),
        /You have no events yet/);
});

test('weeks before, the overview shows sign-ups over time, the newest people and the places', async () => {
    const event = await house.apply(plainEvent({ ...later(24 * 60), ...signs({ capacity: 20, approval: true }) }));
    assert.match(await get(`/desk/events/${event}`), /Nobody has registered yet/);
    await signUp(event, 7, () => plainGuest({ attendees: [{ name: 'Zoë <b>' }] }));
    await house.database.query(`update registration set created_at = now() - case when number < 4 then 3 else 1 end * interval '1 day'
        where event_id = (select event_id from event where slug = $1) and number < 6`, [event]);
    const { phase, sign_ups: days, newest, to_approve: pending } = await overview(event);
    assert.deepEqual([phase, pending, newest.length, newest[0].name], ['before', 7, 7, 'Zoë <b>']);
    assert.deepEqual(days.map(({ sign_ups: count }) => count), [3, 0, 2, 2]);
    const page = await get(`/desk/events/${event}`);
    assert.match(page, /<svg[^>]*class="chart" role="img" aria-label="Bar chart: 7 registrations from [^"]*at most 3 in one bar\."/);
    assert.match(page, /Zoë &lt;b&gt;/);
    assert.doesNotMatch(page, /Ready for the door|T\d\d:\d\d:\d\dZ</);
    assert.match(page, /7 people are waiting for approval/);
    await house.database.query(`update registration set created_at = now() - (100 - 20 * (number - 1)) * interval '1 day'
        where event_id = (select event_id from event where slug = $1) and number < 6`, [event]);
    const weeks = (await overview(event)).sign_ups;
    assert.equal(weeks.reduce((sum, { sign_ups: count }) => sum + count, 0), 7);
    assert.ok(weeks.length > 10 && weeks.length < 20, 'bars of a week each');
    assert.match(await get(`/desk/events/${event}`, { headers: { ...manager.headers, 'accept-language': 'de' } }), /Anmeldungen/);
});

test('in the last days it asks whether the door is ready, and says what to mend', async () => {
    const event = await house.apply(plainEvent({ ...later(24 * 3), ...signs() }));
    assert.equal((await overview(event)).phase, 'last_days');
    const before = await get(`/desk/events/${event}`);
    assert.match(before, /Ready for the door\?/);
    assert.match(before, new RegExp(`<li><a href="/desk/events/${event}/doors">Door: no phone paired yet`));
    const phone = await house.device(event);
    const told = await house.http.post(`/api/v1/events/${event}/device`, { token: phone, json: { waiting: 2, battery: 81 } });
    assert.ok(told.status < 300, told.body);
    const after = await get(`/desk/events/${event}`);
    assert.match(after, new RegExp(`<li class="done"><a href="/desk/events/${event}/doors">Door: one phone paired</a> <span class="fine">Last contact: a moment ago`));
    assert.match(after, /class="done">Tickets can be signed/);
    assert.match(after, /href="\/door\/guide"/);
    const { phones } = await overview(event);
    assert.equal(phones.main.count, 1);
    assert.match(await get(`/desk/events/${event}/live`), /2 scans wait for the network[^]*Battery 81/);
});

test('people are counted, never scans: each once, where and when they first came in', async () => {
    const event = await house.apply(exampleEvent({ doors: [{ slug: 'main', title: 'Main' }, { slug: 'back', title: 'Back' }] }));
    const phone = await house.device(event);
    const guests = await signUp(event, 3, guest);
    const tickets = guests.map(({ attendees: [{ ticket }] }) => ticket);
    const now = Date.now();
    const scan = async (ticket, more) => {
        const answer = await house.scan(event, phone, { ticket, ...more });
        assert.equal(answer.status, 200, answer.body);
        return answer.json();
    };
    const at = (minutes) => ({ scanned_at: new Date(now - minutes * 60_000).toISOString(), decided: 'admitted' });
    const { nonce } = await scan(tickets[0]);
    await scan(tickets[0], { direction: 'out' });
    await scan(tickets[0]);
    await scan('UNKNOWN');
    let told = await arrivals(event);
    assert.deepEqual([told.came, told.inside, told.expected, told.arrivals.people], [1, 1, 3, 1]);
    assert.deepEqual([told.arrivals.doors, told.arrivals.ticket_types], [{ main: 1 }, { guest: 1 }]);
    // A phone without network let the same person in 20 minutes earlier: the arrival moves, and stays one.
    const early = await scan(tickets[0], { ...at(20), door: 'back' });
    told = await arrivals(event);
    assert.deepEqual([told.arrivals.people, told.arrivals.doors], [1, { back: 1 }]);
    const step = told.arrivals.steps[0].at;
    assert.ok(Math.abs(Date.parse(step) - (now - 20 * 60_000)) <= 5 * 60_000 && Date.parse(step) % 300_000 === 0);
    const undo = async (one) => assert.equal((await house.http.delete(`/api/v1/events/${event}/checkins/${one}`, { token })).status, 200);
    await undo(early.nonce);
    assert.deepEqual((await arrivals(event)).arrivals.doors, { main: 1 });
    await scan(tickets[1]);
    const other = await scan(tickets[1], { decided: 'admitted', nonce: randomUUID(), door: 'back' });
    assert.equal(other.conflict, true);
    told = await arrivals(event);
    assert.deepEqual([told.came, told.arrivals.people, told.conflict_count], [2, 2, 1]);
    const page = await get(`/desk/events/${event}/live`);
    assert.match(page, /data-count="expected">3<[^]*data-count="admitted">2<[^]*data-count="inside">2</);
    assert.match(page, /One conflict<[^]*This ticket was already used at [^<]*Main[^]*undo the wrong check-in/);
    assert.match(page, /<svg[^>]*class="chart" role="img" aria-label="Bar chart of arrivals[^"]*"/);
    assert.match(page, /data-stream="\/api\/v1\/events\//);
    assert.match(await get('/desk'), /One conflict at the door/);
    const projector = await get(`/desk/events/${event}/live?projector=1`);
    assert.doesNotMatch(projector, /Latest scans|Guest \d/, 'a projector names nobody');
    await undo(other.nonce);
    await undo(nonce);
    assert.equal((await arrivals(event)).conflict_count, 0);
    assert.equal((await overview(event)).phase, 'day');
    assert.match(await get(`/desk/events/${event}`), new RegExp(`href="/desk/events/${event}/live">Open the live page`));

    // After the event: who came, who did not, by ticket type, and the list in one click.
    await scan(tickets[0], { direction: 'out' });
    await move(event, -6);
    const view = await overview(event);
    assert.deepEqual([view.phase, view.came, view.coming, view.came_by_ticket_type], ['after', 2, 3, { guest: 2 }]);
    const after = await get(`/desk/events/${event}`);
    assert.match(after, /<strong>2<\/strong><span>came<[^]*<strong>1<\/strong><span>didn’t come</);
    assert.match(after, new RegExp(`href="/desk/events/${event}/attendees\\.xlsx\\?list=came"`));
    for (const below of ['attendees.xlsx?list=came', 'messages?state=failed', 'doors'])
        assert.equal((await house.http.get(`/desk/events/${event}/${below}`, manager)).status, 200, below);
    assert.match(itemOf(await get('/desk'), event), /<strong>2<\/strong>\s*came/);
});

test('arrivals are compared with the last event by the hour of its start, for people with a role in both', async () => {
    const organiser = { slug: 'series', name: 'Series' };
    const [last, event] = [await house.apply(plainEvent({ organiser, title: { en: 'Spring' } })), await house.apply(plainEvent({ organiser }))];
    const all = await house.token({ organiser: 'series' });
    const single = await house.token({ organiser: 'series', event, role: 'viewer' });
    const phones = { [last]: await house.device(last), [event]: await house.device(event) };
    for (const at of [last, event]) {
        for (const one of await signUp(at, at === last ? 2 : 1))
            assert.equal((await house.scan(at, phones[at], { ticket: one.attendees[0].ticket })).status, 200);
    }
    await house.database.query(`update event set starts_at = starts_at - interval '7 days', ends_at = ends_at - interval '7 days' where slug = $1`, [last]);
    await house.database.query(`update scan set day = day - 7, happened_at = happened_at - interval '7 days' where event_id = (select event_id from event where slug = $1)`, [last]);
    await house.database.query(`update event_day set day = day - 7 where event_id = (select event_id from event where slug = $1)`, [last]);
    const told = await arrivals(event, all);
    assert.deepEqual([told.last_event.title, told.last_event.arrivals.people, told.arrivals.people], ['Spring', 2, 1]);
    const viewer = await signIn(house, { role: 'viewer', organiser: 'series' });
    const page = await get(`/desk/events/${event}/live`, viewer);
    assert.match(page, /The lines show Spring/);
    assert.match(page, /<td class="number">1<\/td><td class="number">2<\/td>/, 'both in the same five minutes');
    assert.equal((await arrivals(event, single)).last_event, null, 'a role in this event only');
    assert.equal((await arrivals(last, all)).last_event, null);
});
