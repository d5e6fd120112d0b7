// What the person at the door sees, on the real page against the real service. Scans come from a
// hand scanner that types, where the camera is not the point.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { becomes, expect } from '../harness/attendee.js';
import { exampleEvent } from '../harness/events.js';
import { words } from '../harness/words.js';
import { DoorPage, openStage, pairingCode } from './door.js';

const { house, event, atTheDoor, named, visit } = await openStage();
const manager = await house.token();
const { app } = words('en');

test('the code is typed as people type, and the phone says which event and door it is', async () => {
    const code = await pairingCode(house, event, 'speakers');
    await visit({}, async (page) => {
        const phone = await new DoorPage(page).open();
        await page.getByLabel(app.pair.code).pressSequentially(code.replace('-', '').toLowerCase());
        assert.equal(await page.getByLabel(app.pair.code).inputValue(), code);
        await page.getByLabel(app.pair.name).fill('Red phone');
        await phone.press(app.pair.send);
        await page.getByRole('heading', { level: 1, name: 'bionection' }).waitFor();
        await page.getByText("Speakers' entrance").waitFor();
    });
    const [device] = (await house.http.get(`/api/v1/events/${event}/devices`, { token: manager })).json().devices
        .filter(({ name }) => name === 'Red phone');
    assert.equal(device.door, 'speakers');
});

test('a phone has the name that the desk gave it, unless somebody types another; else one of its kind', async () => {
    for (const [desk, typed, wanted] of [['Red phone', null, 'Red phone'], ['Red phone', 'My own', 'My own'],
        [undefined, null, app.pair.computer], [undefined, 'My own', 'My own']]) {
        const at = await house.apply(exampleEvent());
        const code = await pairingCode(house, at, 'main', undefined, desk);
        await visit({}, async (page) => {
            const phone = await new DoorPage(page).open();
            const renamed = [];
            page.on('request', (asked) => asked.method() === 'PATCH' && renamed.push(asked.postDataJSON()));
            const name = page.getByLabel(app.pair.name);
            assert.equal(await name.inputValue(), app.pair.computer, 'a proposal');
            await page.getByLabel(app.pair.code).fill(code);
            if (typed) await name.fill(typed);
            await phone.press(app.pair.send);
            await phone.button(app.scan.menu).waitFor();
            assert.deepEqual(renamed, desk || typed ? [] : [{ name: wanted }]);
            await becomes(new RegExp(`"${wanted}"`), () =>
                house.http.get(`/api/v1/events/${at}/devices`, { token: manager }));
            await page.reload();
            await phone.press(app.scan.menu);
            await page.locator('.menu-facts').getByText(wanted, { exact: true }).waitFor();
        });
    }
});

test('a code that does not work says how to go on, and what was typed stays', async () => {
    await visit({}, async (page) => {
        const phone = await new DoorPage(page).open();
        await page.getByLabel(app.pair.code).fill('7k3');
        await phone.press(app.pair.send);
        await page.getByRole('alert').filter({ hasText: app.pair.short }).waitFor();
        await page.getByLabel(app.pair.code).fill('7k3m9qxd');
        await phone.press(app.pair.send);
        await page.getByRole('alert').filter({ hasText: words('en').problem.pairing_code_unknown.title }).waitFor();
        assert.equal(await page.getByLabel(app.pair.code).inputValue(), '7K3M-9QXD');
    }, [/404: POST .*\/devices/]);
});

test('a link with the code pairs by itself, once, and leaves no code in the address', async () => {
    const code = await pairingCode(house, event, 'main');
    await visit({}, async (page) => {
        await page.goto(`/door#${code}`);
        await page.getByText('Main entrance').waitFor();
        assert.equal(new URL(page.url()).hash, '');
        await page.reload();
        await page.getByText('Main entrance').waitFor();
    });
});

test('a link with a code asks a phone that is a door already, saying which, before it becomes another', async () => {
    await atTheDoor(async (phone, page) => {
        const follow = (code) => page.evaluate((hash) => { location.hash = hash; }, code);
        const code = await pairingCode(house, event, 'speakers');
        for (const [arrive, answer] of [[follow, app.cancel], [(given) => page.goto(`/door?lang=en#${given}`), app.cancel],
            [follow, app.pair.anew_yes]]) {
            await arrive(code);
            const dialog = page.getByRole('dialog', { name: app.pair.anew });
            await dialog.getByText(/at bionection.*, Main entrance\./).waitFor();
            assert.equal(new URL(page.url()).hash, '');
            await dialog.getByRole('button', { name: answer, exact: true }).click();
            await dialog.waitFor({ state: 'detached' });
            if (answer === app.cancel) await page.locator('.scan-door').filter({ hasText: 'Main entrance' }).waitFor();
        }
        await page.locator('.scan-door').filter({ hasText: "Speakers' entrance" }).waitFor();
        await follow(code);
        await phone.press(app.pair.anew_yes);
        await page.getByRole('dialog').getByText(words('en').problem.pairing_code_unknown.title).waitFor();
        await phone.press(app.close);
        await page.locator('.scan-door').filter({ hasText: "Speakers' entrance" }).waitFor();
        await follow('%nothing');
        await page.waitForFunction(() => location.hash === '');
        assert.equal(await page.getByRole('dialog').count(), 0, 'what is no code is not asked about');
    }, { complaints: [/401|404/] });
});

