// Random walks over sign-ups, cancellations and changes. After each of thousands of steps the database
// must equal a short model of the rules in docs/architecture.md, and its counts must be right.
import assert from 'node:assert/strict';
import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { chance } from '../harness/chance.js';
import { plainEvent } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { repository } from '../harness/paths.js';

const typeSlugs = ['early', 'regular', 'student'];
const WALKS = 12, STEPS = 150;
const SEED = Number(process.env.EINLASS_SEED ?? randomInt(2 ** 31)); // EINLASS_SEED=… repeats a walk
const statement = readFileSync(join(repository, 'service/features/registration/sign_up.sql'), 'utf8');
// The same without the short way for those who surely fit (migrations/functions/sign_up.sql).
const careful = statement.replace('from sign_up($1::uuid[],',
    'from sign_up_carefully(array_fill(null::integer, array[cardinality($1::uuid[])]), $1::uuid[],')
    .replace(/,\s+\$24::integer\[\]/, '');

/* --- The rules ------------------------------------------------------------------------------- */

const places = ['unverified', 'pending', 'confirmed'];
const there = (registration) => registration.attendees.filter(({ status }) => status !== 'cancelled');

class Model {
    constructor({ capacity, types, waitingList, approval }) {
        Object.assign(this, { capacity, types, waitingList, approval, registrations: [], seen: new Set() });
    }

    everybody() {
        return this.registrations.flatMap(({ attendees }) => attendees);
    }

    free(type) {
        const taken = this.everybody().filter((one) =>
            places.includes(one.status) && (!type || one.type === type)).length;
        return ((type ? this.types[type] : this.capacity) ?? Infinity) - taken;
    }

    waiting() {
        return this.registrations.filter(({ status }) => status === 'waitlisted');
    }

    // The first place limit that is reached ('' for the event), null if the attendees fit, '-' if they
    // are more than a capacity. blocked: limits that others wait for.
    shortOf(attendees, blocked) {
        const needs = {};
        const many = (type) => attendees.filter((one) => one.type === type).length;
        if (attendees.length > (this.capacity ?? Infinity)
            || attendees.some(({ type }) => many(type) > (this.types[type] ?? Infinity))) return '-';
        for (const { type } of attendees) {
            needs[type] = (needs[type] ?? 0) + 1;
            if (blocked.has(type) || needs[type] > this.free(type)) return type;
        }
        return blocked.has('') || attendees.length > this.free() ? '' : null;
    }

    become(registration, status) {
        registration.status = status;
        if (status !== 'waitlisted') registration.waitsFor = null;
        for (const attendee of there(registration)) attendee.status = status;
    }

    withPlaces(registration) {
        if (!registration.verified) return 'unverified';
        return this.approval ? 'pending' : 'confirmed';
    }

    signUp(types, verified) {
        const registration = { verified, attendees: types.map((type) => ({ type })) };
        const blocked = new Set(this.waiting().map(({ waitsFor }) => waitsFor));
        const short = this.shortOf(registration.attendees, blocked);
        if (short !== null && (short === '-' || !this.waitingList)) return 'sold_out';
        this.registrations.push(registration);
        registration.waitsFor = short;
        this.become(registration, short === null ? this.withPlaces(registration) : 'waitlisted');
        return registration.status;
    }

    // A walk-in: ignores the waiting list, and the capacity if asked.
    walkIn(type, overCapacity) {
        if (!overCapacity && (this.free() <= 0 || this.free(type) <= 0)) return 'sold_out';
        const registration = { verified: true, attendees: [{ type }] };
        this.wentOver ||= this.free() <= 0;
        this.registrations.push(registration);
        this.become(registration, 'confirmed');
        return 'confirmed';
    }

    // In order, as long as there are places where a registration waits. Who fits into no capacity
    // ('-') blocks nobody.
    moveUp() {
        const blocked = new Set(['-']);
        const open = (limit) => !blocked.has(limit) && (limit === '-' || this.free(limit) > 0);
        for (const registration of this.waiting()) {
            if (!open('') || !open(registration.waitsFor)) continue;
            const short = this.shortOf(there(registration), blocked);
            if (short === null) this.become(registration, this.withPlaces(registration));
            else blocked.add(registration.waitsFor = short);
        }
    }

    cancel(registration) {
        this.become(registration, 'cancelled');
        this.moveUp();
    }

    // The remaining attendees wait again for the limit they need.
    cancelOne(registration, attendee) {
        if (there(registration).length === 1) return this.cancel(registration);
        attendee.status = 'cancelled';
        if (registration.status === 'waitlisted') registration.waitsFor = '';
        this.moveUp();
    }

    expire() {
        for (const late of this.registrations.filter(({ status }) => status === 'unverified'))
            this.become(late, 'cancelled');
        this.moveUp();
    }

