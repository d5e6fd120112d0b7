// A person's page at the desk: what it shows, and each thing that can be done there, with and without a
// mail, in words of one's own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expect, formFields, several } from '../harness/attendee.js';
import { exampleEvent, guest, plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';

const house = await openHouse();
const event = await house.apply(plainEvent());
const token = await house.token();
const viewer = await house.token({ role: 'viewer' });
const door = await house.token({ role: 'door' });

// --- What the tests share -------------------------------------------------------------------------

const path = (slug, { attendees }, rest = '', at = 0) => `/desk/events/${slug}/attendees/${attendees[at].id}${rest}`;

async function registered(slug, body = plainGuest()) {
    return (await expect(201, house.signUp(slug, body))).json();
}

const look = async (slug, registration, rest, { status = 200, at, by = token } = {}) =>
    (await expect(status, house.http.get(path(slug, registration, rest, at), { token: by }))).body;

const person = async (slug, registration, at = 0) => (await expect(200, house.http.get(
    `/api/v1${path(slug, registration, '', at).slice('/desk'.length)}`, { token }))).json();

// Sends the form of an action as a browser does, with changes. → the answer
async function send(slug, registration, action, changes = {}, { at, by = token } = {}) {
    const fields = new Map(formFields(await look(slug, registration, `/${action}`, { at, by })));
    for (const [name, value] of Object.entries(changes)) fields.set(name, value);
    return house.http.post(path(slug, registration, `/${action}`, at), { token: by, form: [...fields] });
}

async function does(slug, registration, action, changes, options) {
    const answer = await send(slug, registration, action, changes, options);
    assert.equal(answer.status, 303, answer.body);
    const back = await expect(200, house.http.get(answer.headers.location, { token }));
    assert.match(back.body, /role="status"/, 'a notice says what was done');
    return back.body;
}

// → the letters of a registration, the newest first: {kind, to, subject, text}
async function letters({ id }, slug = event) {
    const { messages } = (await expect(200, house.http.get(
        `/api/v1/events/${slug}/messages?registration=${id}`, { token }))).json();
    return Promise.all(messages.map(async (message) => (await expect(200, house.http.get(
        `/api/v1/registrations/${id}/messages/${message.id}`, { token }))).json()));
}

const kinds = async (registration, slug) => (await letters(registration, slug)).map(({ kind }) => kind);

async function preview(slug, registration, action, form) {
    const at = path(slug, registration, `/mail-preview?action=${action}`);
    const answer = form ? house.http.post(at, { token, form }) : house.http.get(at, { token });
    return (await expect(200, answer)).body;
}

const audit = async ({ id }, action) => (await house.database.query(
    `select actor, before, after, detail from audit_entry
      where registration_id = $1 and action = $2`, [id, action]))[0];

// --- The page -------------------------------------------------------------------------------------

test('the page shows all of a person, in words, and nothing that only programs read', async () => {
    const slug = await house.apply(exampleEvent());
    const registration = await registered(slug, guest({
        email: 'grace@example.org', attendees: [{ name: 'Grace <Hopper>', answers: { company: 'Yale & Co', lunch: true } }],
    }));
    const html = await look(slug, registration);
    for (const words of ['Grace &lt;Hopper&gt;', 'Confirmed', 'grace@example.org', 'Yale &amp; Co', 'Valid',
        'Open the ticket', 'You’re registered', 'Version 1', 'No scans yet', 'personal data'])
        assert.ok(html.includes(words), words);
    assert.doesNotMatch(html.replaceAll(/(href|action|value|src)="[^"]*"/g, ''), /[0-9a-f]{8}-[0-9a-f]{4}-|\d{4}-\d\d-\d\dT/);
    const german = (await house.http.get(path(slug, registration), { token, headers: { 'accept-language': 'de' } })).body;
    for (const words of ['Bestätigt', 'Antworten', 'Gültig', 'Einwilligungen']) assert.ok(german.includes(words), words);
    const other = await house.apply(plainEvent());
    await look(other, registration, '', { status: 404 });
});

test('each role sees what it may, and has only its buttons', async () => {
    const registration = await registered(event);
    const all = await look(event, registration);
    for (const rest of ['/cancel', '/correct', '/resend', '/hand-on', '/erase', '/check-in'])
        assert.ok(all.includes(`${path(event, registration)}${rest}`), rest);
    const seen = await look(event, registration, '', { by: viewer });
    assert.match(seen, /History/);
    assert.doesNotMatch(seen, /<form method="post" action="\/desk\/events/);
    assert.ok(!seen.includes('/cancel'));
    await look(event, registration, '/cancel', { by: viewer, status: 403 });
    const atDoor = await look(event, registration, '', { by: door });
    assert.match(atDoor, /\/check-in"/);
    assert.doesNotMatch(atDoor, /@example\.org|History|\/cancel/);
});

// --- Actions --------------------------------------------------------------------------------------

test('approving tells the guest in one\'s own words, and the mail is shown before it goes', async () => {
    const slug = await house.apply(plainEvent({ registration: { approval: true } }));
    const registration = await registered(slug);
    const before = await preview(slug, registration, 'approve', [['words', 'See <you>\nthere'], ['tell', 'true']]);
    assert.match(before, /See &lt;you&gt;\nthere/);
    assert.match(before, /Confirmed: /);
    assert.deepEqual(await kinds(registration, slug), ['pending'], 'a preview changes nothing');
    assert.equal((await person(slug, registration)).status, 'pending');
    await does(slug, registration, 'approve', { words: 'See <you>\nthere' });
    const [letter] = await letters(registration, slug);
    assert.equal(letter.kind, 'approved');
    assert.match(letter.text, /\n\nSee <you>\nthere\n\n/);
    assert.match(letter.html, /See &lt;you&gt;<br>there/);
    const { before: was, after, detail } = await audit(registration, 'registration.approve');
    assert.deepEqual([was, after, detail], [{ status: 'pending' }, { status: 'confirmed' }, { told: true }]);
    assert.match(await look(slug, registration), /Approved<br>.*Status: to approve → confirmed/);
});

test('without a mail nobody is told; the place goes on to the waiting list all the same', async () => {
    const slug = await house.apply(plainEvent({ registration: { approval: true, capacity: 1, waiting_list: true } }));
    const [first, second] = [await registered(slug), await registered(slug)];
    await does(slug, first, 'decline', { tell: 'false' });
    assert.deepEqual(await kinds(first, slug), ['pending']);
    assert.deepEqual(await kinds(second, slug), ['promoted', 'waitlisted']);
    assert.match(await look(slug, first), /Declined/);
    const again = await registered(slug, plainGuest({ email: first.email }));
    assert.match(await look(slug, again), /declined before/);
    assert.equal((await person(slug, again)).declined_before[0].id, first.attendees[0].id);
});

test('one attendee or the whole registration is cancelled', async () => {
    const registration = await registered(event, several(3));
    await does(event, registration, 'cancel', { words: 'Sorry!' }, { at: 2 });
    assert.equal((await person(event, registration)).status, 'confirmed');
    const [letter] = await letters(registration);
    assert.equal(letter.kind, 'place_cancelled');
    assert.match(letter.text, /Sorry!/);
    await does(event, registration, 'cancel-all', { tell: 'false' });
    assert.equal((await person(event, registration, 1)).registration.status, 'cancelled');
    assert.equal((await letters(registration))[0].kind, 'place_cancelled');
    assert.match(await look(event, registration), /Registration cancelled/);
});

test('a letter about what the organiser did does not thank the guest for it', async () => {
    const registration = await registered(event);
    await house.database.query(`update message set state = 'sent' where registration_id = $1`, [registration.id]);
    assert.match(await preview(event, registration, 'cancel'), /The organiser has cancelled your registration/);
    await does(event, registration, 'cancel');
    const [{ text }] = await letters(registration);
    assert.match(text, /The organiser has cancelled your registration/);
    assert.doesNotMatch(text, /Thank you for letting us know/);
});

test('a correction is the whole form: errors lose nothing, and the second of two people is told', async () => {
    const slug = await house.apply(exampleEvent());
    const registration = await registered(slug, guest());
    const wrong = await send(slug, registration, 'correct', { 'attendees.0.name': '', email: 'new@example.org' });
    assert.equal(wrong.status, 422);
    assert.match(wrong.body, /Enter a name/);
    assert.match(wrong.body, /value="new@example.org"/);

    const first = formFields(await look(slug, registration, '/correct'));
    const second = new Map(first);
    await does(slug, registration, 'correct', { 'attendees.0.name': 'Ada First', words: 'Now it is right.' });
    assert.equal((await letters(registration, slug))[0].kind, 'changed');
    assert.match((await letters(registration, slug))[0].text, /Now it is right\./);
    second.set('attendees.0.name', 'Ada Second');
    const late = await house.http.post(path(slug, registration, '/correct'), { token, form: [...second] });
    assert.equal(late.status, 409);
    assert.match(late.body, /Someone changed this in the meantime/);
    assert.match(late.body, /Details changed/, 'what changed is told');
    assert.match(late.body, /Now saved: Ada First/);
    assert.match(late.body, /value="Ada Second"/, 'what was typed is kept');
    const third = await house.http.post(path(slug, registration, '/correct'), { token, form: formFields(late.body) });
    assert.equal(third.status, 303, third.body);
    assert.equal((await person(slug, registration)).name, 'Ada Second');
});

test('the mail of a correction is shown as it will go: none, changed details, or to a new address', async () => {
    const slug = await house.apply(exampleEvent());
    const registration = await registered(slug, guest({
        email: 'old@example.org', attendees: [{ name: 'Grace', answers: { company: 'Yale', lunch: true, diet: 'Vegan\nNo nuts' } }] }));
    const page = await look(slug, registration, '/correct');
    const shown = (changes) => preview(slug, registration, 'correct', [...new Map([...formFields(page), ...changes])]);
    const none = /No email would be sent/, changed = /Your registration has changed/;
    assert.match(await preview(slug, registration, 'correct'), changed);
    assert.match(await shown([]), none, 'nothing was typed');
    assert.doesNotMatch(await shown([['attendees.0.answers.company', 'Other']]), none);
    assert.doesNotMatch(await shown([['attendees.0.name', 'Other']]), none);
    const moved = await shown([['email', 'new@example.org']]);
    assert.match(moved, /<dd>new@example\.org<\/dd>/);
    assert.doesNotMatch(moved, /old@example\.org/);
    await does(slug, registration, 'correct', { email: 'new@example.org' });
    const [letter] = await letters(registration, slug);
    assert.ok(moved.includes(letter.subject), letter.subject);
});

test('whatever is wrong in a form, the page comes again with what to mend and what was typed', async () => {
    const types = [{ slug: 'a', title: 'Room' }, { slug: 'b', title: 'Stream' }];
    const slug = await house.apply(plainEvent({ ticket_types: types, registration: { capacity: 2, approval: true, waiting_list: true } }));
    const [pending, confirmed, waiting] = [await registered(slug), await registered(slug, several(1)), await registered(slug)];
    await does(slug, confirmed, 'approve');
    const long = 'x'.repeat(2001), words = ['words', long, /at most 2,?000/];
    const table = [
        [pending, 'approve', ...words], [pending, 'decline', ...words], [waiting, 'move-up', ...words],
        [waiting, 'move-up', 'reason', 'y'.repeat(501), /at most 500/],
        [confirmed, 'cancel', ...words], [confirmed, 'cancel-all', ...words], [confirmed, 'resend', ...words],
        [confirmed, 'ticket-type', ...words], [confirmed, 'ticket-type', 'reason', 'y'.repeat(501), /at most 500/],
        [confirmed, 'correct', ...words], [confirmed, 'correct', 'email', 'no address', /address/],
        [confirmed, 'hand-on', 'name', 'z'.repeat(201), /at most 200/], [confirmed, 'hand-on', 'email', 'no address', /address/],
        [confirmed, 'note', 'text', long, /at most 2,?000/], [confirmed, 'note', 'text', ' ', /note/],
        [confirmed, 'erase', 'confirm', '', /erase/],
        [confirmed, 'check-in', 'reason', 'y'.repeat(501), /at most 500/],
        [confirmed, 'check-in', 'door', 'gone', /Choose a door/],
        [confirmed, 'undo-check-in', 'nonce', 'none', /undone already/],
    ];
    const onPage = { note: ['text'], 'check-in': ['door', 'reason'], 'undo-check-in': ['nonce'] };
    for (const [who, action, name, value, finding] of table) {
        const fields = formFields(await look(slug, who, onPage[action] ? '' : `/${action}`));
        const form = new Map(fields.filter(([of]) => !onPage[action] || [...onPage[action], 'idempotency_key'].includes(of)));
        form.set(name, value);
        if (action === 'check-in' && name === 'door') form.set('reason', 'I know them');
        let answer = await house.http.post(path(slug, who, `/${action}`), { token, form: [...form] });
        const isByDoor = action.includes('check-in');
        assert.equal(answer.status, isByDoor ? 303 : 422, `${action} ${name}: ${answer.body}`);
        if (isByDoor) answer = await expect(200, house.http.get(answer.headers.location, { token }));
        assert.match(answer.body, /role="alert"/, `${action} ${name} says it`);
        assert.match(answer.body, finding, `${action} ${name} says what`);
        assert.ok(answer.body.includes(`${path(slug, who)}${action === 'undo-check-in' ? '/check-in' : `/${action}`}`),
            `${action}: the form is there again`);
        if (value.trim() && !['door', 'nonce'].includes(name)) assert.ok(answer.body.includes(value), `${action} ${name} keeps it`);
        if (name === 'door') assert.match(answer.body, /value="I know them"/);
    }
    for (const who of [pending, waiting]) assert.notEqual((await person(slug, who)).status, 'confirmed');
    assert.equal((await person(slug, confirmed)).notes.length, 0);
});

test('whatever the second of two people does with what they saw before, they are told first', async () => {
    const types = [{ slug: 'a', title: 'Room' }, { slug: 'b', title: 'Stream' }];
    const open = await house.apply(plainEvent({ ticket_types: types }));
    const asks = await house.apply(plainEvent({ registration: { approval: true } }));
    const full = await house.apply(plainEvent({ registration: { capacity: 1, waiting_list: true } }));
    await registered(full);
    for (const [slug, action, changes] of [[asks, 'approve'], [asks, 'decline'], [full, 'move-up', { reason: 'speaker' }],
        [open, 'cancel'], [open, 'cancel-all'], [open, 'resend'], [open, 'ticket-type', { ticket_type: 'b' }],
        [open, 'erase', { confirm: 'true' }], [open, 'correct', { 'attendees.0.name': 'Second' }],
        [open, 'hand-on', { name: 'New', email: 'new-holder@example.org' }]]) {
        const who = await registered(slug, slug === open ? several(2) : undefined);
        const form = new Map(formFields(await look(slug, who, `/${action}`)));
        await does(slug, who, 'correct', { 'attendees.0.name': 'First' });
        const { status } = await person(slug, who);
        for (const [name, value] of Object.entries(changes ?? {})) form.set(name, value);
        const late = await house.http.post(path(slug, who, `/${action}`), { token, form: [...form] });
        assert.equal(late.status, 409, action);
        assert.match(late.body, /Someone changed this in the meantime/, action);
        assert.match(late.body, /Details changed/, action);
        const now = await person(slug, who);
        assert.deepEqual([now.name, now.status], ['First', status], `${action} did nothing`);
    }
});

test('two people at one page: the second is told before anything is done', async () => {
    const registration = await registered(event, several(2));
    const form = formFields(await look(event, registration, '/cancel-all'));
    await does(event, registration, 'cancel', {}, { at: 1 });
    const late = await house.http.post(path(event, registration, '/cancel-all'), { token, form });
    assert.equal(late.status, 409);
    assert.match(late.body, /Someone changed this in the meantime/);
    assert.equal((await person(event, registration)).status, 'confirmed');
});

test('mail is sent again; twice the same within a minute is one', async () => {
    const registration = await registered(event);
    await does(event, registration, 'resend', { words: 'Here it is' });
    await does(event, registration, 'resend', { words: 'Here it is' });
    assert.deepEqual(await kinds(registration), ['resent', 'confirmed']);
    assert.match((await letters(registration))[0].text, /Here it is/);
});

test('a ticket is handed on, with the mail that the new person gets', async () => {
    const registration = await registered(event, plainGuest({ attendees: [{ name: 'Old Holder' }] }));
    const form = [['name', 'New Holder'], ['email', 'holder@example.org'], ['words', 'Have fun']];
    const shown = await preview(event, registration, 'hand_on', form);
    assert.match(shown, /holder@example\.org/);
    assert.match(shown, /Old Holder has passed a ticket on to you/);
    assert.match(shown, /Have fun/);
    const wrong = await send(event, registration, 'hand-on', { name: 'New Holder', email: 'no' });
    assert.equal(wrong.status, 422);
    assert.match(wrong.body, /value="New Holder"/);
    const html = await does(event, registration, 'hand-on', { name: 'New Holder', email: 'holder@example.org', tell: 'false' });
    assert.match(html, /Ticket passed on/);
    const { handed_on_to: { id } } = await person(event, registration);
    const next = await person(event, { attendees: [{ id }] });
    assert.equal(next.name, 'New Holder');
    assert.deepEqual(next.messages, []);
});

test('a place is given from the waiting list, past others, and over the capacity only with a reason', async () => {
    const slug = await house.apply(plainEvent({ registration: { capacity: 1, waiting_list: true } }));
    const [, second, third] = [await registered(slug), await registered(slug), await registered(slug)];
    assert.match(await look(slug, third), /The event is fully booked/);
    const refused = await send(slug, third, 'move-up');
    assert.equal(refused.status, 409);
    assert.match(refused.body, /No places left/);
    await does(slug, third, 'move-up', { reason: 'speaker', words: 'Welcome' });
    assert.equal((await person(slug, third)).status, 'confirmed');
    assert.equal((await person(slug, second)).status, 'waitlisted');
    assert.match((await letters(third, slug))[0].text, /Welcome/);
    assert.match(await look(slug, third), /Reason: speaker/);
    const [tally] = await house.database.query(
        `select taken, over_capacity from tally join event using (event_id) where slug = $1`, [slug]);
    assert.deepEqual(tally, { taken: 2, over_capacity: 1 });
});

test('a group that waits is told why others pass it', async () => {
    const types = [{ slug: 'a', title: 'Room', capacity: 1 }, { slug: 'b', title: 'Stream' }];
    const slug = await house.apply(plainEvent({ ticket_types: types, registration: { capacity: 9, waiting_list: true } }));
    const of = (type) => plainGuest({ attendees: [{ name: `Of ${type}`, ticket_type: type }] });
    await registered(slug, of('a'));
    const waiting = await registered(slug, of('a'));
    const later = await registered(slug, of('b'));
    assert.equal(later.status, 'confirmed');
    assert.match(await look(slug, waiting), /There is no place left for “Room”/);
});

test('the ticket type changes by the rules of places', async () => {
    const types = [{ slug: 'a', title: 'Room', capacity: 1 }, { slug: 'b', title: 'Stream' }];
    const slug = await house.apply(plainEvent({ ticket_types: types, registration: { waiting_list: true } }));
    const of = (type) => plainGuest({ attendees: [{ name: `Of ${type}`, ticket_type: type }] });
    const [inRoom, onStream] = [await registered(slug, of('a')), await registered(slug, of('b'))];
    const full = await send(slug, onStream, 'ticket-type', { ticket_type: 'a' });
    assert.equal(full.status, 409);
    assert.equal((await send(slug, onStream, 'ticket-type', { ticket_type: 'x' })).status, 422);
    assert.match(await preview(slug, inRoom, 'ticket_type', [['ticket_type', 'b']]), /Stream/);
    await does(slug, onStream, 'ticket-type', { ticket_type: 'a', reason: 'on stage', tell: 'false' });
    assert.equal((await person(slug, onStream)).ticket_type, 'a');
    assert.deepEqual(await kinds(onStream, slug), ['confirmed']);
    const ticket = (await person(slug, onStream)).tickets;
    assert.deepEqual(ticket.map(({ state }) => state), ['valid'], 'the ticket stays good');
    const { before, after } = await audit(onStream, 'attendee.ticket_type');
    assert.deepEqual([before, after], [{ ticket_type: 'b' }, { ticket_type: 'a', reason: 'on stage' }]);
    assert.match(await look(slug, onStream), /Ticket type: Stream → Room/);
});

async function checkIn(registration) {
    const [key] = formFields(await look(event, registration)).filter(([name]) => name === 'idempotency_key');
    return [key, ['door', 'main'], ['reason', '']];
}

test('a check-in by hand is a scan that can be undone', async () => {
    const registration = await registered(event);
    const form = await checkIn(registration);
    const go = () => house.http.post(path(event, registration, '/check-in'), { token: door, form });
    for (let i = 0; i < 2; i++) assert.match((await go()).headers.location, /done=person\.check_in$/);
    const { scans } = await person(event, registration);
    assert.deepEqual(scans.map(({ verdict, device }) => [verdict, device]), [['admitted', null]],
        'sent twice, it is one scan');
    assert.match(await look(event, registration), /Came in · Door · by hand/);
    const undone = await house.http.post(path(event, registration, '/undo-check-in'), { token: door, form: [['nonce', scans[0].nonce]] });
    assert.equal(undone.status, 303);
    assert.match(await look(event, registration), /Undone on/);

    const cancelled = await registered(event);
    const open = await checkIn(cancelled);
    await does(event, cancelled, 'cancel');
    const refused = await house.http.post(path(event, cancelled, '/check-in'), { token, form: open });
    assert.match(refused.headers.location, /\?refused=cancelled&door=main$/);
    assert.match((await house.http.get(refused.headers.location, { token })).body, /Check-in refused/);
});

test('notes are shown, given to the person who asks, and erased with them', async () => {
    const registration = await registered(event);
    const note = (form) => house.http.post(path(event, registration, '/note'), { token, form });
    const form = [['text', 'Needs a <ramp>'], ['idempotency_key', 'once']];
    for (let i = 0; i < 2; i++) assert.equal((await note(form)).status, 303);
    assert.equal((await person(event, registration)).notes.length, 1);
    assert.match(await look(event, registration), /Needs a &lt;ramp&gt;/);
    const data = (await house.http.get(`/api/v1/registrations/${registration.id}/data`, { token })).json();
    assert.equal(data.notes[0].text, 'Needs a <ramp>');

    const sure = await send(event, registration, 'erase');
    assert.equal(sure.status, 422, 'erasing is confirmed');
    await does(event, registration, 'erase', { confirm: 'true' });
    const gone = await person(event, registration);
    assert.deepEqual([gone.name, gone.notes, gone.messages], ['–', [], []]);
    const [{ count }] = await house.database.query('select count(*)::int from note');
    assert.equal(count, 0);
});

test('the API takes tell and words where it changes registrations', async () => {
    const patch = (registration, json, status = 200) =>
        expect(status, house.http.patch(`/api/v1/registrations/${registration.id}`, { token, json }));
    const quiet = await registered(event);
    await patch(quiet, { status: 'cancelled', tell: false });
    assert.deepEqual(await kinds(quiet), ['confirmed']);
    const told = await registered(event);
    await patch(told, { attendees: [{ id: told.attendees[0].id, name: 'Told' }], words: 'Hello' });
    assert.match((await letters(told))[0].text, /Hello/);
    await patch(told, { status: 'cancelled', words: 'x'.repeat(2001) }, 422);
    await expect(200, house.http.delete(`/api/v1/registrations/${told.id}?words=Bye`, { token }));
    assert.match((await letters(told))[0].text, /Bye/);
    const own = await registered(event);
    const key = new URL(own.manage_url).searchParams.get('key');
    await expect(422, house.http.patch(`/api/v1/registrations/${own.id}?key=${key}`,
        { json: { language: 'de', words: 'I say' } }), 'invalid');
    const act = (registration, action, json) => house.http.post(
        `/api/v1/events/${event}/attendees/${registration.attendees[0].id}/${action}`, { token, json });
    assert.equal((await expect(200, act(own, 'cancel', { tell: false }))).json().status, 'cancelled');
    await expect(409, act(own, 'move-up', {}), 'not_waiting');
    await expect(409, act(own, 'resend', { version: 1 }), 'not_current');
});

test('the single registration tells of an earlier refusal and of repeated addresses', async () => {
    const slug = await house.apply(plainEvent({ registration: { approval: true, once_per_email: false } }));
    const first = await registered(slug);
    await does(slug, first, 'decline', { tell: 'false' });
    const again = await registered(slug, plainGuest({ email: first.email }));
    const third = await registered(slug, plainGuest({ email: first.email }));
    const shown = async ({ id }) => (await house.http.get(`/api/v1/registrations/${id}`, { token })).json();
    assert.equal((await shown(again)).earlier, 'declined');
    assert.equal((await shown(third)).repeated, true);
    assert.equal((await shown(first)).repeated, false);
});