test('what the door refuses by itself is said in words', async () => {
    for (const language of ['en', 'de']) {
        const { problem } = words(language).app;
        for (const code of ['not_paired', 'invalid', 'offline', 'queue_not_empty', 'undo_too_late', 'nothing_to_undo'])
            assert.ok(problem[code]?.title && problem[code]?.detail, `${code} (${language})`);
    }
});

test('the next scan replaces a verdict; green goes by itself, and amber stays without the name', async () => {
    const [first, second] = [await named('Emmy Noether'), await named('Lise Meitner')];
    await atTheDoor(async (phone, page) => {
        await phone.letVerdictsGo();
        await phone.stopTime();
        await phone.scan(first);
        const shown = await phone.verdict(app.verdict.admitted.title);
        await shown.getByText('Emmy Noether').waitFor();
        await phone.scan(second);
        await shown.getByText('Lise Meitner').waitFor();
        assert.equal(await shown.getByText('Emmy Noether').count(), 0);
        const { x, y } = await shown.getByText('Lise Meitner').boundingBox();
        await page.mouse.move(x + 5, y + 5);
        await page.mouse.down();
        await page.clock.runFor(11_000);
        assert.ok(await shown.isVisible(), 'held it stays longer than its two seconds');
        await page.mouse.up();
        await page.keyboard.press('Escape');
        await shown.waitFor({ state: 'hidden' });
        await phone.scan(first);
        await phone.verdict(app.verdict.already_admitted.title);
        await page.clock.runFor(29_000);
        await shown.getByText('Emmy Noether').waitFor();
        await page.clock.runFor(2000);
        assert.doesNotMatch(await shown.textContent(), /Emmy/, 'nobody reads the name later');
        assert.doesNotMatch(await page.locator('#said').textContent(), /Emmy/);
        assert.equal(await phone.button(app.undo).count() + await phone.button(app.force.open).count(), 0);
        await page.clock.runFor(600_000);
        await shown.getByText(app.verdict.already_admitted.todo).waitFor();
        await shown.locator('.verdict-title').click();
        await shown.waitFor({ state: 'hidden' });
        await phone.scan(second);
        await phone.verdict(app.verdict.already_admitted.title);
        await page.clock.runFor(1);
        await shown.locator('.verdict-title').click();
        assert.ok(await shown.isVisible(), 'a tap on what was there before does not end it');
        await phone.scan(await named('Hedy Lamarr'));
        await phone.verdict(app.verdict.admitted.title);
        await page.clock.runFor(2100);
        assert.ok(await shown.isHidden());
    }, { clock: true });
});

// The screen is locked, or on again.
const lock = (page, isLocked) => page.evaluate((hidden) => {
    Object.defineProperty(document, 'hidden', { configurable: true, value: hidden });
    Object.defineProperty(document, 'visibilityState', { configurable: true, value: hidden ? 'hidden' : 'visible' });
    document.dispatchEvent(new Event('visibilitychange'));
}, isLocked);

test('a locked screen and half a minute without use take away what names a guest', async () => {
    const ticket = await named('Ida Noddack');
    await atTheDoor(async (phone, page) => {
        const shown = page.locator('#verdict');
        await phone.scan(ticket);
        await phone.verdict(app.verdict.admitted.title);
        await lock(page, true);
        await shown.waitFor({ state: 'hidden' });
        await lock(page, false);
        await phone.scan(ticket);
        await phone.verdict(app.verdict.already_admitted.title);
        await lock(page, true);
        assert.doesNotMatch(await page.locator('body').textContent(), /Ida/);
        assert.ok(await shown.isVisible(), 'the sign stays');
        await lock(page, false);
        await phone.dismiss();
        const find = async () => {
            await phone.press(app.scan.search);
            await page.getByLabel(app.search.label).fill('noddack');
            await page.getByRole('article', { name: 'Ida Noddack' }).waitFor();
        };
        await find();
        await lock(page, true);
        await page.getByRole('dialog').waitFor({ state: 'detached' });
        await lock(page, false);
        await find();
        await phone.stopTime();
        await page.clock.runFor(20_000);
        await page.keyboard.press('Shift');
        await page.clock.runFor(20_000);
        await page.getByRole('article', { name: 'Ida Noddack' }).waitFor();
        await page.clock.runFor(11_000);
        await page.getByRole('dialog').waitFor({ state: 'detached' });
    }, { clock: true });
});

test('the page speaks German, and stays the same door when the language is changed', async () => {
    const t = words('de').app;
    await atTheDoor(async (phone, page) => {
        await phone.press(app.scan.menu);
        await page.getByRole('link', { name: 'Deutsch' }).click();
        await page.getByText('Haupteingang').waitFor();
        await page.getByRole('button', { name: t.scan.menu, exact: true }).waitFor();
        assert.equal(await page.locator('html').getAttribute('lang'), 'de');
        await phone.scan(await named('Käthe Größe'));
        await phone.verdict(t.verdict.admitted.title);
    });
});

