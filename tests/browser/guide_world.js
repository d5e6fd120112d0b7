// A service with an event of today and its 78 people, as an organiser sees them in the course of the morning,
// one event to come and one that is over. For the pictures of the organiser's guide.
import assert from 'node:assert/strict';
import { exampleEvent, plainEvent, plainGuest } from '../harness/events.js';
import { signIn } from '../harness/desk.js';
import { openHouse } from '../harness/house.js';
import { freePort } from '../harness/service.js';
import { startMail } from '../harness/smtp.js';
import { until } from '../harness/wait.js';

const given = ['Jana', 'Matthias', 'Leyla', 'Friedrich', 'Katharina', 'Tomasz', 'Anneliese', 'Minh', 'Sophie', 'Oskar',
    'Yasmin', 'Henrik', 'Beate', 'Samuel', 'Claudia', 'Emre', 'Franziska', 'Jonas', 'Ioana', 'Ulrich', 'Meike', 'Paul',
    'Aisha', 'Rainer', 'Zoë', 'Viktor'];
const family = ['Weber', 'Großmann', 'Aydın', 'Lindner', 'Köhler', 'Nowak', 'Schäfer', 'Nguyễn', 'Brandt', 'Hoffmann',
    'Petersen', 'Richter', 'García', 'Vogel', 'Krüger', 'Özdemir', 'Böhm', 'Seidel', 'Popescu', 'Franke', 'Jansen'];
const companies = ['Universität Leipzig', 'Helix Diagnostics', 'Stadt Leipzig', 'Zellwerk GmbH', 'Klinikum St. Georg',
    'Muldental Pharma', 'Kepler Analytics', 'Institut für Zelltherapie', 'Saxon Biotech AG', 'Ring Ventures', 'Pleiße Labs'];
const fields = ['life-science', 'medicine', 'ict', 'public'];
const diets = ['Vegetarian', 'No nuts, please', 'Vegan'];
const PEOPLE = 78, PRESS = 3, CAPACITY = 70, CAME = 41, DAY_MINUTES = 24 * 60;

const ascii = (text) => text.replace(/ı/g, 'i').replace(/ß/g, 'ss').normalize('NFD').replace(/[^\w .-]/g, '').toLowerCase();

function personOf(number) {
    const [first, last] = [given[(number * 7) % given.length], family[(number * 5) % family.length]];
    const company = companies[(number * number + 3) % companies.length];
    const lunch = number % 4 !== 0;
    return {
        email: `${ascii(first)}.${ascii(last)}@${ascii(company).replace(/[ .]+/g, '-')}.example`,
        attendee: { name: `${first} ${last}`, answers: { company, field: fields[number % 7 % 4], lunch,
            ...(lunch && number % 9 === 0 ? { diet: diets[number % 3] } : {}) } },
    };
}

// → a time zone in which it is between half past ten and half past eleven now
function morning() {
    const timeOf = (timeZone) => new Intl.DateTimeFormat('sv-SE', { timeZone, timeStyle: 'short' }).format(Date.now() - 30 * 60_000);
    return Intl.supportedValuesOf('timeZone').find((timeZone) => timeOf(timeZone).startsWith('10:'));
}

