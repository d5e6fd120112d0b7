// What the person at the door sees, hears and does, on the real page against the real service.
// Scans come from a hand scanner that types, where the camera is not the point.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exampleEvent, guest, plainEvent, plainGuest } from '../harness/events.js';
import { openBrowser } from '../harness/browser.js';
import { openHouse } from '../harness/house.js';
import { pattern, words } from '../harness/words.js';
import { DoorPage, pairingCode, ticketOf } from './door.js';

const house = await openHouse();
const browser = await openBrowser(house.service.url);
const event = await house.apply(exampleEvent());
const other = await house.apply(plainEvent());
const manager = await house.token();

const { app } = words('en');

const count = async (sql, ...parameters) =>
    Number((await house.database.query(`select count(*) as count ${sql}`, parameters))[0].count);

// work(door, page): with a phone that is a door. complaints: what the browser may say meanwhile.
async function atTheDoor(work, { door = 'main', role, at = event, complaints = [], ...options } = {}) {
    await visit(options, async (page) => {
        const phone = new DoorPage(page, options.language);
        await phone.pair(await pairingCode(house, at, door, role));
        await work(phone, page);
    }, complaints);
}

// What the phone keeps up with in the background is given up when its page goes.
const upkeep = /failed request: (GET|DELETE) .*\/(live|revoked-tickets|guest-list|doors|device|jwks\.json).*ERR_ABORTED/;

async function visit(options, work, complaints = []) {
    const tab = await browser.open({ width: 390, ...options });
    try {
        await tab.use(async (page) => {
            await work(page);
            const said = tab.complaints.filter((one) => ![upkeep, ...complaints].some((allowed) => allowed.test(one)));
            tab.complaints.splice(0, Infinity, ...said);
        });
    } finally {
        await tab.context.close();
    }
}

async function signUp(body = guest(), at = event) {
    const answer = await house.signUp(at, body);
    assert.equal(answer.status, 201, answer.body);
    return answer.json();
}

const named = async (name) => ticketOf(await signUp(guest({ attendees: [
    { name, answers: { company: 'Analytical Engines', lunch: false } }] })));

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

// verdict, how it comes about → {ticket, tone, also: what else the screen says}
const verdicts = {
    admitted: async () => ({ ticket: await named('Ada Lovelace'), tone: 'go', also: ['Ada Lovelace', 'Guest'] }),
    already_admitted: async () => {
        const ticket = await named('Grace Hopper');
        await house.scan(event, await house.device(event), { ticket });
        return { ticket, tone: 'look', also: ['Grace Hopper', 'Main entrance', app.verdict.already_admitted.todo] };
    },
    cancelled: async () => {
        const made = await signUp();
        const { pathname, search } = new URL(made.manage_url);
        await house.http.request('DELETE', `/api/v1${pathname}${search}`);
        return { ticket: ticketOf(made), tone: 'stop', also: [app.verdict.cancelled.detail] };
    },
    wrong_event: async () => ({
        ticket: ticketOf(await signUp(plainGuest(), other)), tone: 'stop', also: [app.verdict.wrong_event.detail],
    }),
    forged: async () => {
        const ticket = await named('Nobody');
        const wrong = ticket.at(-20) === 'A' ? 'B' : 'A'; // in the signature
        return { ticket: ticket.slice(0, -20) + wrong + ticket.slice(-19), tone: 'stop', also: [app.verdict.forged.detail] };
    },
    not_a_ticket: () => ({ ticket: 'HTTPS12345678', tone: 'look', also: [app.verdict.not_a_ticket.detail] }),
    practice_ticket: () => ({ ticket: 'EINLASS-PRACTICE-GO', tone: 'look', also: [app.verdict.practice_ticket.detail] }),
};

for (const [verdict, made] of Object.entries(verdicts)) {
    test(`${verdict} fills the screen in its tone, with words, and is said once`, async () => {
        const { ticket, tone, also } = await made();
        await atTheDoor(async (phone, page) => {
            await phone.scan(ticket);
            const shown = await phone.verdict(app.verdict[verdict].title);
            assert.equal(await shown.getAttribute('data-tone'), tone);
            for (const text of also) await shown.getByText(text, { exact: false }).first().waitFor();
            const { width, height } = await shown.boundingBox();
            assert.deepEqual({ width, height }, page.viewportSize());
            const said = await page.locator('#said').textContent();
            assert.ok(said.startsWith(app.verdict[verdict].title), said);
        });
    });
}

test('a ticket for another door is told so there', async () => {
    const ticket = await named('Guest of all');
    await atTheDoor(async (phone) => {
        await phone.scan(ticket);
        await phone.verdict(app.verdict.wrong_door.title);
    }, { door: 'speakers' });
});

test('the next scan takes the place of the verdict, and a verdict goes by itself, held it stays', async () => {
    const [first, second] = [await named('Emmy Noether'), await named('Lise Meitner')];
    await atTheDoor(async (phone, page) => {
        await phone.scan(first);
        const shown = await phone.verdict(app.verdict.admitted.title);
        await shown.getByText('Emmy Noether').waitFor();
        await phone.scan(second);
        await shown.getByText('Lise Meitner').waitFor();
        assert.equal(await shown.getByText('Emmy Noether').count(), 0);
        const { x, y } = await shown.getByText('Lise Meitner').boundingBox();
        await page.mouse.move(x + 5, y + 5);
        await page.mouse.down();
        await page.waitForTimeout(2600);
        assert.ok(await shown.isVisible(), 'held it stays longer than its two seconds');
        await page.mouse.up();
        await page.keyboard.press('Escape');
        await shown.waitFor({ state: 'hidden' });
        await phone.scan(first);
        await phone.verdict(app.verdict.already_admitted.title);
        await shown.waitFor({ state: 'hidden', timeout: 7000 });
    });
});

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
    await signUp(guest({ attendees: [{ name: 'Zygmunt Searchable', answers: { company: 'Quixotic Works', lunch: true } }] }));
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
    await atTheDoor(async (phone, page) => {
        await phone.press(app.scan.walk_in);
        const form = page.getByRole('dialog');
        await form.getByLabel(app.walk_in.name, { exact: true }).fill('Walker Walk');
        await form.getByLabel(app.walk_in.email).fill('walker');
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
    }, { complaints: [/422: POST .*walk-ins/] });
    assert.equal(await count("from attendee where name = 'Walker Walk' and status = 'confirmed'"), 1);
});

