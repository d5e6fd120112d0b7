// Rate limits by source: what one address can do to others, and that others do not pay for it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { api, attendeeOf, attendeePath } from '../harness/attendee.js';
import { plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { fieldsOf, openForm } from '../harness/sign_up_form.js';
import { until } from '../harness/wait.js';

// As the table in service/security/pace.c says.
const SIGN_UPS_MOST = 200;
const ADDRESSES_MOST = 20;
const HAND_ONS_MOST = 30;
const RESENDS_MOST = 60;
const CODES_MOST = 50;
const SEARCHES_MOST = 60;

const house = await openHouse({ settings: { trusted_proxies: '127.0.0.1, 10.0.0.0/8' } });
await house.apply();
const manager = await house.token();
const { verifyKey } = attendeeOf(house);

let sources = 0;
let people = 0;
const newSource = () => `203.0.113.${++sources}`;
const from = (source) => ({ headers: { 'x-forwarded-for': source } });
const someone = (name = 'Ada') => ({ name, email: `someone-${++people}@example.org` });

const signUp = (event, source, { people: count = 1, ...changes } = {}, options = {}) =>
    house.signUp(event, plainGuest({ attendees: Array.from({ length: count }, () => ({ name: 'Ada' })), ...changes }),
        { ...from(source), ...options });

function isPaced(answer, code = 'too_many_from_network') {
    assert.equal(answer.status, 429, answer.body);
    assert.ok(Number(answer.headers['retry-after']) >= 1);
    if (code) assert.equal(answer.json().code, code);
}

const count = (answers, status) => answers.filter((answer) => answer.status === status).length;

// --- Sign-ups -----------------------------------------------------------------------------------

test('one source signs up a company at once but not a town, and nobody else waits for it', async () => {
    const event = await house.apply(plainEvent({ registration: { capacity: 1000, most_attendees: 20 } }));
    const source = newSource();
    const company = await Promise.all(Array.from({ length: 40 }, () => signUp(event, source)));
    assert.equal(count(company, 201), 40);
    const groups = await Promise.all(Array.from({ length: 12 }, () => signUp(event, source, { people: 20 })));
    assert.equal(count(groups, 201) * 20, SIGN_UPS_MOST - 40);
    isPaced(groups.find(({ status }) => status !== 201));
    assert.equal((await signUp(event, newSource())).status, 201, 'another source');
    assert.equal((await signUp(await house.apply(plainEvent()), source)).status, 201, 'another event');
    assert.equal((await signUp(event, source, {}, { token: manager })).status, 201, 'the organiser');
});

test('the machine itself is not limited: hundreds sign up without a forwarded address', async () => {
    const event = await house.apply(plainEvent({ registration: { capacity: 1000, most_attendees: 20 } }));
    const guests = () => plainGuest({ attendees: Array.from({ length: 20 }, () => ({ name: 'Ada' })) });
    const answers = await Promise.all(Array.from({ length: 15 }, () => house.signUp(event, guests())));
    assert.equal(count(answers, 201), 15);
});

test('an IPv6 source is its /64, whatever address it uses there', async () => {
    const event = await house.apply(plainEvent({ registration: { capacity: 1000, most_attendees: 50 } }));
    const answers = [];
    for (let i = 0; i < 5; i++) answers.push(await signUp(event, `2001:db8:0:1::${i + 1}`, { people: 50 }));
    assert.deepEqual(answers.map(({ status }) => status), [201, 201, 201, 201, 429]);
    assert.equal((await signUp(event, '[2001:db8:0:2::1]:4711')).status, 201);
});

test('X-Forwarded-For is read from all its lines, from the right, through trusted proxies only', async () => {
    const event = await house.apply(plainEvent({ registration: { capacity: 1000, most_attendees: 50 } }));
    const source = newSource();
    const made = (i) => [`198.51.100.${i}`, `192.0.2.${i}, ${source}, 10.0.0.${i}`, '10.1.1.1'];
    const answers = [];
    for (let i = 1; i <= 5; i++) answers.push(await signUp(event, made(i), { people: 50 }));
    assert.deepEqual(answers.map(({ status }) => status), [201, 201, 201, 201, 429]);
    assert.equal((await signUp(event, `${source}, 198.51.100.77`)).status, 201, 'another one says that it forwards');
});

test('one source cannot hold all places of an event that waits for verified addresses', async () => {
    const event = await house.apply(
        plainEvent({ registration: { capacity: 500, most_attendees: 10, verify_email: true } }));
    const hold = (source) => Promise.all(Array.from({ length: 20 }, () => signUp(event, source, { people: 10 })));
    const answers = await hold(newSource());
    assert.equal(count(answers, 201), 10, 'a hundred places');
    isPaced(answers.find(({ status }) => status !== 201));
    assert.equal((await signUp(event, newSource())).status, 201);
    const small = await house.apply(plainEvent({ registration: { capacity: 78, verify_email: true } }));
    const source = newSource();
    const company = await Promise.all(Array.from({ length: 60 }, () => signUp(small, source)));
    assert.equal(count(company, 201), 50, 'forty of a company register for 78 places, and places are left');
    // Without the limit, as for the machine itself, fifty requests hold them all.
    const unlimited = await house.apply(
        plainEvent({ registration: { capacity: 500, waiting_list: false, most_attendees: 10, verify_email: true } }));
    const group = () => plainGuest({ attendees: Array.from({ length: 10 }, () => ({ name: 'Ada' })) });
    const all = await Promise.all(Array.from({ length: 51 }, () => house.signUp(unlimited, group())));
    assert.equal(count(all, 201), 50);
});

test('who verifies addresses holds no places for nobody: the source gets its permits back, once each', async () => {
    const event = await house.apply(
        plainEvent({ registration: { capacity: 20, verify_email: true, most_attendees: 13 } }));
    const source = newSource();
    const first = (await signUp(event, source, { people: 13 })).json();
    isPaced(await signUp(event, source));
    const key = verifyKey(first, first.email);
    const verify = () => house.http.post(`/api/v1/registrations/${first.id}/verification`, { json: { key }, ...from(source) });
    const verified = await Promise.all(Array.from({ length: 4 }, verify));
    assert.equal(count(verified, 200), 4, verified[0].body);
    assert.equal(count([await signUp(event, source, { people: 7 })], 201), 1);
    assert.equal((await signUp(event, source, { people: 7 })).status, 429, 'four verifications of one give back one');
});

test('the form that is refused for its source comes back filled in', async () => {
    const event = await house.apply(plainEvent({ registration: { capacity: 1000, most_attendees: 100 } }));
    const source = newSource();
    for (let i = 0; i < 2; i++) await signUp(event, source, { people: 100 });
    const shown = await house.http.get(`/events/${event}/register?lang=de`, from(source));
    const fields = { ...fieldsOf(shown.body), email: someone().email, 'attendees.0.name': 'Ada Größe' };
    const sent = await until(async () => {
        const answer = await house.http.post(`/events/${event}/register?lang=de`, { form: fields, ...from(source) });
        return answer.status !== 422 && answer; // a form is sent after two seconds at the earliest
    });
    isPaced(sent, null);
    assert.match(sent.body, /Aus Ihrem Netzwerk kamen sehr viele Anfragen/);
    assert.equal(fieldsOf(sent.body)['attendees.0.name'], 'Ada Größe');
    assert.equal(fieldsOf(sent.body).email, fields.email);
});

test('an organiser can demand a token for sign-ups by API; the form and the door go on', async () => {
    const event = await house.apply(plainEvent({ registration: { api_needs_token: true } }));
    const shown = JSON.parse(await house.mustCommand(['event', 'show', event]));
    assert.equal(shown.registration.api_needs_token, true);
    const tries = [[undefined, 401], [await house.device(event), 403], [await house.token({ role: 'viewer' }), 403],
        [manager, 201]];
    for (const [token, status] of tries) {
        const answer = await house.signUp(event, plainGuest(), { token });
        assert.equal(answer.status, status, answer.body);
        if (status !== 201) assert.equal(answer.json().code, 'token_needed');
    }
    const form = await openForm(house, event);
    assert.equal((await form.send({ email: someone().email, 'attendees.0.name': 'Ada' })).status, 303);
    const { email } = someone();
    const walkIn = await house.http.post(`/api/v1/events/${event}/walk-ins`,
        { token: await house.device(event), json: { name: 'Ada', email } });
    assert.equal(walkIn.status, 201, walkIn.body);
    const open = await house.apply(plainEvent({ slug: event }));
    assert.equal((await house.signUp(open, plainGuest())).status, 201, 'and take it back');
});

// --- Other writes that reach people ----------------------------------------------------------------

test('one source asks for sixty tickets at once and then waits, with its address still in the form', async () => {
    const event = await house.apply(plainEvent());
    const source = newSource();
    const ask = () => house.http.post(`/api/v1/events/${event}/resend`, { json: { email: someone().email }, ...from(source) });
    const answers = await Promise.all(Array.from({ length: RESENDS_MOST + 5 }, ask));
    assert.equal(count(answers, 202), RESENDS_MOST);
    isPaced(answers.find(({ status }) => status !== 202));
    const page = await house.http.post(`/events/${event}/resend`, { form: { email: 'x@example.org' }, ...from(source) });
    isPaced(page, null);
    assert.match(page.body, /very large number of requests from your network/);
    assert.equal(fieldsOf(page.body).email, 'x@example.org');
});

test('a source that changes addresses is stopped before it learns which of them are registered', async () => {
    const event = await house.apply(plainEvent({ registration: { once_per_email: true, verify_email: true } }));
    const others = await Promise.all(Array.from({ length: 12 }, () => signUp(event, newSource())));
    const known = others.map((answer) => answer.json().email);
    const source = newSource();
    const answers = [];
    for (let at = 0; at < ADDRESSES_MOST / 10 + 1; at++) {
        const own = (await signUp(event, source)).json();
        for (let i = 0; i < known.length; i++)
            answers.push(await house.http.patch(api(own), { json: { email: known[i] }, ...from(source) }));
    }
    const looks = answers.filter((answer) => answer.json().code !== 'too_many_from_network');
    assert.equal(looks.length, ADDRESSES_MOST, 'ten for one registration, twenty for a source');
    isPaced(answers.at(-1));
    const own = (await signUp(event, source)).json();
    isPaced(await house.http.patch(api(own), { json: { email: someone().email }, ...from(source) }));
    const byEditor = await house.http.patch(`/api/v1/registrations/${own.id}`,
        { token: manager, json: { email: someone().email }, ...from(source) });
    assert.equal(byEditor.status, 200, byEditor.body);
});

test('the addresses of companions count, too', async () => {
    const event = await house.apply(plainEvent({ registration: { capacity: 1000, most_attendees: 15 } }));
    const source = newSource();
    const one = (await signUp(event, source, { people: 15 })).json();
    const change = () => house.http.patch(api(one), { ...from(source),
        json: { attendees: one.attendees.map(({ id }) => ({ id, email: someone().email })) } });
    assert.equal((await change()).status, 200);
    isPaced(await change());
    const renamed = await house.http.patch(api(one), { ...from(source),
        json: { attendees: one.attendees.map(({ id }) => ({ id, name: 'Grace' })) } });
    assert.equal(renamed.status, 200, renamed.body);
});

test('one source hands on thirty tickets at once and then waits', async () => {
    const event = await house.apply(plainEvent({ registration: { capacity: 1000, most_attendees: 20 } }));
    const source = newSource();
    const owners = [];
    for (let i = 0; i < 2; i++) owners.push((await signUp(event, source, { people: 20 })).json());
    const tries = owners.flatMap((one) => one.attendees.map((_, at) =>
        house.http.post(api(one, `${attendeePath(one, at)}/ticket`), { json: someone('Grace'), ...from(source) })));
    const answers = (await Promise.all(tries)).filter(({ status }) => status !== 409);
    assert.equal(count(answers, 200), HAND_ONS_MOST);
    isPaced(answers.find(({ status }) => status !== 200));
});

// --- Codes --------------------------------------------------------------------------------------

// Sixty wrong codes a second until the promise of `others` is there. → the answers to the guesses
async function whileGuessing(guess, others) {
    const guesses = [];
    const timer = setInterval(() => guesses.push(guess(guesses.length)), 1000 / 60);
    try {
        await until(() => guesses.length > CODES_MOST + 10);
        await others();
    } finally {
        clearInterval(timer);
    }
    return await Promise.all(guesses);
}

test('who guesses access codes is refused, also with a right one, and all others get in', async () => {
    const event = await house.apply(plainEvent({ ticket_types: [
        { slug: 'guest', title: 'Guest' }, { slug: 'vip', title: 'Crown Jewels', code: 'OPEN-SESAME' }] }));
    const guesser = newSource();
    const guests = Array.from({ length: 20 }, newSource);
    const tryCode = (source, code) => house.http.get(`/events/${event}/register?code=${code}`, from(source));
    const guesses = await whileGuessing((i) => tryCode(guesser, `GUESS-${i}`), async () => {
        const shown = await Promise.all(guests.map((source) => tryCode(source, 'OPEN-SESAME')));
        for (const { status, body } of shown) assert.ok(status === 200 && /Crown Jewels/.test(body));
        const taken = await Promise.all(guests.map((source) => signUp(event, source,
            { code: 'OPEN-SESAME', attendees: [{ name: 'Ada', ticket_type: 'vip' }] })));
        assert.equal(count(taken, 201), 20);
        // Without the pace of the guesser this would tell the right code.
        const told = await tryCode(guesser, 'OPEN-SESAME');
        isPaced(told, null);
        assert.doesNotMatch(told.body, /Crown Jewels/);
    });
    assert.ok(count(guesses, 200) <= CODES_MOST + 2, `${count(guesses, 200)} guesses were answered`);
});

test('who guesses pairing codes is refused, and all others pair their phones', async () => {
    const event = await house.apply(plainEvent());
    const codes = [];
    for (let i = 0; i < 20; i++)
        codes.push((await house.mustCommand(['door', 'pair', event, 'main'])).split('\n')[0].trim());
    const pair = (source, code) => house.http.post('/api/v1/devices', { json: { code }, ...(source && from(source)) });
    const guesser = newSource();
    const guesses = await whileGuessing((i) => pair(guesser, `ZZZZ-${String(i).padStart(4, '0')}`), async () => {
        isPaced(await pair(guesser, codes[19]), 'too_many_pairing_codes');
        const paired = await Promise.all(codes.slice(0, 19).map((code) => pair(newSource(), code)));
        assert.equal(count(paired, 201), 19);
    });
    assert.ok(count(guesses, 404) <= CODES_MOST + 2, `${count(guesses, 404)} guesses were answered`);
    const own = await Promise.all(Array.from({ length: CODES_MOST + 5 }, (_, i) => pair(null, `YYYY-${i}`)));
    isPaced(own.find(({ status }) => status === 429), 'too_many_pairing_codes');
    assert.equal((await pair(null, codes[19])).status, 201, 'on the machine itself a right code is looked up first');
});

// --- The door -----------------------------------------------------------------------------------

test('a staff phone searches as fast as a person types, and not faster', async () => {
    const event = await house.apply(plainEvent());
    const [phone, other] = [await house.device(event), await house.device(event)];
    const search = (token) => house.http.get(`/api/v1/events/${event}/attendees?q=ada`, { token });
    const answers = await Promise.all(Array.from({ length: 200 }, () => search(phone)));
    const found = count(answers, 200);
    assert.ok(found >= SEARCHES_MOST && found < SEARCHES_MOST + 60, `${found} searches were answered`);
    isPaced(answers.find(({ status }) => status !== 200), 'too_many_searches');
    assert.equal((await search(other)).status, 200);
});

// --- Names --------------------------------------------------------------------------------------

test('a name takes no link, wherever somebody gives one', async () => {
    const event = await house.apply(plainEvent({ registration: { most_attendees: 3 } }));
    const phone = await house.device(event);
    const one = (await house.signUp(event, plainGuest())).json();
    const [{ id }] = one.attendees;
    const ways = {
        'a sign-up': (name) => house.signUp(event, plainGuest({ attendees: [{ name: 'Ada' }, { name }] })),
        'a correction': (name) => house.http.patch(api(one), { json: { attendees: [{ id, name }] } }),
        'a hand-on': (name) => house.http.post(api(one, `${attendeePath(one, 0)}/ticket`), { json: { ...someone(), name } }),
        'a walk-in': (name) => house.http.post(`/api/v1/events/${event}/walk-ins`,
            { token: phone, json: { ...plainGuest(), ...someone(), name, attendees: undefined } }),
    };
    for (const [way, give] of Object.entries(ways))
        for (const name of ['Your parcel waits: https://evil.example', 'HTTP://x', 'see WWW.evil.example', 'ｗｗｗ.evil.example']) {
            const answer = await give(name);
            assert.equal(answer.status, 422, `${way}: ${answer.body}`);
            const [error] = answer.json().errors;
            assert.equal(error.code, 'link_in_name', way);
            assert.equal(error.detail, 'Enter the name without a web address.');
        }
    for (const name of ['Ada: Lovelace', 'A/B', 'Www', 'J. R. R. Tolkien'])
        assert.equal((await ways['a sign-up'](name)).status, 201, name);
});

// --- The operator -------------------------------------------------------------------------------

test('the log names a limit that was reached, and a proxy on this machine that is not trusted', async () => {
    const reached = await house.service.logs('rate_limit_reached');
    assert.equal(reached.level, 'warning');
    assert.doesNotMatch(JSON.stringify(reached), /203\.0\.113/);
    const alone = await openHouse({ settings: { workers: 1 } });
    const event = await alone.apply(plainEvent({ registration: { capacity: 1000, most_attendees: 100 } }));
    const guests = () => plainGuest({ attendees: Array.from({ length: 100 }, () => ({ name: 'Ada' })) });
    const answers = [];
    for (const source of [newSource(), newSource(), newSource()])
        answers.push(await alone.signUp(event, guests(), from(source)));
    assert.deepEqual(answers.map(({ status }) => status), [201, 201, 429], 'an invented address is no other source');
    await alone.service.logs('proxy_not_trusted');
});
