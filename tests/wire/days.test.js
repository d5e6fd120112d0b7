// An event of several days: each day admits anew, counts on its own, and is told in lists and exports.
// A cancelled event has no valid tickets.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { HOUR_MS, localTime, plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { repository } from '../harness/paths.js';

const DAY = 24;
const zone = plainEvent().timezone;
const date = (days) => localTime(days * DAY - 5).slice(0, 10); // a day ends at 05:00
const [yesterday, today, tomorrow] = [date(-1), date(0), date(1)];

// → the RFC 3339 time of a local time of the events' zone
function at(day, clock) {
    const wanted = `${day}T${clock}`;
    const guess = Date.parse(`${wanted}:00Z`);
    const offset = [0, 1, 2, 3].find((hours) =>
        new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' })
            .format(guess - hours * HOUR_MS).replace(' ', 'T') === wanted);
    return new Date(guess - offset * HOUR_MS).toISOString();
}

const house = await openHouse();
await house.apply(plainEvent());
const manager = await house.token();

// Began the day before yesterday, ends tomorrow.
const fourDays = (changes = {}) => plainEvent({ starts_at: `${date(-2)}T09:00`, ends_at: `${tomorrow}T18:00`,
    registration: { closes_at: undefined, changes_until: undefined, capacity: undefined }, ...changes });

async function open(changes) {
    const file = fourDays(changes);
    const event = await house.apply(file);
    return { file, event, token: await house.device(event) };
}

async function signUp(event, attendee = {}) {
    const guest = plainGuest();
    Object.assign(guest.attendees[0], attendee);
    const answer = await house.signUp(event, guest);
    assert.equal(answer.status, 201, answer.body);
    return { registration: answer.json().id, manage: answer.json().manage_url, ...answer.json().attendees[0] };
}

async function scan({ event, token }, json) {
    const answer = await house.http.post(`/api/v1/events/${event}/checkins`, { token, json });
    assert.equal(answer.status, 200, answer.body);
    return answer.json();
}

const get = async (path, token = manager) => (await house.http.get(path, { token })).json();

// --- Days ---------------------------------------------------------------------------------------

test('which days an event has', async () => {
    const days = async (starts, ends, changes) => {
        const event = await house.apply(plainEvent({ starts_at: starts, ends_at: ends,
            registration: { opens_at: undefined, closes_at: undefined, changes_until: undefined }, ...changes }));
        const { event: told } = await get(`/api/v1/events/${event}/doors`);
        return told.days.map(({ date }) => date);
    };
    assert.deepEqual(await days('2026-11-26T10:00', '2026-11-26T18:00'), ['2026-11-26']);
    assert.deepEqual(await days('2026-11-26T20:00', '2026-11-27T06:00'), ['2026-11-26'], 'a night');
    assert.deepEqual(await days('2026-11-26T10:00', '2026-11-27T03:00'), ['2026-11-26'], 'a long evening');
    assert.deepEqual(await days('2026-11-26T10:00', '2026-11-27T12:00'), ['2026-11-26', '2026-11-27']);
    assert.deepEqual(await days('2026-11-26T18:00', '2026-11-27T12:00'), ['2026-11-26', '2026-11-27']);
    assert.deepEqual(await days('2026-11-26T00:00', '2026-11-28T00:00'), ['2026-11-26', '2026-11-27'],
        'whole days');
    assert.deepEqual(await days('2026-11-26T09:00', '2026-11-28T02:00'), ['2026-11-26', '2026-11-27'],
        'the last evening goes past midnight');
    assert.deepEqual(await days('2026-11-26T10:00', '2026-11-28T12:00', { check_in: { daily: false } }),
        ['2026-11-26'], 'a ticket admits once');
    assert.equal((await days('2026-10-23T10:00', '2026-10-27T12:00')).length, 5, 'the clocks change');
});

