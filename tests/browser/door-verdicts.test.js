// What each verdict of the service is on the screen: its words, its tone, what a screen reader is
// told, and whether somebody may be let in all the same.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { guest, localTime, plainEvent, plainGuest } from '../harness/events.js';
import { pattern, words } from '../harness/words.js';
import { openStage, ticketOf } from './door.js';

const { house, event, atTheDoor, named, signUp } = await openStage();
const manager = await house.token();
const { app } = words('en');

const HOUR_MS = 3600 * 1000;
const type = 'Guest';
const answers = ['Company or institution: Analytical Engines'];

// An event with its door open between these hours from now, and a ticket for it.
async function openBetween(opens, closes) {
    const at = await house.apply(plainEvent({ starts_at: localTime(-5),
        check_in: { opens_at: localTime(opens), closes_at: localTime(closes) } }));
    return { at, person: 'Timely Guest', type, answers: [],
        ticket: ticketOf(await signUp(plainGuest({ attendees: [{ name: 'Timely Guest' }] }), at)) };
}

async function cancelled() {
    const made = await signUp();
    const { pathname, search } = new URL(made.manage_url);
    assert.equal((await house.http.request('DELETE', `/api/v1${pathname}${search}`)).status, 200);
    return made;
}

// → the ticket there was before the one that is good now
async function replaced() {
    const made = await signUp();
    const [{ id, name, ticket }] = made.attendees;
    const path = `/api/v1/registrations/${made.id}/attendees/${id}/ticket`;
    assert.equal((await house.http.post(path, { token: manager, json: {} })).status, 200);
    return { ticket, person: name, type, answers: ['Company or institution: biosaxony'] };
}

async function forged() {
    const ticket = await named('Nobody');
    const wrong = ticket.at(-20) === 'A' ? 'B' : 'A'; // in the signature
    return { ticket: ticket.slice(0, -20) + wrong + ticket.slice(-19) };
}

// How it is written at the event's place, "10:42", with the day before it around midnight.
const timeOf = (ms) => new Intl.DateTimeFormat('en-GB',
    { hour: '2-digit', minute: '2-digit', timeZone: 'Europe/Berlin' }).format(ms);

// Somebody with a ticket of their own for the other door came in there, an hour ago.
async function alreadyIn() {
    const body = guest({ code: 'SPEAKER-2022', attendees: [{ name: 'Grace Hopper', ticket_type: 'speaker',
        answers: { company: 'Analytical Engines', lunch: true } }] });
    const ticket = ticketOf(await signUp(body));
    const since = Date.now() - HOUR_MS;
    const there = await house.device(event, 'speakers');
    const came = await house.scan(event, there,
        { ticket, door: 'speakers', scanned_at: new Date(since).toISOString() });
    assert.equal(came.json().verdict, 'admitted', came.body);
    return { ticket, person: 'Grace Hopper', type: 'Speaker', answers,
        detail: new RegExp(`^This ticket has already been used at [^.]*\\b${timeOf(since)}, Speakers' entrance\\.$`) };
}

// Waits for approval, and has no ticket yet: somebody of the staff finds them by their name.
async function notConfirmed() {
    await signUp(guest({ attendees: [{ name: 'Nellie Bly', ticket_type: 'press',
        answers: { company: 'Analytical Engines', lunch: false } }] }));
    return { person: 'Nellie Bly', type: 'Press', answers, found: true };
}

// A refusal that no rule of the door explains.
async function failed() {
    const body = JSON.stringify({ status: 422, code: 'invalid', title: 'No', detail: 'The moon is full.' });
    return { ticket: await named('Unlucky Guest'), detail: 'We couldn’t check this ticket. The moon is full.',
        complaints: [/422: POST .*checkins/], before: (page) => page.route('**/checkins',
            (route) => route.fulfill({ status: 422, contentType: 'application/problem+json', body })) };
}

const person = async (name) => ({ ticket: await named(name), person: name, type, answers });

