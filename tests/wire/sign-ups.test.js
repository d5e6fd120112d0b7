// Sign-ups follow the rules of the event file; bad input gets a helpful error.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { exampleEvent, guest, localTime, plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';

const house = await openHouse();

// → {pointer: code} of a problem document with findings
function findings(answer, status = 422) {
    assert.equal(answer.status, status, answer.body);
    assert.match(answer.headers['content-type'], /^application\/problem\+json/);
    const problem = answer.json();
    for (const error of problem.errors) assert.ok(error.detail.length > 10, error.detail);
    return Object.fromEntries(problem.errors.map(({ pointer, code }) => [pointer, code]));
}

function refusal(answer, status, code) {
    assert.equal(answer.status, status, answer.body);
    const problem = answer.json();
    assert.equal(problem.code, code);
    assert.equal(problem.status, status);
    assert.ok(problem.title && problem.detail);
    return problem;
}

async function registered(event, body, options) {
    const answer = await house.signUp(event, body, options);
    assert.equal(answer.status, 201, answer.body);
    return answer.json();
}

test('a guest is confirmed with a ticket and a manage link that opens the registration', async () => {
    const event = await house.apply();
    const body = guest();
    const registration = await registered(event, body);
    assert.equal(registration.status, 'confirmed');
    const [attendee] = registration.attendees;
    assert.equal(attendee.status, 'confirmed');
    assert.equal(attendee.name, body.attendees[0].name);
    assert.match(attendee.ticket, /^2KCE[A-Z2-7]+$/);
    assert.ok(attendee.ticket_url.endsWith(`/tickets/${attendee.ticket}`));
    const link = new URL(registration.manage_url);
    const shown = await house.http.get(`/api/v1${link.pathname}${link.search}`);
    assert.equal(shown.status, 200, shown.body);
    assert.deepEqual(shown.json().attendees[0].ticket, attendee.ticket);
    assert.equal(shown.json().email, body.email);
    assert.deepEqual(shown.json().attendees[0].answers, body.attendees[0].answers);
});

test('without the key, or with another one, a registration is not shown', async () => {
    const event = await house.apply();
    const { id, manage_url } = await registered(event, guest());
    const key = new URL(manage_url).searchParams.get('key');
    const wrong = key.slice(0, -1) + (key.endsWith('a') ? 'b' : 'a');
    for (const query of ['', `?key=${wrong}`, '?key='])
        assert.ok([401, 403, 404].includes((await house.http.get(`/api/v1/registrations/${id}${query}`)).status));
});

test('the event is never over capacity, and who comes later waits in order', async () => {
    const event = await house.apply(plainEvent({ registration: { capacity: 2, waiting_list: true } }));
    const statuses = [];
    for (let i = 0; i < 4; i++) {
        const { status, waiting_position } = await registered(event, plainGuest());
        statuses.push([status, waiting_position]);
    }
    assert.deepEqual(statuses, [['confirmed', undefined], ['confirmed', undefined],
        ['waitlisted', 1], ['waitlisted', 2]]);
});

test('without a waiting list what does not fit is sold out, and a smaller party still fits', async () => {
    const event = await house.apply(plainEvent({
        registration: { capacity: 3, waiting_list: false, most_attendees: 3 } }));
    assert.equal((await registered(event, plainGuest())).status, 'confirmed');
    const three = plainGuest({ attendees: [{ name: 'A' }, { name: 'B' }, { name: 'C' }] });
    refusal(await house.signUp(event, three), 409, 'sold_out');
    assert.equal((await registered(event, plainGuest())).status, 'confirmed');
    assert.equal((await registered(event, plainGuest())).status, 'confirmed');
    refusal(await house.signUp(event, plainGuest()), 409, 'sold_out');
});

