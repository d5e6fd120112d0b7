// The desk's pages, for pages.js. The owner of the events is signed in.
import { signIn, totp } from '../harness/desk.js';
import { until } from '../harness/wait.js';

const named = (page, name) => page.getByRole('textbox', { name });
const of = (event, below = '') => ({ slugs }) => `/desk/events/${slugs[event]}${below}`;
const person = (which, below = '') => ({ made }) =>
    `/desk/events/${made[which].event}/attendees/${made[which].attendees[0].id}${below}`;
const admission = (which, below = '') => ({ admissions, slugs }) =>
    `/desk/events/${slugs.live}/admissions/${admissions[which]}${below}`;

async function bringList(page, t) {
    await named(page, t.import.paste).fill('Name\tE-mail\tCompany\nEdith Clarke\tedith@example.org\tGrid Works\n' +
        'Emmy Noether\temmy@\tRings\nAda Byron\tedith@example.org\t');
    await page.getByRole('button', { name: t.import.go_on, exact: true }).click();
    await page.waitForURL(/\/columns$/);
}

// Pairs a phone by the code on the screen.
async function pairPhone(page, t, { house }) {
    await page.getByRole('button', { name: t.door.phones.show_code }).click();
    await page.waitForURL(/\/doors\/[^/?]+$/);
    await house.http.post('/api/v1/devices', { json: { code: await page.locator('.pairing-code').textContent() } });
    await page.reload();
    await page.getByRole('button', { name: t.door.phones.names_keep }).waitFor();
}

async function storeNames(page, t, world) {
    await pairPhone(page, t, world);
    await page.getByRole('button', { name: t.door.phones.names_keep }).click();
    await page.waitForURL(/\?done=/);
}