test('a day is cut at 05:00 where the event is, also after the clocks changed', async () => {
    const event = await house.apply(plainEvent({ starts_at: '2026-10-24T10:00', ends_at: '2026-10-26T12:00',
        registration: { opens_at: undefined, closes_at: undefined, changes_until: undefined } }));
    const { event: told } = await get(`/api/v1/events/${event}/doors`);
    assert.deepEqual(told.days, [
        { date: '2026-10-24', starts_at: '2026-10-24T03:00:00Z' },
        { date: '2026-10-25', starts_at: '2026-10-25T04:00:00Z' },
        { date: '2026-10-26', starts_at: '2026-10-26T04:00:00Z' }]);
});

test('each day admits anew, once; an evening past midnight is the same day', async () => {
    const here = await open();
    const { ticket, id } = await signUp(here.event);
    const verdict = async (day, clock, more) =>
        (await scan(here, { ticket, scanned_at: at(day, clock), ...more })).verdict;
    assert.equal(await verdict(date(-2), '10:00'), 'admitted');
    assert.equal(await verdict(date(-2), '23:00'), 'already_admitted');
    assert.equal(await verdict(yesterday, '04:59'), 'already_admitted', 'still the night before');
    assert.equal(await verdict(yesterday, '05:00'), 'admitted', 'the second day');
    assert.equal(await verdict(yesterday, '12:00'), 'already_admitted');
    assert.equal(await verdict(yesterday, '13:00', { direction: 'out' }), 'left');
    assert.equal(await verdict(yesterday, '14:00'), 'admitted', 'and back in');
    const [row] = await house.database.query('select days::text, inside from attendee where attendee_id = $1', [id]);
    assert.deepEqual(row, { days: `{${date(-2)},${yesterday}}`, inside: true });
});

test('a scan that comes late counts for its own day only', async () => {
    const here = await open();
    const { ticket } = await signUp(here.event);
    assert.equal((await scan(here, { ticket, scanned_at: at(yesterday, '10:00') })).verdict, 'admitted');
    const late = await scan(here, { ticket, scanned_at: at(date(-2), '11:00'), decided: 'admitted' });
    assert.deepEqual([late.verdict, late.conflict], ['admitted', false]);
    assert.deepEqual(late.counts, { expected: 1, admitted: 1, inside: 0 }, 'of that day: inside on another');
    const twice = await scan(here, { ticket, scanned_at: at(date(-2), '12:00'), decided: 'admitted' });
    assert.deepEqual([twice.verdict, twice.conflict], ['already_admitted', true]);
    assert.equal((await scan(here, { ticket, scanned_at: at(yesterday, '12:00') })).verdict, 'already_admitted');
});

test('a list with scans of two days is decided as if they came one by one', async () => {
    const here = await open();
    const { ticket } = await signUp(here.event);
    const { results } = await scan(here, { scans: [
        { ticket, scanned_at: at(yesterday, '10:00') }, { ticket, scanned_at: at(date(-2), '10:00') },
        { ticket, scanned_at: at(date(-2), '11:00') }, { ticket, scanned_at: at(yesterday, '11:00') }] });
    assert.deepEqual(results.map(({ verdict }) => verdict),
        ['admitted', 'admitted', 'already_admitted', 'already_admitted']);
    for (const { first_admitted_at: first } of results)
        assert.equal(Date.parse(first), Date.parse(at(date(-2), '10:00')), 'the first of all days');
    assert.deepEqual(results[0].counts, { expected: 1, admitted: 1, inside: 1 });
    assert.equal(results[1].counts.admitted, 1);
});

test('the counts are of today, and each day keeps its own', async () => {
    const here = await open();
    const guests = [await signUp(here.event), await signUp(here.event), await signUp(here.event)];
    for (const { ticket } of guests.slice(0, 2))
        await scan(here, { ticket, scanned_at: at(yesterday, '10:00') });
    const doors = () => get(`/api/v1/events/${here.event}/doors`).then(({ counts }) => counts);
    assert.deepEqual(await doors(), { expected: 3, admitted: 0, inside: 0 }, 'a new morning');
    const now = await scan(here, { ticket: guests[0].ticket });
    assert.deepEqual(now.counts, { expected: 3, admitted: 1, inside: 1 });
    assert.deepEqual(await doors(), now.counts);
    const days = await house.database.query(
        `select day::text, admitted, inside from event_day join event using (event_id)
          where slug = $1 and admitted > 0 order by day`, [here.event]);
    assert.deepEqual(days, [{ day: yesterday, admitted: 2, inside: 1 }, { day: today, admitted: 1, inside: 1 }]);
});