test('nobody waits for what cannot be had, and is told the number', async () => {
    const event = await house.apply(plainEvent({
        registration: { capacity: 4, waiting_list: true, most_attendees: 5 },
        ticket_types: [{ slug: 'shut', title: 'Early bird', capacity: 0 }, { slug: 'a', title: 'Seat' },
            { slug: 'b', title: 'Box', capacity: 2 }],
    }));
    const wants = (...types) => plainGuest({
        attendees: types.map((ticket_type, i) => ({ name: `Guest ${i}`, ticket_type })) });
    const told = async (...types) => {
        const { errors } = refusal(await house.signUp(event, wants(...types)), 422, 'invalid');
        return errors.map(({ pointer, code, detail }) => [pointer, code, detail]);
    };
    assert.deepEqual(await told('a', 'a', 'a', 'b', 'a'), [['/attendees', 'more_than_capacity',
        'The event has only 4 places in total, so 5 people can’t come together. Please register fewer people.']]);
    assert.deepEqual(await told('b', 'a', 'b', 'b'), [['/attendees', 'more_than_ticket_type',
        'There are only 2 places in total with the ticket “Box”. You chose it for 3 people. '
            + 'Please choose it for fewer.']]);
    assert.deepEqual(await told('a', 'shut'), [['/attendees/1/ticket_type', 'ticket_type_closed',
        'The ticket “Early bird” is not available. Please choose another one.']]);
    const { status, attendees } = await registered(event, plainGuest());
    assert.deepEqual([status, attendees[0].ticket_type], ['confirmed', 'a']);
});

test('a group that a smaller capacity can no longer hold keeps nobody waiting, until it shrinks', async () => {
    const file = plainEvent({ registration: { capacity: 3, waiting_list: true, most_attendees: 3 } });
    const event = await house.apply(file);
    const one = await registered(event, plainGuest());
    const group = await registered(event, plainGuest({ attendees: [{ name: 'A' }, { name: 'B' }, { name: 'C' }] }));
    const behind = await registered(event, plainGuest());
    assert.deepEqual([one, group, behind].map(({ status }) => status), ['confirmed', 'waitlisted', 'waitlisted']);
    const managed = ({ manage_url }, rest = '') => {
        const { pathname, search } = new URL(manage_url);
        return `/api/v1${pathname}${rest}${search}`;
    };
    file.registration.capacity = 2;
    await house.apply(file);
    assert.equal((await house.http.get(managed(behind))).json().status, 'confirmed');
    assert.deepEqual([(await house.http.get(managed(group))).json().status,
        (await registered(event, plainGuest())).status], ['waitlisted', 'waitlisted']);
    await house.http.delete(managed(one));
    await house.http.delete(managed(behind));
    await house.http.delete(managed(group, `/attendees/${group.attendees[0].id}`));
    assert.equal((await house.http.get(managed(group))).json().status, 'waitlisted', 'one came in meanwhile');
    file.registration.capacity = 3;
    await house.apply(file);
    assert.equal((await house.http.get(managed(group))).json().status, 'confirmed');
});

test('companions get a ticket each, all of them or none', async () => {
    const event = await house.apply(plainEvent({
        registration: { capacity: 4, waiting_list: true, most_attendees: 3 } }));
    const party = () => plainGuest({ attendees: [{ name: 'A' }, { name: 'B' }, { name: 'C' }] });
    const first = await registered(event, party());
    assert.equal(first.status, 'confirmed');
    assert.equal(new Set(first.attendees.map(({ ticket }) => ticket)).size, 3);
    const second = await registered(event, party());
    assert.equal(second.status, 'waitlisted');
    assert.ok(second.attendees.every(({ status, ticket }) => status === 'waitlisted' && !ticket));
    // First come, first served: one place is left, but somebody already waits for it.
    assert.equal((await registered(event, plainGuest())).status, 'waitlisted');
    assert.deepEqual(findings(await house.signUp(event, plainGuest({
        attendees: [{ name: 'A' }, { name: 'B' }, { name: 'C' }, { name: 'D' }] }))),
    { '/attendees': 'too_many_attendees' });
});

test('a ticket type has places of its own; who waits for it blocks nobody else', async () => {
    const event = await house.apply(plainEvent({
        registration: { capacity: 10, waiting_list: true },
        ticket_types: [{ slug: 'guest', title: 'Guest' }, { slug: 'press', title: 'Press', capacity: 1 }],
    }));
    const as = (ticket_type) => plainGuest({ attendees: [{ name: 'A', ticket_type }] });
    assert.equal((await registered(event, as('press'))).status, 'confirmed');
    const waiting = await registered(event, as('press'));
    assert.deepEqual([waiting.status, waiting.waiting_position], ['waitlisted', 1]);
    assert.equal((await registered(event, as('guest'))).status, 'confirmed');
});

