// Names on the phone: only where the organiser lets this phone keep them, it searches without network,
// and it deletes them when that ends.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { guest, HOUR_MS, localTime, plainEvent } from '../harness/events.js';
import { openPhones } from '../harness/phone.js';
import { until } from '../harness/wait.js';

const { house, event, signUp, withPhone } = await openPhones();
const manager = await house.token();
const signUpNamed = (name, company = 'Lab') =>
    signUp(event, guest({ attendees: [{ name, answers: { company, lunch: true } }] }));

async function keepNames(phone, isOn = true) {
    const { device } = await phone.state();
    const answer = await house.http.patch(`/api/v1/events/${phone.event}/devices/${device.id}`,
        { token: manager, json: { keeps_names: isOn } });
    assert.equal(answer.status, 200, answer.body);
}

// Lets the phone keep names, and waits until it has those of all tickets.
async function withNames(phone) {
    await keepNames(phone);
    await phone.until(({ list }) => list.names > 0 && list.names === list.guests);
}

const ticketIdOf = ({ id }) => house.database.value('select ticket_id from ticket where attendee_id = $1', [id]);

const dumped = (phone) => phone.page.evaluate(() => dump());

// Resolves once the phone has heard that the ticket was taken back.
const knowsRevoked = (phone, ticket) => until(() => phone.page.evaluate(async (id) => {
    const database = await new Promise((resolve) => (indexedDB.open('einlass-door').onsuccess = ({ target }) => resolve(target.result)));
    const kept = await new Promise((resolve) => (database.transaction('kept').objectStore('kept').get('revoked')
        .onsuccess = ({ target }) => resolve(target.result)));
    database.close();
    return kept?.states.has(id);
}, ticket));

// → who is found, by the service or in the phone's own list
async function found(phone, query) {
    const { attendees, listAt, refused } = await phone.call('search', query);
    return refused ?? { from: listAt ? 'list' : 'service', names: attendees.map(({ name }) => name) };
}

test('where the organiser lets it, a phone finds people without network as the service does', async () => {
    for (const name of ['Łukasz Bąk', 'Jörg Müller', 'Petra Mueller', 'Aoife O’Brien']) await signUpNamed(name, 'Ears');
    const anna = await signUpNamed('Anna Schmidt', 'Øresund');
    const number = (await house.http.get(`/api/v1/tickets/${anna.ticket}`)).json().attendee.number;
    const searches = ['lukasz', 'mueller', 'MÜLLER', "o'brien", 'schmidt, anna', 'oresund', number.toLowerCase(), 'nobody'];
    await withPhone({}, async (phone) => {
        const before = Object.fromEntries(await Promise.all(searches.map(async (q) => [q, await found(phone, q)])));
        assert.deepEqual(before.mueller.names.toSorted(), ['Jörg Müller', 'Petra Mueller']);
        assert.deepEqual(before[number.toLowerCase()].names, ['Anna Schmidt']);
        await withNames(phone);
        await phone.goOffline();
        for (const q of searches) {
            const { from, names } = await found(phone, q);
            assert.deepEqual([from, names.toSorted()], ['list', before[q].names.toSorted()], q);
        }
    });
});

test('who is found in the list is let in, with what the phone knows of where they are', async () => {
    const [came, comes, gone] = await Promise.all(['Cara Came', 'Cara Comes', 'Cara Gone'].map((name) => signUpNamed(name)));
    await withPhone({}, async (phone) => {
        assert.equal(await phone.verdict(came.ticket), 'admitted by service');
        await withNames(phone);
        await house.http.delete(`/api/v1/registrations/${gone.registration}`, { token: manager });
        await knowsRevoked(phone, await ticketIdOf(gone));
        await phone.goOffline();
        const { attendees } = await phone.call('search', 'cara');
        assert.deepEqual(attendees.map(({ name, status, present }) => [name, status, present]),
            [['Cara Came', 'confirmed', true], ['Cara Comes', 'confirmed', false], ['Cara Gone', 'cancelled', false]]);
        assert.deepEqual(attendees[1].answers, [{ label: 'Company or institution', text: 'Lab' }]);
        assert.equal(await phone.verdict(undefined, { attendee: came.id }), 'already_admitted by phone');
        assert.equal(await phone.verdict(undefined, { attendee: gone.id }), 'cancelled by phone');
        const said = await phone.scan(undefined, { attendee: comes.id });
        assert.deepEqual([said.verdict, said.attendee.name], ['admitted', 'Cara Comes']);
        assert.equal(await phone.verdict(comes.ticket), 'already_admitted by phone', 'the ticket is the same person');
        assert.equal((await phone.call('search', 'comes')).attendees[0].present, true);
        await phone.comeBack();
        const [row] = await house.database.query('select verdict::text, conflict from scan where nonce = $1', [said.nonce]);
        assert.deepEqual(row, { verdict: 'admitted', conflict: false });
    });
});

