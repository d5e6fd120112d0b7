// The door's promises: every verdict; each scan is recorded once; one admission per stay, in whatever
// order scans arrive; counts that agree with the list.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { exampleEvent, guest, HOUR_MS, localTime, plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';

const house = await openHouse();
const event = await house.apply(exampleEvent({ registration: { capacity: 10_000 } }));
const manager = await house.token();
const main = await house.device(event);
const speakers = await house.device(event, 'speakers');

async function signUp(at = event, body = guest()) {
    const answer = await house.signUp(at, body);
    assert.equal(answer.status, 201, answer.body);
    const registration = answer.json();
    return { registration: registration.id, ...registration.attendees[0] };
}

// → the attendees of so many sign-ups
function signUpMany(count, at = event, body = guest) {
    return Promise.all(Array.from({ length: count }, () => signUp(at, body())));
}

async function scan(json, { token = main, at = event, ...options } = {}) {
    const path = `/api/v1/events/${at}/checkins`;
    const answer = await house.http.post(path, { token, json, ...options });
    assert.equal(answer.status, 200, answer.body);
    return answer.json();
}

async function verdict(json, options) {
    return (await scan(json, options)).verdict;
}

async function refusal(json, { token = main, at = event, ...options } = {}) {
    const path = `/api/v1/events/${at}/checkins`;
    const answer = await house.http.post(path, { token, json, ...options });
    assert.equal(answer.status, 422, answer.body);
    return answer.json().errors.map(({ pointer, code, detail }) => {
        assert.match(detail, /\w{3,} .*[.]$/, `a sentence for ${code}`);
        return `${pointer} ${code}`;
    });
}

function recorded(nonce) {
    return house.database.query('select * from scan where nonce = $1', [nonce]);
}

function scans(at = event) {
    return house.database.value(
        'select count(*)::integer from scan join event using (event_id) where slug = $1', [at]);
}

const ago = (seconds) => new Date(Date.now() - seconds * 1000).toISOString();

// --- Verdicts -----------------------------------------------------------------------------------

test('in, in again, out, and back in', async () => {
    const { ticket, id, name } = await signUp();
    const first = await scan({ ticket });
    assert.equal(first.verdict, 'admitted');
    const status = 'confirmed';
    assert.deepEqual(first.attendee,
        { id, name, ticket_type: 'guest', ticket_type_title: 'Guest', status,
            answers: [{ label: 'Company or institution', text: 'biosaxony' }] });
    assert.equal(first.first_admitted_at, first.scanned_at);
    assert.equal(first.forced, false);
    const again = await scan({ ticket });
    assert.equal(again.verdict, 'already_admitted');
    assert.equal(again.first_admitted_at, first.first_admitted_at);
    assert.deepEqual(again.counts, first.counts);
    const left = await scan({ ticket, direction: 'out' });
    assert.equal(left.verdict, 'left');
    assert.equal(left.counts.inside, first.counts.inside - 1);
    assert.equal(left.counts.admitted, first.counts.admitted);
    const back = await scan({ ticket, direction: 'in' });
    assert.equal(back.verdict, 'admitted');
    assert.equal(back.first_admitted_at, first.first_admitted_at);
    assert.deepEqual(back.counts, first.counts);
});

test('a ticket reads in lower case and with blanks in it', async () => {
    const { ticket } = await signUp();
    assert.equal(await verdict({ ticket: ` ${ticket.toLowerCase().replace(/.{8}/g, '$& ')}` }),
        'admitted');
});

test('a cancelled registration', async () => {
    const { registration, ticket } = await signUp();
    const path = `/api/v1/registrations/${registration}`;
    assert.equal((await house.http.delete(path, { token: manager })).status, 200);
    assert.equal(await verdict({ ticket }), 'cancelled');
});

test('somebody who still waits for approval', async () => {
    const reporter = { name: 'Reporter', ticket_type: 'press',
        answers: { company: 'Paper', lunch: false } };
    const pending = await signUp(event, guest({ attendees: [reporter] }));
    assert.equal(pending.status, 'pending');
    const answer = await scan({ attendee: pending.id });
    assert.equal(answer.verdict, 'not_confirmed');
    assert.equal(answer.attendee.status, 'pending');
});

test('a ticket of another event, about which nothing more is said', async () => {
    const other = await house.apply(plainEvent());
    const { ticket } = await signUp(other, plainGuest());
    const answer = await scan({ ticket });
    assert.equal(answer.verdict, 'wrong_event');
    assert.equal(answer.attendee, null);
});

