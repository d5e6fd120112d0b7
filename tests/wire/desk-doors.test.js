// Doors and phones at the desk: pairing codes on the screen, and what becomes of each phone.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { signIn } from '../harness/desk.js';
import { exampleEvent, guest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';

const house = await openHouse();
const event = await house.apply(exampleEvent());
const { headers } = await signIn(house);
const base = `/desk/events/${event}/doors`;

const get = async (path) => {
    const answer = await house.http.get(path, { headers });
    assert.equal(answer.status, 200, answer.body);
    return answer.body;
};
const post = (path, form = {}) => house.http.post(path, { headers, form });

// → the path that the form led to
async function done(path, form) {
    const answer = await post(path, form);
    assert.equal(answer.status, 303, answer.body);
    return answer.headers.location;
}

const codeOn = (page) => /class="pairing-code">([0-9A-Z]{4}-[0-9A-Z]{4})</.exec(page)?.[1];
const pair = (code) => house.http.post('/api/v1/devices', { json: { code } });
const report = (token, json) => house.http.post(`/api/v1/events/${event}/device`, { token, json });

async function paired(form) {
    const path = await done(base, { door: 'main', name: '', role: 'staff', ...form });
    return { path, ...(await pair(codeOn(await get(path)))).json() };
}

test('a code is shown as text and QR code, pairs one phone, and the page then shows the phone', async () => {
    const path = await done(base, { door: 'speakers', name: 'Blue tablet', role: 'scanner' });
    const page = await get(path);
    assert.equal(codeOn(await get(path)), codeOn(page), 'a reload shows the same code');
    assert.match(page, /<svg[^>]* aria-label=\"QR code that pairs a phone\"/);
    assert.match(page, /for 15 more minutes/);
    assert.match(await get(base), /Pairing code for “Blue tablet”/);
    const { device } = (await pair(codeOn(page))).json();
    assert.deepEqual([device.name, device.door, device.role], ['Blue tablet', 'speakers', 'scanner']);
    assert.ok(path.endsWith(device.id));
    const after = await get(path);
    assert.equal(codeOn(after), undefined);
    assert.match(after, /<h1>Blue tablet<\/h1>/);
    assert.match(after, /Paired with “Speakers/);
    assert.equal((await pair(codeOn(page))).status, 404, 'a code works once');
});

test('a phone stores names only where the desk says so, and the desk says which phones do', async () => {
    const { path, token, device } = await paired({ name: 'Cellar' });
    const list = async () => (await house.http.get(`/api/v1/events/${event}/guest-list`, { token })).json();
    assert.match(await get(path), /name="keeps_names" value="true"/);
    assert.doesNotMatch(await get(base), /Stores names/);
    assert.equal(await done(path, { keeps_names: 'true' }), `${base}?done=door.names_on`);
    assert.match(await get(`${base}?done=door.names_on`), /Anyone who can unlock it can read them[^]*Cellar<\/a> <span[^>]*>Stores names</);
    assert.equal((await list()).names, true);
    const page = await get(path);
    assert.match(page, /name="keeps_names" value="false"/);
    assert.match(page, /Anyone who can unlock it can read the list/);
    assert.match(await get('/desk/log?action=device.change'), /Stores names[^]*no[^]*yes/);
    assert.equal(await done(path, { name: 'Cellar 2', door: 'main', role: 'staff' }), `${base}?done=door.changed`);
    assert.equal((await list()).names, true, 'another change leaves it as it is');
    assert.equal(await done(path, { keeps_names: 'false' }), `${base}?done=door.names_off`);
    assert.equal((await list()).names, false);

    const own = await house.http.patch(`/api/v1/events/${event}/device`, { token, json: { keeps_names: true } });
    assert.equal(own.status, 422, 'a phone does not decide that');
    await done(path, { keeps_names: 'true' });
    await done(path, { name: 'Cellar', door: 'main', role: 'scanner' });
    assert.equal((await list()).names, false, 'a phone that only scans stores none');
    assert.doesNotMatch(await get(path), /keeps_names/);
    const late = await post(path, { keeps_names: 'true' });
    assert.equal(late.status, 409);
    assert.match(late.body, /Only phones that scan and help can store names/);

    const change = (...more) => house.command(['door', 'change', event, device.id, ...more]);
    assert.match((await change('--names', 'on')).stderr, /a scanner keeps no names/);
    assert.match((await change('--names', 'on', '--role', 'staff')).stdout, /\(names\)/);
    assert.match((await house.command(['door', 'list', event])).stdout, new RegExp(`${device.id} .*\\(names\\)`));
    assert.doesNotMatch((await change('--names', 'off')).stdout, /\(names\)/);
    assert.equal((await change('--names', 'maybe')).status, 2);
});

test('the log of a code without a name says its door in words, not by its short name', async () => {
    await done(base, { door: 'speakers', name: '', role: 'scanner' });
    const { entries: [entry] } = (await house.http.get(`/api/v1/log?action=door.pair&event=${event}`, { headers })).json();
    assert.equal(entry.subject, undefined);
    const [door] = entry.changes.filter(({ label }) => label === 'Door');
    assert.match(door.after, /^Speakers/);
    assert.doesNotMatch(await get('/desk/log?action=door.pair'), />[^<]*\bspeakers\b/);
});

test('a new code ends the one before, keeps its door, name and role, and does not replace a paired phone', async () => {
    const first = await done(base, { door: 'main', name: 'Kai', role: 'scanner' });
    const before = codeOn(await get(first));
    const second = await done(`${first}/code`);
    assert.notEqual(second, first);
    const code = codeOn(await get(second));
    assert.notEqual(code, before);
    assert.equal((await pair(before)).status, 404);
    assert.equal((await house.http.get(first, { headers })).status, 404);
    const { device } = (await pair(code)).json();
    assert.deepEqual([device.name, device.door, device.role], ['Kai', 'main', 'scanner']);
    assert.equal(await done(`${second}/code`), second, 'the phone is faster than the new code');
    assert.equal(codeOn(await get(second)), undefined);
});

test('an expired code says so and is renewed', async () => {
    const path = await done(base, { door: 'main', name: 'Late', role: 'staff' });
    const id = path.split('/').at(-1);
    await house.database.query(`update device set pairing_until = now() - interval '1 second' where device_id = $1`, [id]);
    assert.match(await get(path), /This pairing code is no longer valid/);
    assert.doesNotMatch(await get(base), /Late/);
    assert.ok(codeOn(await get(await done(`${path}/code`))));
});

test('the list says in words when a phone was heard last, what waits, and its battery', async () => {
    const { token, device } = await paired({ name: 'Told' });
    const state = async () => new RegExp(`${device.id}">Told</a>[^]*?fine">([^]*?)</span>`).exec(await get(base))[1].trim();
    assert.equal(await state(), 'No contact yet');
    assert.equal((await report(token, { waiting: 3, battery: 41 })).status, 204);
    assert.equal(await state(), 'Last contact: a moment ago · 3 scans wait for the network · Battery 41 %');
    await report(token, { waiting: 0 });
    for (const [seconds, words] of [[130, '2 minutes ago'], [7300, '2 hours ago'], [200000, '2 days ago']]) {
        await house.database.query(`update device set seen_at = now() - $2 * interval '1 second' where device_id = $1`,
            [device.id, seconds]);
        assert.equal(await state(), `Last contact: ${words}`);
    }
    for (const wrong of [{}, { waiting: -1 }, { waiting: 1, battery: 101 }, { waiting: 1, name: 'x' }])
        assert.equal((await report(token, wrong)).status, 422, JSON.stringify(wrong));
});

test('a phone is renamed, moved and given another role', async () => {
    const { path, token } = await paired({ name: 'Old' });
    assert.equal(await done(path, { door: 'speakers', name: 'New', role: 'scanner' }), `${base}?done=door.changed`);
    const { device } = (await house.http.get(`/api/v1/events/${event}/device`, { token })).json();
    assert.deepEqual([device.name, device.door, device.role], ['New', 'speakers', 'scanner']);
    assert.match(await get(`${base}?done=door.changed`), /The phone was changed\./);
    const wrong = await post(path, { door: 'roof', name: 'x'.repeat(101), role: 'scanner' });
    assert.equal(wrong.status, 422);
    assert.match(wrong.body, /<a href="#door">/);
    assert.match(wrong.body, /<a href="#name">/);
    assert.ok(wrong.body.includes('x'.repeat(101)), 'what was typed is still there');
});

test('a phone that is taken away is nobody as soon as all workers heard it, and a withdrawn code pairs none', async () => {
    const { path, token } = await paired({ name: 'Lost' });
    const { ticket } = (await house.signUp(event, guest())).json().attendees[0];
    assert.equal((await house.scan(event, token, { ticket })).status, 200);
    assert.equal(await done(`${path}/revoke`), `${base}?done=door.revoked`);
    for (let refused = 0; refused < 10; refused = (await house.scan(event, token, { ticket })).status === 401 ? refused + 1 : 0)
        await sleep(5);
    assert.equal((await report(token, { waiting: 0 })).status, 401);
    assert.ok(!(await get(base)).includes(path), 'it is not in the list');
    const open = await done(base, { door: 'main', name: 'Nobody', role: 'staff' });
    const code = codeOn(await get(open));
    await done(`${open}/revoke`);
    assert.equal((await pair(code)).status, 404);
});

test('only managers and owners of the event see and pair phones', async () => {
    const path = await done(base, { door: 'main', name: '', role: 'staff' });
    for (const role of ['viewer', 'door']) {
        const other = (await signIn(house, { role })).headers;
        assert.equal((await house.http.get(base, { headers: other })).status, 403, role);
        assert.equal((await house.http.post(base, { headers: other, form: { door: 'main' } })).status, 403, role);
    }
    const elsewhere = await house.apply(exampleEvent());
    const { pathname } = new URL(path, 'http://einlass.test');
    assert.equal((await house.http.get(pathname.replace(event, elsewhere), { headers })).status, 404, 'a phone of another event');
    const wrong = await post(base, { role: 'staff' });
    assert.equal(wrong.status, 422);
    assert.match(wrong.body, /<a href="#door">/);
});

// --- Let in without a ticket and without network ---------------------------------------------------

test('who was let in without a ticket is matched, registered or dismissed at the desk, once', async () => {
    const at = await house.apply(exampleEvent({ registration: { capacity: 1, waiting_list: true } }));
    const [token, manager] = [await house.device(at), await house.token()];
    const admittedAt = new Date(Date.now() - 3600_000).toISOString();
    const note = (name, changes) => house.http.post(`/api/v1/events/${at}/admissions`, { token,
        json: { nonce: randomUUID(), name, reason: 'Has shown a document', admitted_at: admittedAt, ...changes } });
    const open = async () => {
        const answer = await house.http.get(`/api/v1/events/${at}/admissions`, { token: manager });
        assert.equal(answer.status, 200, answer.body);
        return answer.json().admissions.filter(({ state }) => state === 'open').map(({ name }) => name).sort();
    };
    const nonce = randomUUID();
    for (const name of ['Ada Lovlace', 'Sent Again']) assert.equal((await note(name, { nonce })).status, 201);
    const second = (await note('Walter Walk')).json().nonce;
    const third = (await note('Miss Take')).json().nonce;
    assert.deepEqual((await note('\u3164', { reason: '' })).json().errors.map(({ pointer }) => pointer).sort(), ['/name', '/reason']);
    assert.deepEqual(await open(), ['Ada Lovlace', 'Miss Take', 'Walter Walk'], 'the same nonce is one admission');
    assert.match(await get(`/desk/events/${at}/live`), /3 people were let in without a ticket/);
    const listed = await get(`/desk/events/${at}/admissions`);
    assert.match(listed, /Walter Walk<\/a>/);
    assert.match(listed, new RegExp(`<a href="/desk/events/${at}/live" aria-current="[a-z]+">`), 'the menu');
    const viewer = (await signIn(house, { role: 'viewer' })).headers;
    const seen = (await house.http.get(`/desk/events/${at}/admissions`, { headers: viewer })).body;
    assert.match(seen, /Walter Walk(?!<\/a>)/, 'without a link that a viewer may not open');

    const ada = (await house.signUp(at, guest({ attendees: [{ name: 'Ada Lovelace', answers: { company: 'Engines', lunch: false } }] }))).json();
    const [{ id }] = ada.attendees;
    const path = `/desk/events/${at}/admissions`;
    assert.doesNotMatch(await get(`${path}/${nonce}`), /value="Ada Lovelace"|>Ada Lovelace</, 'typed wrongly');
    assert.match(await get(`${path}/${nonce}?q=ada`), />Ada Lovelace<.*Engines/s);
    assert.equal(await done(`${path}/${nonce}/match`, { attendee: randomUUID() }), `${path}/${nonce}?refused=1`);
    assert.equal(await done(`${path}/${nonce}/match`, { attendee: id }), `${path}?done=door.admission_matched`);
    assert.equal(await done(`${path}/${nonce}/match`, { attendee: id }), `${path}?done=door.admission_already`);
    assert.equal(await done(`${path}/${second}/walk-in`, { ticket_type: 'guest' }), `${path}?done=door.admission_walk_in`);
    assert.equal(await done(`${path}/${second}/walk-in`, { ticket_type: 'guest' }), `${path}?done=door.admission_already`);
    assert.equal(await done(`${path}/${third}/dismiss`), `${path}?done=door.admission_dismissed`);
    assert.equal(await done(`${path}/${third}/match`, { attendee: id }), `${path}?done=door.admission_already`);
    assert.deepEqual(await open(), []);

    const scans = await house.database.query(
        `select nonce, name, verdict, forced, conflict, scanned_at from scan join attendee using (event_id, attendee_id)
           join event using (event_id) where slug = $1 order by name`, [at]);
    assert.deepEqual(scans.map(({ scanned_at: when, ...scan }) => ({ ...scan, when: new Date(when).toISOString() })), [
        { nonce, name: 'Ada Lovelace', verdict: 'admitted', forced: false, conflict: false, when: admittedAt },
        { nonce: second, name: 'Walter Walk', verdict: 'admitted', forced: false, conflict: false, when: admittedAt }]);
    assert.equal(await house.database.value(
        `select over_capacity from tally join event using (event_id) where slug = $1`, [at]), 1);
    const noted = await house.database.query(
        `select action, actor ~ '^device' as by_device from audit_entry join event using (event_id)
          where slug = $1 and action like 'admission.%' order by entry_id`, [at]);
    assert.deepEqual(noted.map(({ action, by_device: by }) => `${action} ${by}`), [...Array(3).fill('admission.note true'),
        'admission.match false', 'admission.walk_in false', 'admission.dismiss false']);
    assert.equal((await house.http.delete(`/api/v1/registrations/${ada.id}/data`, { token: manager })).status, 200);
    assert.equal(await house.database.value(`select name from noted_admission where nonce = $1`, [nonce]), '–');
});

test('everybody who was let in without a ticket is on a page of the list, also while somebody settles them', async () => {
    const at = await house.apply(exampleEvent());
    await house.device(at);
    const manager = await house.token();
    const device = await house.database.value('select device_id::text from device join event using (event_id) where slug = $1', [at]);
    // Of 450 people of three moments, the even ones are settled.
    await house.database.query(`
        insert into noted_admission (event_id, nonce, door, device_id, name, search, reason, admitted_at, state, settled_at)
        select event_id, gen_random_uuid(), 'main', $2, 'Person ' || n, '', 'Has shown a document',
               date_trunc('second', now()) - (n % 3) * interval '1 minute',
               case when n % 2 = 0 then 'dismissed' else 'open' end::admission_state, case when n % 2 = 0 then now() end
          from event cross join generate_series(1, 450) as n where slug = $1`, [at, device]);
    const names = (body) => [...body.matchAll(/<li><span>(?:<a [^>]*>)?(Person \d+)</g)].map(([, name]) => name);
    const next = (body) => /<a href="(\?cursor=[^"]+)" rel="next">/.exec(body)?.[1];
    const path = `/desk/events/${at}/admissions`;
    const [first, seen] = [await get(path), []];
    assert.doesNotMatch(first, />First page</);
    let settled = false;
    for (let body = first; body;) {
        seen.push(...names(body));
        const more = next(body);
        if (!settled) {
            // The last person of the first page is settled while somebody reads it.
            const [, nonce] = [...body.matchAll(/admissions\/([0-9a-f-]{36})"/g)].at(-1);
            assert.equal(await done(`${path}/${nonce}/dismiss`), `${path}?done=door.admission_dismissed`);
            settled = true;
        }
        body = more && await get(`${path}${more}`);
        if (body) assert.match(body, new RegExp(`<a href="${path}">First page<`));
        if (body) assert.doesNotMatch(body, /Nobody is waiting to be matched/);
    }
    assert.deepEqual([...new Set(seen)].length, 450);
    assert.ok(names(first).every((name) => Number(name.slice(7)) % 2 === 1), 'those to be matched come first');

    const api = async (cursor = '') => (await house.http.get(`/api/v1/events/${at}/admissions${cursor && `?cursor=${cursor}`}`, { token: manager })).json();
    const all = [];
    for (let page = await api(); page; page = page.next && await api(page.next)) all.push(...page.admissions.map(({ nonce }) => nonce));
    assert.deepEqual([all.length, new Set(all).size], [450, 450]);
    for (const wrong of ['x', 'open.1', `shut.1.${randomUUID()}`, 'open.1.x'])
        assert.equal((await house.http.get(`/api/v1/events/${at}/admissions?cursor=${wrong}`, { token: manager })).status, 400, wrong);
});
