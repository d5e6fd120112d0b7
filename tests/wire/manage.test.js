// The manage link as API and as pages without JavaScript: see, change, hand on, cancel.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attendeeOf, api, attendeePath, becomes, expect, formFields, page, several, withField } from '../harness/attendee.js';
import { guest, localTime, plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';

const house = await openHouse();
await house.apply(plainEvent());
const manager = await house.token();
const { registered, shown, messages, forgetMessages } = attendeeOf(house);

test('a link reaches its page also with what a text has behind it', async () => {
    const slug = await house.apply(plainEvent());
    const registration = await registered(slug);
    const { ticket } = registration.attendees[0];
    for (const [given, wanted] of [[`/events/${slug}.`, `/events/${slug}`], [`/events/${slug}/`, `/events/${slug}`],
        [`/events/${slug})?lang=de`, `/events/${slug}?lang=de`], [`/tickets/${ticket}).`, `/tickets/${ticket}`],
        [`/events/${slug}/register%3E,`, `/events/${slug}/register`], [`/events/${slug}%E2%80%9D`, `/events/${slug}`]]) {
        const answer = await expect(303, house.http.get(given));
        assert.equal(answer.headers.location, wanted);
    }
    const link = page(registration);
    for (const more of ['.', ')', '>', ').', '”', '/'])
        assert.match((await expect(200, house.http.get(`${link}${encodeURI(more)}`))).body, /You’re registered/);
    await forgetMessages(registration);
    const { email: known_address } = await shown(registration);
    for (const cut of [link.slice(0, -3), link.slice(0, link.indexOf('=') + 1), link.split('?')[0]]) {
        const answer = await house.http.get(cut);
        assert.ok([401, 404].includes(answer.status), cut);
        assert.match(answer.body, /<h1>This link doesn’t work<\/h1>[^]*cut long links off/);
        assert.match(answer.body, /<label for="email">/);
        const action = /<form method="post" action="([^"]+)"/.exec(answer.body)[1];
        const answers = await Promise.all([known_address, 'stranger@example.org'].map((email) => house.http.post(action, { form: { email } })));
        const [known, unknown] = answers.map(({ status, body: html }) => [status, html.replaceAll(/[\w-]+-[0-9a-f]{6}\b/g, '')]);
        assert.equal(known[0], 200);
        assert.deepEqual(known, unknown, 'no hint whether the address is known');
        assert.equal((await house.http.post(action, { form: { email: 'ada@' } })).status, 422);
    }
    assert.ok((await messages(registration)).length > 0, 'it was sent again');
    for (const cut of [ticket.slice(0, -9), ticket.slice(0, 80)]) {
        const answer = await expect(404, house.http.get(`/tickets/${cut}`));
        assert.match(answer.body, new RegExp(`<form method="post" action="/events/${slug}/resend"`));
    }
    for (const lost of [`/tickets/${ticket.slice(0, 20)}`, link.slice(0, 30)])
        assert.match((await house.http.get(lost)).body, /cut long links off/);
    await expect(404, house.http.get('/no/such/page.'));
    await expect(404, house.http.get(`/api/v1/events/${slug}.`));
});

// --- The outcome --------------------------------------------------------------------------------

test('whoever still waits when the event is over is promised nothing any more', async () => {
    const file = plainEvent({ registration: { approval: true } });
    const registration = await registered(await house.apply(file));
    assert.match((await house.http.get(page(registration))).body, /is being reviewed/);
    await house.apply({ ...file, starts_at: localTime(-5), ends_at: localTime(-1),
        registration: { ...file.registration, opens_at: localTime(-99), closes_at: undefined } });
    const { body } = await becomes(/The event is over/, () => house.http.get(page(registration)));
    assert.doesNotMatch(body, /is being reviewed|Thank you for coming/);
});

