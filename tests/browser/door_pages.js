// The door's page in its states, for pages.js. The unpaired phone is first, because pairing lasts.
import { DoorPage, pairingCode, ticketOf } from './door.js';
import { guest } from '../harness/events.js';
import { filled } from '../harness/words.js';

const path = () => '/door';

// Keeps verdicts on the screen.
const stays = (page) => page.evaluate(() => localStorage.setItem('einlass-door-stays', 'true'));

const language = (t) => t.register.email.startsWith('E-Mail-Adresse') ? 'de' : 'en';

const pairedWith = new WeakMap(); // page → event

// → a phone paired with this event of the world; the same one for all states
async function paired(page, t, { house, slugs }, event) {
    const phone = new DoorPage(page, language(t));
    await page.locator('body[data-screen]').waitFor();
    if (await page.locator('body').getAttribute('data-screen') === 'pairing')
        await phone.pair(await pairingCode(house, slugs[event]));
    else if (pairedWith.get(page) !== event) {
        await page.evaluate((code) => (location.hash = code), await pairingCode(house, slugs[event]));
        await phone.press(t.app.pair.anew_yes);
        await page.getByRole('dialog').waitFor({ state: 'detached' });
    }
    pairedWith.set(page, event);
    await phone.button(t.app.scan.menu).waitFor();
    await page.locator('.camera-trouble').waitFor();
    await stays(page);
    return phone;
}

// A state of the phone, paired with this event: work(phone, page, t, world).
const state = (name, shot, work, event = 'open') => ({
    name: `door, ${name}`, path, shot: shot && `door-${shot}`,
    async steps(page, t, world) {
        const phone = await paired(page, t, world, event);
        await work(phone, page, t, world);
    },
});

const button = (name, shot, press, settled) => state(name, shot, async (phone, page, t, world) => {
    await phone.press(press(t.app));
    await settled?.(page, t.app, phone, world);
});

// Each practice ticket gives its verdict and leaves no trace for the next state.
const verdict = (shot, code, name) => state(`verdict ${name}`, shot, async (phone, page, t) => {
    await page.evaluate(() => localStorage.setItem('einlass-door-practice', 'true'));
    await page.reload();
    await phone.button(t.app.scan.menu).waitFor();
    await phone.scan(`EINLASS-PRACTICE-${code}`);
    await phone.verdict(t.app.verdict[name].title);
    await page.evaluate(() => localStorage.removeItem('einlass-door-practice'));
});

// The ticket of a new guest of the world's open event.
async function ticketFor(name, { house, slugs }) {
    const body = guest({ attendees: [{ name, answers: { company: 'Analytical Engines', lunch: true } }] });
    return ticketOf((await house.signUp(slugs.open, body)).json());
}

// The page believes it is offline; no request fails, and the next page is online.
async function offline(page, t, yes = true) {
    await page.evaluate((away) => {
        Object.defineProperty(navigator, 'onLine', { value: !away, configurable: true });
        dispatchEvent(new Event(away ? 'offline' : 'online'));
    }, yes);
    await page.getByText(yes ? t.app.status.offline : t.app.status.online, { exact: true }).waitFor();
}

const alone = async (phone, page, t, world) => {
    await phone.hasGuests();
    await offline(page, t);
    await phone.scan(await ticketFor('Ida Noddack', world));
    await (await phone.verdict(t.app.verdict.admitted.title)).getByText(t.app.verdict.by_phone).waitFor();
};

const noAnswers = () => {
    globalThis.fetch = () => Promise.reject(new TypeError('no network'));
};

// Without network a walk-in becomes somebody without a ticket.
async function unticketed(phone, page, t) {
    await offline(page, t);
    await phone.press(t.app.scan.walk_in);
    await page.getByLabel(t.app.unticketed.reason).waitFor();
}

