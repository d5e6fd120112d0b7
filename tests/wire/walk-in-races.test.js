// Doors and sign-ups race for the same places. Also tests the schema's constraints. The check also runs
// on naive code, where it must find the error.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import pg from 'pg';
import { plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';

const PLACES = 70; // not a multiple of the number of naive doors
const CROWD = 150; // of each kind
const range = (length) => Array.from({ length }, (_, index) => index);
const count = (list, value) => list.filter((one) => one === value).length;

const file = (waiting_list) => plainEvent({
    registration: { capacity: PLACES, waiting_list },
    ticket_types: [{ slug: 'guest', title: 'Guest', capacity: PLACES }],
});

const somebody = (number) => ({ name: `Walk-in ${number}`, email: `walk-in-${number}@example.org` });

function walkIn(house, event, token, json) {
    return house.http.post(`/api/v1/events/${event}/walk-ins`, { token, json });
}

async function placesOf(house, event) {
    const [places] = await house.database.query(
        `select tally.taken, tally.over_capacity as over, ticket_type.taken as type_taken,
                ticket_type.over_capacity as type_over,
                (select count(*)::integer from attendee
                  where attendee.event_id = tally.event_id and status = 'confirmed') as confirmed
           from event join tally using (event_id) join ticket_type using (event_id)
          where event.slug = $1`, [event]);
    return places;
}

// beyond: the number admitted with a reason when the event was full
async function judge(house, event, beyond) {
    const taken = PLACES + beyond;
    assert.deepEqual(await placesOf(house, event),
        { taken, over: beyond, type_taken: taken, type_over: beyond, confirmed: taken });
}

for (const waitingList of [false, true]) {
    const title = waitingList ? 'with a waiting list' : 'without a waiting list';
    test(`doors and sign-ups at the same instant give each place once, ${title}`, async () => {
        const house = await openHouse();
        const event = await house.apply(file(waitingList));
        const devices = [await house.device(event), await house.device(event)];
        const answers = await Promise.all(range(CROWD).flatMap((i) => [
            house.signUp(event, plainGuest()),
            walkIn(house, event, devices[i % 2], somebody(i)),
        ]));
        await judge(house, event, 0);
        const signUps = answers.filter((_, i) => i % 2 === 0);
        const walkIns = answers.filter((_, i) => i % 2 === 1).map(({ status }) => status);
        const confirmed = signUps.filter(({ status, json }) => status === 201)
            .filter((answer) => answer.json().status === 'confirmed').length;
        assert.equal(confirmed + count(walkIns, 201), PLACES);
        assert.ok(confirmed > 0 && count(walkIns, 201) > 0, 'both were at it at once');
        assert.equal(count(walkIns, 201) + count(walkIns, 409), CROWD);
    });
}

test('those let in with a reason go over the capacity by exactly as many, and nobody else does',
    async () => {
        const house = await openHouse();
        const event = await house.apply(file(false));
        const [one, other] = [await house.device(event), await house.device(event)];
        const answers = await Promise.all(range(CROWD).flatMap((i) => [
            house.signUp(event, plainGuest()),
            walkIn(house, event, one, somebody(i)),
            walkIn(house, event, other, { ...somebody(CROWD + i), over_capacity: true, reason: 'Staff' }),
        ]));
        const status = answers.map((answer) => answer.status);
        assert.equal(count(status.filter((_, i) => i % 3 === 2), 201), CROWD);
        const beyond = (await house.database.query(
            `select count(*)::integer as beyond from audit_entry
              where action = 'walk_in' and detail -> 'over_capacity' = 'true'`))[0].beyond;
        assert.ok(beyond > 0 && beyond <= CROWD);
        assert.equal(count(status, 201), PLACES + beyond);
        await judge(house, event, beyond);
    });

const insertGuest =
    `with the_event as (select event_id from event where slug = $1),
     new_registration as (
       insert into registration (event_id, registration_id, number, status, email, email_key,
                                 once_per_email, language, fingerprint)
       select event_id, $2::uuid, $3, 'confirmed', $2::text, $2::text, true, 'en', ''
         from the_event)
     insert into attendee (event_id, attendee_id, registration_id, position, ticket_type, status,
                           name, search)
     select event_id, $2, $2, 1, 'guest', 'confirmed', 'Guest', 'guest' from the_event`;

// Every door checks for a free place, then admits if it saw one.
async function walkInNaively(house, event, { raise }) {
    const { cluster: { socket }, name } = house.database;
    const doors = range(20).map(() => new pg.Client({ host: socket, user: 'einlass', database: name }));
    await Promise.all(doors.map((door) => door.connect()));
    let number = 0;
    try {
        while (number <= PLACES)
            await Promise.all(doors.map(async (door) => {
                const { rows: [{ taken }] } = await door.query(
                    'select taken from tally join event using (event_id) where slug = $1', [event]);
                if (taken >= PLACES) return;
                if (raise)
                    for (const table of ['tally', 'ticket_type'])
                        await door.query(`update ${table} set over_capacity = over_capacity + 1`);
                await door.query(insertGuest, [event, randomUUID(), ++number]);
            }));
    } finally {
        await Promise.all(doors.map((door) => door.end()));
    }
}

test('control: deciding naively gives more places than there are, and that is noticed', async () => {
    const house = await openHouse({ serve: false });
    const event = await house.apply(file(false));
    await house.database.query('alter table tally drop constraint places_of_the_event');
    await house.database.query('alter table ticket_type drop constraint places_of_the_ticket_type');
    await walkInNaively(house, event, { raise: false });
    await assert.rejects(judge(house, event, 0), assert.AssertionError);
});

test('even deciding naively gives no place twice: the schema refuses', async () => {
    const house = await openHouse({ serve: false });
    const event = await house.apply(file(false));
    await assert.rejects(walkInNaively(house, event, { raise: false }), { code: '23514' });
    assert.ok((await placesOf(house, event)).taken <= PLACES);
});

test('what was allowed beyond the capacity and not used is gone with the next count', async () => {
    const house = await openHouse({ serve: false });
    const event = await house.apply(file(false));
    for (const table of ['tally', 'ticket_type'])
        await house.database.query(`update ${table} set over_capacity = 100`);
    for (const number of range(PLACES))
        await house.database.query(insertGuest, [event, randomUUID(), number + 1]);
    await judge(house, event, 0);
    await assert.rejects(house.database.query(insertGuest, [event, randomUUID(), PLACES + 1]),
        { code: '23514' });
});

test('the schema allows neither less than nothing nor one more than was allowed', async () => {
    const house = await openHouse({ serve: false });
    const event = await house.apply(file(false));
    const set = (table, change) => house.database.query(`update ${table} set ${change}`);
    for (const [table, constraint] of [
        ['tally', 'places_of_the_event'], ['ticket_type', 'places_of_the_ticket_type']]) {
        await assert.rejects(set(table, 'over_capacity = -1'), { code: '23514' });
        await set(table, `taken = ${PLACES + 2}, over_capacity = 2`);
        await assert.rejects(set(table, `taken = ${PLACES + 3}`), { code: '23514', constraint });
        await assert.rejects(set(table, 'over_capacity = 1'), { code: '23514', constraint });
        await assert.rejects(set(table, `capacity = ${PLACES - 1}`), { code: '23514', constraint });
        await set(table, `taken = 0, over_capacity = 0`);
    }
    assert.equal((await placesOf(house, event)).taken, 0);
});