test('each state has a page that says it and what happens next', async () => {
    const confirmed = await registered(await house.apply(plainEvent()));
    const html = (await expect(200, house.http.get(page(confirmed)))).body;
    assert.match(html, /<h1>You’re registered<\/h1>/);
    assert.match(html, /<svg/);
    for (const rest of ['', '/ticket.pdf', '/calendar.ics'])
        assert.ok(html.includes(`href="/tickets/${confirmed.attendees[0].ticket}${rest}"`), rest);
    assert.match(html, /openstreetmap/);

    const one = await house.apply(plainEvent({ registration: { capacity: 1, waiting_list: true } }));
    await registered(one);
    await registered(one);
    const second = await registered(one);
    assert.match((await house.http.get(page(second))).body, /You’re number 2 on the list/);

    const asks = await house.apply(plainEvent({ registration: { approval: true } }));
    assert.match((await house.http.get(page(await registered(asks)))).body, /is being reviewed/);

    const verifies = await house.apply(plainEvent({ registration: { verify_email: true, verify_hours: 5 } }));
    const unverified = await registered(verifies);
    const { body } = await house.http.get(page(unverified));
    const until = localTime(5).slice(11, 13);
    assert.match(body, new RegExp(`holding your place until [^;]+ ${until}:`));
    assert.match(body, /Send it again/);
    assert.doesNotMatch(body, /<svg/);

    const file = plainEvent();
    const cancelled = await registered(await house.apply(file));
    await house.apply({ ...file, cancelled: true });
    const off = (await becomes(/will not take place/, () => house.http.get(page(cancelled)))).body;
    assert.doesNotMatch(off, /<svg/, 'a ticket to nothing is none');
});

test('the page is not for search engines or caches, and its words are in the reader\'s language', async () => {
    const registration = await registered(await house.apply(plainEvent()));
    const answer = await house.http.get(page(registration), { headers: { 'accept-language': 'de' } });
    assert.match(answer.body, /noindex/);
    assert.equal(answer.headers['cache-control'], 'no-store');
    assert.match(answer.body, /Sie sind angemeldet/);
    assert.match(answer.body, /\d\d:\d\d( Uhr)?<\/time>|\d\d:\d\d–\d\d:\d\d Uhr/);
});

// --- Changing -----------------------------------------------------------------------------------

test('the form has what is there, and saves what was changed in it', async () => {
    const event = await house.apply();
    const registration = await registered(event, guest({ attendees: [
        { name: 'Ada "Countess" <Lovelace>', answers: { company: 'Engines & Co', lunch: true, diet: 'no nuts', field: 'ict' } },
        { name: 'Charles', email: 'charles@example.org', answers: { company: 'Mill', lunch: false } }] }));
    const form = formFields((await expect(200, house.http.get(page(registration, '/change')))).body);
    const unchanged = await expect(303,
        house.http.post(page(registration, '/change'), { form }));
    assert.match(unchanged.headers.location, /done=changed$/);
    const clean = ({ version, ...rest }) => rest;
    assert.deepEqual(clean(await shown(registration)), clean(await shown(registration)));
    assert.deepEqual((await shown(registration)).attendees.map(({ answers }) => answers),
        registration.attendees.map(({ answers }) => answers));
    assert.equal((await shown(registration)).version, 1, 'nothing changed');
    assert.deepEqual(await messages(registration), ['confirmed', 'confirmed']);

    let changed = withField(form, 'attendees.0.name', 'Ada King');
    changed = withField(changed, 'attendees.0.answers.lunch', 'false'); // so the question diet is hidden
    changed = withField(changed, 'attendees.1.email', '');
    await expect(303, house.http.post(page(registration, '/change'), { form: changed }));
    const [ada, charles] = (await shown(registration)).attendees;
    assert.equal(ada.name, 'Ada King');
    assert.deepEqual(ada.answers, { company: 'Engines & Co', field: 'ict', lunch: false });
    assert.equal(charles.email, undefined);
    assert.match((await house.http.get(`${page(registration)}&done=changed`)).body, /Your changes have been saved/);
    assert.deepEqual(await messages(registration), ['confirmed', 'confirmed', 'changed']);
});