async function unticketedVerdict(phone, page, t) {
    await unticketed(phone, page, t);
    await page.getByLabel(t.app.walk_in.name).fill('Maria Winkelmann');
    await phone.press(t.app.force.document);
    await phone.press(t.app.unticketed.send);
    await phone.verdict(t.app.verdict.unticketed.title);
}

async function walkIn(phone, page, t) {
    await phone.press(t.app.scan.walk_in);
    await page.getByLabel(t.app.walk_in.email).waitFor();
}

async function walkInFull(phone, page, t) {
    await phone.press(t.app.scan.walk_in);
    await page.getByRole('alert').filter({ hasText: t.app.walk_in.full }).waitFor();
}

// A ticket that two phones without network admitted; both languages share it.
const copied = new WeakMap();

async function copyTicket(world) {
    const { house, slugs: { open } } = world;
    const ticket = await ticketFor('Mary Anning', world);
    for (const secondsAgo of [60, 30])
        await house.scan(open, await house.device(open), { ticket, decided: 'admitted',
            scanned_at: new Date(Date.now() - secondsAgo * 1000).toISOString() });
}

async function conflicts(phone, page, t, world) {
    if (!copied.has(world.house)) copied.set(world.house, copyTicket(world));
    await copied.get(world.house);
    await page.getByRole('button', { name: filled(t.app.scan.conflicts, { n: 1 }), exact: true }).click();
    await page.getByRole('dialog').getByRole('listitem').waitFor();
}

// Answers the page's requests like a service that refuses scans.
const refuseScans = () => {
    const { fetch } = globalThis;
    const problem = { status: 422, code: 'invalid', errors: [
        { pointer: '/scans/0/door', code: 'unknown_door', detail: 'Analytical Engines' }] };
    globalThis.fetch = async (url, options) => !String(url).endsWith('/checkins') ? fetch(url, options)
        : new Response(JSON.stringify(problem), { status: 422 });
};

// Lets the phones of the event store names, and waits for those of this one.
async function storeNames(phone, { house, slugs }) {
    const path = `/api/v1/events/${slugs.open}/devices`, token = await house.token();
    const { devices } = (await house.http.get(path, { token })).json();
    for (const { id } of devices.filter(({ role, paired_at: at }) => role === 'staff' && at))
        await house.http.patch(`${path}/${id}`, { token, json: { keeps_names: true } });
    await phone.hasGuests('names');
}

async function searchAlone(page, t, text) {
    await page.getByLabel(t.app.search.label).fill(text);
    await page.getByText(filled(t.app.search.offline, { at: '' }).trim()).waitFor();
}

async function refused(phone, page, t, world) {
    await page.evaluate(refuseScans); // before the first try to send
    await alone(phone, page, t, world);
    await phone.dismiss();
    await offline(page, t, false);
    await page.getByRole('button', { name: filled(t.app.scan.rejected, { n: 1 }), exact: true }).click();
    await page.getByRole('dialog').getByRole('listitem').waitFor();
}

async function practiceCodes(phone, page, t) {
    await page.evaluate(() => localStorage.setItem('einlass-door-practice', 'true'));
    await page.reload();
    await phone.press(t.app.scan.menu);
    await phone.press(t.app.menu.practice_codes);
    await page.evaluate(() => localStorage.removeItem('einlass-door-practice'));
}

async function kiosk(phone, page, t) {
    await phone.press(t.app.scan.menu);
    await phone.press(t.app.menu.kiosk);
    await page.getByLabel(t.app.kiosk.code, { exact: true }).fill('2468');
    await phone.press(t.app.kiosk.start);
    await page.getByRole('heading', { level: 1, name: t.app.kiosk.guest.show }).waitFor();
    await page.evaluate(() => localStorage.removeItem('einlass-door-kiosk'));
}

