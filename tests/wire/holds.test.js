// A place is held for an unverified address, for a fixed time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { until } from '../harness/wait.js';

const house = await openHouse();

async function verifiedEvent(changes = {}) {
    return house.apply(plainEvent({
        registration: { capacity: 1, waiting_list: true, verify_email: true, verify_hours: 2, ...changes },
    }));
}

async function signUp(event) {
    const answer = await house.signUp(event, plainGuest());
    assert.equal(answer.status, 201, answer.body);
    return answer.json();
}

async function row(id) {
    const rows = await house.database.query('select * from registration where registration_id = $1', [id]);
    return rows[0];
}

async function kinds(id) {
    const rows = await house.database.query(
        'select kind from message where registration_id = $1 order by created_at, kind', [id]);
    return rows.map(({ kind }) => kind);
}

test('the place is held as long as the event says, from signing up', async () => {
    const event = await verifiedEvent();
    const { id, status } = await signUp(event);
    assert.equal(status, 'unverified');
    const { held_until, created_at } = await row(id);
    assert.equal((held_until - created_at) / 3600_000, 2);
});

test('when the time is over the place goes to the first who waits, and both are told', async () => {
    const event = await verifiedEvent();
    const late = await signUp(event);
    const waiting = await signUp(event);
    const alsoWaiting = await signUp(event);
    assert.equal(waiting.status, 'waitlisted');
    await house.database.query(
        "update registration set held_until = now() - interval '1 second' where registration_id = $1", [late.id]);
    await until(async () => (await row(late.id)).status === 'cancelled');
    assert.equal((await row(waiting.id)).status, 'unverified', 'it has a place, and its address is to be verified');
    assert.ok((await row(waiting.id)).held_until > new Date(), 'from now on');
    assert.equal((await row(alsoWaiting.id)).status, 'waitlisted');
    assert.deepEqual(await kinds(late.id), ['unverified', 'expired']);
    assert.deepEqual(await kinds(waiting.id), ['waitlisted', 'promoted']);
    assert.deepEqual(await kinds(alsoWaiting.id), ['waitlisted']);
});

test('a place whose time is not over stays, and so does one that was verified', async () => {
    const event = await verifiedEvent({ capacity: 3 });
    const held = await signUp(event);
    const late = await signUp(event);
    await house.database.query(
        "update registration set held_until = now() - interval '1 second' where registration_id = $1", [late.id]);
    await until(async () => (await row(late.id)).status === 'cancelled');
    assert.equal((await row(held.id)).status, 'unverified');
});

test('a hold that is over cannot be verified any more', async () => {
    const event = await verifiedEvent();
    const late = await signUp(event);
    await house.database.query(
        "update registration set held_until = now() - interval '1 second' where registration_id = $1", [late.id]);
    await until(async () => (await row(late.id)).status === 'cancelled');
    const outcome = await house.database.query('select verify_registration(event_id, registration_id) as outcome from registration where registration_id = $1', [late.id]);
    assert.equal(outcome[0].outcome, 'not_held');
    assert.equal((await row(late.id)).status, 'cancelled');
});

test('the database itself refuses a hold on anything but an unverified registration', async () => {
    const event = await verifiedEvent();
    const { id } = await signUp(event);
    await assert.rejects(
        house.database.query("update registration set status = 'confirmed' where registration_id = $1", [id]),
        /only_unverified_are_held/);
});