test('errors are listed with links to their fields, and what was typed is kept', async () => {
    const event = await house.apply();
    const registration = await registered(event, guest());
    let form = formFields((await house.http.get(page(registration, '/change'))).body);
    form = withField(form, 'attendees.0.name', ' ');
    form = withField(form, 'attendees.0.answers.company', 'Typed & kept');
    form = withField(form, 'attendees.0.email', 'no address');
    const { body } = await expect(422, house.http.post(page(registration, '/change'), { form }));
    assert.match(body, /href="#attendees\.0\.name"/);
    assert.match(body, /href="#attendees\.0\.email"/);
    assert.match(body, /Typed &amp; kept/);
    assert.match(body, /<title>Error: /);
    assert.equal((await shown(registration)).version, 1);
});

test('an optional choice can be unchosen', async () => {
    const choices = [{ slug: 'vegan', label: 'Vegan' }, { slug: 'fish', label: 'Fish' }];
    const event = await house.apply(plainEvent({ questions: [{ slug: 'lunch', label: 'Lunch?', kind: 'yes_no' },
        { slug: 'diet', label: 'Diet', kind: 'choice', choices }, { slug: 'must', label: 'Must', kind: 'choice', choices, required: true }] }));
    const registration = await registered(event, plainGuest({ attendees: [
        { name: 'Ada', answers: { lunch: false, diet: 'fish', must: 'fish' } }] }));
    const { body } = await house.http.get(page(registration, '/change'));
    assert.equal(body.match(/>No answer</g).length, 2, 'not where an answer is needed');
    let form = formFields(body);
    for (const slug of ['lunch', 'diet']) form = withField(form, `attendees.0.answers.${slug}`, '');
    await expect(303, house.http.post(page(registration, '/change'), { form }));
    assert.deepEqual((await shown(registration)).attendees[0].answers, { must: 'fish' });
    const again = (await house.http.get(page(registration, '/change'))).body;
    assert.match(again, /id="attendees\.0\.answers\.diet\.none"[^>]* value="" checked/);
});

test('the language changes in the middle of a form, and nothing that was typed is lost or done', async () => {
    const event = await house.apply();
    const registration = await registered(event, guest());
    const [{ id }] = registration.attendees;
    const pages = [[page(registration, '/change'), 'attendees.0.name'], [page(registration, `/attendees/${id}/hand-on`), 'name'],
        [`/events/${event}/resend?x=`, 'email']];
    for (const [path, field] of pages) {
        const first = (await expect(200, house.http.get(path))).body;
        const there = /<button type="submit" form="typed" formaction="([^"]*lang=de[^"]*)" formnovalidate name="show_in"/.exec(first)?.[1];
        assert.ok(there, `${path} has no button for German`);
        assert.match(first, /<form [^>]*id="typed"/);
        const form = [...withField(formFields(first), field, 'Typed "in" the middle'), ['show_in', 'de']];
        const { body } = await expect(200, house.http.post(there.replaceAll('&amp;', '&'), { form }));
        assert.match(body, /<html lang="de"/);
        assert.match(body, /value="Typed &quot;in&quot; the middle"/);
        assert.doesNotMatch(body, /error-summary|field-error|<title>Fehler/);
    }
    assert.equal((await shown(registration)).version, 1);
});

test('after changes_until attendees are refused and organisers are not', async () => {
    const event = await house.apply(plainEvent({ registration: { changes_until: localTime(-1) } }));
    const registration = await registered(event);
    const json = { attendees: [{ id: registration.attendees[0].id, name: 'Ada' }] };
    await expect(409, house.http.patch(api(registration), { json }), 'too_late_to_change');
    assert.match((await house.http.get(page(registration, '/change'))).body, /too late to make changes/);
    assert.doesNotMatch((await house.http.get(page(registration))).body, /\/change\?/);
    const late = await house.http.post(page(registration, '/change'),
        { form: { 'attendees.0.id': json.attendees[0].id, 'attendees.0.name': 'Ada' } });
    assert.equal(late.status, 409);
    assert.match(late.body, /too late to make changes/);
    await expect(200, house.http.patch(`/api/v1/registrations/${registration.id}`, { json, token: manager }));
    assert.equal((await shown(registration)).attendees[0].name, 'Ada');
});