test('an undone scan takes back its day alone', async () => {
    const here = await open();
    const { ticket, id } = await signUp(here.event);
    await scan(here, { ticket, scanned_at: at(date(-2), '10:00') });
    const { nonce } = await scan(here, { ticket, scanned_at: at(yesterday, '10:00') });
    const undone = await house.http.delete(`/api/v1/events/${here.event}/checkins/${nonce}`, { token: here.token });
    assert.equal(undone.status, 200, undone.body);
    assert.equal(undone.json().attendee.inside, false);
    assert.deepEqual(undone.json().counts, { expected: 1, admitted: 0, inside: 0 });
    const [{ days }] = await house.database.query('select days::text from attendee where attendee_id = $1', [id]);
    assert.equal(days, `{${date(-2)}}`);
    assert.equal((await scan(here, { ticket, scanned_at: at(yesterday, '11:00') })).verdict, 'admitted');
});

test('two doors at the same instant of the second day admit exactly once', async () => {
    const here = await open();
    const other = { ...here, token: await house.device(here.event) };
    const guests = await Promise.all(Array.from({ length: 100 }, () => signUp(here.event)));
    await Promise.all(guests.map(({ ticket }) => scan(here, { ticket, scanned_at: at(date(-2), '10:00') })));
    const verdicts = await Promise.all(guests.map(({ ticket }) => Promise.all([here, other].map(async (door) =>
        (await scan(door, { ticket, scanned_at: at(yesterday, '10:00') })).verdict))));
    for (const pair of verdicts) assert.deepEqual(pair.sort(), ['admitted', 'already_admitted']);
    const counted = await house.database.value(
        'select admitted from event_day join event using (event_id) where slug = $1 and day = $2',
        [here.event, yesterday]);
    assert.equal(counted, 100);
});

test('lists and exports say who came on which day', async () => {
    const here = await open();
    const [both, one, none] = [await signUp(here.event), await signUp(here.event), await signUp(here.event)];
    for (const { ticket } of [both, one]) await scan(here, { ticket, scanned_at: at(date(-2), '10:00') });
    await scan(here, { ticket: both.ticket, scanned_at: at(yesterday, '10:00') });
    await scan(here, { ticket: both.ticket });
    const path = `/api/v1/events/${here.event}/attendees`;
    const list = await get(path);
    const came = ({ attendees }) => attendees.map(({ id }) => id);
    assert.deepEqual(list.attendees.map(({ days, inside }) => [days, inside]),
        [[[date(-2), yesterday, today], true], [[date(-2)], false], [[], false]]);
    assert.deepEqual(list.counts, { expected: 3, admitted: 1, inside: 1, waitlisted: 0, days: [
        { date: date(-2), admitted: 2 }, { date: yesterday, admitted: 1 }, { date: today, admitted: 1 },
        { date: tomorrow, admitted: 0 }] });
    assert.deepEqual(came(await get(`${path}?day=${yesterday}`)), [both.id]);
    assert.deepEqual(came(await get(`${path}?day=${yesterday}&admitted=false`)), [one.id, none.id]);
    assert.deepEqual(came(await get(`${path}?admitted=true`)), [both.id, one.id]);
    assert.deepEqual(came(await get(`${path}?present=true`)), [both.id], 'not who was inside the day before');
    assert.equal((await house.http.get(`${path}?day=soon`, { token: manager })).status, 400);

    const csv = (await house.http.get(`${path}.csv?lang=en`, { token: manager })).body.toString();
    const [heading, ...rows] = csv.trim().split(/\r?\n/).map((line) => line.split(/[,;\t]/));
    const columns = heading.flatMap((cell, i) => /Came on/.test(cell) ? [i] : []);
    assert.equal(columns.length, 4);
    assert.match(heading[columns[0]], new RegExp(`Came on 0?${Number(date(-2).slice(8))} .* ${date(-2).slice(0, 4)}`));
    assert.deepEqual(rows.map((row) => columns.map((i) => row[i])),
        [['yes', 'yes', 'yes', 'no'], ['yes', 'no', 'no', 'no'], ['no', 'no', 'no', 'no']]);
    const lines = await house.mustCommand(['attendees', 'export', here.event, '--format', 'jsonl', '--day', yesterday]);
    assert.deepEqual(lines.trim().split('\n').map((line) => JSON.parse(line).days), [[date(-2), yesterday, today]]);

    const found = (await get(`${path}?q=guest`, here.token)).attendees;
    const guest = found.find(({ id }) => id === one.id);
    assert.deepEqual([guest.present, guest.admitted_at, guest.days], [false, null, [date(-2)]], 'expected today');
    assert.ok(Date.parse(found.find(({ id }) => id === both.id).admitted_at) > Date.now() - 60_000);
});

