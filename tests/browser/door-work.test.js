// What the person at the door does besides scanning: letting in all the same, taking back, finding
// people, walk-ins, practice, the kiosk, working on without network.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exampleEvent, guest, plainEvent, plainGuest } from '../harness/events.js';
import { pattern, words } from '../harness/words.js';
import { openStage, ticketOf } from './door.js';

const { house, event, atTheDoor, named, signUp } = await openStage();

const count = async (sql, ...parameters) =>
    Number((await house.database.query(`select count(*) as count ${sql}`, parameters))[0].count);

const { app } = words('en');

test('staff lets in all the same with a reason, which is recorded', async () => {
    const ticket = await named('Mary Anning');
    await atTheDoor(async (phone, page) => {
        await phone.scan(ticket);
        await phone.verdict(app.verdict.admitted.title);
        await phone.scan(ticket);
        await phone.verdict(app.verdict.already_admitted.title);
        await phone.press(app.force.open);
        await phone.press(app.force.send);
        await page.getByText(app.force.own_needed).waitFor();
        await page.getByLabel(app.force.own).fill('Went to the car');
        await phone.press(app.force.send);
        await phone.verdict(app.verdict.forced.title);
    });
    assert.equal(await count("from scan where reason = 'Went to the car' and forced"), 1);
});

test('who may only scan is offered neither force nor search', async () => {
    const ticket = await named('Vera Rubin');
    await atTheDoor(async (phone, page) => {
        assert.equal(await phone.button(app.scan.search).count(), 0);
        assert.equal(await phone.button(app.scan.walk_in).count(), 0);
        await phone.scan(ticket);
        await phone.verdict(app.verdict.admitted.title);
        await phone.scan(ticket);
        await phone.verdict(app.verdict.already_admitted.title);
        assert.equal(await phone.button(app.force.open).count(), 0);
        assert.equal(await phone.button(app.scan.search).count(), 0);
        assert.ok(await page.locator('#verdict').isVisible());
    }, { role: 'scanner' });
});

test('going out cannot be overlooked, says goodbye, and counts', async () => {
    const ticket = await named('Hypatia');
    await atTheDoor(async (phone, page) => {
        await phone.scan(ticket);
        await phone.verdict(app.verdict.admitted.title);
        const inside = await phone.count('inside');
        await phone.dismiss();
        await page.getByRole('radio', { name: app.scan.out }).check();
        assert.ok(await page.locator('.finder-way').isVisible());
        await phone.scan(ticket);
        await phone.verdict(app.verdict.left.title);
        await phone.counts('inside', inside - 1);
        await page.reload();
        await page.locator('.finder-way').waitFor();
    });
});

test('a mistaken scan is taken back: on the verdict, and from the list', async () => {
    const [first, second] = [await named('Sofja Kowalewskaja'), await named('Caroline Herschel')];
    await atTheDoor(async (phone, page) => {
        await phone.scan(first);
        await phone.verdict(app.verdict.admitted.title);
        const inside = await phone.count('inside');
        await phone.press(app.undo);
        await phone.counts('inside', inside - 1);
        await phone.scan(second);
        await phone.verdict(app.verdict.admitted.title);
        await phone.dismiss();
        await phone.press(app.scan.recent);
        await page.getByRole('button', { name: app.recent.undo_of.replace('{{name}}', 'Caroline Herschel') }).click();
        await page.getByRole('status').filter({ hasText: 'Caroline Herschel' }).waitFor();
        assert.equal(await page.getByRole('button', { name: pattern(app.recent.undo_of) }).count(), 0);
        await phone.counts('inside', inside - 1);
    });
    assert.equal(await count('from scan where undone_at is not null'), 2);
});