test('who cancels gives the places back and the next in line moves up and is told', async () => {
    const event = await house.apply(plainEvent({ registration: { capacity: 1, waiting_list: true } }));
    const first = await registered(event, plainGuest());
    const second = await registered(event, plainGuest());
    const third = await registered(event, plainGuest());
    const cancelled = await house.http.delete(`/api/v1${manage(first)}`);
    assert.equal(cancelled.status, 200, cancelled.body);
    assert.equal(cancelled.json().status, 'cancelled');
    assert.equal(cancelled.json().attendees[0].ticket, undefined);
    const promoted = (await house.http.get(`/api/v1${manage(second)}`)).json();
    assert.equal(promoted.status, 'confirmed');
    assert.match(promoted.attendees[0].ticket, /^2KCE/);
    const waiting = (await house.http.get(`/api/v1${manage(third)}`)).json();
    assert.deepEqual([waiting.status, waiting.waiting_position], ['waitlisted', 1]);
    const kinds = await house.database.query(
        'select kind from message where registration_id = $1 order by created_at', [second.id]);
    assert.deepEqual(kinds.map(({ kind }) => kind), ['waitlisted', 'promoted']);
});

function manage({ manage_url }) {
    const { pathname, search } = new URL(manage_url);
    return pathname + search;
}

test('approval: pending holds the place until an organiser says yes', async () => {
    const event = await house.apply(plainEvent({
        registration: { capacity: 1, waiting_list: false, approval: true } }));
    const pending = await registered(event, plainGuest());
    assert.equal(pending.status, 'pending');
    assert.equal(pending.attendees[0].ticket, undefined);
    refusal(await house.signUp(event, plainGuest()), 409, 'sold_out');
    const path = `/api/v1/registrations/${pending.id}`;
    const viewer = await house.token({ role: 'viewer' });
    assert.equal((await house.http.patch(path, { json: { status: 'confirmed' }, token: viewer })).status, 403);
    const manager = await house.token();
    const approved = await house.http.patch(path, { json: { status: 'confirmed' }, token: manager });
    assert.equal(approved.status, 200, approved.body);
    assert.equal(approved.json().status, 'confirmed');
    assert.match(approved.json().attendees[0].ticket, /^2KCE/);
});

test('a ticket type can ask for approval on its own', async () => {
    const event = await house.apply();
    const press = await registered(event, guest({ attendees: [
        { name: 'P', ticket_type: 'press', answers: { company: 'LVZ', lunch: true } }] }));
    assert.equal(press.status, 'pending');
});

test('an access code opens its ticket type and nothing else', async () => {
    const event = await house.apply();
    const speaker = (more) => guest({ ...more, attendees: [
        { name: 'S', ticket_type: 'speaker', answers: { company: 'X', lunch: false } }] });
    assert.deepEqual(findings(await house.signUp(event, speaker())),
        { '/attendees/0/ticket_type': 'code_needed' });
    assert.deepEqual(findings(await house.signUp(event, speaker({ code: 'SPEAKER-2021' }))),
        { '/code': 'wrong_code', '/attendees/0/ticket_type': 'code_needed' });
    assert.equal((await registered(event, speaker({ code: ' SPEAKER-2022 ' }))).status, 'confirmed');
});

test('outside the window registration is closed', async () => {
    const soon = await house.apply(plainEvent({
        registration: { opens_at: localTime(1), closes_at: localTime(3) } }));
    const problem = refusal(await house.signUp(soon, plainGuest()), 409, 'closed');
    assert.match(problem.detail, /opens/);
    const over = await house.apply(plainEvent({
        registration: { opens_at: localTime(-3), closes_at: localTime(-1) } }));
    refusal(await house.signUp(over, plainGuest()), 409, 'closed');
});

test('an address registers once; its ticket is sent there again and not shown', async () => {
    const event = await house.apply();
    const body = guest({ email: 'Ada@Example.org' });
    await registered(event, body);
    const again = await house.signUp(event, { ...body, email: 'ada@example.ORG' });
    refusal(again, 409, 'already_registered');
    assert.ok(!again.body.includes('2KCE'));
    await house.signUp(event, body);
    assert.equal(await house.database.value(
        "select count(*)::int from message join event using (event_id) where slug = $1 and kind = 'already_registered'",
        [event]), 1, 'the reminder is sent once, not once a try');
});