// --- Tickets for given days ---------------------------------------------------------------------

const dayTickets = { ticket_types: [
    { slug: 'all', title: 'All days' },
    { slug: 'first', title: 'First day', days: [date(-2)] },
    { slug: 'ends', title: 'First and last', days: [date(-2), tomorrow] }] };

test('a ticket for given days admits on these days, and says which', async () => {
    const here = await open(dayTickets);
    const [first, ends] = [await signUp(here.event, { ticket_type: 'first' }),
        await signUp(here.event, { ticket_type: 'ends' })];
    await signUp(here.event);
    const told = async ({ ticket }, day, more) =>
        scan(here, { ticket, scanned_at: at(day, '10:00'), ...more });
    assert.equal((await told(first, date(-2))).verdict, 'admitted');
    const over = await told(first, yesterday);
    assert.deepEqual([over.verdict, over.valid_on], ['too_late', [date(-2)]]);
    assert.deepEqual(over.counts, { expected: 1, admitted: 0, inside: 0 }, 'one ticket is for that day');
    const early = await told(ends, yesterday);
    assert.deepEqual([early.verdict, early.valid_on], ['too_early', [date(-2), tomorrow]]);
    const forced = await told(first, yesterday, { force: true, reason: 'the speaker fell ill' });
    assert.deepEqual([forced.verdict, forced.forced], ['admitted', true]);
    const { event } = await get(`/api/v1/events/${here.event}/doors`);
    assert.deepEqual(event.ticket_types.map(({ days }) => days), [null, [date(-2)], [date(-2), tomorrow]]);
});

test('days of a ticket that are none of the event are refused with their place', async () => {
    const refused = async (days) => {
        const file = fourDays({ ticket_types: [{ slug: 'all', title: 'All', days }] });
        const { status, stderr } = await house.command(['event', 'apply',
            house.file('refused.json', JSON.stringify(file))]);
        assert.equal(status, 1);
        return stderr;
    };
    assert.match(await refused(['2020-01-01']), new RegExp(`/ticket_types/0/days/0.*${date(-2)} to ${tomorrow}`));
    assert.match(await refused(['soon']), /\/ticket_types\/0\/days\/0.*2026-05-13/);
    assert.match(await refused([]), /\/ticket_types\/0\/days.*this list is empty/);
    assert.match(await refused([today, today]), /\/ticket_types\/0\/days/);
});

test('guests read the days with the name of their ticket', async () => {
    const here = await open(dayTickets);
    const { ticket_url: url, manage } = await signUp(here.event, { ticket_type: 'ends' });
    const english = (day) => `${Number(day.slice(8))} ${new Intl.DateTimeFormat('en-GB',
        { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(new Date(day))}`;
    const title = `First and last (${english(date(-2))}, ${english(tomorrow)})`;
    for (const link of [new URL(url).pathname, new URL(manage).pathname + new URL(manage).search,
        `/events/${here.event}?lang=en`, `/events/${here.event}/register?lang=en`]) {
        const { body } = await house.http.get(link, { headers: { accept: 'text/html' } });
        assert.ok(body.toString().includes(title), `${link}: ${title}`);
    }
    const { ticket_types: types } = await get(`/api/v1/events/${here.event}`);
    assert.deepEqual(types.map(({ days }) => days), [null, [date(-2)], [date(-2), tomorrow]]);
});