    verify(registration) {
        if (registration.status === 'cancelled') return;
        registration.verified = true;
        if (registration.status === 'unverified') this.become(registration, this.withPlaces(registration));
    }

    resize(capacity, types) {
        Object.assign(this, { capacity, types });
        for (const registration of this.waiting())
            if (registration.waitsFor === '-') registration.waitsFor = '';
        this.moveUp();
    }
}

/* --- A walk ---------------------------------------------------------------------------------- */

class Walk {
    constructor(house, event, model, dice) {
        Object.assign(this, { house, event, model, dice, ids: [], taken: [], ways: { plain: 0, careful: 0 } });
    }

    ask(text, ...values) {
        return this.house.database.query(text, [this.event.id, ...values]);
    }

    // batch: [{ id, status, people: [{ id, type }], atDoor }] → the rows of sign_up.sql
    run(batch) {
        const { event } = this;
        const people = batch.flatMap(({ people: some }, at) => some.map((one) => ({ ...one, ordinal: at + 1 })));
        const every = (list, value) => list.map((one) => typeof value === 'function' ? value(one) : value);
        const address = ({ id }) => `${id}@example.org`;
        const values = [
            every(batch, ({ id }) => id), every(batch, event.id), every(batch, event.version),
            every(batch, address), every(batch, address), every(batch, 'en'), every(batch, '[]'),
            every(batch, () => randomBytes(16)), every(batch, ({ status }) => status),
            every(batch, new Date(Date.now() + 1e8)), every(batch, ({ atDoor }) => atDoor && JSON.stringify(atDoor)),
            every(batch, true), every(batch, null), every(batch, null), every(batch, null),
            every(people, ({ ordinal }) => ordinal),
            every(people, ({ id }) => id), every(people, () => randomUUID()), every(people, ({ type }) => type),
            every(people, 'Guest'), every(people, null), every(people, '{}'), every(people, ''),
            batch.flatMap(({ people: some }) => some.map((_, i) => i + 1)),
        ];
        return this.isCareful ? this.house.database.query(careful, values.slice(0, 23))
            : this.house.database.query(statement, values);
    }

    // Notes which way the sign-ups of a batch go.
    async noteWays(batch) {
        const people = batch.flatMap(({ people: some }, at) => some.map(({ type }) => ({ type, ordinal: at + 1 })));
        const [{ numbers }] = await this.house.database.query('select numbers from plain_numbers($1, $2, $3, $4, null, null, null, $5, $6)',
            [batch.map(({ id }) => id), batch.map(() => this.event.id), batch.map(() => this.event.version),
                batch.map(({ id }) => id), people.map(({ ordinal }) => ordinal), people.map(({ type }) => type)]);
        for (const number of numbers) this.ways[number === null || this.isCareful ? 'careful' : 'plain']++;
    }

    // A batch of some sign-ups, each for a few people.
    async signUp() {
        const { dice, event } = this;
        const batch = Array.from({ length: 1 + dice.below(3) }, () => ({
            id: randomUUID(), verified: !event.verify || dice.one_in(3),
            people: Array.from({ length: 1 + dice.below(dice.one_in(4) ? 5 : 2) }, () =>
                ({ id: randomUUID(), type: dice.of(typeSlugs) })),
        }));
        await this.noteWays(batch);
        const rows = await this.run(batch.map((one) => (
            { ...one, status: !one.verified ? 'unverified' : event.approval ? 'pending' : 'confirmed' })));
        const expected = batch.map(({ people: some, verified }) =>
            this.model.signUp(some.map(({ type }) => type), verified));
        assert.deepEqual(rows.map(({ outcome }) => outcome), expected);
        batch.forEach(({ id, people: some }, at) => {
            if (expected[at] === 'sold_out') return;
            const registration = this.model.registrations[this.ids.length];
            this.ids.push(registration.id = id);
            registration.attendees.forEach((attendee, i) => (attendee.id = some[i].id));
        });
    }

    async walkIn() {
        const { dice, model } = this;
        const type = dice.of(typeSlugs), overCapacity = dice.one_in(3);
        const id = randomUUID(), attendee = randomUUID();
        const [{ outcome, places_left: left, ticket_type_places_left: leftOfType }] = await this.run([{
            id, status: 'confirmed', people: [{ id: attendee, type }],
            atDoor: { over_capacity: overCapacity, door: 'main', reason: 'Because', actor: 'device' },
        }]);
        const told = (free) => (free === Infinity ? null : Math.max(free, 0));
        assert.deepEqual([left, leftOfType], [told(model.free()), told(model.free(type))]);
        assert.equal(outcome, model.walkIn(type, overCapacity));
        if (outcome === 'sold_out') return;
        const registration = model.registrations[this.ids.length];
        this.ids.push(registration.id = id);
        registration.attendees[0].id = attendee;
    }