test('sold out is told first, to an address that is registered, too', async () => {
    const event = await house.apply(plainEvent({ registration: { capacity: 1, waiting_list: false } }));
    const body = plainGuest();
    await registered(event, body);
    refusal(await house.signUp(event, body), 409, 'sold_out');
    refusal(await house.signUp(event, plainGuest()), 409, 'sold_out');
});

test('once_per_email that is switched on later counts registrations from before', async () => {
    const file = plainEvent({ registration: { once_per_email: false } });
    const event = await house.apply(file);
    const body = plainGuest();
    await registered(event, body);
    await house.apply({ ...file, registration: { ...file.registration, once_per_email: true } });
    refusal(await house.signUp(event, body), 409, 'already_registered');
    await registered(event, plainGuest());
});

test('where the event allows it, an address registers again', async () => {
    const event = await house.apply(plainEvent({ registration: { once_per_email: false } }));
    const body = plainGuest();
    await registered(event, body);
    await registered(event, body);
});

test('a cancelled registration does not keep its address from registering again', async () => {
    const event = await house.apply(plainEvent());
    const body = plainGuest();
    const first = await registered(event, body);
    await house.http.delete(`/api/v1${manage(first)}`);
    assert.equal((await registered(event, body)).status, 'confirmed');
});

test('the same idempotency key gives the same registration, and refuses another body', async () => {
    const event = await house.apply(plainEvent());
    const body = plainGuest();
    const key = randomUUID();
    const first = await registered(event, body, { key });
    const second = await registered(event, body, { key });
    assert.equal(second.id, first.id);
    assert.equal(second.attendees[0].ticket, first.attendees[0].ticket);
    assert.equal(second.manage_url, first.manage_url);
    assert.equal(second.created_at, first.created_at);
    refusal(await house.signUp(event, plainGuest(), { key }), 422, 'idempotency_key_reused');
    const together = await Promise.all(Array.from({ length: 20 }, () => house.signUp(event, body, { key })));
    for (const answer of together) assert.equal(answer.json().id, first.id, answer.body);
    assert.equal(await house.database.value(
        'select count(*)::int from registration join event using (event_id) where slug = $1', [event]), 1);
});

test('every wrong field is named with its pointer at once, and nothing is written', async () => {
    const event = await house.apply();
    const answer = await house.signUp(event, {
        email: 'ada@', language: 'fr', consents: ['telepathy'], newsletter: true,
        attendees: [
            { name: '  ', answers: { company: '', field: 'alchemy', lunch: 'perhaps', shoe_size: 43 } },
            { name: 'A\u0007B', ticket_type: 'vip', answers: { company: 'x'.repeat(501), lunch: true } },
            { name: 'x'.repeat(201), email: 'none', answers: { company: 5, lunch: true, diet: 'none' } },
        ],
    });
    assert.deepEqual(findings(answer), {
        '/newsletter': 'unknown_field',
        '/language': 'language_not_spoken',
        '/email': 'email_expected',
        '/attendees/0/name': 'name_needed',
        '/attendees/0/answers/company': 'answer_needed',
        '/attendees/0/answers/field': 'no_such_choice',
        '/attendees/0/answers/lunch': 'yes_or_no_expected',
        '/attendees/0/answers/shoe_size': 'unknown_question',
        '/attendees/1/name': 'control_characters',
        '/attendees/1/ticket_type': 'unknown_ticket_type',
        '/attendees/1/answers/company': 'too_long',
        '/attendees/2/name': 'too_long',
        '/attendees/2/email': 'email_expected',
        '/attendees/2/answers/company': 'text_expected',
        '/consents/0': 'unknown_consent',
        '/consents': 'consent_needed',
    });
    assert.equal(await house.database.value(
        'select count(*)::int from registration join event using (event_id) where slug = $1', [event]), 0);
});