test('a ticket for a later day is reminded of that day, once', async () => {
    const later = localTime(22).slice(0, 10);
    const { event } = await open({ starts_at: localTime(-2), ends_at: localTime(40),
        ticket_types: [{ slug: 'all', title: 'All' }, { slug: 'later', title: 'Later', days: [later] }] });
    const [all, one] = [await signUp(event), await signUp(event, { ticket_type: 'later' })];
    const file = join(repository, 'service/features/message/remind.sql');
    const remind = () => house.database.query(readFileSync(file, 'utf8').replace(/^--.*$/gm, ''));
    const reminded = async ({ registration }) => (await house.database.query(
        `select kind from message where registration_id = $1 and kind = 'reminder'`, [registration])).length;
    await house.database.query(`update event set reminded_for = null`);
    await house.database.query(`update registration set created_at = now() - interval '2 days'`);
    await remind();
    await remind();
    assert.deepEqual([await reminded(all), await reminded(one)], [0, 1]);
});

test('a phone without network decides as the service does, day by day', async () => {
    const { decide } = await import(join(repository, 'service/features/door/app/engine/decide.js'));
    const { dayAt } = await import(join(repository, 'service/features/door/app/engine/days.js'));
    const here = await open(dayTickets);
    const { event, doors } = await get(`/api/v1/events/${here.event}/doors`);
    for (const ticket_type of ['all', 'first', 'ends']) {
        const { ticket, id } = await signUp(here.event, { ticket_type });
        const claims = { id, event: here.event, expiresAt: Infinity };
        const stays = new Map(); // day → whether inside
        for (const [day, clock, direction] of [[date(-2), '10:00', 'in'], [date(-2), '22:00', 'in'],
            [yesterday, '04:59', 'in'], [yesterday, '05:00', 'in'], [yesterday, '09:00', 'out'],
            [yesterday, '10:00', 'in'], [yesterday, '11:00', 'in']]) {
            const time = at(day, clock);
            const told = await scan(here, { ticket, direction, scanned_at: time });
            const today = dayAt(event, Date.parse(time));
            const own = decide({ ticket: { status: 'genuine', claims }, isListed: true, event, door: doors[0],
                person: { ticket_type, status: 'confirmed' }, at: Date.parse(time), direction,
                presence: { inside: stays.get(today) ?? false } });
            const where = `${ticket_type} ${direction} ${day} ${clock}`;
            assert.deepEqual([own.verdict, own.validOn], [told.verdict, told.valid_on], where);
            if (['admitted', 'left'].includes(own.verdict)) stays.set(today, own.verdict === 'admitted');
        }
    }
    const cancelled = { ticket: null, event: { ...event, cancelled: true }, door: doors[0], direction: 'in',
        person: { ticket_type: 'all', status: 'confirmed' }, at: Date.now() };
    assert.equal(decide(cancelled).verdict, 'cancelled');
    assert.equal(decide({ ...cancelled, revoked: 'replaced' }).verdict, 'replaced');
    assert.deepEqual(decide({ ...cancelled, force: true }).forced, true);
});

// --- A cancelled event --------------------------------------------------------------------------

