// An organiser makes last year's event again: copies it, changes what is new, publishes it, brings the
// speakers' list, invites somebody and writes to everybody. On a computer in English, on a phone in German.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBrowser } from '../harness/browser.js';
import { signIn } from '../harness/desk.js';
import { exampleEvent, guest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { filled, pattern, words } from '../harness/words.js';

const house = await openHouse();
await house.apply(exampleEvent());
const owner = await signIn(house, { role: 'owner' });
const browser = await openBrowser(house.service.url);

const speakers = 'Name;E-Mail\nÉmilie du Châtelet;emilie@example.org\nJürgen Groß;juergen@example.org\n';

for (const [language, width] of [['en', 1280], ['de', 390]]) {
    test(`last year's event is copied, edited, published and filled, and its people are written to (${language}, ${width} px)`, async () => {
        const t = words(language);
        const before = await house.apply(exampleEvent());
        await house.signUp(before, guest());
        const title = language === 'en' ? 'bionection again' : 'bionection noch einmal';
        await browser.visit({ language, width }, async (page) => {
            const follow = (name, within = page) => within.getByRole('link', { name, exact: true }).first().click();
            const press = (name) => page.getByRole('button', { name }).first().click();
            const done = (wording) => page.getByRole('status').getByText(pattern(wording)).waitFor();
            await owner.enter(page.context());

            await page.goto(`/desk/events/${before}/publish`);
            await follow(t.publishing.copy.title);
            for (const field of await page.locator('input[name^="title"]').all()) await field.fill(title);
            await page.getByLabel(t.publishing.copy.day).fill('2031-05-14');
            await press(t.publishing.copy.go);
            await done(t.publishing.done.copied);
            const [, slug] = /\/desk\/events\/([^/?]+)/.exec(page.url());

            await page.goto(`/desk/events/${slug}/edit/where`);
            await page.getByLabel(t.editor.where.venue.name.label).first().fill('Kubus');
            await press(t.editor.save);
            await page.goto(`/desk/events/${slug}/publish`);
            await press(t.publishing.act.publish.button);
            await done(t.publishing.done.publish);
            await follow(t.publishing.act.open.button); // it would open six weeks before the event
            await press(t.publishing.act.open.button);
            await done(t.publishing.done.open);
            await page.getByRole('link', { name: new RegExp(`/events/${slug}$`) }).click();
            await page.getByRole('heading', { name: title, level: 1 }).waitFor();
            await page.getByText('Kubus').first().waitFor();

            await page.goto(`/desk/events/${slug}/attendees`);
            await follow(t.import.heading);
            await page.getByLabel(t.import.paste).fill(speakers);
            await press(t.import.go_on);
            await press(t.import.check);
            await press(pattern(filled(t.import.add, { n: 2 }, language)));
            await page.getByText(filled(t.import.outcome.added, { n: 2 }, language)).first().waitFor();

            await page.goto(`/desk/events/${slug}/invitations`);
            await follow(t.invitation.add);
            await page.getByLabel(t.invitation.people, { exact: true }).fill('Grace Hopper <grace@example.org>');
            await press(t.invitation.add_go);
            await follow(t.invitation.send);
            await press(pattern(filled(t.invitation.send_go, { count: 1 }, language)));
            await follow('Grace Hopper');
            await page.goto((await page.locator('code.copy').textContent()).trim());
            await follow(t.invitation.answer.yes);
            assert.equal(await page.locator('#email').inputValue(), 'grace@example.org');

            await page.goto(`/desk/events/${slug}/mailings`);
            await follow(t.mailing.new);
            await page.getByLabel(t.mailing.purpose.info).check();
            await press(t.mailing.go_on);
            await page.getByLabel(t.mailing.subject).first().fill('Hello {name}');
            await page.getByLabel(t.mailing.text, { exact: true }).first().fill('We look forward to seeing you.');
            await press(t.mailing.save);
            await page.getByText('Émilie du Châtelet').first().waitFor();
            await press(pattern(filled(t.mailing.send_button, { n: 2 }, language)));
            await page.getByRole('button', { name: t.mailing.stop, exact: true }).waitFor(); // for a minute
        });
        // The original stays as it was, and nobody came along.
        const people = await house.database.query(
            'select name from attendee join event using (event_id) where slug like $1 order by name', [`${before}%`]);
        assert.equal(people.length, 1);
    });
}