test('three letters find people by name or company, and let them in and out', async () => {
    await signUp(guest({ attendees: [
        { name: 'Zygmunt Searchable', answers: { company: 'Quixotic Works', lunch: true } }] }));
    await atTheDoor(async (phone, page) => {
        await phone.press(app.scan.search);
        const asked = [];
        page.on('request', (request) => request.url().includes('/attendees?') && asked.push(request.url()));
        const field = page.getByLabel(app.search.label);
        await field.fill('Zy');
        await page.waitForTimeout(400);
        assert.deepEqual(asked, [], 'two letters ask nobody');
        await field.fill('quixo');
        const found = page.getByRole('article', { name: 'Zygmunt Searchable' });
        await found.getByText(app.search.expected).waitFor();
        await found.getByRole('button', { name: app.search.admit }).click();
        await (await phone.verdict(app.verdict.admitted.title)).getByText('Zygmunt Searchable').waitFor();
        await phone.dismiss();
        await phone.press(app.scan.search);
        await field.pressSequentially('searcha', { delay: 120 });
        await found.getByText(pattern(app.search.inside)).waitFor();
        await found.getByRole('button', { name: app.search.leave }).click();
        await phone.verdict(app.verdict.left.title);
        await phone.dismiss();
        await phone.press(app.scan.search);
        await field.fill('nobody at all');
        await page.getByText(app.search.none).waitFor();
        await page.getByRole('dialog').getByRole('button', { name: app.scan.walk_in }).click();
        assert.equal(await page.getByLabel(app.walk_in.name, { exact: true }).inputValue(), 'nobody at all');
    });
});

test('a walk-in is one screen: errors stand at their fields, and what was typed stays', async () => {
    const file = structuredClone(exampleEvent());
    for (const one of [...file.questions, ...file.consents])
        if (['company', 'lunch', 'privacy'].includes(one.slug)) one.needed_at_door = true;
    file.registration.email_needed_at_door = true;
    const asking = await house.apply(file);
    await signUp(guest({ attendees: [{ name: 'Next In Line', answers: { company: 'biosaxony', lunch: false } }] }), asking);
    await atTheDoor(async (phone, page) => {
        await phone.press(app.scan.walk_in);
        const form = page.getByRole('dialog');
        await form.getByLabel(app.walk_in.name, { exact: true }).fill('Walker Walk');
        await form.getByLabel(app.walk_in.email).fill('walker');
        await phone.scan(await named('Next In Line'));
        await form.getByText(app.walk_in.first).waitFor();
        assert.equal(await form.getByLabel(app.walk_in.name, { exact: true }).inputValue(), 'Walker Walk');
        assert.ok(await page.locator('#verdict').isHidden());
        await phone.press(app.walk_in.send);
        await form.getByLabel('Company').and(page.locator('[aria-invalid=true]')).waitFor();
        await form.getByText(app.walk_in.consent_missing).waitFor();
        await form.getByLabel('Company').fill('On Foot');
        await form.getByLabel(app.walk_in.no).check();
        await form.getByLabel(/I agree/).check();
        await phone.press(app.walk_in.send);
        const email = form.getByLabel(app.walk_in.email).and(page.locator('[aria-invalid=true]'));
        await email.waitFor();
        assert.ok(await email.evaluate((field) => field === document.activeElement));
        assert.equal(await form.getByLabel('Company').inputValue(), 'On Foot');
        await email.fill('walker@example.org');
        await phone.press(app.walk_in.send);
        await (await phone.verdict(app.verdict.admitted.title)).getByText('Walker Walk').waitFor();
    }, { complaints: [/422: POST .*walk-ins/], at: asking });
    assert.equal(await count("from attendee where name = 'Walker Walk' and status = 'confirmed'"), 1);
});

test('a walk-in needs a name, and nothing else that the event does not mark', async () => {
    await atTheDoor(async (phone, page) => {
        await phone.press(app.scan.walk_in);
        const form = page.getByRole('dialog');
        await form.getByLabel(app.walk_in.name, { exact: true }).fill('Solo Name');
        assert.equal(await form.getByRole('textbox').count(), 2, 'the name, and an address for who wants mail');
        assert.equal(await form.getByRole('checkbox').count(), 0);
        await phone.press(app.walk_in.send);
        await (await phone.verdict(app.verdict.admitted.title)).getByText('Solo Name').waitFor();
    });
});

