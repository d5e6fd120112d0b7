// Load for the fault tests: guests sign up, then each ticket is scanned at two doors at once. A client
// without an answer retries with the same key or nonce. The crowd records all acknowledged answers and
// compares them with the database at the end.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { plainEvent, plainGuest } from '../harness/events.js';

const doors = ['main', 'side'];
const ANSWER_WITHIN_MS = 60_000;
const ASK_AGAIN_MS = 25;

export const pause = (leastMs, mostMs) => sleep(leastMs + Math.random() * (mostMs - leastMs));

class Crowd {
    signUps = []; // acknowledged: {event, email, ...answer}
    scans = [];   // {event, nonce, attendee, verdict}
    lost = 0;     // requests whose connection ended before an answer
    busy = 0;     // answered 503, or by a proxy that found nobody
    longestMs = 0; // that a client waited for its acknowledgement

    constructor(house, events) {
        this.house = house;
        this.events = events; // {slug, capacity, devices}
    }

    enter(guests) {
        this.guests = Array.from({ length: guests }, () => this.#keepComing());
    }

    // Ends the load when every request is answered.
    async leave() {
        this.leaving = true;
        await Promise.all(this.guests);
        if (this.failure) throw this.failure;
    }

    // Waits until so many more sign-ups and scans are acknowledged.
    async goesOn(answers = 40) {
        const enough = this.signUps.length + this.scans.length + answers;
        while (this.signUps.length + this.scans.length < enough && !this.failure) await sleep(5);
    }

    async #keepComing() {
        try {
            while (!this.leaving) await this.#come();
        } catch (error) {
            this.failure ??= error;
            this.leaving = true;
        }
    }

    async #come() {
        const event = this.events[Math.floor(Math.random() * this.events.length)];
        const [attendee] = (await this.#signUp(event)).attendees;
        if (!attendee.ticket) return;
        const verdicts = await Promise.all(
            event.devices.map((device) => this.#walkIn(event, device, attendee)));
        assert.deepEqual(verdicts.sort(), ['admitted', 'already_admitted']);
    }

    async #signUp(event) {
        const body = plainGuest();
        const key = randomUUID();
        const send = (options) => this.house.signUp(event.slug, body, { key, ...options });
        const answer = await this.#twice(send, 201);
        this.signUps.push({ event: event.slug, email: body.email, ...answer });
        return answer;
    }

    async #walkIn(event, { door, token }, { id, ticket }) {
        const nonce = randomUUID();
        const scan = { ticket, door, nonce };
        const send = (options) => this.house.scan(event.slug, token, scan, options);
        const { verdict } = await this.#twice(send, 200, ({ verdict }) => ({ verdict }));
        this.scans.push({ event: event.slug, nonce, attendee: id, verdict });
        return verdict;
    }

    // Sends some answered requests again; the answer must be the same.
    async #twice(send, status, part = ({ id, status }) => ({ id, status })) {
        const first = await this.#insist(send, status);
        if (Math.random() < 0.1)
            assert.deepEqual(part(await this.#insist(send, status)), part(first));
        return first;
    }

    async #insist(send, status) {
        const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
        const asked = [], first = performance.now();
        for (;;) {
            const began = performance.now();
            const answer = await send({ signal }).catch(() => null);
            asked.push(`${answer?.status ?? 'lost'} after ${Math.round(performance.now() - began)} ms`);
            if (answer?.status === status) {
                this.longestMs = Math.max(this.longestMs, performance.now() - first);
                return answer.json();
            }
            if (signal.aborted) await this.#giveUp(asked);
            if (answer) this.#expectBusy(answer);
            else this.lost += 1;
            await sleep(this.house.askAgainMs ?? ASK_AGAIN_MS);
        }
    }

    // Fails with the state of the crowd.
    async #giveUp(asked) {
        const metrics = await this.house.http.get('/metrics', { signal: AbortSignal.timeout(5000) })
            .then(({ body }) => body.replaceAll(/^#.*\n/gm, ''), String);
        throw new Error([`no answer within ${ANSWER_WITHIN_MS} ms: ${asked.slice(-5).join(', ')}`,
            metrics, this.house.service.stderr.slice(-4000)].join('\n'));
    }

    #expectBusy(answer) {
        this.busy += 1;
        if (this.house.isProxied && [502, 504].includes(answer.status)) return;
        assert.equal(answer.status, 503, answer.body);
        if (!this.house.isProxied) assert.match(answer.headers['retry-after'], /^\d+$/);
    }