test('a consent counts for the version that was shown; a slug alone means the text of now', async () => {
    const consent = (version, label) => ({ slug: 'privacy', version, required: true, label });
    const file = plainEvent({ consents: [consent(1, 'First'), { slug: 'photos', version: 3, required: false, label: 'Photos' }] });
    const event = await house.apply(file);
    const signUp = (consents) => house.signUp(event, plainGuest({ consents }));
    const agreed = async (consents) => {
        const answer = await signUp(consents);
        assert.equal(answer.status, 201, answer.body);
        return answer.json().consents.map(({ slug, version }) => [slug, version]);
    };
    assert.deepEqual(await agreed([{ consent: 'privacy', version: 1 }, 'photos']), [['privacy', 1], ['photos', 3]]);
    await house.apply({ ...file, consents: [consent(2, 'Second'), file.consents[1]] });
    assert.deepEqual(findings(await signUp([{ consent: 'privacy', version: 1 }])), { '/consents/0/version': 'consent_outdated' });
    assert.deepEqual(findings(await signUp(['privacy', { consent: 'photos', version: 2 }])), { '/consents/1/version': 'consent_outdated' });
    assert.deepEqual(findings(await signUp(['privacy', { consent: 'soul', version: 1 }, { consent: 'photos' }, 5])),
        { '/consents/1': 'unknown_consent', '/consents/2/version': 'missing', '/consents/3': 'unknown_consent' });
    assert.deepEqual(await agreed(['privacy']), [['privacy', 2]]);
    assert.deepEqual(await agreed([{ consent: 'privacy', version: 2 }]), [['privacy', 2]]);
});

test('a question that is not shown is neither asked for nor kept', async () => {
    const event = await house.apply(exampleEvent({ questions: [
        { slug: 'lunch', label: 'Lunch?', kind: 'yes_no', required: true },
        { slug: 'diet', label: 'Diet?', kind: 'text', required: true, shown_if: { lunch: true } },
    ] }));
    const with_answers = (answers) => guest({ attendees: [{ name: 'A', answers }] });
    const kept = await registered(event, { ...with_answers(), attendees: [{ name: 'A', answers: { lunch: false, diet: 'none' } }] });
    assert.deepEqual(kept.attendees[0].answers, { lunch: false });
    const missing = await house.signUp(event, { ...guest(), attendees: [{ name: 'A', answers: { lunch: true } }] });
    assert.deepEqual(findings(missing), { '/attendees/0/answers/diet': 'answer_needed' });
});

test('each kind of question takes its answers and refuses others', async () => {
    const kinds = {
        text: ['Zeiss', 'a\u0007b'], long_text: ['a\nb', 7], number: [4.5, 'four'], date: ['2026-02-28', '2026-02-30'],
        email: ['ada@exämple.de', 'ada'], phone: ['+49 (341) 123-4567', 'call me'], country: ['DE', 'Germany'],
        url: ['https://exämple.de/a?b=1#c', 'example.de'],
        yes_no: [false, 1], choice: ['a', 'c'], several: [['a', 'b'], ['a', 'a']],
    };
    const choices = [{ slug: 'a', label: 'A' }, { slug: 'b', label: 'B' }];
    const event = await house.apply(plainEvent({ questions: Object.keys(kinds).map((kind) => (
        { slug: kind.replace('_', '-'), label: kind, kind, required: true,
            ...(kind === 'choice' || kind === 'several' ? { choices } : {}) })) }));
    const answers = (at) => Object.fromEntries(
        Object.entries(kinds).map(([kind, values]) => [kind.replace('_', '-'), values[at]]));
    const good = await registered(event, { ...plainGuest(), attendees: [{ name: 'A', answers: answers(0) }] });
    assert.deepEqual(good.attendees[0].answers, answers(0));
    const bad = await house.signUp(event, { ...plainGuest(), attendees: [{ name: 'A', answers: answers(1) }] });
    assert.deepEqual(Object.keys(findings(bad)).sort(),
        Object.keys(kinds).map((kind) => `/attendees/0/answers/${kind.replace('_', '-')}`).sort());
});

test('names of any script are kept in NFC, addresses with international domains are understood', async () => {
    const event = await house.apply(plainEvent());
    const names = ['Zoë', 'Zoe\u0308', '王小明', 'مريم', 'Ἀριστοτέλης', 'O’Brien-Šmíd 🎈', '=1+1', 'x'.repeat(200)];
    for (const name of names) {
        const { attendees } = await registered(event, plainGuest({ attendees: [{ name }] }));
        assert.equal(attendees[0].name, name.normalize('NFC'));
    }
    const { email } = await registered(event, plainGuest({ email: 'jörg@BÜCHER.example' }));
    assert.equal(email, 'jörg@bücher.example');
    refusal(await house.signUp(event, plainGuest({ email: 'jörg@xn--bcher-kva.example' })), 409, 'already_registered');
});

