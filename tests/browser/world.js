// A service with an event, a registration and a ticket in every state that has a page of its own.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { blake2b } from '@noble/hashes/blake2b';
import { attendeeOf } from '../harness/attendee.js';
import { exampleEvent, exampleProgramme, guest, localTime, plainEvent, plainGuest } from '../harness/events.js';
import { languages } from '../harness/browser.js';
import { signIn } from '../harness/desk.js';
import { startDns } from '../harness/dns.js';
import { openHouse } from '../harness/house.js';

// What the DNS says of the sender: something in order, something odd, something missing.
const senderRecords = {
    'example.org TXT': ['v=spf1 +all'], 'mail._domainkey.example.org TXT': ['v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GN'],
    'example.org MX': ['mx.example.org'],
};

const title = (en, de) => ({ title: { en, de } });

const events = {
    open: exampleEvent({ registration: { capacity: 78 }, programme: exampleProgramme(),
        contact: { name: 'Jana Berger', email: 'events@example.org', phone: '+49 341 1234567', url: 'https://example.org' } }),
    notYetOpen: plainEvent({
        ...title('Autumn meeting', 'Herbsttreffen'), starts_at: localTime(72), ends_at: localTime(75),
        registration: { opens_at: localTime(24), closes_at: localTime(73) },
    }),
    invited: plainEvent({
        ...title('Evening for partners', 'Partnerabend'), starts_at: localTime(96), ends_at: localTime(120),
        ticket_types: [{ slug: 'partner', title: { en: 'Partner', de: 'Partner' }, code: 'PARTNER' }],
        registration: { approval: true, verify_email: true }, reply_to: 'events@example.org',
    }),
    waiting: plainEvent({
        ...title('Chamber concert', 'Kammerkonzert'), registration: { capacity: 1, waiting_list: true },
    }),
    soldOut: plainEvent({
        ...title('Guided tour', 'Führung'), registration: { capacity: 1, waiting_list: false },
    }),
    closed: plainEvent({
        ...title('Workshop', 'Werkstatt'), starts_at: localTime(-2), ends_at: localTime(2),
        registration: { opens_at: localTime(-99), closes_at: localTime(-1) },
    }),
    over: plainEvent({
        ...title('Summer party', 'Sommerfest'), starts_at: localTime(-30), ends_at: localTime(-26),
        registration: { opens_at: localTime(-99), closes_at: undefined },
    }),
    approval: plainEvent({
        ...title('Round table', 'Runder Tisch'), registration: { approval: true },
    }),
    verify: plainEvent({
        ...title('Open day', 'Tag der offenen Tür'), registration: { verify_email: true },
    }),
    cancelled: plainEvent({
        ...title('Excursion', 'Ausflug'), starts_at: localTime(72), ends_at: localTime(75),
    }),
    silent: plainEvent(title('Open house', 'Offenes Haus')), // no mails were written
    late: exampleEvent({ ...title('Course', 'Lehrgang'), registration: { changes_until: undefined } }),
    ended: plainEvent(title('Lecture', 'Vortrag')),
    live: exampleEvent({ ...title('Fair', 'Messe'), registration: { waiting_list: true, capacity: 12, email_needed_at_door: true },
        ticket_types: [{ slug: 'guest', title: { en: 'Guest', de: 'Gast' } }, { slug: 'press', title: { en: 'Press', de: 'Presse' }, capacity: 1 }],
        questions: exampleEvent().questions.map((question) => ({ ...question, needed_at_door: true })),
        who_comes: { shown: true, company: 'company' }, consents: [{ ...exampleEvent().consents[0], needed_at_door: true },
            exampleEvent().consents[1],
            { slug: 'names', version: 1, required: false, shows_name: true, label: { en: 'My name may appear here.', de: 'Mein Name darf hier stehen.' } }],
        doors: [{ slug: 'main', title: { en: 'Main', de: 'Haupttür' } }, { slug: 'back', title: { en: 'Back', de: 'Hintertür' } }] }),
};

// Changes of some events after the registrations.
const changes = {
    cancelled: { cancelled: true },
    late: { registration: { ...events.late.registration, changes_until: localTime(-1) } },
    ended: { starts_at: localTime(-5), ends_at: localTime(-1),
        registration: { opens_at: localTime(-99), closes_at: undefined } },
};