test('a full event says so, and takes one more with a reason', async () => {
    const full = await house.apply(plainEvent({ registration: { capacity: 1, waiting_list: false } }));
    await signUp(plainGuest(), full);
    await atTheDoor(async (phone, page) => {
        await phone.press(app.scan.walk_in);
        await page.getByLabel(app.walk_in.name, { exact: true }).fill('One Too Many');
        await page.getByLabel(app.walk_in.email).fill('toomany@example.org');
        await phone.press(app.walk_in.send);
        await page.getByRole('alert').filter({ hasText: app.walk_in.full }).waitFor();
        await phone.press(app.walk_in.over);
        await phone.press(app.force.room);
        await (await phone.verdict(app.verdict.admitted.title)).getByText('One Too Many').waitFor();
    }, { at: full, complaints: [/409: POST .*walk-ins/] });
});

test('practice leads to each verdict, is seen everywhere, and sends and counts nothing', async () => {
    const real = await named('Real Guest');
    const codes = { GO: 'admitted', TWICE: 'already_admitted', CANCELLED: 'cancelled', FORGED: 'forged', DOOR: 'wrong_door' };
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

test('the kiosk welcomes by first name, tells nothing of refusals, and is left with its code', async () => {
    const [first, cancelled] = [await named('Dr. Ada King'), (await verdicts.cancelled()).ticket];
    await atTheDoor(async (phone, page) => {
        await phone.press(app.scan.menu);
        await phone.press(app.menu.kiosk);
        await page.getByLabel(app.kiosk.code, { exact: true }).fill('12');
        await phone.press(app.kiosk.start);
        await page.getByText(app.kiosk.code_form).waitFor();
        await page.getByLabel(app.kiosk.code, { exact: true }).fill('2468');
        await phone.press(app.kiosk.start);
        await page.getByRole('heading', { level: 1, name: app.kiosk.show }).waitFor();
        await page.reload();
        await page.getByRole('heading', { level: 1, name: app.kiosk.show }).waitFor();
        await phone.button(app.camera.again).waitFor();
        const buttons = await page.getByRole('button').evaluateAll((all) =>
            all.map((button) => button.ariaLabel ?? button.textContent));
        assert.deepEqual(buttons, [app.kiosk.staff, app.camera.again], 'nothing else is in reach');
        assert.equal(await page.getByRole('link').count(), 0);
        await phone.scan(first);
        const welcome = page.getByText(app.kiosk.welcome.replace('{{name}}', 'Ada'), { exact: true });
        await welcome.waitFor();
        await welcome.waitFor({ state: 'hidden', timeout: 5000 });
        await phone.scan(cancelled);
        const sign = page.locator('.kiosk-sign').filter({ hasText: app.kiosk.see_staff });
        await sign.waitFor();
        assert.equal(await page.getByText(app.verdict.cancelled.title).count(), 0);
        await sign.waitFor({ state: 'hidden', timeout: 8000 });
        await leaveKiosk(phone, page);
    });
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
    await page.waitForTimeout(5500);
    await tryCode('2468');
    await phone.button(app.scan.menu).waitFor();
}

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
    }, { complaints: [/401: GET .*\/device$/] });
    const { devices } = (await house.http.get(`/api/v1/events/${event}/devices`, { token: manager })).json();
    assert.ok(devices.every(({ name }) => name !== 'Blue phone'), 'the desk no longer has it');
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
        await house.http.request('DELETE', `/api/v1/events/${event}/devices/${id}`, { token: manager });
        await page.getByRole('heading', { name: app.forgotten.title }).waitFor();
        await phone.press(app.close);
        await page.getByRole('heading', { level: 1, name: app.pair.title }).waitFor();
        await phone.scan(await named('Too Late'));
        await page.getByRole('alert').filter({ hasText: app.pair.other }).waitFor();
    }, [/401/]);
});

test('a ticket that two doors let in while apart is shown, with both doors and times', async () => {
    const ticket = await named('Copied Twice');
    await atTheDoor(async (phone, page) => {
        const apart = { ticket, decided: 'admitted' };
        const [first, second] = [await house.device(event), await house.device(event)];
        await house.scan(event, first, { ...apart, scanned_at: new Date(Date.now() - 60_000).toISOString() });
        await house.scan(event, second, { ...apart, scanned_at: new Date(Date.now() - 30_000).toISOString() });
        await page.getByRole('button', { name: pattern('One ticket came in at two doors') }).click();
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

test('every verdict is measured from the decoded code to the painted screen', async () => {
    await atTheDoor(async (phone, page) => {
        for (const name of ['Chien-Shiung Wu', 'Emilie du Châtelet']) {
            await phone.scan(await named(name));
            await (await phone.verdict(app.verdict.admitted.title)).getByText(name).waitFor();
        }
        await page.waitForFunction(() => performance.getEntriesByName('scan').length === 2);
        const times = await page.evaluate(() => performance.getEntriesByName('scan').map(({ duration }) => duration));
        for (const ms of times) assert.ok(ms > 0 && ms < 3000, `${ms} ms`);
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