test('a walk-in gets a ticket type with places left, unless staff chooses another', async () => {
    const types = ['speaker', 'guest'].map((slug) => ({ slug, title: slug, capacity: slug === 'speaker' ? 1 : undefined }));
    const at = await house.apply(plainEvent({ ticket_types: types }));
    await signUp(plainGuest({ attendees: [{ name: 'The Speaker', ticket_type: 'speaker' }] }), at);
    await atTheDoor(async (phone, page) => {
        await phone.press(app.scan.walk_in);
        await page.getByRole('radio', { name: app.walk_in.type_full.replace('{{type}}', 'speaker') }).waitFor();
        assert.equal(await page.getByRole('radio', { name: 'guest', checked: true }).count(), 1);
    }, { at });
});

test('a full event says so before anything is typed, and takes one more with a reason', async () => {
    const full = await house.apply(plainEvent({ registration: { capacity: 1, waiting_list: false } }));
    await signUp(plainGuest(), full);
    await atTheDoor(async (phone, page) => {
        await phone.press(app.scan.walk_in);
        await page.getByRole('alert').filter({ hasText: app.walk_in.full }).waitFor();
        assert.equal(await page.getByRole('textbox').count(), 0);
        await phone.press(app.walk_in.over);
        await phone.press(app.force.room);
        await page.getByText(app.walk_in.over_given.replace('{{reason}}', app.force.room)).waitFor();
        await page.getByLabel(app.walk_in.name, { exact: true }).fill('One Too Many');
        await phone.press(app.walk_in.send);
        await (await phone.verdict(app.verdict.admitted.title)).getByText('One Too Many').waitFor();
    }, { at: full });
    // The last place goes while somebody types.
    const nearly = await house.apply(plainEvent({ registration: { capacity: 1, waiting_list: false } }));
    await atTheDoor(async (phone, page) => {
        await phone.press(app.scan.walk_in);
        await page.getByLabel(app.walk_in.name, { exact: true }).fill('Slow Writer');
        await signUp(plainGuest(), nearly);
        await phone.press(app.walk_in.send);
        await page.getByRole('alert').filter({ hasText: app.walk_in.full }).waitFor();
        await phone.press(app.walk_in.over);
        await phone.press(app.force.room);
        await (await phone.verdict(app.verdict.admitted.title)).getByText('Slow Writer').waitFor();
    }, { at: nearly, complaints: [/409: POST .*walk-ins/] });
});

test('practice leads to each verdict, is seen everywhere, and sends and counts nothing', async () => {
    const real = await named('Real Guest');
    const codes = { GO: 'admitted', TWICE: 'already_admitted', CANCELLED: 'cancelled', FORGED: 'forged',
        DOOR: 'wrong_door' };
    await atTheDoor(async (phone, page) => {
        const before = await count('from scan');
        await phone.toggle(app.menu.practice);
        const sent = [];
        page.on('request', (request) => request.method() === 'GET' || sent.push(request.url()));
        await page.getByText(app.practice.sign).first().waitFor();
        for (const [name, verdict] of Object.entries(codes)) {
            await phone.scan(`EINLASS-PRACTICE-${name}`);
            const shown = await phone.verdict(app.verdict[verdict].title);
            assert.ok(await shown.getByText(app.practice.sign).isVisible());
        }
        await phone.scan(real);
        await phone.verdict(app.verdict.practice_real.title);
        await phone.dismiss();
        await page.reload();
        await page.locator('#screen').getByText(app.practice.sign).waitFor();
        assert.deepEqual(sent.filter((url) => /checkins|walk-ins/.test(url)), []);
        assert.equal(await count('from scan'), before);
        await phone.toggle(app.menu.practice);
        await phone.scan(real);
        await phone.verdict(app.verdict.admitted.title);
    });
});