    some(...statuses) {
        return this.dice.of(this.model.registrations.filter(({ status }) => statuses.includes(status)));
    }

    async cancel(registration = this.some(...places, 'waitlisted')) {
        if (!registration) return;
        const erased = this.dice.one_in(4);
        await this.ask(`select ${erased ? 'erase' : 'cancel'}_registration($1, $2)`, registration.id);
        this.model.cancel(registration);
    }

    async cancelOne(registration = this.some(...places, 'waitlisted')) {
        if (!registration) return;
        const attendee = this.dice.of(there(registration));
        await this.ask('select cancel_attendee($1, $2, $3)', registration.id, attendee.id);
        this.model.cancelOne(registration, attendee);
    }

    async decline(registration = this.some('pending')) {
        if (!registration) return;
        await this.ask('select decline_registration($1, $2)', registration.id);
        this.model.cancel(registration);
    }

    async approve(registration = this.some('pending', 'unverified')) {
        if (!registration) return;
        await this.ask('select approve_registration($1, $2)', registration.id);
        registration.verified = true;
        this.model.become(registration, 'confirmed');
    }

    async verify(registration = this.some('unverified', 'waitlisted', 'confirmed', 'cancelled')) {
        if (!registration) return;
        await this.ask('select verify_registration($1, $2)', registration.id);
        this.model.verify(registration);
    }

    async expire() {
        await this.ask("update registration set held_until = now() where event_id = $1 and status = 'unverified'");
        await this.ask('select expire_unverified($1)');
        this.model.expire();
    }

    // Raises the capacity, or lowers it by free places.
    async resize() {
        const { dice, model } = this;
        const resized = (capacity, free) => capacity === null ? null
            : dice.one_in(3) ? Math.max(capacity - dice.below(Math.max(free, 0) + 1), 1) : capacity + dice.below(4);
        const types = Object.fromEntries(typeSlugs.map((type) =>
            [type, resized(model.types[type], model.free(type))]));
        const capacity = resized(model.capacity, model.free());
        // Like event apply (service/features/event/apply.sql).
        const set = (to) => `capacity = ${to}, over_capacity = least(over_capacity, greatest(0, taken - ${to}))`;
        await this.ask(`update tally set ${set('$2::integer')} where event_id = $1`, capacity);
        for (const type of typeSlugs)
            await this.ask(`update ticket_type set ${set('$3::integer')} where event_id = $1 and slug = $2`,
                type, types[type]);
        await this.ask("update registration set waits_for = '' where event_id = $1 and waits_for = '-'");
        await this.ask('select move_up($1)');
        model.resize(capacity, types);
    }

    async step() {
        const steps = ['signUp', 'signUp', 'signUp', 'walkIn', 'cancel', 'cancelOne', 'cancelOne', 'decline', 'approve', 'verify'];
        const name = this.dice.one_in(12) ? this.dice.of(['expire', 'resize']) : this.dice.of(steps);
        this.taken.push(name);
        await this[name]();
        await this.judge();
    }

    // The database equals the model, and the counts equal the rows.
    async judge() {
        const rows = await this.ask(
            `select registration_id as id, registration.status::text as status,
                    array_agg(attendee.status::text order by position) as attendees,
                    waits_for as "waitsFor"
               from registration join attendee using (event_id, registration_id)
              where event_id = $1 group by event_id, registration_id order by registration.number`);
        assert.deepEqual(
            rows.map(({ id, status, attendees, waitsFor }) => ({ id, status, attendees, waitsFor })),
            this.model.registrations.map(({ id, status, attendees, waitsFor }) => ({
                id, status, attendees: attendees.map((one) => one.status), waitsFor: waitsFor ?? null,
            })));
        const [{ wrong }] = await this.ask(
            `select count(*) > 0 as wrong
               from tally
              cross join lateral (
                select count(*) filter (where holds_place(status)) as taken,
                       (select count(*) from registration
                         where event_id = $1 and waits_for = '') as waiting,
                       (select count(*) from registration
                         where event_id = $1 and status = 'waitlisted') as waitlisted
                  from attendee where event_id = $1) as real
              where event_id = $1 and (moving or (tally.taken, tally.waiting, tally.waitlisted)
                                                 <> (real.taken, real.waiting, real.waitlisted)
                 or over_capacity <> greatest(0, tally.taken - capacity)
                 or exists (
                      select from ticket_type
                       where event_id = $1 and (over_capacity <> greatest(0, taken - capacity)
                          or waiting <> (select count(*) from registration
                                          where event_id = $1 and waits_for = slug)
                          or taken <> (
                         select count(*) from attendee
                          where event_id = $1 and ticket_type = slug and holds_place(status)))))`);
        assert.equal(wrong, false, 'a count is not true');
    }
}