test('a cancelled event admits nobody but by force, and all is valid again afterwards', async () => {
    const file = plainEvent();
    const here = { event: await house.apply(file) };
    here.token = await house.device(here.event);
    const { ticket, id } = await signUp(here.event);
    const inside = await signUp(here.event);
    await scan(here, { ticket: inside.ticket });
    await house.apply({ ...file, cancelled: true });
    assert.equal((await get(`/api/v1/events/${here.event}/doors`, here.token)).event.cancelled, true);
    for (const whose of [{ ticket }, { attendee: id }])
        assert.equal((await scan(here, whose)).verdict, 'cancelled');
    const late = await scan(here, { ticket, decided: 'admitted', nonce: randomUUID() });
    assert.deepEqual([late.verdict, late.conflict], ['cancelled', true]);
    assert.equal((await scan(here, { ticket: inside.ticket, direction: 'out' })).verdict, 'left');
    const forced = await scan(here, { ticket, force: true, reason: 'fetches a coat' });
    assert.deepEqual([forced.verdict, forced.forced], ['admitted', true]);
    const list = async () => (await get(`/api/v1/events/${here.event}/attendees`)).attendees;
    for (const attendee of await list())
        assert.deepEqual([attendee.event_cancelled, attendee.ticket], [true, undefined]);
    const sheet = async (lang) => (await house.http.get(`/api/v1/events/${here.event}/attendees.csv?lang=${lang}`,
        { token: manager })).body.toString();
    assert.match(await sheet('en'), /confirmed, event cancelled/);
    assert.match(await sheet('de'), /bestätigt, Veranstaltung abgesagt/);
    await house.apply(file);
    assert.equal((await scan(here, { ticket: inside.ticket })).verdict, 'admitted');
    for (const attendee of await list()) assert.equal(attendee.event_cancelled, undefined);
    assert.doesNotMatch(await sheet('en'), /event cancelled/);
});

test('a cancelled event shows and prints no tickets, and sends none again', async () => {
    const file = plainEvent();
    const event = await house.apply(file);
    const { registration, ticket, ticket_url: url, manage } = await signUp(event);
    const page = new URL(url).pathname;
    const own = new URL(manage).pathname + new URL(manage).search;
    const status = async (file) => (await house.http.get(`${page}/${file}`)).status;
    const shown = async (path, language) => (await house.http.get(path,
        { headers: { accept: 'text/html', 'accept-language': language } })).body.toString();
    const state = async () => (await get(`/api/v1${page}`)).state;
    assert.equal(await state(), 'valid');
    assert.match(await shown(own, 'en'), /class="qr"/);
    await house.apply({ ...file, cancelled: true });

    const told = await get(`/api/v1${page}`);
    assert.deepEqual([told.state, told.event.cancelled, told.attendee.status], ['cancelled', true, 'confirmed']);
    for (const one of ['qr.png', 'qr.svg', 'ticket.pdf']) assert.equal(await status(one), 410, one);
    const { body } = await house.http.get(`${page}/calendar.ics`);
    assert.match(body.toString(), /METHOD:CANCEL[^]*STATUS:CANCELLED/, 'the entry leaves the calendar');
    const english = await shown(`${page}?lang=en`, 'en');
    assert.match(english, /Cancelled: this event will not take place/);
    assert.match(await shown(`${page}?lang=de`, 'de'), /Abgesagt: Die Veranstaltung findet nicht statt/);
    for (const text of [english, await shown(own, 'en')]) assert.doesNotMatch(text, /<svg|class="qr"/);
    assert.equal(english.includes('ticket.pdf'), false);
    const view = await get(`/api/v1/registrations/${registration}`);
    assert.deepEqual([view.event_cancelled, view.attendees[0].ticket], [true, undefined]);

    await house.database.query(`update message set created_at = created_at - interval '1 hour'`);
    const again = await house.http.post(`/api/v1/registrations/${registration}/resend`, { token: manager, json: {} });
    assert.ok(again.status < 300, again.body);
    const kinds = await house.database.query(
        `select kind from message where registration_id = $1 and created_at > now() - interval '10 minutes'`,
        [registration]);
    assert.deepEqual(kinds, [{ kind: 'event_cancelled' }], 'not the tickets');

    await house.apply(file);
    assert.equal(await state(), 'valid');
    assert.equal(await status('ticket.pdf'), 200);
    assert.equal((await get(`/api/v1/registrations/${registration}`)).attendees[0].ticket, ticket);
});