test('a door that does not let this ticket type in', async () => {
    const { ticket } = await signUp();
    assert.equal(await verdict({ ticket }, { token: speakers }), 'wrong_door');
    assert.equal(await verdict({ ticket, direction: 'out' }, { token: speakers }), 'left');
    const speaker = await signUp(event, guest({ code: 'SPEAKER-2022', attendees: [
        { name: 'Speaker', ticket_type: 'speaker', answers: { company: 'Lab', lunch: true } }] }));
    assert.equal(await verdict({ ticket: speaker.ticket }, { token: speakers }), 'admitted');
});

test('too early and too late, by the time of the scan', async () => {
    const window = { opens_at: localTime(-3), closes_at: localTime(-1) };
    const at = await house.apply(plainEvent({ starts_at: localTime(-5), check_in: window }));
    const token = await house.device(at);
    const { ticket } = await signUp(at, plainGuest());
    const options = { token, at };
    assert.equal(await verdict({ ticket }, options), 'too_late');
    assert.equal(await verdict({ ticket, scanned_at: ago(4 * HOUR_MS / 1000) }, options), 'too_early');
    assert.equal(await verdict({ ticket, scanned_at: ago(2 * HOUR_MS / 1000) }, options), 'admitted');
    assert.equal(await verdict({ ticket, direction: 'out' }, options), 'left');
});

test('a ticket that was replaced by a newer one', async () => {
    const { ticket, registration, id } = await signUp();
    const path = `/api/v1/registrations/${registration}/attendees/${id}/ticket`;
    const replaced = await house.http.post(path, { token: manager, json: {} });
    assert.equal(replaced.status, 200, replaced.body);
    const [newer] = replaced.json().attendees;
    assert.notEqual(newer.ticket, ticket);
    assert.equal(await verdict({ ticket }), 'replaced');
    assert.equal(await verdict({ ticket: newer.ticket }), 'admitted');
    assert.equal(await verdict({ attendee: id }), 'already_admitted');
});

test('a forged signature and what is no ticket at all', async () => {
    const { ticket } = await signUp();
    const at = ticket.length - 20;
    const forged = ticket.slice(0, at) + (ticket[at] === 'A' ? 'B' : 'A') + ticket.slice(at + 1);
    assert.equal(await verdict({ ticket: forged }), 'forged');
    for (const nothing of ['', 'hello', 'x'.repeat(5000), 'https://example.org/', '😀'])
        assert.equal(await verdict({ ticket: nothing }), 'unknown', nothing);
    assert.equal(await verdict({ ticket }), 'admitted', 'the true one is as good as before');
});

test('a genuine ticket that the database does not know, and an attendee nobody is', async () => {
    const { ticket, registration } = await signUp();
    await house.database.query(
        'delete from registration where registration_id = $1', [registration]);
    assert.equal(await verdict({ ticket }), 'unknown');
    assert.equal(await verdict({ attendee: randomUUID() }), 'unknown');
});

test('refused scans are recorded too, with all that is known', async () => {
    const { ticket, id } = await signUp();
    const nonce = randomUUID();
    await scan({ ticket, nonce }, { token: speakers });
    const [row] = await recorded(nonce);
    assert.equal(row.verdict, 'wrong_door');
    assert.equal(row.attendee_id, id);
    assert.equal(row.door, 'speakers');
    assert.notEqual(row.scanned_by, null);
    const stranger = randomUUID();
    await scan({ ticket: 'nothing', nonce: stranger });
    assert.equal((await recorded(stranger))[0].verdict, 'unknown');
});

// --- Nonces -------------------------------------------------------------------------------------

test('the same nonce gives the same answer and no second record', async () => {
    const { ticket } = await signUp();
    const nonce = randomUUID();
    const first = await scan({ ticket, nonce });
    await signUp();
    await scan({ ticket, direction: 'out' });
    assert.deepEqual(await scan({ ticket, nonce }), first);
    assert.equal((await recorded(nonce)).length, 1);
});

test('the same nonce many times at once is one scan', async () => {
    const { ticket } = await signUp();
    const nonce = randomUUID();
    const same = await Promise.all(Array.from({ length: 40 }, () => scan({ ticket, nonce })));
    for (const answer of same) assert.deepEqual(answer, same[0]);
    assert.equal(same[0].verdict, 'admitted');
    const twice = { ticket, nonce: randomUUID(), direction: 'out' };
    const { results } = await scan({ scans: [twice, twice, twice] });
    assert.deepEqual(results.map((result) => result.verdict), ['left', 'left', 'left']);
    assert.equal((await recorded(twice.nonce)).length, 1);
});