// → how long ago it was this time of today, in minutes
function minutesSince(time, timeZone) {
    const minutes = (text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
    return minutes(new Intl.DateTimeFormat('sv-SE', { timeZone, timeStyle: 'short' }).format()) - minutes(time);
}

const hour = (hours) => new Date(Date.now() + hours * 3600_000);
const local = (timezone, date, time) =>
    `${new Intl.DateTimeFormat('sv-SE', { timeZone: timezone, dateStyle: 'short' }).format(date)}T${time}`;

function eventsOf(timezone) {
    const on = (days, from, to) => ({ timezone, starts_at: local(timezone, hour(24 * days), from), ends_at: local(timezone, hour(24 * days), to) });
    const opens_at = local(timezone, hour(-24 * 42), '09:00');
    const today = exampleEvent({ ...on(0, '10:00', '14:00'), registration: { capacity: CAPACITY, waiting_list: true,
        opens_at, closes_at: undefined, changes_until: undefined } });
    const soon = plainEvent({ ...on(19, '18:00', '21:00'), title: { en: 'Founders’ evening', de: 'Gründerabend' },
        venue: { name: 'Kunsthalle am Park' }, registration: { capacity: 40, opens_at, closes_at: undefined } });
    const past = plainEvent({ ...on(-203, '10:00', '14:00'), title: { en: 'bionection meets Regenerative Medicine',
        de: 'bionection meets Regenerative Medizin' }, registration: { opens_at: local(timezone, hour(-24 * 240), '09:00'), closes_at: undefined } });
    return { today, soon, past };
}

class GuideWorld {
    async signUp(event, body) {
        const answer = await this.house.signUp(event, body);
        assert.equal(answer.status, 201, answer.body);
        return answer.json();
    }

    async fillToday() {
        const { today } = this.slugs;
        this.people = [];
        for (let number = 1; number <= PEOPLE; number++) {
            const { email, attendee } = personOf(number);
            const isPress = number % 23 === 0 && number / 23 <= PRESS, speaks = number % 8 === 5;
            this.people.push(await this.signUp(today, { email, language: number % 5 ? 'de' : 'en',
                consents: number % 3 ? ['privacy', 'photos'] : ['privacy'],
                ...(speaks ? { code: 'SPEAKER-2022' } : {}),
                attendees: [{ ...attendee, ...(speaks || isPress ? { ticket_type: speaks ? 'speaker' : 'press' } : {}) }] }));
        }
        // Sign-ups over six weeks, the more the nearer the event.
        const then = `select registration_id as its, now() - (1 + 40 * (1 - power(number / ${PEOPLE}.0, 0.6))) * interval '1 day'
            - number * interval '7 minutes' as at from registration`;
        for (const table of ['registration', 'message'])
            await this.house.database.query(`update ${table} set created_at = at from (${then}) as back where registration_id = its`);
        await this.house.database.query(`update ticket set issued_at = at from attendee, (${then}) as back
            where attendee.attendee_id = ticket.attendee_id and registration_id = its`);
        await this.house.database.query(`update registration set consents = (select jsonb_agg(one || jsonb_build_object('given_at', at))
            from jsonb_array_elements(consents) as one) from (${then}) as back where registration_id = its and consents <> '[]'`);
    }

    // Eight people are invited to the event to come: three register, one cannot come, and two have no mail yet.
    async invite(mail) {
        const path = `/api/v1/events/${this.slugs.soon}/invitations`;
        const people = Array.from({ length: 8 }, (none, i) => personOf(PEOPLE + 1 + i))
            .map(({ email, attendee: { name } }) => ({ email, name, language: 'de' }));
        const call = async (below, json) => {
            const answer = await this.house.http.post(`${path}${below}`, { json, headers: this.owner.headers });
            assert.equal(answer.status, 200, answer.body);
        };
        await call('/add', { people: people.slice(0, 6) });
        await call('/send', {});
        await call('/add', { people: people.slice(6) });
        for (const [index, { email, name }] of people.slice(0, 4).entries()) {
            const { parsed: { text } } = await mail.arrives(({ to, parsed: { subject } }) => to === email && /^Einladung/.test(subject));
            const [, invitation] = /register\?invitation=([^&\s]+)/.exec(text);
            const { pathname, search } = new URL(/http\S+\/invitations\/\S+/.exec(text)[0]);
            if (index < 3) await this.signUp(this.slugs.soon, plainGuest({ email, invitation, attendees: [{ name }] }));
            else await this.house.http.post(`${pathname}/decline${search}`, { form: { word: 'Leider bin ich dann im Urlaub.' } });
        }
    }

    // Phones at two doors, and most of the people, the first of them a quarter of an hour before the beginning.
    async openDoors() {
        const { today } = this.slugs;
        const pair = async (door, name, role) => {
            const path = `/desk/events/${today}/doors`;
            const answer = await this.house.http.post(path, { headers: this.owner.headers, form: { door, name, role } });
            assert.equal(answer.status, 303, answer.body);
            const page = await this.house.http.get(answer.headers.location, { headers: this.owner.headers });
            const [, code] = /class="pairing-code">([0-9A-Z-]+)</.exec(page.body);
            return (await this.house.http.post('/api/v1/devices', { json: { code } })).json().token;
        };
        const phones = [await pair('main', 'Tablet Foyer', 'staff'), await pair('main', 'Samsung 2', 'scanner'),
            await pair('speakers', 'Tablet Backstage', 'staff')];
        const coming = this.people.filter(({ attendees: [{ ticket }] }) => ticket).slice(0, CAME);
        for (const [index, { attendees: [{ ticket, ticket_type }] }] of coming.entries()) {
            const speaks = ticket_type === 'speaker';
            const answer = await this.house.scan(today, phones[speaks ? 2 : index % 2],
                { ticket, door: speaks ? 'speakers' : 'main' });
            assert.equal(answer.json().verdict, 'admitted', answer.body);
        }
        await this.house.database.query(`update scan set scanned_at = scanned_at - after, happened_at = happened_at - after, received_at = received_at - after, told_at = told_at - after, first_admitted_at = first_admitted_at - after,
            admitted_at = admitted_at - after from (select nonce as its, (${minutesSince('09:45', this.timezone) - 3} * sqrt(rank) + 1) * interval '1 minute' as after
                from (select nonce, percent_rank() over (order by md5(nonce::text)) as rank from scan) as ranked) as r where its = nonce`);
        await this.house.database.query(`update attendee set first_admitted_at = scan.scanned_at
            from scan where scan.attendee_id = attendee.attendee_id`);
        for (const [index, token] of phones.entries())
            await this.house.http.post(`/api/v1/events/${today}/device`, { token, json: { waiting: index === 1 ? 2 : 0, battery: [81, 46, 93][index] } });
    }

    // Two people cancel, and one is corrected.
    async change() {
        const person = `/desk/events/${this.slugs.today}/attendees/${this.people[50].attendees[0].id}`;
        const note = await this.house.http.post(`${person}/note`, { headers: this.owner.headers, form: { text: 'Podium, 12:00, Mikrofon 3' } });
        assert.equal(note.status, 303, note.body);
        for (const [index, id] of [this.people[55], this.people[60]].entries()) {
            const answer = await this.house.http.delete(`/api/v1/registrations/${id.id}${index ? '?tell=false' : ''}`, { headers: this.owner.headers });
            assert.ok(answer.status < 300, answer.body);
        }
    }
}

export async function openGuideWorld(host) {
    const world = new GuideWorld();
    const mail = await startMail();
    const wrong = personOf(47).email; // of somebody who stays registered, so that the desk tells of it
    mail.answer('recipient', { address: wrong, code: 550, words: '5.1.1 The email account that you tried to reach does not exist' });
    const port = await freePort();
    world.house = await openHouse({ settings: { smtp: mail.url, mail_from: 'events@example.org', listen: `127.0.0.1:${port}`, public_url: `http://${host}` } });
    world.port = port;
    world.timezone = morning();
    const events = eventsOf(world.timezone);
    world.slugs = Object.fromEntries(Object.entries(events).map(([name, { slug }]) => [name, slug]));
    for (const event of ['today', 'soon']) await world.house.apply(events[event]);
    await world.house.apply({ ...events.past, starts_at: events.today.starts_at, ends_at: events.today.ends_at });
    world.owner = await signIn(world.house, { role: 'owner', email: 'mara.lindner@example.org' });
    for (const [role, email] of [['manager', 'jonas.vogel@example.org'], ['door', 'welcome.desk@example.org'], ['viewer', 'city.office@example.org']])
        await signIn(world.house, { role, email });
    await world.fillToday();
    for (let number = 1; number <= 23; number++) {
        const { email, attendee: { name } } = personOf(number * 3);
        if (number <= 17) await world.signUp(world.slugs.soon, plainGuest({ email, attendees: [{ name }] }));
        await world.signUp(world.slugs.past, plainGuest({ email, attendees: [{ name }] }));
    }
    await world.house.apply(events.past);
    await world.change();
    await world.invite(mail);
    await world.openDoors();
    await until(async () => (await world.house.database.value(`select count(*)::integer from message where state in ('queued', 'sending')`)) === 0,
        () => 'all mails are sent');
    return world;
}