class World {
    constructor(house) {
        this.house = house;
        this.slugs = Object.fromEntries(Object.entries(events).map(([name, { slug }]) => [name, slug]));
        this.languages = {};
    }

    // → the registration from the answer
    async register(event, body) {
        const answer = await this.house.signUp(this.slugs[event], body);
        assert.equal(answer.status, 201, answer.body);
        return answer.json();
    }

    // A request to the API behind the registration's manage link.
    async act(method, registration, below = '', json = undefined) {
        const { pathname, search } = new URL(registration.manage_url);
        const answer = await this.house.http.request(method, `/api/v1${pathname}${below}${search}`, { json });
        assert.ok(answer.status < 300, answer.body);
    }

    async handOn(registration) {
        const [{ id }] = registration.attendees;
        await this.act('POST', registration, `/attendees/${id}/ticket`,
            { name: 'Grace Hopper', email: 'grace@example.org' });
    }

    // People come to the live event, one of them twice: by a phone without network.
    async open() {
        const phone = await this.house.device(this.slugs.live);
        for (const name of ['Ada Lovelace', 'Konrad Zuse', 'Grace Hopper']) {
            const ticket_type = name === 'Grace Hopper' ? 'press' : 'guest';
            const { attendees: [{ ticket }] } = await this.register('live', guest({ consents: ['privacy', 'names'],
                attendees: [{ name, ticket_type, answers: { company: 'biosaxony', lunch: false } }] }));
            for (const more of name === 'Konrad Zuse' ? [{}, { decided: 'admitted', door: 'back' }] : [{}])
                assert.equal((await this.house.scan(this.slugs.live, phone, { ticket, ...more })).status, 200);
        }
    }

    // Whom a phone without network let in at the live event without a ticket, and what became of it.
    // {known, unknown}: the nonces of two that wait.
    async admit() {
        const { headers } = this.owner;
        const path = `/api/v1/events/${this.slugs.live}/admissions`;
        const token = await this.house.device(this.slugs.live);
        const note = async (name, reason, minutesAgo) => {
            const nonce = randomUUID();
            const json = { nonce, name, reason, admitted_at: new Date(Date.now() - minutesAgo * 60_000).toISOString() };
            assert.equal((await this.house.http.post(path, { json, token })).status, 201);
            return nonce;
        };
        const settle = async (nonce, act, json) => {
            const { status, body } = await this.house.http.post(`${path}/${nonce}/${act}`, { json, headers });
            assert.equal(status, 204, body);
        };
        this.admissions = { known: await note('Konrad', 'Showed ID', 3),
            unknown: await note('Wilhelmine Freifrau von und zu Hohenstein-Wittgenstein', 'With someone we know: comes with the speaker', 7) };
        const { attendees: [{ id }] } = await this.register('live', guest({ attendees: [
            { name: 'Edith Clarke', ticket_type: 'guest', answers: { company: 'Grid Works', lunch: true } }] }));
        await settle(await note('Edith Clark', 'Invited in person', 12), 'match', { attendee: id });
        await settle(await note('Max Walker', 'The organiser approved it', 15), 'walk-in', { ticket_type: 'guest' });
        await settle(await note('Miss Take', 'Showed ID', 18), 'dismiss', {});
    }

    // An invitation whose link ends with the word "invited".
    async invite() {
        this.invitation = await this.house.database.value(
            `insert into team_invitation (invitation_id, organiser_id, email, email_key, role, is_mailed, hash, expires_at)
             select gen_random_uuid(), organiser_id, $1, $1, 'manager', true, $2, now() + interval '7 days'
               from organiser where slug = 'biosaxony' returning invitation_id`,
            ['invited@example.org', Buffer.from(blake2b('invited', { dkLen: 32 }))]);
    }

