// Walk-ins: a guest without a ticket is registered at the door, in a free place or, with a reason, over
// the capacity.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { attendeeOf, expect } from '../harness/attendee.js';
import { exampleEvent, guest, localTime, plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';

const house = await openHouse();
const { registered, messages } = attendeeOf(house);
await house.apply();
const asManager = await house.token();

function walkIn(event, token, json, key) {
    return house.http.post(`/api/v1/events/${event}/walk-ins`, { token, json, key });
}

let count = 0;
const somebody = (changes = {}) => ({
    name: `Walk-in ${++count}`, email: `walk-in-${count}@example.org`, ...changes,
});
const withAnswers = (changes = {}) => somebody({
    answers: { company: 'biosaxony', lunch: false }, consents: ['privacy'], ...changes,
});

async function open(changes) {
    const event = await house.apply(plainEvent(changes));
    return { event, device: await house.device(event) };
}

async function mustWalkIn(event, token, json, key) {
    return (await expect(201, walkIn(event, token, json, key))).json();
}

// → {capacity, taken, over_capacity} of the event and, by slug, of its ticket types
async function places(event) {
    const [tally] = await house.database.query(
        `select tally.capacity, taken, over_capacity
           from tally join event using (event_id) where slug = $1`, [event]);
    const types = await house.database.query(
        `select ticket_type.slug, ticket_type.capacity, taken, over_capacity
           from ticket_type join event using (event_id) where event.slug = $1`, [event]);
    return { ...tally, types: Object.fromEntries(types.map(({ slug, ...type }) => [slug, type])) };
}

const audit = (event) => house.database.query(
    `select actor, registration_id as registration, attendee_id as attendee, after, detail from audit_entry join event using (event_id)
      where slug = $1 and action = 'walk_in' order by entry_id`, [event]);

const errors = (answer) =>
    answer.json().errors.map(({ pointer, code }) => `${pointer} ${code}`).sort();

const view = async (event) => (await house.http.get(`/api/v1/events/${event}`)).json();

test('whoever walks in is confirmed, has a ticket in hand and in the mail, and is let in with it',
    async () => {
        const { event, device } = await open();
        const seen = await mustWalkIn(event, device, somebody({ name: ' Ada Lovelace ' }));
        assert.equal(seen.status, 'confirmed');
        assert.equal(seen.manage_url, undefined);
        const [ada] = seen.attendees;
        assert.equal(ada.name, 'Ada Lovelace');
        assert.equal(ada.ticket_type, 'guest');
        assert.deepEqual(await messages(seen), ['confirmed']);
        const byId = (await house.scan(event, device, { attendee: ada.id })).json();
        assert.equal(byId.verdict, 'admitted');
        const byTicket = (await house.scan(event, device, { ticket: ada.ticket })).json();
        assert.equal(byTicket.verdict, 'already_admitted');
        const [{ actor, ...noted }] = await audit(event);
        assert.match(actor, /^device /);
        assert.deepEqual(noted, {
            registration: seen.id, attendee: ada.id, after: { status: 'confirmed' },
            detail: { ticket_type: 'guest', door: 'main', over_capacity: false },
        });
    });

// Company, lunch, privacy and the address are needed at the door.
function asking(changes = {}) {
    const file = structuredClone(exampleEvent(changes));
    for (const one of [...file.questions, ...file.consents])
        if (['company', 'lunch', 'privacy'].includes(one.slug)) one.needed_at_door = true;
    file.registration.email_needed_at_door = true;
    return file;
}

test('a name is enough: no question, consent or address is needed that the event does not mark', async () => {
    const event = await house.apply(exampleEvent());
    const device = await house.device(event);
    const seen = await mustWalkIn(event, device, { name: 'Only A. Name', ticket_type: 'guest' });
    assert.equal(seen.email, '');
    assert.deepEqual(await messages(seen), [], 'there is nowhere to write to');
    await mustWalkIn(event, device, { name: 'Only A. Name', ticket_type: 'guest' });
    const { registration, questions, consents } = await view(event);
    assert.equal(registration.email_needed_at_door, false);
    assert.ok([...questions, ...consents].every((one) => one.needed_at_door === undefined));
    const file = asking();
    file.questions[1] = { slug: 'table', label: 'Table', kind: 'number', required: false, asked_by: 'organiser', needed_at_door: true };
    const wrong = await house.command(['event', 'apply', house.file('wrong.json', JSON.stringify(file))]);
    assert.match(wrong.stderr, /\/questions\/1\/needed_at_door: your team answers this question/);
});

test('what the event marks is needed at the door, each thing with its place', async () => {
    const event = await house.apply(asking());
    const device = await house.device(event);
    const shown = await view(event);
    assert.equal(shown.registration.email_needed_at_door, true);
    assert.deepEqual([...shown.questions, ...shown.consents].filter((one) => one.needed_at_door).map(({ slug }) => slug),
        ['company', 'lunch', 'privacy']);
    assert.deepEqual(errors(await expect(422, walkIn(event, device, { ticket_type: 'guest' }))), [
        '/answers/company answer_needed', '/answers/lunch answer_needed',
        '/consents consent_needed', '/email email_needed', '/name name_needed',
    ]);
    assert.deepEqual(errors(await expect(422, walkIn(event, device, withAnswers({
        ticket_type: 'nobody', language: 'fr', email: 'ada', attendees: [], over_capacity: 'yes',
        reason: 1, consents: ['privacy', 'soul'], answers: { company: 'x', lunch: 'yes', age: 3 },
    })))), [
        '/answers/age unknown_question', '/answers/lunch yes_or_no_expected',
        '/attendees unknown_field', '/consents/1 unknown_consent', '/email email_expected',
        '/language language_not_spoken', '/over_capacity boolean_expected',
        '/reason text_expected', '/ticket_type unknown_ticket_type',
    ]);
    const seen = await mustWalkIn(event, device, withAnswers({ ticket_type: 'guest', language: 'de' }));
    assert.equal(seen.language, 'de');
    assert.deepEqual(seen.consents.map(({ slug, version }) => [slug, version]), [['privacy', 1]]);
    assert.deepEqual(seen.attendees[0].answers, { company: 'biosaxony', lunch: false });
});

test('windows, publication, approval, access codes and unverified addresses hold up nobody who stands there',
    async () => {
        const event = await house.apply(exampleEvent({
            published: false,
            registration: { opens_at: localTime(-100), closes_at: localTime(-1), approval: true,
                verify_email: true },
        }));
        const device = await house.device(event);
        for (const ticket_type of ['guest', 'speaker', 'press'])
            assert.equal((await mustWalkIn(event, device, withAnswers({ ticket_type }))).status,
                'confirmed');
        await expect(409, house.signUp(event, guest(), { token: asManager }), 'closed');
        const early = await house.apply(exampleEvent({
            registration: { opens_at: localTime(1), closes_at: localTime(2) },
        }));
        await mustWalkIn(early, asManager, withAnswers({ ticket_type: 'guest' }));
    });

test('nobody walks into an event that does not take place, or is long over', async () => {
    const { event, device } = await open();
    await house.apply(plainEvent({ slug: event, cancelled: true }));
    const answer = await expect(409, walkIn(event, device, somebody()), 'closed');
    assert.equal(answer.json().data.cancelled, true);
    const past = await house.apply(plainEvent({
        starts_at: localTime(-60), ends_at: localTime(-50),
        registration: { opens_at: localTime(-90), closes_at: localTime(-61) }, check_in: undefined,
    }));
    await expect(409, walkIn(past, asManager, somebody()), 'closed');
});

test('a full event lets nobody in by the way, says so, and never makes them wait', async () => {
    const { event, device } = await open({ registration: { capacity: 1, waiting_list: true } });
    const atDoor = async (token) => {
        const { registration, ticket_types: [type] } = (await house.http.get(`/api/v1/events/${event}`, { token })).json();
        return [registration.places_at_door, type.places_at_door];
    };
    assert.deepEqual(await atDoor(device), [1, 1]);
    await mustWalkIn(event, device, somebody());
    assert.deepEqual(await atDoor(device), [0, 0]);
    assert.deepEqual(await atDoor(undefined), [undefined, undefined], 'guests see what is left for them');
    const { detail, data } = (await expect(409, walkIn(event, device, somebody()), 'sold_out')).json();
    assert.deepEqual(data, { at_door: true, places_left: 0, ticket_type_places_left: null });
    assert.match(detail, /reason/);
    assert.deepEqual(await audit(event).then((entries) => entries.length), 1);
    const [{ registrations }] = await house.database.query(
        `select count(*)::integer as registrations
           from registration join event using (event_id) where slug = $1`, [event]);
    assert.equal(registrations, 1);
});

test('a full ticket type is full at the door, too, and the answer says that the event is not', async () => {
    const { event, device } = await open({
        registration: { capacity: 10 },
        ticket_types: [{ slug: 'guest', title: 'Guest' }, { slug: 'press', title: 'Press', capacity: 1 }],
    });
    await mustWalkIn(event, device, somebody({ ticket_type: 'press' }));
    const answer = await expect(409, walkIn(event, device, somebody({ ticket_type: 'press' })), 'sold_out');
    assert.deepEqual(answer.json().data, { at_door: true, places_left: 9, ticket_type_places_left: 0 });
    await mustWalkIn(event, device, somebody({ ticket_type: 'guest' }));
});

test('who waits elsewhere holds up nobody at the door', async () => {
    const { event, device } = await open({
        registration: { capacity: 3, waiting_list: true, most_attendees: 3 },
    });
    const three = plainGuest({ attendees: [{ name: 'A' }, { name: 'B' }, { name: 'C' }] });
    assert.equal((await registered(event, plainGuest())).status, 'confirmed');
    assert.equal((await registered(event, three)).status, 'waitlisted');
    assert.equal((await registered(event, plainGuest())).status, 'waitlisted');
    assert.equal((await mustWalkIn(event, device, somebody())).status, 'confirmed');
});

test('over the capacity it goes with a reason, which stays with who gave it', async () => {
    const { event, device } = await open({
        registration: { capacity: 1, waiting_list: false },
        ticket_types: [{ slug: 'guest', title: 'Guest', capacity: 1 }],
    });
    await mustWalkIn(event, device, somebody());
    for (const reason of [undefined, null, '', ' ', 'x'.repeat(501), 'a\u0007b'])
        assert.match(errors(await expect(422,
            walkIn(event, device, somebody({ over_capacity: true, reason }))))[0], /^\/reason /);
    await mustWalkIn(event, device, somebody({ over_capacity: true, reason: ' The mayor ' }));
    assert.deepEqual(await places(event), {
        capacity: 1, taken: 2, over_capacity: 1,
        types: { guest: { capacity: 1, taken: 2, over_capacity: 1 } },
    });
    const [, { actor, after, detail }] = await audit(event);
    assert.match(actor, /^device /);
    assert.deepEqual([detail.over_capacity, after.reason], [true, 'The mayor']);

    await expect(409, walkIn(event, device, somebody()), 'sold_out');
    await expect(409, house.signUp(event, plainGuest()), 'sold_out');
    const { registration, ticket_types: [type] } = await view(event);
    assert.deepEqual([registration.state, registration.places_left, type.places_left], ['sold_out', 0, 0]);
});

test('with a place left a reason takes nothing beyond the capacity', async () => {
    const { event, device } = await open({ registration: { capacity: 2 } });
    await mustWalkIn(event, device, somebody({ over_capacity: true, reason: 'In a hurry' }));
    assert.equal((await places(event)).over_capacity, 0);
    const [{ after, detail }] = await audit(event);
    assert.deepEqual([detail.over_capacity, after.reason], [false, 'In a hurry']);
    const free = await open({ registration: { capacity: undefined } });
    await mustWalkIn(free.event, free.device, somebody({ over_capacity: true, reason: 'Why not' }));
    assert.equal((await places(free.event)).over_capacity, 0);
});

test('what went over the capacity comes back first: nobody is let up into it', async () => {
    const { event, device } = await open({
        registration: { capacity: 2, waiting_list: true },
        ticket_types: [{ slug: 'guest', title: 'Guest', capacity: 2 }],
    });
    const early = [await registered(event), await registered(event)];
    const waiting = await registered(event);
    assert.equal(waiting.status, 'waitlisted');
    const over = await mustWalkIn(event, device, somebody({ over_capacity: true, reason: 'Speaker' }));
    const cancel = ({ id }) =>
        house.http.delete(`/api/v1/registrations/${id}`, { token: asManager });
    const status = async ({ id }) =>
        (await house.http.get(`/api/v1/registrations/${id}`, { token: asManager })).json().status;

    await expect(200, cancel(early[0]));
    assert.equal(await status(waiting), 'waitlisted');
    let now = await places(event);
    assert.deepEqual([now.taken, now.over_capacity, now.types.guest.over_capacity], [2, 0, 0]);
    await expect(200, cancel(early[1]));
    assert.equal(await status(waiting), 'confirmed');
    await expect(200, cancel(over));
    now = await places(event);
    assert.deepEqual([now.taken, now.over_capacity], [1, 0]);
});

test('the event file applies while an event is over its capacity, and gives away nothing of it', async () => {
    const file = plainEvent({
        registration: { capacity: 2, waiting_list: true },
        ticket_types: [{ slug: 'guest', title: 'Guest', capacity: 2 }],
    });
    const event = await house.apply(file);
    const applied = (capacity, title = file.title, type = capacity) => house.command(['event', 'apply',
        house.file('over.json', JSON.stringify({ ...file, title,
            registration: { ...file.registration, capacity },
            ticket_types: [{ slug: 'guest', title: 'Guest', ...(type && { capacity: type }) }] }))]);
    await registered(event);
    await registered(event);
    const waiting = await registered(event);
    for (const reason of ['One', 'Two'])
        await mustWalkIn(event, asManager, somebody({ over_capacity: true, reason }));

    const said = await applied(2, 'Renamed');
    assert.equal(said.status, 0, said.stderr);
    for (const capacity of [1, 0]) {
        const { status, stderr } = await applied(capacity);
        assert.equal(status, 1);
        assert.match(stderr, /capacity.*4 places are already taken/s);
    }
    for (const [capacity, over] of [[3, 1], [4, 0]]) {
        assert.equal((await applied(capacity)).status, 0);
        const now = await places(event);
        assert.deepEqual([now.taken, now.over_capacity, now.types.guest.over_capacity], [4, over, over]);
    }
    const still = async () => (await house.http.get(`/api/v1/registrations/${waiting.id}`,
        { token: asManager })).json().status;
    assert.equal(await still(), 'waitlisted');
    assert.equal((await applied(3)).status, 1, 'what went over once is not there to be used again');
    assert.equal((await applied(5)).status, 0);
    assert.equal(await still(), 'confirmed');
    assert.equal((await applied(undefined, file.title, undefined)).status, 0);
    assert.deepEqual((({ capacity, taken, over_capacity }) => [capacity, taken, over_capacity])(
        await places(event)), [null, 5, 0]);
});

test('an event thousands over its capacity is applied and cancelled in like any other', async () => {
    const file = plainEvent({ registration: { capacity: 1, waiting_list: true } });
    const event = await house.apply(file);
    await registered(event);
    const waiting = await registered(event);
    await house.database.query(
        `with raised as (
           update tally set over_capacity = 3000 where event_id = (select event_id from event where slug = $1)
           returning event_id
         ), one as (
           select attendee.* from attendee join raised using (event_id) where status = 'confirmed' limit 1
         )
         insert into attendee (event_id, attendee_id, registration_id, position, ticket_type, status,
                               name, search)
         select event_id, gen_random_uuid(), registration_id, 1 + n, ticket_type, status, name, search
           from one, generate_series(1, 3000) as n`, [event]);
    assert.equal((await places(event)).over_capacity, 3000);
    const { status, stderr } = await house.command(['event', 'apply',
        house.file('thousands.json', JSON.stringify({ ...file, title: 'Renamed' }))]);
    assert.equal(status, 0, stderr);
    await expect(200, house.http.delete(`/api/v1/registrations/${waiting.id}`, { token: asManager }));
});

test('an address that is registered is told to be looked for by name, and gets no mail', async () => {
    const { event, device } = await open({ registration: { once_per_email: true } });
    const there = await registered(event, plainGuest({ email: 'Ada@example.org' }));
    const before = await messages(there);
    const answer = await expect(409,
        walkIn(event, device, somebody({ email: 'ada@EXAMPLE.org' })), 'already_registered');
    assert.match(answer.json().detail, /search for the name/i);
    assert.doesNotMatch(answer.json().detail, /sent/);
    assert.deepEqual(await messages(there), before);
    await expect(409, house.signUp(event, plainGuest({ email: 'ada@example.org' })), 'already_registered');
    const twice = await open({ registration: { once_per_email: false } });
    const body = somebody();
    await mustWalkIn(twice.event, twice.device, body);
    await mustWalkIn(twice.event, twice.device, body);
});

test('the same key is the same walk-in, and another body under it is refused', async () => {
    const { event, device } = await open();
    const [key, body] = [randomUUID(), somebody()];
    const first = await mustWalkIn(event, device, body, key);
    assert.deepEqual(await mustWalkIn(event, device, body, key), first);
    await expect(422, walkIn(event, device, { ...body, name: 'Another' }, key), 'idempotency_key_reused');
    assert.deepEqual(await messages(first), ['confirmed']);
    const signedUp = await expect(201, house.signUp(event, plainGuest(), { key }));
    assert.notEqual(signedUp.json().id, first.id);
    const together = await Promise.all(Array.from({ length: 8 },
        () => mustWalkIn(event, device, { ...body, email: 'x@example.org' }, `${key}-2`)));
    assert.equal(new Set(together.map(({ id }) => id)).size, 1);
});

test('a refusal keeps no key: the same one goes through once there is a reason', async () => {
    const { event, device } = await open({ registration: { capacity: 0 } });
    const [key, body] = [randomUUID(), somebody()];
    await expect(409, walkIn(event, device, body, key), 'sold_out');
    await mustWalkIn(event, device, { ...body, over_capacity: true, reason: 'Staff' }, key);
});

test('a door takes in whom it admits, and knows the ticket type where there is one only', async () => {
    const event = await house.apply(exampleEvent());
    const [main, speakers] = [await house.device(event, 'main'), await house.device(event, 'speakers')];
    assert.equal((await mustWalkIn(event, speakers, withAnswers())).attendees[0].ticket_type, 'speaker');
    assert.deepEqual(errors(await expect(422, walkIn(event, main, withAnswers()))),
        ['/ticket_type ticket_type_needed']);
    const refused = await expect(422, walkIn(event, speakers, withAnswers({ ticket_type: 'guest' })));
    assert.deepEqual(errors(refused), ['/ticket_type not_for_this_door']);
    assert.match(refused.json().errors[0].detail, /Guest.*Speakers' entrance/);
    await mustWalkIn(event, asManager, withAnswers({ ticket_type: 'guest' }));
});

test('devices, door staff, managers and owners take people in, nobody else', async () => {
    const { event, device } = await open();
    const { event: another } = await open();
    for (const role of ['door', 'manager', 'owner'])
        await mustWalkIn(event, await house.token({ role }), somebody());
    const { manage_url: link } = await mustWalkIn(event, asManager, somebody());
    assert.ok(link);
    await expect(403, walkIn(event, await house.token({ role: 'viewer' }), somebody()));
    await expect(401, walkIn(event, undefined, somebody()));
    assert.ok([403, 404].includes((await walkIn(another, device, somebody())).status));
});

test('a definition that changed under it is looked at anew', async () => {
    const { event, device } = await open();
    await mustWalkIn(event, device, somebody());
    await house.database.query(`
        with changed as (
          update event set version = version + 1 where slug = $1 returning event_id, version
        )
        insert into event_version (event_id, version, definition, actor)
        select event_id, changed.version, definition, actor
          from changed join event_version as before using (event_id)
         where before.version = changed.version - 1`, [event]);
    await mustWalkIn(event, device, somebody());
});