test('renamed and moved from the menu; unpaired, it asks first and then forgets', async () => {
    await atTheDoor(async (phone, page) => {
        await phone.press(app.scan.menu);
        await phone.press(app.menu.rename);
        await page.getByRole('textbox', { name: app.menu.phone }).fill('Blue phone');
        await phone.press(app.save);
        await page.getByRole('dialog').waitFor({ state: 'detached' });
        await phone.press(app.scan.menu);
        await phone.press(app.menu.move);
        await phone.press("Speakers' entrance");
        await page.locator('.scan-door').filter({ hasText: "Speakers' entrance" }).waitFor();
        await phone.press(app.scan.menu);
        await phone.press(app.menu.unpair);
        await phone.press(app.cancel);
        await phone.press(app.scan.menu);
        await phone.press(app.menu.unpair);
        await phone.press(app.menu.unpair_yes);
        await page.getByRole('heading', { level: 1, name: app.pair.title }).waitFor();
        await page.reload();
        await page.getByRole('heading', { level: 1, name: app.pair.title }).waitFor();
    }, { complaints: [/401: (GET|POST) .*\/device$/] });
    const { devices } = (await house.http.get(`/api/v1/events/${event}/devices`, { token: manager })).json();
    assert.ok(devices.every(({ name }) => name !== 'Blue phone'), 'the desk no longer has it');
});

test('what the desk lets a phone do changes on its screen at once', async () => {
    await atTheDoor(async (phone) => {
        await phone.button(app.scan.search).waitFor();
        const devices = `/api/v1/events/${event}/devices`;
        const all = (await house.http.get(devices, { token: manager })).json().devices;
        for (const { id } of all)
            await expect(200, house.http.patch(`${devices}/${id}`, { token: manager, json: { role: 'scanner' } }));
        await phone.button(app.scan.search).waitFor({ state: 'detached' });
        await phone.button(app.scan.recent).waitFor();
    });
});

test('unpaired from the desk, the phone says so and forgets', async () => {
    const code = await pairingCode(house, event, 'main');
    await visit({}, async (page) => {
        const phone = await new DoorPage(page).open();
        await page.getByLabel(app.pair.name).fill('Lost phone');
        await page.getByLabel(app.pair.code).fill(code);
        await phone.press(app.pair.send);
        await phone.button(app.scan.menu).waitFor();
        const { devices } = (await house.http.get(`/api/v1/events/${event}/devices`, { token: manager })).json();
        const { id } = devices.find(({ name }) => name === 'Lost phone');
        await expect(204, house.http.request('DELETE', `/api/v1/events/${event}/devices/${id}`, { token: manager }));
        await page.getByRole('heading', { name: app.forgotten.title }).waitFor();
        await phone.press(app.close);
        await page.getByRole('heading', { level: 1, name: app.pair.title }).waitFor();
        await phone.scan(await named('Too Late'));
        await page.getByRole('alert').filter({ hasText: app.pair.other }).waitFor();
    }, [/401/]);
});

test('every verdict is measured from the decoded code to the painted screen', async () => {
    await atTheDoor(async (phone, page) => {
        const began = await page.evaluate(() => performance.now());
        for (const name of ['Chien-Shiung Wu', 'Emilie du Châtelet']) {
            await phone.scan(await named(name));
            await (await phone.verdict(app.verdict.admitted.title)).getByText(name).waitFor();
        }
        await page.waitForFunction(() => performance.getEntriesByName('scan').length === 2);
        const took = await page.evaluate((since) => performance.now() - since, began);
        const measured = await page.evaluate(() => performance.getEntriesByName('scan').map(
            ({ duration, detail: { verdict, decidedBy, nonce } }) => ({ duration, verdict, decidedBy, nonce })));
        for (const { duration, verdict, decidedBy } of measured) {
            assert.ok(duration > 0 && duration < took, `${duration} ms`);
            assert.deepEqual([verdict, decidedBy], ['admitted', 'service']);
        }
        assert.equal(new Set(measured.map(({ nonce }) => nonce)).size, 2);
    });
});

test('without a camera the screen says why and how to mend it, and the hand scanner works on', async () => {
    await atTheDoor(async (phone, page) => {
        await page.getByText(app.camera.goes_on).waitFor();
        await phone.button(app.camera.again).waitFor();
        await phone.scan(await named('Rosalind Franklin'));
        await phone.verdict(app.verdict.admitted.title);
    });
});

test('the guide is one A4 page in both languages, with the practice tickets', async () => {
    for (const language of ['en', 'de']) {
        await visit({ language, width: 1280 }, async (page) => {
            await page.goto('/door/guide');
            await page.getByRole('heading', { level: 1 }).waitFor();
            assert.equal(await page.getByRole('main').getByRole('img').count(), 5);
            const pdf = (await page.pdf({ preferCSSPageSize: true })).toString('latin1');
            assert.equal(pdf.match(/\/Type\s*\/Page\b/g).length, 1, language);
        });
    }
});
