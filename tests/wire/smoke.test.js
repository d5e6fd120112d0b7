// The main flow: an event, a guest, a ticket, a door, a list.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exampleEvent, guest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';

const house = await openHouse();
const event = await house.apply(exampleEvent({ registration: { capacity: 2 } }));

test('a guest signs up, gets a ticket, is let in once, and stands in the list', async () => {
    const signedUp = await house.signUp(event, guest({ attendees: [{ name: 'Ada Lovelace',
        answers: { company: 'Analytical Engines', lunch: true } }] }));
    assert.equal(signedUp.status, 201, signedUp.body);
    const registration = signedUp.json();
    assert.equal(registration.status, 'confirmed');
    const [{ ticket }] = registration.attendees;
    assert.match(ticket, /^[A-Z2-7]+$/);

    const device = await house.device(event);
    const first = (await house.scan(event, device, { ticket })).json();
    assert.equal(first.verdict, 'admitted');
    assert.equal(first.attendee.name, 'Ada Lovelace');
    assert.deepEqual(first.counts, { expected: 1, admitted: 1, inside: 1 });
    const again = (await house.scan(event, device, { ticket })).json();
    assert.equal(again.verdict, 'already_admitted');

    const token = await house.token();
    const list = await house.http.get(`/api/v1/events/${event}/attendees.csv`, { token });
    assert.equal(list.status, 200);
    assert.match(list.body, /^\ufeff.*\r\n/);
    assert.match(list.body, /Ada Lovelace.*Analytical Engines/);
    assert.equal(await house.mustCommand(['attendees', 'export', event, '--format', 'csv']), list.body);
});

test('it says that it is alive and ready', async () => {
    assert.equal((await house.http.get('/healthz')).status, 200);
    assert.equal((await house.http.get('/readyz')).status, 200);
});

test('a page is there for the guest, in both languages', async () => {
    const english = await house.http.get(`/events/${event}`, { headers: { 'accept-language': 'en' } });
    assert.equal(english.status, 200);
    assert.match(english.headers['content-type'], /^text\/html/);
    assert.match(english.body, /bionection meets Artificial Intelligence/);
    const german = await house.http.get(`/events/${event}`, { headers: { 'accept-language': 'de' } });
    assert.match(german.body, /bionection meets Künstliche Intelligenz/);
});

test('what is not there is a problem document', async () => {
    const answer = await house.http.get('/api/v1/events/nowhere');
    assert.equal(answer.status, 404);
    assert.match(answer.headers['content-type'], /^application\/problem\+json/);
    assert.equal(answer.json().status, 404);
});
