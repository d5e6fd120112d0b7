// Takes the pictures of docs/organiser-guide.en.md and .de.md:
//
//   node tests/browser/guide.js [NAME]      docs/screens/guide-NAME.en.webp and .de.webp; all without NAME
//
// EINLASS_BINARY names the program, as for every test.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { languages, launchChromium, visitor } from '../harness/browser.js';
import { repository } from '../harness/paths.js';
import { words } from '../harness/words.js';
import { openGuideWorld } from './guide_world.js';
import { webp } from './webp.js';

const host = 'einlass.example.org';
const world = await openGuideWorld(host);
const chromium = await launchChromium([`--host-resolver-rules=MAP ${host} 127.0.0.1:${world.port}`]);
after(() => chromium.close());

const event = (below = '') => `/desk/events/${world.slugs.today}${below}`;
const person = (index) => event(`/attendees/${world.people[index].attendees[0].id}`);

// name, path, height of the picture or none for the whole page, steps(page, wordings)
const screens = [
    { name: 'sign-in', path: '/desk/sign-in', isSignedOut: true },
    { name: 'events', path: '/desk' },
    { name: 'overview', path: event(), height: 1540 },
    {
        name: 'people', path: event('/attendees?sort=name'), height: 1000,
        async steps(page, t) {
            const column = (name) => page.getByRole('checkbox', { name, exact: true });
            await page.getByText(t.attendee.people.columns, { exact: true }).click();
            await column(t.attendee.people.column.came_at).check();
            await column(t.attendee.people.column.registered_at).uncheck();
            await page.getByRole('button', { name: t.attendee.people.columns_button }).click();
            await page.getByRole('columnheader', { name: t.attendee.people.column.came_at }).waitFor();
        },
    },
    { name: 'person', path: person(50), height: 1250 },
    { name: 'add', path: event('/attendees/new') },
    {
        name: 'many', path: event('/attendees?list=to_approve'),
        async steps(page, t) {
            await page.getByRole('checkbox', { name: t.attendee.people.choose_page }).check();
            await page.getByRole('button', { name: t.attendee.people.verb.approve, exact: true }).click();
            await page.waitForURL(/bulk/);
        },
    },
    {
        name: 'take-along', path: event('/attendees?list=came'), height: 640,
        steps: (page, t) => page.getByText(t.attendee.people.take_along).click(),
    },
    {
        name: 'phone', path: event('/doors'),
        async steps(page, t) {
            await page.getByRole('button', { name: t.door.phones.show_code }).click();
            await page.waitForURL(/\/doors\/[^/?]+$/);
        },
    },
    {
        name: 'live', path: event('/live'), height: 1250,
        steps: (page, t) => page.getByText(t.door.live.fresh).waitFor(),
    },
    { name: 'mails', path: event('/messages'), height: 900 },
    {
        name: 'group-mail', path: event('/mailings/new'), height: 1250,
        async steps(page, t) {
            await page.getByRole('button', { name: t.mailing.go_on, exact: true }).click();
            await page.getByRole('button', { name: t.mailing.save, exact: true }).click();
            await page.getByRole('heading', { name: t.mailing.look }).waitFor();
        },
    },
    { name: 'team', path: '/desk/team' },
    { name: 'edit', path: event('/edit'), height: 1100 },
    { name: 'publish', path: `/desk/events/${world.slugs.soon}/publish` },
    {
        name: 'import', path: event('/attendees/import'), height: 1000,
        async steps(page, t) {
            await page.getByLabel(t.import.paste).fill(['Name\tE-Mail\tFirma', 'Émilie Marchand\temilie.marchand@example.org\tPleiße Labs',
                'Jürgen Groß\tjuergen.gross@example.org\tHelix Diagnostics', 'Aylin Çelik\taylin.celik@example.org\tKlinikum St. Georg'].join('\n'));
            await page.getByRole('button', { name: t.import.go_on, exact: true }).click();
            await page.getByRole('button', { name: t.import.check, exact: true }).waitFor();
        },
    },
    { name: 'invitations', path: `/desk/events/${world.slugs.soon}/invitations` },
];

// The event stands in a zone in which it is morning now. The guide's readers know Leipzig's.
const nameZone = (zone) => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) texts.currentNode.data = texts.currentNode.data.replaceAll(zone, 'Europe/Berlin');
};

const [only] = process.argv.slice(2);
for (const { name, path, height, steps, isSignedOut } of screens.filter(({ name }) => !only || name === only)) {
    for (const language of languages) {
        test(`docs/screens/guide-${name}.${language}.webp`, async () => {
            const context = await chromium.newContext({ ...visitor({ language }), baseURL: `http://${host}` });
            if (!isSignedOut) await world.owner.enter(context);
            const page = await context.newPage();
            await page.goto(path);
            await steps?.(page, words(language));
            await page.mouse.move(0, 0);
            await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' });
            for (const frame of page.frames()) await frame.evaluate(nameZone, world.timezone);
            writeFileSync(join(repository, `docs/screens/guide-${name}.${language}.webp`), await webp(page, height));
            await context.close();
        });
    }
}