test('changes are told once in ten minutes, and only when something changed', async () => {
    const registration = await registered(await house.apply(plainEvent()));
    await forgetMessages(registration);
    const [{ id, name }] = registration.attendees;
    const rename = (to) => expect(200,
        house.http.patch(api(registration), { json: { attendees: [{ id, name: to }] } }));
    await rename(name);
    assert.deepEqual(await messages(registration), []);
    await rename('One');
    await rename('Two');
    assert.deepEqual(await messages(registration), ['changed']);
    await house.database.query(
        "update message set state = 'sent', created_at = now() - interval '11 minutes' where registration_id = $1",
        [registration.id]);
    await rename('Three');
    assert.deepEqual(await messages(registration), ['changed', 'changed']);
});

test('changes at the same time are all kept', async () => {
    const questions = Array.from({ length: 8 }, (_, i) =>
        ({ slug: `q${i}`, label: `Question ${i}`, kind: 'text', required: false }));
    const event = await house.apply(plainEvent({ questions }));
    for (let round = 0; round < 5; round++) {
        const registration = await registered(event);
        const [{ id }] = registration.attendees;
        const answers = await Promise.all(questions.map(({ slug }) => house.http.patch(api(registration),
            { json: { attendees: [{ id, answers: { [slug]: `${round}` } }] } })));
        assert.deepEqual(answers.map(({ status }) => status), questions.map(() => 200));
        const kept = (await shown(registration)).attendees[0].answers;
        assert.deepEqual(kept, Object.fromEntries(questions.map(({ slug }) => [slug, `${round}`])));
    }
});

test('who says which version they saw overwrites no other; a form shows it and can be sent again', async () => {
    const registration = await registered(await house.apply(plainEvent()));
    const [{ id }] = registration.attendees;
    const form = formFields((await house.http.get(page(registration, '/change'))).body);
    const patch = (json) => house.http.patch(api(registration), { json });
    const first = await expect(200, patch({ version: 1, attendees: [{ id, name: 'First' }] }));
    assert.equal(first.json().version, 2);
    await expect(409, patch({ version: 1, attendees: [{ id, name: 'Second' }] }), 'not_current');
    const mine = withField(form, 'attendees.0.name', 'Mine');
    const refused = await expect(409, house.http.post(page(registration, '/change'), { form: mine }));
    assert.match(refused.body, /Something has changed in the meantime/);
    const again = formFields(refused.body);
    assert.ok(again.some(([name, value]) => name === 'attendees.0.name' && value === 'Mine'));
    await expect(303, house.http.post(page(registration, '/change'), { form: again }));
    assert.equal((await shown(registration)).attendees[0].name, 'Mine');
});

// --- Handing on ---------------------------------------------------------------------------------

test('a ticket is not handed on after check-in, or after the event', async () => {
    const event = await house.apply(plainEvent());
    const device = await house.device(event);
    const came = await registered(event);
    await house.scan(event, device, { ticket: came.attendees[0].ticket });
    const handOn = (registration) => house.http.post(
        api(registration, attendeePath(registration, 0, '/ticket')), { json: { name: 'Grace', email: 'grace@example.org' } });
    await expect(409, handOn(came), 'not_possible_after_check_in');

    const file = plainEvent({ registration: { closes_at: undefined, changes_until: undefined } });
    const soon = await house.apply(file);
    const late = await registered(soon);
    await house.apply({ ...file, starts_at: localTime(-3), ends_at: localTime(-1), check_in: undefined });
    await becomes(/Thank you for coming/, () => house.http.get(page(late)));
    await expect(409, handOn(late), 'event_over');
    await expect(409, house.http.delete(api(late)), 'event_over');
});

// --- Cancelling ---------------------------------------------------------------------------------