    // Checks every promise for every event.
    async keptPromises() {
        for (const event of this.events) {
            const registrations = await this.#registrations(event);
            this.#acknowledgedAreThere(event, registrations);
            this.#placesAreGivenInOrder(event, registrations);
            await this.#scansAreThere(event);
            await this.#countsAreTrue(event);
        }
    }

    #registrations({ slug }) {
        return this.house.database.query(
            `select registration_id as id, registration.number, registration.status,
                    registration.email, attendee_id, attendee.status as attendee_status
               from event
               join registration using (event_id)
               join attendee using (event_id, registration_id)
              where slug = $1
              order by registration.number`, [slug]);
    }

    // Each acknowledged sign-up exists once, and there are no others.
    #acknowledgedAreThere({ slug }, registrations) {
        const told = this.signUps.filter(({ event }) => event === slug);
        assert.deepEqual(
            registrations.map(({ id, email, status, attendee_id }) =>
                [id, email, status, attendee_id]).sort(),
            told.map(({ id, email, status, attendees: [attendee] }) =>
                [id, email, status, attendee.id]).sort());
        assert.ok(told.length > 0);
    }

    #placesAreGivenInOrder({ capacity = Infinity }, registrations) {
        for (const [index, { number, status, attendee_status }] of registrations.entries()) {
            assert.equal(number, index + 1);
            assert.equal(status, index < capacity ? 'confirmed' : 'waitlisted');
            assert.equal(attendee_status, status);
        }
    }

    async #scansAreThere({ slug }) {
        const recorded = await this.house.database.query(
            `select nonce, attendee_id, verdict from event join scan using (event_id)
              where slug = $1`, [slug]);
        const told = this.scans.filter(({ event }) => event === slug);
        assert.deepEqual(
            recorded.map(({ nonce, attendee_id, verdict }) => [nonce, attendee_id, verdict]).sort(),
            told.map(({ nonce, attendee, verdict }) => [nonce, attendee, verdict]).sort());
        const admitted = told.filter(({ verdict }) => verdict === 'admitted');
        assert.equal(new Set(admitted.map(({ attendee }) => attendee)).size, admitted.length);
        assert.ok(told.length > 0);
    }

    async #countsAreTrue({ slug, capacity }) {
        const [{ kept, counted }] = await this.house.database.query(
            `select jsonb_build_array(tally.taken, tally.confirmed, waiting, waitlisted,
                      registrations, admitted, inside,
                      (select sum(taken) from ticket_type where event_id = event.event_id)) as kept,
                    (select jsonb_build_array(
                              count(*) filter (where attendee.status = 'confirmed'),
                              count(*) filter (where attendee.status = 'confirmed'),
                              count(*) filter (where attendee.status = 'waitlisted'),
                              count(*) filter (where attendee.status = 'waitlisted'),
                              count(*),
                              count(first_admitted_at),
                              count(*) filter (where inside),
                              count(*) filter (where attendee.status = 'confirmed'))
                       from attendee where attendee.event_id = event.event_id) as counted
               from event join tally using (event_id) join event_day using (event_id)
              where slug = $1`, [slug]);
        assert.deepEqual(kept, counted);
        const [taken] = kept;
        assert.ok(taken <= (capacity ?? Infinity), `${taken} places of ${capacity}`);
    }
}

async function openEvent(house, capacity) {
    const slug = await house.apply(plainEvent({
        doors: doors.map((door) => ({ slug: door, title: door })), registration: { capacity },
    }));
    const devices = [];
    for (const door of doors) devices.push({ door, token: await house.device(slug, door) });
    return { slug, capacity, devices };
}

// Guests of two events: one has places for all, the other is soon full.
export async function gatherCrowd(house, { guests = 24 } = {}) {
    const crowd = new Crowd(house, [await openEvent(house), await openEvent(house, 60)]);
    crowd.enter(guests);
    return crowd;
}
