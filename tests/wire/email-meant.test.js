// Each form where a person types an address asks once whether a great provider was meant that the address
// almost names, and takes a yes and a no. Programs, commands and lists are not asked.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { api, attendeeOf, attendeePath, expect, formFields, page, several } from '../harness/attendee.js';
import { signIn } from '../harness/desk.js';
import { plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { repository } from '../harness/paths.js';
import { startMail } from '../harness/smtp.js';
import { words } from '../harness/words.js';

const mail = await startMail();
const house = await openHouse({ settings: { smtp: mail.url } });
await house.apply(plainEvent());
const manager = await house.token();
const { headers } = await signIn(house, { role: 'owner' });
const { registered, shown } = attendeeOf(house);
const question = { slug: 'office', label: 'Address of your office', kind: 'email' };
const said = words('en').field;
const event = (registration = {}) => house.apply(plainEvent({ questions: [question], registration: { most_attendees: 2, ...registration } }));
const one = async (sql, values) => house.database.value(sql, values);
const registrationOf = (address) => one('select count(*)::integer from registration where email = $1', [address]);

// Each: opens a form. → {path, by (headers), field, others (fields), isTaken(address)}
const forms = {
    'the correction of an address': async () => {
        const registration = await registered(await event({ verify_email: true }));
        return { path: page(registration, '/address'), field: 'email',
            isTaken: async (address) => (await shown(registration)).email === address };
    },
    "a companion's address": async () => {
        const registration = await registered(await event(), several(2));
        return { path: page(registration, '/change'), field: 'attendees.1.email',
            isTaken: async (address) => (await shown(registration)).attendees[1].email === address };
    },
    'an answer': async () => {
        const registration = await registered(await event());
        return { path: page(registration, '/change'), field: 'attendees.0.answers.office',
            isTaken: async (address) => (await shown(registration)).attendees[0].answers.office === address };
    },
    'the hand-on of a ticket': async () => {
        const registration = await registered(await event());
        return { path: page(registration, attendeePath(registration, 0, '/hand-on')), field: 'email', others: { name: 'New Holder' },
            isTaken: registrationOf };
    },
    'a person whom the desk adds': async () => ({ path: `/desk/events/${await event()}/attendees/new`, by: headers, field: 'email',
        others: { name: 'Added' }, isTaken: registrationOf }),
    'a person whom the desk corrects': async () => {
        const slug = await event(), registration = await registered(slug);
        return { path: `/desk/events/${slug}${attendeePath(registration, 0, '/correct')}`, by: headers, field: 'email', isTaken: registrationOf };
    },
    'a hand-on at the desk': async () => {
        const slug = await event(), registration = await registered(slug);
        return { path: `/desk/events/${slug}${attendeePath(registration, 0, '/hand-on')}`, by: headers, field: 'email',
            others: { name: 'New Holder' }, isTaken: registrationOf };
    },
    'an invitation to the team': async () => ({ path: '/desk/team/new', by: headers, field: 'email',
        others: { role: 'viewer', place: 'biosaxony' },
        isTaken: (address) => one('select count(*)::integer from team_invitation where email = $1', [address]) }),
    'a link to sign in': async () => ({ path: '/desk/sign-in', field: 'email', others: { link: '1' },
        isTaken: (address) => one('select count(*)::integer from sign_in_mail where email = $1', [address]) }),
    'an invitee whom the desk corrects': async () => {
        const slug = await event(), first = `${randomUUID().slice(0, 8)}@example.org`;
        await expect(200, house.http.post(`/api/v1/events/${slug}/invitations/add`, { token: manager, json: { people: [{ email: first }] } }));
        const id = await one('select invitation_id::text from invitation where email = $1', [first]);
        return { path: `/desk/events/${slug}/invitations/${id}`, by: headers, field: 'email',
            isTaken: (address) => one('select count(*)::integer from invitation where email = $1', [address]) };
    },
    "the organiser's address": async () => ({ path: '/desk/organisers/biosaxony/profile', by: headers, field: 'contact_email',
        isTaken: async (address) => (await house.http.get('/api/v1/organisers/biosaxony/profile', { token: manager })).json().contact_email === address }),
};

// The fields of the form that has this field, with changes.
function filled(html, field, changes) {
    const [form] = html.match(/<form\b[^]*?<\/form>/g).filter((one) => one.includes(` name="${field}"`));
    const fields = new Map(formFields(form));
    const kept = formFields(form).filter(([name]) => name === 'kept_emails[]');
    for (const [name, value] of Object.entries(changes)) fields.set(name, value);
    return [...[...fields].filter(([name]) => name !== 'kept_emails[]'), ...kept];
}

for (const [what, open] of Object.entries(forms)) {
    for (const answer of ['mend_email', 'keep_email']) {
        test(`${what}: ${answer}`, async () => {
            const { path, by, field, others, isTaken } = await open();
            const name = `ada-${randomUUID().slice(0, 8)}`, typed = `${name}@gmial.com`, meant = `${name}@gmail.com`;
            const fresh = (await expect(200, house.http.get(path, { headers: by }))).body;
            assert.ok(!fresh.includes('mend_email'), 'nothing is asked before');
            const post = (form) => house.http.post(path, { headers: by, form });
            const asked = await expect(422, post(filled(fresh, field, { [field]: typed, ...others })));
            assert.ok(asked.body.includes(`<a href="#${field}">`), 'the list of errors leads to the field');
            assert.match(asked.body, new RegExp(`id="${field}-error">Did you mean ${meant}\\?<`));
            for (const [button, text] of [['mend_email', said.email_take.replace('{{email_meant.address}}', meant)],
                ['keep_email', said.email_keep.replace('{{email_meant.typed}}', typed)]])
                assert.ok(asked.body.includes(`name="${button}" value="${field}" class="secondary">${text}<`), button);
            assert.ok(!await isTaken(typed) && !await isTaken(meant), 'nothing is done yet');
            await expect(303, post(filled(asked.body, field, { [answer]: field })));
            assert.ok(await isTaken(answer === 'mend_email' ? meant : typed));
        });
    }
}

test('an address that is stored is not asked about again, and one that is kept stays so', async () => {
    const slug = await event(), typed = `bob-${process.pid}@gmial.com`;
    const registration = await registered(slug, plainGuest({ email: typed, attendees: [{ name: 'Bob', answers: { office: 'bob@web.d' } }] }));
    const correct = `/desk/events/${slug}${attendeePath(registration, 0, '/correct')}`;
    const form = (html, changes) => filled(html, 'email', changes);
    const fresh = (await expect(200, house.http.get(correct, { headers }))).body;
    await expect(303, house.http.post(correct, { headers, form: form(fresh, { 'attendees.0.name': 'Robert' }) }));
    assert.equal((await shown(registration)).attendees[0].name, 'Robert');
    const path = page(registration, '/change');
    await expect(303, house.http.post(path, { form: filled((await house.http.get(path)).body, 'version', { 'attendees.0.name': 'Rob' }) }));

    // A no is remembered while something else is mended, and in the other language.
    const add = `/desk/events/${slug}/attendees/new`, other = `carla-${process.pid}@gmial.com`;
    const asked = await expect(422, house.http.post(add, { headers, form: { name: '', email: other } }));
    const kept = await expect(422, house.http.post(add, { headers, form: form(asked.body, { keep_email: 'email' }) }));
    assert.doesNotMatch(kept.body, /Did you mean/);
    const german = await expect(200, house.http.post(add, { headers, form: form(kept.body, { show_in: 'de' }) }));
    await expect(303, house.http.post(add, { headers, form: form(german.body, { name: 'Carla' }) }));
    assert.equal(await registrationOf(other), 1);

    // Another language before the question does not answer it.
    const switched = await expect(200, house.http.post(add, { headers, form: { name: 'Dan', email: `dan-${process.pid}@gmial.com`, show_in: 'de' } }));
    await expect(422, house.http.post(add, { headers, form: form(switched.body, {}) }));
});

test('the form that sends a mail again asks, too', async () => {
    const slug = await event(), path = `/events/${slug}/resend`;
    const asked = await expect(422, house.http.post(path, { form: { email: 'ada@gmial.com' } }));
    assert.match(asked.body, /Did you mean ada@gmail\.com\?/);
    await expect(200, house.http.post(path, { form: filled(asked.body, 'email', { mend_email: 'email' }) }));
});

test('a right password signs in without a question; after a wrong one the address may be the fault', async () => {
    const email = `eve-${process.pid}@gmial.com`, password = 'correct horse battery';
    await house.mustCommand(['account', 'add', email, '--organiser', 'biosaxony', '--role', 'viewer'], { input: `${password}\n` });
    const wrong = await expect(422, house.http.post('/desk/sign-in', { form: { email, password: 'not that one' } }));
    assert.match(wrong.body, /Did you mean eve-\d+@gmail\.com\?/);
    assert.ok(wrong.body.includes(words('en').finding.account_no_match));
    const kept = await expect(422, house.http.post('/desk/sign-in', { form: filled(wrong.body, 'email', { keep_email: 'email' }) }));
    assert.doesNotMatch(kept.body, /Did you mean/);
    await expect(303, house.http.post('/desk/sign-in', { form: { email, password } }));
});

test('a program, a command and a list are not asked', async () => {
    const slug = await event(), registration = await registered(slug, plainGuest({ email: `api-${process.pid}@gmial.com` }));
    await expect(200, house.http.post(api(registration, attendeePath(registration, 0, '/ticket')),
        { json: { name: 'New', email: `api3-${process.pid}@gmial.com` } }));
    const another = await registered(slug);
    await expect(200, house.http.patch(api(another), { token: manager, json: { email: `api2-${process.pid}@gmial.com` } }));
    await expect(200, house.http.post(`/api/v1/events/${slug}/invitations/add`, { token: manager, json: { people: [{ email: 'api4@gmial.com' }] } }));
    const lines = await expect(303, house.http.post(`/desk/events/${slug}/invitations/add`, { headers, form: { text: 'Fay, fay@gmial.com\nGil, gil@gmx.dee', good_for: '1' } }));
    assert.match(lines.headers.location, /n=2/);
    const list = house.file('list.csv', 'name,email\nHal,hal@gmial.com\n');
    await house.mustCommand(['attendees', 'import', slug, list]);
    assert.equal(await registrationOf('hal@gmial.com'), 1);
});

test('every template with a field for an address shows the question', () => {
    const service = join(repository, 'service');
    const found = readdirSync(service, { recursive: true }).filter((path) => path.endsWith('.html'))
        .map((path) => [path, readFileSync(join(service, path), 'utf8')])
        .filter(([path, html]) => / type="email"/.test(html) && !/form_preview\.html$/.test(path)); // a picture of a form
    assert.ok(found.length > 8);
    const silent = found.filter(([, html]) => html.match(/ type="email"/g).length !== html.match(/\{\{> form\/email_meant\}\}/g)?.length);
    assert.deepEqual(silent.map(([path]) => path), ['web/problem.html'], 'it leads to a form that asks');
});