// How each comes about. tone; force: that somebody may be let in all the same.
const verdicts = {
    admitted: { tone: 'go', make: () => person('Ada Lovelace') },
    left: { tone: 'go', make: async () => {
        const made = await person('Mary Somerville');
        await house.scan(event, await house.device(event), { ticket: made.ticket });
        return { ...made, out: true };
    } },
    already_admitted: { tone: 'look', force: true, make: alreadyIn },
    cancelled: { tone: 'stop', force: true, make: async () => {
        const made = await cancelled();
        return { ticket: ticketOf(made), person: made.attendees[0].name, type,
            answers: ['Company or institution: biosaxony'] };
    } },
    not_confirmed: { tone: 'stop', force: true, make: notConfirmed },
    wrong_event: { tone: 'stop', make: async () =>
        ({ ticket: ticketOf(await signUp(plainGuest(), await house.apply(plainEvent()))) }) },
    wrong_door: { tone: 'look', force: true, make: async () =>
        ({ ...await person('Guest of All'), door: 'speakers' }) },
    too_early: { tone: 'look', force: true, make: () => openBetween(1, 3) },
    too_late: { tone: 'stop', force: true, make: () => openBetween(-3, -1) },
    replaced: { tone: 'stop', make: replaced },
    forged: { tone: 'stop', make: forged },
    unknown: { tone: 'stop', make: async () => ({ ticket: (await named('Cut Off')).slice(0, 60) }) },
    not_a_ticket: { tone: 'look', make: async () => ({ ticket: 'HTTPS12345678' }) },
    practice_ticket: { tone: 'look', make: async () => ({ ticket: 'EINLASS-PRACTICE-GO' }) },
    failed: { tone: 'look', make: failed },
};

const sentence = (part) => /[.!?…]$/.test(part) ? part : `${part}.`;

// What a screen reader is told: all that is on the screen, in the order in which it matters.
const told = (title, { person: name, type: ticketType, answers: more = [] }, detail, todo, also = []) =>
    [title, name, ticketType, detail, todo, ...more, ...also].filter(Boolean).map(sentence).join(' ');

async function bring(phone, page, { ticket, person: name, out, found }) {
    if (out) await page.getByRole('radio', { name: app.scan.out }).check();
    if (!found) return phone.scan(ticket);
    await phone.press(app.scan.search);
    await page.getByLabel(app.search.label).fill(name);
    const card = page.getByRole('article', { name });
    await card.getByText(app.search.pending).waitFor();
    await card.getByRole('button', { name: app.search.admit }).click();
}

async function letInAllTheSame(phone, page) {
    const { length } = await house.database.query('select from scan where forced');
    await phone.press(app.force.open);
    await page.getByRole('button', { name: app.force.document }).click();
    const shown = await phone.verdict(app.verdict.forced.title);
    assert.equal(await shown.getAttribute('data-tone'), 'go');
    const forced = await house.database.query('select reason from scan where forced order by received_at');
    assert.equal(forced.length, length + 1);
    assert.equal(forced.at(-1).reason, app.force.document);
}

// The screen of a verdict, part by part.
async function look(shown, verdict, made) {
    const line = async (name) => {
        const all = await shown.locator(`.verdict-${name}`).allTextContents();
        assert.ok(all.length <= 1, name);
        return all[0] ?? '';
    };
    const { detail = '', todo = '' } = app.verdict[verdict];
    const shownDetail = await line('detail');
    if (made.detail instanceof RegExp) assert.match(shownDetail, made.detail);
    else assert.equal(shownDetail, made.detail ?? detail);
    assert.equal(await line('todo'), todo);
    assert.equal(await line('name'), made.person ?? '');
    assert.equal(await line('type'), made.type ?? '');
    return told(app.verdict[verdict].title, made, shownDetail, todo);
}

for (const [verdict, { tone, force = false, make }] of Object.entries(verdicts)) {
    const promise = force ? 'and staff may overrule it with a reason' : 'and there is nothing to overrule';
    test(`${verdict} fills the screen in its tone, says what to do and is said in full, ${promise}`, async () => {
        const made = await make();
        await atTheDoor(async (phone, page) => {
            await made.before?.(page);
            await page.evaluate(() => localStorage.setItem('einlass-door-stays', 'true'));
            await bring(phone, page, made);
            const shown = await phone.verdict(app.verdict[verdict].title);
            assert.equal(await shown.getAttribute('data-tone'), tone);
            const { width, height } = await shown.boundingBox();
            assert.deepEqual({ width, height }, page.viewportSize());
            const said = await look(shown, verdict, made);
            assert.equal((await page.locator('#said').textContent()).trim(), said);
            assert.equal(await shown.getByText(app.verdict.by_phone).count(), 0);
            assert.equal(await phone.button(app.force.open).count(), force ? 1 : 0);
            const offered = (name) => shown.getByRole('button', { name, exact: true }).count();
            assert.equal(await offered(app.scan.search), tone === 'go' ? 0 : 1);
            assert.equal(await offered(app.undo), tone === 'go' ? 1 : 0);
            if (force) await letInAllTheSame(phone, page);
        }, { door: made.door, at: made.at, complaints: made.complaints });
    });
}