test('the attendee corrects a registration with the manage link, bad corrections change nothing', async () => {
    const event = await house.apply();
    const registration = await registered(event, guest());
    const path = `/api/v1${manage(registration)}`;
    const [{ id }] = registration.attendees;
    const changed = await house.http.patch(path, { json: { language: 'de', attendees: [
        { id, name: 'Ada King', answers: { company: 'Analytical Engines' } }] } });
    assert.equal(changed.status, 200, changed.body);
    assert.equal(changed.json().language, 'de');
    assert.equal(changed.json().attendees[0].name, 'Ada King');
    assert.deepEqual(changed.json().attendees[0].answers, { company: 'Analytical Engines', lunch: false });
    for (const name of ['\u200b', '\ufeff\u2060'])
        assert.deepEqual(findings(await house.http.patch(path, { json: { attendees: [{ id, name }] } })),
            { '/attendees/0/name': 'name_needed' }, 'a name is there to be seen');
    const bad = await house.http.patch(path, { json: { attendees: [{ id, name: '', answers: { company: '' } }] } });
    assert.deepEqual(findings(bad), { '/attendees/0/name': 'name_needed',
        '/attendees/0/answers/company': 'answer_needed' });
    assert.deepEqual(findings(await house.http.patch(path, { json: { status: 'confirmed' } })),
        { '/status': 'unknown_field' });
    assert.equal((await house.http.get(path)).json().attendees[0].name, 'Ada King');
});

test('a ticket gets a new code, once for an Idempotency-Key, and the old one is replaced', async () => {
    const event = await house.apply();
    const registration = await registered(event, guest());
    const [{ id, ticket }] = registration.attendees;
    const { pathname, search } = new URL(registration.manage_url);
    const key = randomUUID();
    const anew = async () => {
        const answer = await house.http.post(`/api/v1${pathname}/attendees/${id}/ticket${search}`, { json: {}, key });
        assert.equal(answer.status, 200, answer.body);
        return answer.json().attendees[0].ticket;
    };
    const newer = await anew();
    assert.notEqual(newer, ticket);
    assert.equal(await anew(), newer, 'the same key replaces once');
    const device = await house.device(event);
    assert.equal((await house.scan(event, device, { ticket })).json().verdict, 'replaced');
    assert.equal((await house.scan(event, device, { ticket: newer })).json().verdict, 'admitted');
});

test('with verify_email a registration is unverified until the mailed key or the organiser speaks for it', async () => {
    const event = await house.apply(plainEvent({ registration: { verify_email: true } }));
    const registration = await registered(event, plainGuest());
    assert.equal(registration.status, 'unverified');
    assert.equal(registration.attendees[0].ticket, undefined);
    const wrong = await house.http.post(`/api/v1/registrations/${registration.id}/verification`,
        { json: { key: 'a'.repeat(32) } });
    assert.equal(wrong.status, 403, wrong.body);
    const vouched = await house.http.patch(`/api/v1/registrations/${registration.id}`,
        { json: { status: 'confirmed' }, token: await house.token() });
    assert.equal(vouched.json().status, 'confirmed', vouched.body);
});

test('a raised capacity moves the waiting list up', async () => {
    const file = plainEvent({ registration: { capacity: 1, waiting_list: true } });
    const event = await house.apply(file);
    await registered(event, plainGuest());
    const waiting = await registered(event, plainGuest());
    await house.apply({ ...file, registration: { ...file.registration, capacity: 2 } });
    assert.equal((await house.http.get(`/api/v1${manage(waiting)}`)).json().status, 'confirmed');
});

test('a changed event file counts from the next sign-up on', async () => {
    const file = plainEvent();
    const event = await house.apply(file);
    await registered(event, plainGuest());
    await house.apply({ ...file, questions: [{ slug: 'why', label: 'Why?', kind: 'text', required: true }] });
    assert.deepEqual(findings(await house.signUp(event, plainGuest())),
        { '/attendees/0/answers/why': 'answer_needed' });
});