test('the Idempotency-Key names a scan, and each scan of a list, of one caller', async () => {
    const { ticket } = await signUp();
    const key = randomUUID();
    const first = await scan({ ticket }, { key });
    assert.deepEqual(await scan({ ticket }, { key }), first);
    const other = await scan({ ticket, door: 'main' }, { key, token: manager });
    assert.notEqual(other.nonce, first.nonce);
    const list = { scans: [{ ticket, direction: 'out' }, { ticket }] };
    const listKey = randomUUID();
    const { results } = await scan(list, { key: listKey });
    assert.deepEqual(results.map((result) => result.verdict), ['left', 'admitted']);
    assert.notEqual(results[0].nonce, results[1].nonce);
    const before = await scans();
    assert.deepEqual((await scan(list, { key: listKey })).results, results);
    assert.equal(await scans(), before);
});

// --- Lists after a time offline -----------------------------------------------------------------

test('a list applies in the order of scanned_at and is answered in the order given', async () => {
    const { ticket } = await signUp();
    const { results } = await scan({ scans: [
        { ticket, direction: 'in', scanned_at: ago(10) },
        { ticket, direction: 'out', scanned_at: ago(20) },
        { ticket, direction: 'in', scanned_at: ago(30) },
    ] });
    assert.deepEqual(results.map((result) => result.verdict), ['admitted', 'left', 'admitted']);
    assert.equal(results[0].first_admitted_at, results[2].scanned_at);
});

test('a list longer than a batch keeps the order of one ticket', async () => {
    const { ticket } = await signUp();
    const others = await signUpMany(5);
    const list = Array.from({ length: 1000 }, (_, i) => ({
        ticket: i % 100 === 0 ? ticket : others[i % 5].ticket,
        direction: i % 200 === 0 ? 'in' : 'out',
        scanned_at: ago(5000 - i),
    }));
    const { results } = await scan({ scans: [...list].reverse() });
    const mine = results.reverse().filter((_, i) => i % 100 === 0);
    assert.deepEqual(mine.map((result) => result.verdict),
        Array.from({ length: 10 }, (_, i) => (i % 2 === 0 ? 'admitted' : 'left')));
});

test('an offline scan from before a recorded admission admits nobody else', async () => {
    const { ticket } = await signUp();
    const now = await scan({ ticket });
    assert.equal(now.verdict, 'admitted');
    const late = await scan({ ticket, scanned_at: ago(60) });
    assert.equal(late.verdict, 'already_admitted');
    assert.equal(late.first_admitted_at, late.scanned_at, 'but that is when they came');
    assert.deepEqual(late.counts, now.counts);
    const after = await scan({ ticket });
    assert.equal(after.first_admitted_at, late.scanned_at);
});

test('scans of a device whose clock is ahead count as of now', async () => {
    const { ticket } = await signUp();
    const ahead = await scan({ ticket, scanned_at: new Date(Date.now() + HOUR_MS).toISOString() });
    assert.ok(Date.parse(ahead.scanned_at) <= Date.now());
    assert.equal(await verdict({ ticket, direction: 'out' }), 'left');
    assert.equal(await verdict({ ticket }), 'admitted');
});

// A model of the rules, one scan at a time.
class Stay {
    history = [];
    first = null;

    take({ direction, at, force }) {
        const before = this.history.filter((one) => one.at <= at).at(-1);
        const after = this.history.find((one) => one.at > at);
        const inside = before?.verdict === 'admitted' || after?.verdict === 'admitted';
        let verdict = 'left';
        if (direction === 'in') {
            this.first = Math.min(this.first ?? at, at);
            verdict = inside && !force ? 'already_admitted' : 'admitted';
        }
        if (verdict !== 'already_admitted') {
            this.history.push({ at, verdict });
            this.history.sort((a, b) => a.at - b.at); // stable: equal times keep the order of recording
        }
        return { verdict, forced: verdict === 'admitted' && inside, first: this.first };
    }
}