test('who may only scan is never offered to let in all the same', async () => {
    const tickets = { already_admitted: (await alreadyIn()).ticket, cancelled: ticketOf(await cancelled()),
        replaced: (await replaced()).ticket, forged: (await forged()).ticket };
    const see = (all) => async (phone) => {
        for (const [verdict, ticket] of Object.entries(all)) {
            await phone.scan(ticket);
            await phone.verdict(app.verdict[verdict].title);
            assert.equal(await phone.button(app.force.open).count(), 0, verdict);
            await phone.dismiss();
        }
    };
    await atTheDoor(see(tickets), { role: 'scanner' });
    await atTheDoor(see({ wrong_door: await named('Other Door') }), { role: 'scanner', door: 'speakers' });
    for (const [verdict, hours] of [['too_early', [1, 3]], ['too_late', [-3, -1]]]) {
        const { at, ticket } = await openBetween(...hours);
        await atTheDoor(see({ [verdict]: ticket }), { role: 'scanner', at });
    }
});

test('a service that fails over one scan keeps nobody waiting: the phone decides, and says so', async () => {
    const made = await person('Patient Guest');
    await atTheDoor(async (phone, page) => {
        const body = JSON.stringify({ status: 500, code: 'internal', title: 'Broken' });
        await page.getByText(pattern(app.status.online)).waitFor();
        await page.route('**/checkins', (route) =>
            route.fulfill({ status: 500, contentType: 'application/problem+json', body }), { times: 1 });
        await phone.scan(made.ticket);
        const shown = await phone.verdict(app.verdict.admitted.title);
        await shown.getByText(app.verdict.by_phone).waitFor();
        assert.ok((await page.locator('#said').textContent()).trim().endsWith(sentence(app.verdict.by_phone)));
        await page.getByText(pattern(app.status.queued)).waitFor({ state: 'detached' });
    }, { complaints: [/500: POST .*checkins/] });
    const scans = await house.database.query(`select verdict::text, decided::text
        from scan join attendee using (event_id, attendee_id) where name = 'Patient Guest'`);
    assert.deepEqual(scans, [{ verdict: 'admitted', decided: 'admitted' }]);
});

test('without network a screen reader hears who it is, what they answered and that the phone decided', async () => {
    const made = await person('Ida Noddack');
    await atTheDoor(async (phone, page) => {
        await phone.hasGuests();
        await phone.goOffline();
        for (const verdict of ['admitted', 'already_admitted']) {
            await phone.scan(made.ticket);
            const shown = await phone.verdict(app.verdict[verdict].title);
            await shown.getByText(app.verdict.by_phone).waitFor();
            const [detail = ''] = await shown.locator('.verdict-detail').allTextContents();
            const { title, todo } = app.verdict[verdict];
            const said = told(title, made, detail, todo, [app.verdict.by_phone]);
            assert.equal((await page.locator('#said').textContent()).trim(), said);
        }
    }, { complaints: [/failed request|INTERNET_DISCONNECTED/] });
});

test('the same words twice are a change in the live region, so that two guests are told apart', async () => {
    await atTheDoor(async (phone, page) => {
        await page.evaluate(() => {
            globalThis.said = [];
            const region = document.getElementById('said');
            new MutationObserver(() => said.push(region.textContent)).observe(region, { childList: true });
        });
        for (const times of [1, 2, 3]) {
            await phone.scan('HTTPS12345678');
            await page.waitForFunction((count) => said.length === count, times);
        }
        const said = await page.evaluate(() => said);
        assert.ok(said.every((text, i) => i === 0 || text !== said[i - 1]), JSON.stringify(said));
        assert.equal(await page.locator('#said').getAttribute('role'), 'alert');
    });
});
