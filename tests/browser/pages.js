// Every page in every state: its path and the steps to reach the state. To add a page, add an entry:
// all-pages.test.js checks it in all variants, and shots.js takes a picture if it has a `shot`.
//
//   name    of the page
//   path    ({slugs, made}) → its path; made: the registrations of world.js in its language
//   steps   async (page, t, {made…}) → brings it into its state; t: the wordings in its language
//   shot    the name of its picture
//   media   'print': on paper
//   docs    {width, scheme, language} of its picture in docs/screens/
import { readThrough } from '../harness/browser.js';
import { pattern, words } from '../harness/words.js';
import { deskPages } from './desk_pages.js';
import { doorPages } from './door_pages.js';

// → the path of a registration; below: one of its pages
const manage = (registration, below = '') => {
    const { pathname, search } = new URL(registration.manage_url);
    return pathname + below + search;
};
const attendee = ({ attendees: [{ id }] }) => `/attendees/${id}`;
const ticket = (registration) => new URL(registration.attendees[0].ticket_url).pathname;
const form = ({ slugs }) => `/events/${slugs.open}/register`;

export const named = (page, name) => page.getByRole('textbox', { name });

const send = (page, t) =>
    page.getByRole('button', { name: t.register.send, exact: true }).last().click();

export const pages = [
    { name: 'list of events', path: () => '/', shot: 'list' },
    {
        name: 'event, open', path: ({ slugs }) => `/events/${slugs.open}`, shot: 'event',
        docs: { width: 1280, scheme: 'light', language: 'en' },
    },
    { name: 'event, by access code', path: ({ slugs }) => `/events/${slugs.open}?code=SPEAKER-2022` },
    { name: 'event, wrong access code', path: ({ slugs }) => `/events/${slugs.open}?code=wrong` },
    { name: 'event, not yet open', path: ({ slugs }) => `/events/${slugs.notYetOpen}`, shot: 'event-not-yet-open' },
    { name: 'event, waiting list', path: ({ slugs }) => `/events/${slugs.waiting}`, shot: 'event-waiting-list' },
    { name: 'event, sold out', path: ({ slugs }) => `/events/${slugs.soldOut}`, shot: 'event-sold-out' },
    { name: 'event, closed', path: ({ slugs }) => `/events/${slugs.closed}`, shot: 'event-closed' },
    { name: 'event, cancelled', path: ({ slugs }) => `/events/${slugs.cancelled}`, shot: 'event-cancelled' },
    { name: 'event, by invitation', path: ({ slugs }) => `/events/${slugs.invited}`, shot: 'event-by-invitation' },
    { name: 'event, over', path: ({ slugs }) => `/events/${slugs.over}`, shot: 'event-over' },
    { name: 'event, who comes', path: ({ slugs }) => `/events/${slugs.live}` },
    { name: 'form, invited', path: ({ guests, slugs }) => `/events/${slugs.open}/register?invitation=${guests.asked.token}`, shot: 'form-invited' },
    { name: 'invitation, no', path: ({ guests }) => guests.asked.path, shot: 'invitation-no' },
    { name: 'invitation, said no', path: ({ guests }) => guests.no.path, shot: 'invitation-said-no' },
    { name: 'invitation, withdrawn', path: ({ guests }) => guests.gone.path, shot: 'invitation-withdrawn' },
    { name: 'API', path: () => '/api', shot: 'api' },
    { name: 'API, an operation', path: () => '/api/signUp', shot: 'api-operation' },
    { name: 'kinds of problems', path: () => '/problems', shot: 'problems' },
    { name: 'a kind of problem', path: () => '/problems/sold_out', shot: 'problems-sold-out' },
    { name: 'a kind of problem, without an operation', path: () => '/problems/broken_link', shot: 'problems-broken-link' },
    { name: 'no such kind of problem', path: () => '/problems/nothing' },
    { name: 'privacy notice', path: () => '/organisers/biosaxony/privacy', shot: 'privacy-notice' },
    {
        name: 'form, fresh', path: form, shot: 'form',
        docs: { width: 390, scheme: 'light', language: 'de' },
    },
    { name: 'form, with access code', path: (world) => `${form(world)}?code=SPEAKER-2022` },
    {
        name: 'form, with errors', path: form, shot: 'form-errors',
        async steps(page, t) {
            await named(page, t.register.email).first().fill('ada@');
            await send(page, t);
            await page.getByRole('alert').waitFor();
        },
    },
    {
        name: 'form, two attendees', path: form, shot: 'form-two',
        async steps(page, t) {
            await page.getByRole('button', { name: pattern(t.register.more) }).click();
            await page.getByRole('group', { name: pattern(t.register.attendee_number) }).nth(1).waitFor();
        },
    },
    { name: 'form, of a plain event', path: ({ slugs }) => `/events/${slugs.approval}/register` },
    { name: 'form, sold out', path: ({ slugs }) => `/events/${slugs.soldOut}/register` },
    { name: 'form, closed', path: ({ slugs }) => `/events/${slugs.closed}/register` },
    {
        name: 'form, refused', path: ({ slugs }) => `/events/${slugs.approval}/register`,
        async steps(page, t, { made }) {
            await named(page, t.register.email).first().fill(made.pending.email);
            await named(page, t.register.name).first().fill('Ada');
            await readThrough(page);
            await page.getByRole('button', { name: t.register.send_ask }).click();
            await page.getByRole('alert').waitFor();
        },
    },
    ...Object.entries({
        confirmed: 'confirmed', waitlisted: 'waiting', pending: 'pending', unverified: 'unverified',
        cancelled: 'cancelled', erased: 'erased', eventCancelled: 'of a cancelled event',
        ended: 'of an event that is over',
    }).map(([status, name]) => ({
        name: `registration, ${name}`, path: ({ made }) => manage(made[status]),
        shot: `registration-${name.replaceAll(' ', '-')}`,
    })),
    { name: 'change', path: ({ made }) => manage(made.confirmed, '/change'), shot: 'change' },
    { name: 'change, too late', path: ({ made }) => manage(made.late, '/change') },
    {
        name: 'change, with errors', path: ({ made }) => manage(made.confirmed, '/change'),
        async steps(page, t) {
            await named(page, t.register.name).first().fill('');
            await page.getByRole('button', { name: t.manage.save }).click();
            await page.getByRole('textbox', { name: t.register.name }).and(page.locator('[aria-invalid=true]')).first().waitFor();
        },
    },
    {
        name: 'hand on', path: ({ made }) => manage(made.confirmed, `${attendee(made.confirmed)}/hand-on`),
        shot: 'hand-on',
    },
    {
        name: 'hand on, with errors',
        path: ({ made }) => manage(made.confirmed, `${attendee(made.confirmed)}/hand-on`),
        async steps(page, t) {
            await page.getByRole('button', { name: t.manage.hand_on_send }).click();
            await page.getByRole('textbox', { name: t.manage.new_name }).and(page.locator('[aria-invalid=true]')).first().waitFor();
        },
    },
    {
        name: 'hand on, asked whether another address is meant',
        path: ({ made }) => manage(made.confirmed, `${attendee(made.confirmed)}/hand-on`), shot: 'hand-on-asked',
        async steps(page, t) {
            await page.locator('#email').fill('ada.lovelace.of.the.analytical.engines@gmial.com');
            await page.getByRole('button', { name: t.manage.hand_on_send }).click();
            await page.locator('[name="keep_email"]').waitFor();
        },
    },
    { name: 'consents', path: ({ made }) => manage(made.confirmed, '/consents'), shot: 'consents' },
    { name: 'cancel', path: ({ made }) => manage(made.confirmed, '/cancel'), shot: 'cancel' },
    {
        name: 'cancel one of several',
        path: ({ made }) => manage(made.confirmed, `${attendee(made.confirmed)}/cancel`),
    },
    { name: 'erase', path: ({ made }) => manage(made.confirmed, '/erase'), shot: 'erase' },
    { name: 'correct the address', path: ({ made }) => manage(made.unverified, '/address'), shot: 'address' },
    {
        name: 'verify', shot: 'verify',
        path: ({ made }) => manage(made.unverified, '/verify').replace(/key=.*/, `key=${made.unverified.verify_key}`),
    },
    { name: 'verify, wrong link', path: ({ made }) => manage(made.unverified, '/verify') },
    { name: 'send again', path: ({ slugs }) => `/events/${slugs.open}/resend`, shot: 'resend' },
    {
        name: 'send again, sent', path: ({ slugs }) => `/events/${slugs.open}/resend`,
        async steps(page, t) {
            await named(page, t.register.email).fill('nobody@example.org');
            await page.getByRole('button', { name: t.manage.resend_send }).click();
        },
    },
    {
        name: 'ticket, valid', path: ({ made }) => ticket(made.confirmed), shot: 'ticket',
        docs: { width: 390, scheme: 'dark', language: 'en' },
    },
    { name: 'ticket, on paper', path: ({ made }) => ticket(made.confirmed), media: 'print', shot: 'ticket-on-paper' },
    { name: 'ticket, cancelled, on paper', path: ({ made }) => ticket(made.cancelled), media: 'print' },
    { name: 'registration, on paper', path: ({ made }) => manage(made.confirmed), media: 'print', shot: 'registration-on-paper' },
    { name: 'ticket, cancelled', path: ({ made }) => ticket(made.cancelled), shot: 'ticket-cancelled' },
    { name: 'ticket, replaced', path: ({ made }) => ticket(made.handedOn), shot: 'ticket-replaced' },
    { name: 'ticket, expired', path: ({ made }) => ticket(made.expired) },
    ...doorPages,
    ...deskPages,
    { name: 'nothing there', path: () => '/nothing/here', shot: 'not-found' },
    { name: 'no such event', path: () => '/events/nowhere' },
    { name: 'a problem', path: () => '/?cursor=nonsense' },
    { name: 'wrong manage link', path: ({ made }) => manage(made.confirmed).replace(/key=.*/, 'key=wrong') },
];

// Brings a page into its state.
export async function arrive(page, { path, steps, isSignedOut, media = 'screen' }, world, language) {
    const there = { ...world, made: world.languages[language] };
    await page.emulateMedia({ media });
    if (isSignedOut) await page.context().clearCookies({ name: 'einlass' });
    else if (path(there).startsWith('/desk')) await world.owner.enter(page.context());
    await page.goto(path(there));
    await steps?.(page, words(language), there);
    await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' });
}