    // Guests who are asked to come, and what became of it: {asked, no, gone}: {id, path (of their link)}.
    async inviteGuests() {
        const { headers } = this.owner;
        const path = (rest) => `/events/${this.slugs.open}/invitations${rest}`;
        const post = (rest, json) => this.house.http.post(`/api/v1${path(rest)}`, { json, headers });
        const names = ['Ada Byron', 'Barbara Liskov', 'Charlotte Auerbach', 'Dorothy Hodgkin'];
        await post('/add', { people: names.map((name, at) => ({ name, email: `invited-${at}@example.org` })) });
        await post('/send', {});
        await post('/add', { people: [{ name: 'Emmy Murphy', email: 'invited-9@example.org', good_for: 5 }] });
        await this.house.database.query("update invitation_mail set state = 'sent', created_at = created_at - interval '2 days'");
        const { invitations } = (await this.house.http.get(`/api/v1${path('')}`, { headers })).json();
        this.guests = {};
        for (const [at, name] of ['asked', 'no', 'gone'].entries()) {
            const { id } = invitations[at];
            const { body } = await this.house.http.get(`/desk${path(`/${id}`)}`, { headers });
            const [, key] = /invitations\/[^?]+\?key=([a-z2-7]+)/.exec(body);
            this.guests[name] = { id, path: `${path(`/${id}`)}?key=${key}`, token: `${id}.${key}`, key };
        }
        await post(`/${this.guests.no.id}/decline`, { key: this.guests.no.key, word: 'I am on holiday then, enjoy it!' });
        await post(`/${this.guests.gone.id}/withdraw`, {});
        const mails = 'update invitation_mail set state = \'failed\', code = 550, words = \'5.1.1 no such user\'';
        await this.house.database.query(`${mails} where invitation_id = $1`, [invitations[3].id]);
    }

    async expire(registration) {
        await this.house.database.query(
            `update ticket set expires_at = now() - interval '1 second' where attendee_id = $1`,
            [registration.attendees[0].id]);
    }

    // Makes registrations in this language.
    // What stands at the foot of every page.
    async writeProfile() {
        const json = {
            name: 'biosaxony e. V.', contact_email: 'info@example.org', contact_phone: '+49 351 7965500',
            website: 'https://www.example.org/', imprint: { de: 'https://www.example.org/impressum' },
            privacy: { de: '# Wer\n\nWir speichern **Ihre** Daten 30 Tage lang.', en: '# Who\n\nWe keep **your** data for 30 days.' },
        };
        const token = await this.house.token();
        const answer = await this.house.http.request('PUT', '/api/v1/organisers/biosaxony/profile', { token, json });
        if (answer.status !== 200) throw new Error(answer.body);
    }

    async fill(language) {
        const rich = (names, changes) => guest({ language, ...changes,
            attendees: names.map((name) => ({ name, answers: { company: 'biosaxony', lunch: false } })) });
        const plain = (name) => plainGuest({ language, attendees: [{ name }] });
        const confirmed = await this.register('open', rich(['Ada Lovelace', 'Käthe Größe']));
        const made = {
            confirmed,
            waitlisted: await this.register('waiting', plain('Emmy Noether')),
            pending: await this.register('approval', plain('Sofja Kowalewskaja')),
            unverified: await this.register('verify', plain('Hypatia')),
            cancelled: await this.register('open', rich(['Maria Sibylla Merian'])),
            handedOn: await this.register('open', rich(['Lise Meitner'])),
            expired: await this.register('open', rich(['Caroline Herschel'])),
            erased: await this.register('open', rich(['Nobody'])),
            eventCancelled: await this.register('cancelled', plain('Mary Anning')),
            late: await this.register('late', rich(['Vera Rubin'])),
            ended: await this.register('ended', plain('Rosalind Franklin')),
        };
        await this.act('DELETE', made.cancelled);
        await this.handOn(made.handedOn);
        await this.expire(made.expired);
        await this.act('DELETE', made.erased, '/data');
        made.unverified.verify_key =
            attendeeOf(this.house).verifyKey(made.unverified, made.unverified.email);
        this.languages[language] = made;
    }
}

// settings: more settings of the service.
export async function openWorld({ settings } = {}) {
    const dns = await startDns(senderRecords);
    const world = new World(await openHouse({ settings: {
        mail_from: 'tickets@example.org', dkim_selector: 'mail', resolver: dns.address, ...settings } }));
    for (const event of Object.values(events)) await world.house.apply(event);
    await world.writeProfile();
    for (const event of ['waiting', 'soldOut']) await world.register(event, plainGuest());
    for (const language of languages) await world.fill(language);
    await world.open();
    await world.invite();
    world.owner = await signIn(world.house, { role: 'owner' });
    await world.inviteGuests();
    await world.admit();
    for (const [name, change] of Object.entries(changes))
        await world.house.apply({ ...events[name], ...change });
    return world;
}