async function openEvent(house, dice, number) {
    const some = (most) => dice.one_in(4) ? null : 1 + dice.below(most);
    const scale = dice.of([1, 6, 15]); // large events have places for a while
    const size = { capacity: some(14 * scale), types: Object.fromEntries(typeSlugs.map((type) => [type, some(7 * scale)])) };
    const kind = { waitingList: number % 5 !== 4, approval: number % 3 === 0, verify: number % 2 === 0 };
    const slug = await house.apply(plainEvent({
        ticket_types: typeSlugs.map((type) => ({ slug: type, title: type, capacity: size.types[type] ?? undefined })),
        registration: {
            capacity: size.capacity ?? undefined, waiting_list: kind.waitingList, approval: kind.approval,
            most_attendees: 5,
        },
    }));
    const [{ event_id: id, version }] = await house.database.query(
        'select event_id, version from event where slug = $1', [slug]);
    return new Walk(house, { id, version, ...kind }, new Model({ ...size, ...kind }), dice);
}

// Every fourth walk takes the careful way alone.
async function walk(house, seed) {
    const dice = chance(seed);
    const one = await openEvent(house, dice, seed - SEED);
    one.isCareful = (seed - SEED) % 4 === 0;
    try {
        for (let step = 0; step < STEPS; step++) {
            await one.step();
            for (const { status } of one.model.registrations) one.model.seen.add(status);
        }
    } catch (error) {
        error.message = `EINLASS_SEED=${SEED}, walk ${seed - SEED}, step ${one.taken.length}: `
            + `${one.taken.slice(-3)}: ${error.message}`;
        throw error;
    }
    Object.assign(one.model, { isCareful: one.isCareful, ways: one.ways });
    return one.model;
}

const walks = (house) => Promise.all(Array.from({ length: WALKS }, (_, i) => walk(house, SEED + i)));

test('thousands of steps by chance: everybody has the place the rules give', async () => {
    const ends = await walks(await openHouse({ serve: false }));
    for (const status of [...places, 'waitlisted', 'cancelled'])
        assert.ok(ends.some(({ seen }) => seen.has(status)), `nobody ever was ${status}`);
    assert.ok(ends.some(({ wentOver }) => wentOver), 'nobody was let in beyond the capacity');
    const ways = (name) => ends.reduce((sum, one) => sum + one.ways[name], 0);
    assert.ok(ways('plain') > 100 && ways('careful') > 100, `both ways are taken: ${ways('plain')}, ${ways('careful')}`);
    assert.ok(ends.filter(({ isCareful }) => isCareful).every(({ ways: taken }) => taken.plain === 0));
});

for (const [what, rule] of [['who waits', 'types_fit and waiting = 0 and'], ['a full ticket type', 'types_fit and']])
    test(`a short way that does not look at ${what} is found`, async () => {
        const house = await openHouse({ serve: false });
        const numbers = await house.database.value("select pg_get_functiondef('plain_numbers'::regproc)");
        assert.ok(numbers.includes(rule));
        await house.database.query(numbers.replaceAll(what === 'who waits' ? 'waiting = 0 and ' : 'types_fit and ', ''));
        await assert.rejects(walks(house), (error) => error.code === 'ERR_ASSERTION' || error.code === '23514');
    });

test('a rule by which a group that never fits keeps the others waiting is found', async () => {
    const house = await openHouse({ serve: false });
    const rule = await house.database.value("select pg_get_functiondef('admit'::regproc)");
    const never = 'never_fits or total > all_in_event';
    assert.ok(rule.includes(never));
    await house.database.query(rule.replace(never, 'false'));
    await assert.rejects(walks(house), { code: 'ERR_ASSERTION' });
});

test('a rule that lets those overtake who come later is found', async () => {
    const house = await openHouse({ serve: false });
    const rule = await house.database.value("select pg_get_functiondef('admit'::regproc)");
    const queue = 'case when past_queue then 0 else waiting end';
    assert.equal(rule.split(queue).length, 3, 'of the event and of the ticket types');
    await house.database.query(rule.replaceAll(queue, '0'));
    await assert.rejects(walks(house), { code: 'ERR_ASSERTION' });
});

test('room beyond the capacity that stays when places are given back is found', async () => {
    const house = await openHouse({ serve: false });
    const counting = await house.database.value("select pg_get_functiondef('count_attendees'::regproc)");
    const falls = /,\s+over_capacity = least\([^]*?capacity\)\)/g;
    assert.equal(counting.match(falls).length, 2);
    await house.database.query(counting.replaceAll(falls, ''));
    await assert.rejects(walks(house), { code: 'ERR_ASSERTION' });
});