test('lists at random are decided as if their scans came one by one', async () => {
    let seed = 20261123;
    const random = (below) => {
        seed = (seed * 1103515245 + 12345) % 2 ** 31;
        return Math.floor((seed / 2 ** 31) * below);
    };
    const start = Math.floor(Date.now() / 1000) * 1000 - 1000_000;
    for (let round = 0; round < 20; round++) {
        const people = (await signUpMany(3)).map((who) => ({ ...who, stay: new Stay() }));
        for (let list = 0; list < 5; list++) {
            const asked = Array.from({ length: 1 + random(12) }, (_, index) => ({
                index, who: people[random(3)], at: start + random(30) * 1000,
                force: random(8) === 0, direction: random(3) === 0 ? 'out' : 'in',
            }));
            const given = asked.map(({ who, at, direction, force }) => ({
                ...(random(4) === 0 ? { attendee: who.id } : { ticket: who.ticket }), direction,
                scanned_at: new Date(at).toISOString(), ...(force ? { force, reason: 'test' } : {}),
            }));
            const { results } = await scan({ scans: given });
            const inOrder = [...asked].sort((a, b) => a.at - b.at || a.index - b.index);
            for (const one of inOrder) {
                const { verdict, forced, first_admitted_at: first } = results[one.index];
                const expected = one.who.stay.take(one);
                assert.deepEqual({ verdict, forced, first: first && Date.parse(first) }, expected,
                    JSON.stringify({ round, list, one: { ...one, who: one.who.name }, given }));
            }
        }
        for (const { id, stay } of people) {
            const inside = await house.database.value(
                'select inside from attendee where attendee_id = $1', [id]);
            assert.equal(inside, stay.history.at(-1)?.verdict === 'admitted');
        }
    }
});

// --- Force --------------------------------------------------------------------------------------

test('force lets in who was refused, says so, and stands in the audit log', async () => {
    const { ticket, name } = await signUp();
    const nonce = randomUUID();
    const forced = await scan({ ticket, force: true, reason: 'the minister', nonce },
        { token: speakers });
    assert.equal(forced.verdict, 'admitted');
    assert.equal(forced.forced, true);
    const [row] = await recorded(nonce);
    assert.deepEqual([row.forced, row.reason], [true, 'the minister']);
    const [entry] = await house.database.query(
        `select actor, attendee_id as attendee, after, detail from audit_entry where action = 'check_in.force'
          order by entry_id desc limit 1`);
    assert.match(entry.actor, /^device /);
    assert.equal(entry.attendee, forced.attendee.id);
    assert.ok(!JSON.stringify(entry).includes(name), 'the log outlives the personal data');
    assert.deepEqual(entry.after, { reason: 'the minister' });
    assert.equal(entry.detail.instead_of, 'wrong_door');
});

test('force that was not needed forces nothing', async () => {
    const { ticket } = await signUp();
    const first = await scan({ ticket, force: true, reason: 'in a hurry' });
    assert.deepEqual([first.verdict, first.forced], ['admitted', false]);
    const second = await scan({ ticket, force: true, reason: 'lost each other' });
    assert.deepEqual([second.verdict, second.forced], ['admitted', true]);
});

test('force makes no ticket out of what is none', async () => {
    const force = { force: true, reason: 'please' };
    const other = await house.apply(plainEvent());
    const { ticket } = await signUp(other, plainGuest());
    assert.equal(await verdict({ ticket, ...force }), 'wrong_event');
    assert.equal(await verdict({ ticket: 'please', ...force }), 'unknown');
});

// --- Two doors ----------------------------------------------------------------------------------

test('one ticket at two doors at the same instant admits exactly once', async () => {
    const rounds = 1000;
    const guests = await signUpMany(rounds);
    const before = await scans();
    const both = [main, await house.device(event)];
    const admitted = await Promise.all(guests.map(async ({ ticket }, i) => {
        const skew = (i % 7) - 3; // clocks differ by some milliseconds
        const [a, b] = await Promise.all(both.map((token, door) => verdict(
            { ticket, scanned_at: new Date(Date.now() - 10 - skew * door).toISOString() },
            { token })));
        assert.deepEqual([a, b].sort(), ['admitted', 'already_admitted']);
        return 1;
    }));
    assert.equal(admitted.length, rounds);
    assert.equal(await scans(), before + 2 * rounds);
    const once = await house.database.value(
        `select count(*)::integer from scan where verdict = 'admitted'
            and attendee_id = any ($1)`, [guests.map(({ id }) => id)]);
    assert.equal(once, rounds);
});

test('the same race against "look, then write" does admit twice: this test can fail', async () => {
    const guests = await signUpMany(100);
    const scanNaively = async (id) => {
        const [{ inside }] = await house.database.query(
            'select inside from attendee where attendee_id = $1', [id]);
        if (inside) return 0;
        await house.database.query(`update attendee set inside = true, days = array[current_date],
            first_admitted_at = coalesce(first_admitted_at, now()) where attendee_id = $1`, [id]);
        return 1;
    };
    const admissions = await Promise.all(guests.map(async ({ id }) => {
        const [a, b] = await Promise.all([scanNaively(id), scanNaively(id)]);
        return a + b;
    }));
    assert.ok(admissions.some((count) => count > 1));
});