export const deskPages = [
    { name: 'desk, sign in', path: () => '/desk/sign-in', isSignedOut: true, shot: 'desk-sign-in' },
    {
        name: 'desk, sign in, with errors', path: () => '/desk/sign-in', isSignedOut: true,
        async steps(page, t) {
            await page.getByRole('button', { name: t.account.sign_in, exact: true }).click();
            await page.getByRole('alert').waitFor();
        },
    },
    { name: 'desk, link asked for', path: () => '/desk/sign-in?sent=1', isSignedOut: true },
    { name: 'desk, link that is over', path: () => '/desk/sign-in/nothing', isSignedOut: true },
    { name: 'desk, account', path: () => '/desk/account', shot: 'desk-account' },
    { name: 'desk, second factor', path: () => '/desk/account/second-factor', shot: 'desk-second-factor' },
    {
        name: 'desk, recovery codes', path: () => '/desk/sign-in', isSignedOut: true, shot: 'desk-recovery-codes',
        async steps(page, t, { house }) {
            await (await signIn(house, { role: 'viewer' })).enter(page.context());
            await page.goto('/desk/account/second-factor');
            await named(page, t.account.app_code).fill(totp(await page.locator('.copy').textContent()));
            await page.getByRole('button', { name: t.account.turn_on }).click();
            await page.getByRole('heading', { name: t.account.codes, exact: true }).waitFor();
        },
    },
    { name: 'desk, invitation into a team', path: () => '/desk/join/invited', isSignedOut: true, shot: 'desk-join' },
    { name: 'desk, invitation for another address', path: () => '/desk/join/invited' },
    { name: 'desk, events', path: () => '/desk', shot: 'desk-events' },
    { name: 'desk, events not found', path: () => '/desk?q=nothing' },
    { name: 'desk, new event', path: () => '/desk/events/new', shot: 'desk-new-event' },
    { name: 'desk, edit', path: of('open', '/edit'), shot: 'desk-edit' },
    { name: 'desk, edit what and when', path: of('open', '/edit/what'), shot: 'desk-edit-what' },
    {
        name: 'desk, edit what and when, with errors', path: of('open', '/edit/what'),
        async steps(page, t) {
            await page.getByRole('textbox').first().fill('');
            await page.getByRole('textbox').nth(1).fill('');
            await page.getByRole('button', { name: t.editor.save, exact: true }).last().click();
            await page.getByRole('alert').waitFor();
        },
    },
    { name: 'desk, edit the description', path: of('open', '/edit/text'), shot: 'desk-edit-text' },
    { name: 'desk, edit the picture', path: of('open', '/edit/picture'), shot: 'desk-edit-picture' },
    { name: 'desk, edit the programme', path: of('open', '/edit/programme'), shot: 'desk-edit-programme' },
    { name: 'desk, edit a programme item', path: of('open', '/edit/programme/research') },
    { name: 'desk, edit contact', path: of('open', '/edit/contact') },
    { name: 'desk, edit places', path: of('open', '/edit/places'), shot: 'desk-edit-places' },
    { name: 'desk, edit a ticket type', path: of('open', '/edit/tickets/speaker') },
    { name: 'desk, edit questions', path: of('open', '/edit/questions'), shot: 'desk-edit-questions' },
    { name: 'desk, edit a question', path: of('open', '/edit/questions/field'), shot: 'desk-edit-question' },
    { name: 'desk, edit doors', path: of('open', '/edit/door') },
    { name: 'desk, edit privacy', path: of('live', '/edit/privacy') },
    { name: 'desk, add a consent', path: of('open', '/edit/consents/new') },
    { name: 'desk, overview of an event to come', path: of('invited'), shot: 'desk-last-days' },
    { name: 'desk, overview on the day', path: of('live'), shot: 'desk-day' },
    { name: 'desk, overview of a past event', path: of('ended'), shot: 'desk-after' },
    { name: 'desk, live', path: of('live', '/live'), shot: 'desk-live' },
    { name: 'desk, live on a projector', path: of('live', '/live?projector=1'), shot: 'desk-projector' },
    { name: 'desk, let in without a ticket', path: of('live', '/admissions'), shot: 'desk-admissions' },
    { name: 'desk, nobody let in without a ticket', path: of('silent', '/admissions'), shot: 'desk-admissions-none' },
    { name: 'desk, who was let in', path: admission('known'), shot: 'desk-admission' },
    { name: 'desk, who was let in, not found', path: admission('unknown', '?refused=1'), shot: 'desk-admission-unknown' },
    { name: 'desk, people', path: of('open', '/attendees'), shot: 'desk-people' },
    { name: 'desk, people, filtered', path: of('open', '/attendees?list=coming&repeated=true&q=nobody') },
    { name: 'desk, people, none yet', path: of('silent', '/attendees'), shot: 'desk-people-none' },
    {
        name: 'desk, change of many', path: of('open', '/attendees'), shot: 'desk-bulk',
        async steps(page, t) {
            await page.getByRole('checkbox', { name: t.attendee.people.choose_page }).check();
            await page.getByRole('button', { name: t.attendee.people.verb.resend }).click();
            await page.waitForURL(/\/people$/);
        },
    },
    { name: 'desk, bring a list', path: of('open', '/attendees/import'), shot: 'desk-import' },
    {
        name: 'desk, bring a list, with errors', path: of('open', '/attendees/import'),
        async steps(page, t) {
            await page.getByRole('button', { name: t.import.go_on, exact: true }).click();
            await page.getByRole('link', { name: t.finding.import_nothing }).waitFor();
        },
    },
    {
        name: 'desk, columns of a list', path: of('open', '/attendees/import'), shot: 'desk-import-columns',
        steps: bringList,
    },
    {
        name: 'desk, a checked list', path: of('open', '/attendees/import'), shot: 'desk-import-checked',
        async steps(page, t) {
            await bringList(page, t);
            await page.getByRole('button', { name: t.import.check, exact: true }).click();
            await page.getByRole('link', { name: t.import.change }).waitFor();
        },
    },
    { name: 'desk, a person', path: person('confirmed'), shot: 'desk-person' },
    { name: 'desk, a person on the waiting list', path: person('waitlisted') },
    {
        name: 'desk, a person, with a note that is missing', path: person('confirmed'),
        async steps(page, t) {
            await page.getByRole('button', { name: t.person.note_add, exact: true }).click();
            await page.getByRole('alert').first().waitFor();
        },
    },
    { name: 'desk, give a place', path: person('waitlisted', '/move-up'), shot: 'desk-move-up' },
    {
        name: 'desk, erase a person, not confirmed', path: person('confirmed', '/erase'),
        async steps(page, t) {
            await page.locator('button.danger').click();
            await page.getByText(t.finding.confirm_erasure).first().waitFor();
        },
    },
    { name: 'desk, an erased person', path: person('erased') },
    { name: 'desk, doors and phones', path: of('open', '/doors'), shot: 'desk-doors' },
    {
        name: 'desk, pairing code', path: of('open', '/doors'), shot: 'desk-pairing-code',
        async steps(page, t) {
            await page.getByRole('button', { name: t.door.phones.show_code }).click();
            await page.waitForURL(/\/doors\/[^/?]+$/);
        },
    },
    { name: 'desk, a paired phone', path: of('open', '/doors'), shot: 'desk-phone', steps: pairPhone },
    { name: 'desk, a phone begins to store names', path: of('open', '/doors'), steps: storeNames },
    {
        name: 'desk, a phone that stores names', path: of('open', '/doors'), shot: 'desk-phone-names',
        async steps(page, t, world) {
            await storeNames(page, t, world);
            await page.getByRole('listitem').filter({ hasText: t.door.phones.has_names }).getByRole('link').first().click();
            await page.getByRole('button', { name: t.door.phones.names_forget }).waitFor();
        },
    },
    { name: 'desk, group mails, none yet', path: of('silent', '/mailings') },
    { name: 'desk, a new group mail', path: of('open', '/mailings/new') },
    {
        name: 'desk, a group mail is written', path: of('open', '/mailings/new'), shot: 'desk-group-mail',
        async steps(page, t) {
            await page.getByRole('button', { name: t.mailing.go_on, exact: true }).click();
            await page.waitForURL(/\/edit$/);
        },
    },
    {
        name: 'desk, a group mail before it is sent', path: of('open', '/mailings/new'), shot: 'desk-group-mail-look',
        async steps(page, t) {
            await page.getByRole('button', { name: t.mailing.go_on, exact: true }).click();
            await page.waitForURL(/\/edit$/);
            await page.getByRole('button', { name: t.mailing.save, exact: true }).click();
            await page.getByRole('heading', { name: t.mailing.look }).waitFor();
        },
    },
    {
        name: 'desk, a group mail that is planned', path: of('open', '/mailings/new'),
        async steps(page, t) {
            await page.getByRole('button', { name: t.mailing.go_on, exact: true }).click();
            await page.getByRole('button', { name: t.mailing.save, exact: true }).click();
            await page.locator('form[action$="/send"] button').click();
            await page.getByRole('button', { name: t.mailing.stop, exact: true }).waitFor();
        },
    },
    {
        name: 'desk, a group mail of which some failed', path: of('open', '/mailings/new'), shot: 'desk-group-mail-sent',
        async steps(page, t, { house: { database } }) {
            await page.getByRole('button', { name: t.mailing.go_on, exact: true }).click();
            await page.getByRole('button', { name: t.mailing.save, exact: true }).click();
            await page.locator('form[action$="/send"] button').click();
            const [path, id] = /^[^?]+mailings.([^?]+)/.exec(await page.getByRole('button', { name: t.mailing.stop }).evaluate(() => location.href));
            await database.query('update mailing set due_at = now() where mailing_id = $1', [id]);
            await until(() => database.value("select state = 'sent' from mailing where mailing_id = $1", [id]), () => 'the mails');
            await database.query(`update message set state = 'failed', code = 550, words = '5.1.1 no such user'
                where mailing_id = $1`, [id]);
            await page.goto(path);
        },
    },
    { name: 'desk, nobody invited', path: of('silent', '/invitations') },
    { name: 'desk, invitations', path: of('open', '/invitations'), shot: 'desk-invitations' },
    { name: 'desk, an invitation', path: ({ guests, slugs }) => `/desk/events/${slugs.open}/invitations/${guests.asked.id}`, shot: 'desk-invitation-of-guest' },
    {
        name: 'desk, invite, with errors', path: of('open', '/invitations/add'), shot: 'desk-invite',
        async steps(page, t) {
            await named(page, t.invitation.people).fill('Ada <ada@example.org>\nno address');
            await page.getByRole('button', { name: t.invitation.add_go, exact: true }).click();
            await page.getByRole('alert').waitFor();
        },
    },
    { name: 'desk, send invitations', path: of('open', '/invitations/send'), shot: 'desk-invitations-send' },
    { name: 'desk, remind', path: of('open', '/invitations/remind') },
    {
        name: 'desk, keep places', path: of('open', '/invitations/places'), shot: 'desk-kept-places',
        async steps(page, t) {
            await page.getByRole('button', { name: t.invitation.keep_go, exact: true }).click();
            await page.getByRole('alert').waitFor();
        },
    },
    { name: 'desk, group mails', path: of('open', '/mailings'), shot: 'desk-group-mails' },
    { name: 'desk, mails', path: of('open', '/messages'), shot: 'desk-mails' },
    { name: 'desk, no mails', path: of('silent', '/messages') },
    { name: 'desk, sender and spam', path: of('open', '/messages/sender'), shot: 'desk-sender' },
    {
        name: 'desk, a mail', path: of('open', '/messages'), shot: 'desk-mail',
        async steps(page) {
            await page.getByRole('rowheader').first().getByRole('link').click();
            await page.waitForURL(/\/messages\/[^?]+/);
        },
    },
    { name: 'desk, add a person', path: of('open', '/attendees/new'), shot: 'desk-add-person' },
    {
        name: 'desk, add a person, with errors', path: of('open', '/attendees/new'),
        async steps(page, t) {
            await page.getByRole('button', { name: t.add_person.save, exact: true }).click();
            await page.getByRole('alert').first().waitFor();
        },
    },
    {
        name: 'desk, add a person, asked whether another address is meant', path: of('open', '/attendees/new'),
        shot: 'desk-add-person-asked',
        async steps(page, t) {
            await page.locator('#email').fill('ada@gmial.com');
            await page.getByRole('button', { name: t.add_person.save, exact: true }).click();
            await page.locator('[name="keep_email"]').waitFor();
        },
    },
    { name: 'desk, publish', path: of('open', '/publish'), shot: 'desk-publish' },
    { name: 'desk, preview', path: of('open', '/publish/preview'), shot: 'desk-preview' },
    { name: 'desk, cancel the event', path: of('open', '/publish/cancel'), shot: 'desk-cancel' },
    { name: 'desk, versions', path: of('open', '/publish/versions'), shot: 'desk-versions' },
    { name: 'desk, copy the event', path: of('open', '/publish/copy'), shot: 'desk-copy' },
    {
        name: 'desk, copy the event, with errors', path: of('open', '/publish/copy'),
        async steps(page, t) {
            await page.getByRole('button', { name: t.publishing.copy.go, exact: true }).click();
            await page.getByRole('alert').waitFor();
        },
    },
    { name: 'desk, event file', path: of('open', '/publish/file') },
    { name: 'desk, profile', path: () => '/desk/organisers/biosaxony/profile', shot: 'desk-profile' },
    {
        name: 'desk, profile, with errors', path: () => '/desk/organisers/biosaxony/profile',
        async steps(page, t) {
            await named(page, t.profile.field.name.label).first().fill('');
            await page.getByRole('button', { name: t.profile.save, exact: true }).click();
            await page.getByRole('alert').waitFor();
        },
    },
    { name: 'desk, team', path: () => '/desk/team', shot: 'desk-team' },
    { name: 'desk, invite', path: () => '/desk/team/new', shot: 'desk-invite' },
    {
        name: 'desk, invite, with errors', path: () => '/desk/team/new',
        async steps(page, t) {
            await page.getByRole('button', { name: t.team.invite_go, exact: true }).click();
            await page.getByRole('alert').waitFor();
        },
    },
    {
        name: 'desk, a member', path: () => '/desk/team', shot: 'desk-member',
        async steps(page) {
            await page.getByRole('rowheader').first().getByRole('link').click();
            await page.waitForURL(/\/team\/members\/[^?]+/);
        },
    },
    { name: 'desk, an invitation', path: ({ invitation }) => `/desk/team/invitations/${invitation}`, shot: 'desk-invitation' },
    { name: 'desk, tokens', path: () => '/desk/tokens', shot: 'desk-tokens' },
    {
        name: 'desk, a new token', path: () => '/desk/tokens/new', shot: 'desk-token',
        async steps(page, t) {
            await named(page, t.team.token_name).fill('Caterer');
            await page.getByRole('radio').last().check();
            await page.getByRole('combobox').selectOption({ index: 1 });
            await page.getByRole('button', { name: t.team.token_make, exact: true }).click();
            await page.getByRole('heading', { name: t.team.token_made }).waitFor();
        },
    },
    { name: 'desk, log', path: () => '/desk/log', shot: 'desk-log' },
    { name: 'desk, log, nothing found', path: () => '/desk/log?since=2001-01-01&until=2001-01-01' },
];