// Keeps signs on the screen.
async function kioskSign(phone, page, t, ticket, words) {
    await kiosk(phone, page, t);
    await page.evaluate(() => {
        const { setTimeout: later } = globalThis;
        globalThis.setTimeout = (work, ms, ...given) => [3000, 5000].includes(ms) ? 0 : later(work, ms, ...given);
    });
    await phone.scan(ticket);
    await page.locator('.kiosk-sign').getByText(words, { exact: true }).waitFor();
}

async function welcome(phone, page, t, world) {
    const name = 'Wilhelmine Hohenstein-Wittgenstein';
    await kioskSign(phone, page, t, await ticketFor(name, world), filled(t.app.kiosk.guest.welcome, { name }));
}

const seeStaff = (phone, page, t, { made }) =>
    kioskSign(phone, page, t, ticketOf(made.cancelled), t.app.kiosk.guest.see_staff);

export const doorPages = [
    { name: 'door, not paired', path, shot: 'door-pairing',
        steps: (page, t) => page.getByLabel(t.app.pair.code).waitFor() },
    { name: 'door, incomplete code', path,
        async steps(page, t) {
            await page.getByLabel(t.app.pair.code).fill('7K3');
            await page.getByRole('button', { name: t.app.pair.send, exact: true }).click();
            await page.getByRole('alert').filter({ hasText: t.app.pair.short }).waitFor();
        } },
    { name: 'guide for the door', path: () => '/door/guide', shot: 'door-guide' },
    state('scanning', 'scanning', () => {}),
    state('going out', 'going-out', async (phone, page, t) => {
        await page.getByRole('radio', { name: t.app.scan.out }).check();
        await page.evaluate(() => localStorage.removeItem('einlass-door-direction'));
    }),
    { ...state('come in', 'come-in', async (phone, page, t, world) => {
        await phone.scan(await ticketFor('Ada Lovelace', world));
        await phone.verdict(t.app.verdict.admitted.title);
    }), docs: { width: 390, scheme: 'light', language: 'en' } },
    verdict('already-in', 'TWICE', 'already_admitted'),
    verdict('cancelled', 'CANCELLED', 'cancelled'),
    verdict('forged', 'FORGED', 'forged'),
    state('reason', 'reason', async (phone, page, t) => {
        await verdict(null, 'TWICE', 'already_admitted').steps(page, t, {});
        await phone.press(t.app.force.open);
        await page.getByLabel(t.app.force.own).waitFor();
    }),
    button('search', 'search', ({ scan }) => scan.search, async (page, app) => {
        await page.getByLabel(app.search.label).waitFor();
    }),
    button('walk-in', 'walk-in', ({ scan }) => scan.walk_in, async (page, app) => {
        await page.getByLabel(app.walk_in.email).waitFor();
    }),
    button('walk-in with errors', 'walk-in-errors', ({ scan }) => scan.walk_in, async (page, app, phone) => {
        await phone.press(app.walk_in.send);
        await page.getByText(app.walk_in.missing).first().waitFor();
    }),
    state('walk-in where much is asked', 'walk-in-asks', async (phone, page, t) => {
        await walkIn(phone, page, t);
        await page.getByLabel(t.app.walk_in.name).fill('Maria Winkelmann');
        await page.getByRole('radio', { name: t.app.walk_in.yes, exact: true }).check();
    }, 'live'),
    state('walk-in where much is asked, with errors', 'walk-in-asks-errors', async (phone, page, t) => {
        await walkIn(phone, page, t);
        await phone.press(t.app.walk_in.send);
        await page.getByText(t.app.walk_in.consent_missing).waitFor();
    }, 'live'),
    state('walk-in at a full event', 'walk-in-full', walkInFull, 'soldOut'),
    state('walk-in beyond the capacity, reason', 'walk-in-over-reason', async (phone, page, t) => {
        await walkInFull(phone, page, t);
        await phone.press(t.app.walk_in.over);
        await page.getByLabel(t.app.force.own).waitFor();
    }, 'soldOut'),
    state('walk-in beyond the capacity', 'walk-in-over', async (phone, page, t) => {
        await walkInFull(phone, page, t);
        await phone.press(t.app.walk_in.over);
        await phone.press(t.app.force.room);
        await page.getByLabel(t.app.walk_in.email).waitFor();
    }, 'soldOut'),
    state('without a ticket', 'unticketed', unticketed),
    state('without a ticket, with errors', 'unticketed-errors', async (phone, page, t) => {
        await unticketed(phone, page, t);
        await phone.press(t.app.unticketed.send);
        await page.getByText(t.app.walk_in.missing).first().waitFor();
    }),
    state('let in without a ticket', 'unticketed-verdict', unticketedVerdict),
    state('search without network', 'search-offline', async (phone, page, t) => {
        await page.evaluate(noAnswers);
        await offline(page, t);
        await phone.press(t.app.scan.search);
        await page.getByLabel(t.app.search.label).fill('Lovelace');
        await phone.button(t.app.unticketed.title).waitFor();
    }),
    state('search, nobody found', 'search-none', async (phone, page, t) => {
        await phone.press(t.app.scan.search);
        await page.getByLabel(t.app.search.label).fill('Nobodyatall');
        await page.getByText(t.app.search.none).waitFor();
    }),
    state('search results, namesakes', 'search-results', async (phone, page, t) => {
        await phone.press(t.app.scan.search);
        await page.getByLabel(t.app.search.label).fill('Lovelace');
        await page.getByRole('article', { name: 'Ada Lovelace' }).first().waitFor();
    }),
    state('verdict without network', null, alone),
    state('recent scans', 'recent', async (phone, page, t, world) => {
        for (const [text, name] of [['4006381333931', 'not_a_ticket'],
            [await ticketFor('Grace Hopper', world), 'admitted']]) {
            await phone.scan(text);
            await phone.verdict(t.app.verdict[name].title);
            await phone.dismiss();
        }
        await phone.press(t.app.scan.recent);
        await page.getByRole('dialog').getByRole('listitem').filter({ hasText: 'Grace Hopper' }).waitFor();
    }),
    state('scans that were not accepted', null, refused),
    button('menu', 'menu', ({ scan }) => scan.menu),
    state('search in its own list', 'search-offline', async (phone, page, t, world) => {
        await storeNames(phone, world);
        await offline(page, t);
        await phone.press(t.app.scan.search);
        await searchAlone(page, t, 'Lovelace');
        await page.getByRole('article', { name: 'Ada Lovelace' }).first().waitFor();
    }),
    state('nobody in its own list', null, async (phone, page, t, world) => {
        await storeNames(phone, world);
        await offline(page, t);
        await phone.press(t.app.scan.search);
        await searchAlone(page, t, 'Nobody');
    }),
    state('menu of a phone that stores names', null, async (phone, page, t, world) => {
        await storeNames(phone, world);
        await phone.press(t.app.scan.menu);
        await page.getByText(t.app.menu.names, { exact: true }).waitFor();
    }),
    button('rename', null, ({ scan }) => scan.menu, (page, app, phone) => phone.press(app.menu.rename)),
    button('move', null, ({ scan }) => scan.menu, (page, app, phone) => phone.press(app.menu.move)),
    button('unpair', null, ({ scan }) => scan.menu, (page, app, phone) => phone.press(app.menu.unpair)),
    state('practice tickets', null, practiceCodes),
    button('kiosk code', null, ({ scan }) => scan.menu, (page, app, phone) => phone.press(app.menu.kiosk)),
    state('kiosk', 'kiosk', kiosk),
    state('kiosk, welcome', 'kiosk-welcome', welcome),
    state('kiosk, ask the team', 'kiosk-see-staff', seeStaff),
    state('kiosk, code to leave it', null, async (phone, page, t) => {
        await kiosk(phone, page, t);
        await phone.press(t.app.kiosk.staff);
    }),
    state('guests to check', null, conflicts), // the last, as its note stays
];