// --- Counts -------------------------------------------------------------------------------------

test('counts agree with the attendees, whoever scans at once', async () => {
    const at = await house.apply(plainEvent({ registration: { capacity: 500 } }));
    const token = await house.device(at);
    const guests = await signUpMany(60, at, plainGuest);
    const options = { token, at };
    const ins = await Promise.all(guests.map(({ ticket }) => scan({ ticket }, options)));
    assert.equal(Math.max(...ins.map(({ counts }) => counts.admitted)), 60);
    for (const { counts } of ins) assert.equal(counts.expected, 60);
    await Promise.all(guests.slice(0, 20).map(({ ticket }) => scan({ ticket, direction: 'out' },
        options)));
    const path = `/api/v1/events/${at}/doors`;
    const { counts } = (await house.http.get(path, { token })).json();
    assert.deepEqual(counts, { expected: 60, admitted: 60, inside: 40 });
    const [row] = await house.database.query(
        `select count(*) filter (where first_admitted_at is not null)::integer as admitted,
                count(*) filter (where inside)::integer as inside
           from attendee join event using (event_id) where slug = $1`, [at]);
    assert.deepEqual(row, { admitted: 60, inside: 40 });
});

// --- Bad input ----------------------------------------------------------------------------------

test('what is wrong with a scan is said with its place', async () => {
    const { ticket } = await signUp();
    const before = await scans();
    assert.deepEqual(await refusal({}), ['/ticket ticket_needed']);
    assert.deepEqual(await refusal({ ticket, attendee: randomUUID() }),
        ['/attendee ticket_or_attendee']);
    assert.deepEqual(await refusal({ ticket: 7 }), ['/ticket text_expected']);
    assert.deepEqual(await refusal({ attendee: 'Ada' }), ['/attendee uuid_expected']);
    assert.deepEqual(await refusal({ ticket, door: 'roof' }), ['/door unknown_door']);
    assert.deepEqual(await refusal({ ticket, door: 'speakers' }), ['/door other_door']);
    assert.deepEqual(await refusal({ ticket }, { token: manager }), ['/door door_needed']);
    assert.deepEqual(await refusal({ ticket, direction: 'up' }), ['/direction direction_expected']);
    assert.deepEqual(await refusal({ ticket, nonce: '1' }), ['/nonce uuid_expected']);
    assert.deepEqual(await refusal({ ticket, scanned_at: 'now' }), ['/scanned_at time_expected']);
    assert.deepEqual(await refusal({ ticket, force: 'yes' }), ['/force boolean_expected']);
    assert.deepEqual(await refusal({ ticket, force: true }), ['/reason reason_needed']);
    assert.deepEqual(await refusal({ ticket, force: true, reason: ' ' }),
        ['/reason reason_needed']);
    assert.deepEqual(await refusal({ ticket, force: true, reason: 'x'.repeat(501) }),
        ['/reason too_long']);
    assert.deepEqual(await refusal({ ticket, colour: 'red' }), ['/colour unknown_field']);
    assert.equal(await scans(), before);
});

test('a list with one bad scan records nothing at all', async () => {
    const { ticket } = await signUp();
    const before = await scans();
    assert.deepEqual(await refusal({ scans: [{ ticket }, { ticket, door: 'roof' }, 5] }),
        ['/scans/1/door unknown_door', '/scans/2 object_expected']);
    assert.deepEqual(await refusal({ scans: [] }), ['/scans scans_expected']);
    assert.deepEqual(await refusal({ scans: { ticket } }), ['/scans scans_expected']);
    assert.deepEqual(await refusal({ scans: Array(1001).fill({ ticket }) }),
        ['/scans scans_expected']);
    assert.deepEqual(await refusal({ scans: [{ ticket }], door: 'main' }), ['/door unknown_field']);
    assert.equal(await scans(), before);
    assert.equal(await verdict({ ticket }), 'admitted');
});

test('a body that is too large or no JSON is refused and the service lives on', async () => {
    const path = `/api/v1/events/${event}/checkins`;
    const headers = { 'content-type': 'application/json' };
    const large = await house.http.post(path, { token: main, headers, body: ' '.repeat(3 << 20) });
    assert.equal(large.status, 413);
    for (const body of ['', '[]', '{', '"ticket"', '{"ticket":"\\ud800"}', '\xff'])
        assert.ok([400, 422].includes(
            (await house.http.post(path, { token: main, headers, body })).status), body);
});