test('a person who got another ticket is let in by name', async () => {
    const person = await signUpNamed('Rea Replaced');
    const before = await ticketIdOf(person);
    await withPhone({}, async (phone) => {
        await withNames(phone);
        await house.http.post(`/api/v1/registrations/${person.registration}/attendees/${person.id}/ticket`,
            { token: manager, json: {} });
        await knowsRevoked(phone, before);
        await phone.goOffline();
        assert.equal((await phone.call('search', 'replaced')).attendees[0].id, person.id);
        assert.equal(await phone.verdict(person.ticket), 'replaced by phone');
        const said = await phone.scan(undefined, { attendee: person.id });
        assert.equal(said.verdict, 'admitted');
        await phone.comeBack();
        assert.equal(await house.database.value('select verdict::text from scan where nonce = $1', [said.nonce]), 'admitted');
    });
});

test('names are readable on such a phone alone, and go when the organiser switches it off', async () => {
    await signUpNamed('Xenia Zarathustra', 'Quintessenz');
    await withPhone({}, async (other) => {
        await withPhone({}, async (phone) => {
            await withNames(phone);
            const kept = await dumped(phone);
            for (const told of ['Xenia Zarathustra', 'Quintessenz']) assert.ok(kept.includes(told), told);
            assert.ok(!kept.includes('@'), 'addresses never come to the phone');
            assert.ok(!(await dumped(other)).includes('Xenia'), 'the other phone has none');
            await phone.open();
            assert.ok((await phone.state()).list.names > 0, 'after a restart');
            await keepNames(phone, false);
            await phone.until(({ list }) => list.names === 0);
            assert.ok(!(await dumped(phone)).includes('Xenia'));
            await phone.goOffline();
            assert.equal(await found(phone, 'xenia'), 'offline');
        });
    });
});

test('a phone that only scans keeps none', async () => {
    await signUpNamed('Sara Scanned');
    await withPhone({}, async (phone) => {
        await withNames(phone);
        const { device } = await phone.state();
        await house.http.patch(`/api/v1/events/${event}/devices/${device.id}`, { token: manager, json: { role: 'scanner' } });
        await phone.until((state) => state.device.role === 'scanner' && state.list.names === 0);
        assert.ok(!(await dumped(phone)).includes('Sara'));
    });
});

test('when the event is over they go, also without network', async () => {
    const short = await house.apply(plainEvent({ ends_at: localTime(1), check_in: { opens_at: localTime(-2), closes_at: localTime(1) } }));
    await house.signUp(short, { email: 'last@example.org', attendees: [{ name: 'Lara Last' }] });
    await withPhone({ at: short, clock: true }, async (phone) => {
        await withNames(phone);
        assert.ok((await dumped(phone)).includes('Lara Last'));
        await phone.goOffline();
        await phone.page.clock.fastForward(HOUR_MS + 120_000);
        await phone.until(({ list }) => list.names === 0);
        assert.ok(!(await dumped(phone)).includes('Lara'));
    });
});

test('the guest list carries names for the device that keeps them alone, until the event is over', async () => {
    await signUpNamed('Wanda Wire');
    const list = async (token, at = event) => (await house.http.get(`/api/v1/events/${at}/guest-list`, { token })).json();
    const device = await house.device(event);
    assert.equal((await list(device)).names, false);
    assert.ok(!JSON.stringify(await list(device)).includes('Wanda'));
    await house.database.query(`update device set keeps_names = true 
        where role = 'staff' and event_id = (select event_id from event where slug = $1)`, [event]);
    const { names, guests } = await list(device);
    assert.equal(names, true);
    const wanda = guests.find(({ person }) => person.name === 'Wanda Wire').person;
    assert.deepEqual(Object.keys(wanda).toSorted(),
        ['answers', 'id', 'known_by', 'name', 'number', 'ticket', 'ticket_type', 'ticket_type_title']);
    assert.equal((await list(manager)).names, false, 'a token is no device');
});