test('the kiosk welcomes by name in both languages, tells nothing of refusals, and is left with its code', async () => {
    const first = await named('Dr. Ada King');
    const made = await signUp();
    const { pathname, search } = new URL(made.manage_url);
    await house.http.request('DELETE', `/api/v1${pathname}${search}`);
    const cancelled = ticketOf(made);
    await atTheDoor(async (phone, page) => {
        await phone.press(app.scan.menu);
        await phone.press(app.menu.kiosk);
        await page.getByLabel(app.kiosk.code, { exact: true }).fill('12');
        await phone.press(app.kiosk.start);
        await page.getByText(app.kiosk.code_form).waitFor();
        await page.getByLabel(app.kiosk.code, { exact: true }).fill('2468');
        await phone.press(app.kiosk.start);
        await page.getByRole('heading', { level: 1, name: app.kiosk.guest.show }).waitFor();
        await page.reload();
        await page.getByRole('heading', { level: 1, name: app.kiosk.guest.show }).waitFor();
        await phone.button(app.camera.again).waitFor();
        await page.evaluate(() => { location.hash = '7K3M-9QXD'; });
        await page.waitForFunction(() => location.hash === '');
        const buttons = await page.getByRole('button').evaluateAll((all) =>
            all.map((button) => button.ariaLabel ?? button.textContent));
        assert.deepEqual(buttons, [app.kiosk.staff, app.camera.again], 'nothing else is in reach');
        assert.equal(await page.getByRole('link').count(), 0);
        await phone.stopTime();
        await phone.scan(first);
        const welcome = page.getByText(app.kiosk.guest.welcome.replace('{{name}}', 'Dr. Ada King'), { exact: true });
        await welcome.waitFor();
        const german = words('de').app.kiosk.guest;
        await page.locator('.kiosk-sign [lang=de]').getByText(german.welcome.replace('{{name}}', 'Dr. Ada King')).waitFor();
        assert.equal(await page.locator('.kiosk-top [lang=de]').textContent(), german.show);
        await page.clock.runFor(3000);
        assert.ok(await welcome.isHidden());
        await phone.scan(cancelled);
        const sign = page.locator('.kiosk-sign').filter({ hasText: app.kiosk.guest.see_staff });
        await sign.waitFor();
        assert.equal(await page.getByText(app.verdict.cancelled.title).count(), 0);
        await page.clock.runFor(5000);
        assert.ok(await sign.isHidden());
        await page.clock.resume();
        await page.goBack({ waitUntil: 'commit' }).catch(() => {});
        await page.getByRole('heading', { level: 1, name: app.kiosk.guest.show }).waitFor();
        await leaveKiosk(phone, page);
    }, { clock: true });
});

// Three wrong codes make the next one wait, also the right one, also after a reload.
async function leaveKiosk(phone, page) {
    const tryCode = async (code) => {
        await page.getByLabel(app.kiosk.code, { exact: true }).fill(code);
        await page.getByRole('dialog').getByRole('button', { name: app.kiosk.leave, exact: true }).click();
    };
    await phone.press(app.kiosk.staff);
    for (const wrong of ['1111', '2222']) {
        await tryCode(wrong);
        await page.getByText(app.kiosk.wrong, { exact: true }).waitFor();
    }
    await tryCode('3333');
    await page.getByText(pattern(app.kiosk.wrong_pause)).waitFor();
    await page.reload();
    await phone.press(app.kiosk.staff);
    await tryCode('2468');
    await page.getByText(pattern(app.kiosk.pause)).waitFor();
    await page.clock.fastForward(5500);
    await tryCode('2468');
    await phone.button(app.scan.menu).waitFor();
}

test('a ticket that two doors let in while apart is shown, with both doors and times', async () => {
    const ticket = await named('Copied Twice');
    await atTheDoor(async (phone, page) => {
        const apart = { ticket, decided: 'admitted' };
        const [first, second] = [await house.device(event), await house.device(event)];
        await house.scan(event, first, { ...apart, scanned_at: new Date(Date.now() - 60_000).toISOString() });
        await house.scan(event, second, { ...apart, scanned_at: new Date(Date.now() - 30_000).toISOString() });
        await page.getByRole('button', { name: pattern('Please check: one guest was let in offline') }).click();
        const row = page.getByRole('dialog').getByRole('listitem').filter({ hasText: 'Copied Twice' });
        await row.getByText(/\d\d:\d\d at Main entrance, and \d\d:\d\d at Main entrance/).waitFor();
    });
});

