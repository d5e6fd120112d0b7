// An event's calendar file, from its publication to its cancellation.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCalendar } from '../harness/calendar.js';
import { exampleEvent } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { until } from '../harness/wait.js';

const house = await openHouse();
const definition = exampleEvent();
const event = await house.apply(definition);
const path = `/events/${event}/calendar.ics`;

// Waits for the file with this SEQUENCE, because a change takes a moment to reach all workers.
function numbered(sequence) {
    return until(async () => {
        const found = readCalendar((await house.http.get(path)).body);
        return found.event.sequence === sequence && found;
    });
}

test('the file says what the page says', async () => {
    const answer = await house.http.get(path, { headers: { 'accept-language': 'de' } });
    assert.equal(answer.status, 200, answer.body);
    assert.equal(answer.headers['content-type'], 'text/calendar; charset=utf-8');
    assert.match(answer.headers['content-disposition'],
        /^attachment; filename="bionection meets K__nstliche Intelligenz\.ics"; filename\*=UTF-8''bionection%20meets%20K%C3%BCnstliche/);
    assert.equal(answer.headers['cache-control'], 'no-cache');
    const { calendar, event: entry } = readCalendar(answer.body);
    const shown = (await house.http.get(`/api/v1/events/${event}`)).json();
    assert.equal(calendar.getFirstPropertyValue('method'), 'PUBLISH');
    assert.equal(entry.summary, shown.title.de);
    assert.equal(entry.location, `${shown.venue.name}, ${shown.venue.address}`);
    assert.equal(entry.startDate.toJSDate().getTime(), Date.parse(shown.starts_at));
    assert.equal(entry.endDate.toJSDate().getTime(), Date.parse(shown.ends_at));
    assert.equal(entry.startDate.zone.tzid, shown.timezone);
    assert.equal(entry.component.getFirstPropertyValue('url'), `${house.service.url}/events/${event}`);
    assert.match(entry.uid, /^[0-9a-f-]{36}@(127\.0\.0\.1|localhost)$/);
    assert.equal(entry.component.getFirstProperty('organizer').getParameter('cn'), shown.organiser.name);
});

test('in the language that is asked for', async () => {
    const { event: entry } = readCalendar((await house.http.get(`${path}?lang=en`)).body);
    assert.equal(entry.summary, 'bionection meets Artificial Intelligence');
});

test('a change has the same UID and a higher number, and so has a cancellation', async () => {
    const before = await numbered(1);
    await house.apply({ ...definition, venue: { name: 'Zoo, Halle; 2' } });
    const after = await numbered(before.event.sequence + 1);
    assert.equal(after.event.uid, before.event.uid);
    assert.ok(after.event.sequence > before.event.sequence);
    assert.equal(after.event.location, 'Zoo, Halle; 2');
    await house.apply({ ...definition, cancelled: true });
    const last = await numbered(after.event.sequence + 1);
    assert.ok(last.event.sequence > after.event.sequence);
    assert.equal(last.event.uid, before.event.uid);
    assert.equal(last.calendar.getFirstPropertyValue('method'), 'CANCEL');
    assert.equal(last.event.component.getFirstPropertyValue('status'), 'CANCELLED');
});

test('an event that nobody may see has no file either', async () => {
    const secret = await house.apply(exampleEvent({ published: false }));
    for (const slug of [secret, 'nowhere'])
        assert.equal((await house.http.get(`/events/${slug}/calendar.ics`)).status, 404);
});