test('one attendee cancels, and the first who waits and fits moves up at once', async () => {
    const event = await house.apply(plainEvent({ registration: { capacity: 3, waiting_list: true } }));
    const registration = await registered(event, several(3));
    const pair = await registered(event, several(2));
    const single = await registered(event, several(1));
    assert.deepEqual([pair.status, single.status], ['waitlisted', 'waitlisted']);
    const path = page(registration, attendeePath(registration, 0, '/cancel'));
    const asked = await expect(200, house.http.get(path));
    assert.match(asked.body, /Cancel this place\?/);
    assert.match(asked.body, /Person 1/);
    assert.doesNotMatch(asked.body, /Person 2/);
    assert.equal((await shown(registration)).attendees[0].status, 'confirmed', 'asking changes nothing');
    await expect(303, house.http.post(path, { form: {} }));
    assert.deepEqual((await shown(registration)).attendees.map(({ status }) => status),
        ['cancelled', 'confirmed', 'confirmed']);
    assert.equal((await shown(pair)).status, 'waitlisted', 'whole or not at all');
    assert.equal((await shown(single)).status, 'waitlisted', 'nobody is overtaken');
    await expect(200, house.http.delete(api(registration, attendeePath(registration, 1))));
    assert.equal((await shown(pair)).status, 'confirmed');
    assert.equal((await shown(single)).status, 'waitlisted');
    assert.deepEqual(await messages(pair), ['waitlisted', 'promoted']);
    assert.deepEqual(await messages(registration), ['confirmed', 'place_cancelled', 'place_cancelled']);
    const last = await expect(200, house.http.delete(api(registration, attendeePath(registration, 2))));
    assert.equal(last.json().status, 'cancelled');
    assert.equal((await shown(single)).status, 'confirmed');
    assert.ok((await messages(registration)).includes('cancelled'));
});

test('who has come does not cancel, the others of the registration do', async () => {
    const event = await house.apply(plainEvent());
    const device = await house.device(event);
    const registration = await registered(event, several(2));
    await house.scan(event, device, { ticket: registration.attendees[0].ticket });
    await expect(409, house.http.delete(api(registration)), 'not_possible_after_check_in');
    await expect(409, house.http.delete(api(registration, attendeePath(registration, 0))),
        'not_possible_after_check_in');
    await expect(200, house.http.delete(api(registration, attendeePath(registration, 1))));
    assert.equal((await shown(registration)).status, 'confirmed');
});

test('a registration is cancelled after a page that asks, with the names of all', async () => {
    const registration = await registered(await house.apply(plainEvent()), several(2));
    const asked = (await expect(200, house.http.get(page(registration, '/cancel')))).body;
    assert.match(asked, /Person 1[^]*Person 2/);
    const done = await expect(303, house.http.post(page(registration, '/cancel'), { form: {} }));
    assert.match((await house.http.get(done.headers.location)).body, /no longer valid/);
    const closed = await expect(303, house.http.get(page(registration, '/change')));
    assert.equal(closed.headers.location, page(registration));
    await expect(409, house.http.patch(api(registration), { json: {} }), 'not_held');
});

test('an organiser declines what is pending, which frees its place; nobody else may', async () => {
    const event = await house.apply(plainEvent(
        { registration: { approval: true, capacity: 1, waiting_list: true } }));
    const pending = await registered(event);
    const waiting = await registered(event);
    await expect(422, house.http.patch(api(pending), { json: { status: 'declined' } }));
    const decline = ({ id }) => house.http.patch(`/api/v1/registrations/${id}`,
        { json: { status: 'declined' }, token: manager });
    assert.equal((await expect(200, decline(pending))).json().status, 'cancelled');
    assert.deepEqual(await messages(pending), ['declined', 'pending'].sort().reverse());
    assert.equal((await shown(waiting)).status, 'pending');
    await expect(200, decline(pending));
    assert.equal(await house.database.value(
        "select count(*)::integer from audit_entry where action = 'registration.decline' and registration_id = $1",
        [pending.id]), 1);
    const confirmed = await registered(await house.apply(plainEvent()));
    await expect(409, decline(confirmed), 'not_pending');
});
