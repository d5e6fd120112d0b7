// The door's page in its states, for pages.js: a phone that is no door yet comes first, because one
// that is stays one.
import { DoorPage, pairingCode, ticketOf } from './door.js';
import { guest } from '../harness/events.js';

const path = () => '/door';

// The verdicts stay until they are looked at.
const stays = (page) => page.evaluate(() => localStorage.setItem('einlass-door-stays', 'true'));

const language = (t) => t.register.email.startsWith('E-Mail-Adresse') ? 'de' : 'en';

// → a phone that is a door of the world's open event; the same one from state to state
async function paired(page, t, { house, slugs }) {
    const phone = new DoorPage(page, language(t));
    await page.locator('body[data-screen]').waitFor();
    if (await page.locator('body').getAttribute('data-screen') === 'pairing')
        await phone.pair(await pairingCode(house, slugs.open));
    await phone.button(t.app.scan.menu).waitFor();
    await page.locator('.camera-trouble').waitFor();
    await stays(page);
    return phone;
}

// A state of the paired phone: work(phone, page, t, world).
const state = (name, shot, work) => ({
    name: `door, ${name}`, path, shot: shot && `door-${shot}`,
    async steps(page, t, world) {
        const phone = await paired(page, t, world);
        await work(phone, page, t, world);
    },
});

const button = (name, shot, press, settled) => state(name, shot, async (phone, page, t, world) => {
    await phone.press(press(t.app));
    await settled?.(page, t.app, phone, world);
});

// Each practice ticket brings its verdict, and changes nothing for the next state.
const verdict = (shot, code, name) => state(`verdict ${name}`, shot, async (phone, page, t) => {
    await page.evaluate(() => localStorage.setItem('einlass-door-practice', 'true'));
    await page.reload();
    await phone.button(t.app.scan.menu).waitFor();
    await phone.scan(`EINLASS-PRACTICE-${code}`);
    await phone.verdict(t.app.verdict[name].title);
    await page.evaluate(() => localStorage.removeItem('einlass-door-practice'));
});

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
    { ...state('come in', 'come-in', async (phone, page, t, { house, slugs }) => {
        const body = guest({ attendees: [
            { name: 'Ada Lovelace', answers: { company: 'Analytical Engines', lunch: true } }] });
        await phone.scan(ticketOf((await house.signUp(slugs.open, body)).json()));
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
    button('recent scans', 'recent', ({ scan }) => scan.recent),
    button('menu', 'menu', ({ scan }) => scan.menu),
    button('unpair', null, ({ scan }) => scan.menu, (page, app, phone) => phone.press(app.menu.unpair)),
    button('kiosk code', null, ({ scan }) => scan.menu, (page, app, phone) => phone.press(app.menu.kiosk)),
    button('kiosk', 'kiosk', ({ scan }) => scan.menu, async (page, app, phone) => {
        await phone.press(app.menu.kiosk);
        await page.getByLabel(app.kiosk.code, { exact: true }).fill('2468');
        await phone.press(app.kiosk.start);
        await page.getByRole('heading', { level: 1, name: app.kiosk.show }).waitFor();
        await page.evaluate(() => localStorage.removeItem('einlass-door-kiosk'));
    }),
];