test('without network the phone says so, decides by itself, and shows what waits', async () => {
    const ticket = await named('Ida Noddack');
    await atTheDoor(async (phone, page) => {
        await page.waitForFunction(async () => (await indexedDB.databases()).length > 0);
        await page.waitForLoadState('networkidle').catch(() => {});
        await page.context().setOffline(true);
        await page.getByText(app.status.offline).waitFor();
        await phone.scan(ticket);
        const shown = await phone.verdict(app.verdict.admitted.title);
        await shown.getByText(app.verdict.by_phone).waitFor();
        await shown.getByText('Ida Noddack').waitFor();
        await page.getByText(app.status.queued.replace('{{n.number}}', '1')).waitFor();
        await phone.dismiss();
        await page.context().setOffline(false);
        await page.getByText(app.status.queued.replace('{{n.number}}', '1')).waitFor({ state: 'detached' });
        await page.getByText(app.status.online).waitFor();
    }, { complaints: [/failed request|INTERNET_DISCONNECTED/] });
    assert.equal(await count("from scan join attendee using (event_id, attendee_id) where name = 'Ida Noddack'"), 1);
});

test('without network staff lets somebody in without a ticket, and the desk gets the name later', async () => {
    await atTheDoor(async (phone, page) => {
        await phone.goOffline();
        await phone.press(app.scan.search);
        await page.getByLabel(app.search.label).fill('Paula Paper');
        await page.getByText(app.unticketed.search_waits).waitFor();
        await phone.press(app.unticketed.title);
        assert.equal(await page.getByLabel(app.walk_in.name, { exact: true }).inputValue(), 'Paula Paper');
        await phone.press(app.unticketed.send);
        await page.getByText(app.walk_in.missing).waitFor();
        await phone.press(app.force.document);
        await page.getByText(app.walk_in.missing).waitFor({ state: 'detached' });
        await phone.press(app.unticketed.send);
        const shown = await phone.verdict(app.verdict.unticketed.title);
        await shown.getByText('Paula Paper').waitFor();
        assert.equal(await shown.getByText(app.verdict.by_phone).count(), 0, 'nothing was checked');
        await phone.dismiss();
        await phone.press(app.scan.walk_in);
        await page.getByRole('heading', { name: app.unticketed.title }).waitFor();
        await page.keyboard.press('Escape');
        await page.getByText(app.status.queued.replace('{{n.number}}', '1')).waitFor();
        await page.reload();
        await page.getByText(app.status.queued.replace('{{n.number}}', '1')).waitFor();
        await phone.goOffline(false);
        await page.getByText(app.status.queued.replace('{{n.number}}', '1')).waitFor({ state: 'detached' });
    }, { complaints: [/failed request|INTERNET_DISCONNECTED/] });
    assert.equal(await count("from noted_admission where name = 'Paula Paper' and reason = $1", app.force.document), 1);
});

test('a phone with a scan that was not accepted says what would be lost before it is unpaired', async () => {
    const ticket = await named('Lost Otherwise');
    await atTheDoor(async (phone, page) => {
        await page.context().setOffline(true);
        await page.getByText(app.status.offline).waitFor();
        await phone.scan(ticket);
        await phone.verdict(app.verdict.admitted.title);
        await phone.dismiss();
        await page.route('**/checkins', (route) => route.fulfill({ status: 422, contentType: 'application/problem+json',
            body: JSON.stringify({ status: 422, code: 'invalid', errors: [{ pointer: '/scans/0/nonce', code: 'uuid_expected' }] }) }));
        await page.context().setOffline(false);
        await page.getByText('One scan was not accepted').waitFor();
        await phone.press(app.scan.menu);
        await phone.press(app.menu.unpair);
        await page.getByText('One scan hasn’t been sent yet and would be lost').waitFor();
        await phone.press(app.menu.unpair_yes);
        await page.getByRole('heading', { level: 1, name: app.pair.title }).waitFor();
    }, { complaints: [/failed request|INTERNET_DISCONNECTED|401|422/] });
});
