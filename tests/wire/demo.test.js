// deploy/demo shows an event that could be a real one, and starts again as it was.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import https from 'node:https';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import guests from '../../deploy/guests.js';
import today from '../../deploy/today.js';
import { run } from '../harness/command.js';
import { createClient } from '../harness/http.js';
import { program, repository, temporaryDirectory } from '../harness/paths.js';
import { freePort } from '../harness/service.js';

// A checkout whose build is the program under test, and whose data is its own.
const checkout = temporaryDirectory();
symlinkSync(join(repository, 'deploy'), join(checkout, 'deploy'));
symlinkSync(dirname(dirname(program)), join(checkout, 'build'));
const demo = async (...words) => {
    const { status, stdout, stderr } = await run(join(checkout, 'deploy/demo'), words);
    assert.equal(status, 0, stdout + stderr);
    return stdout;
};
after(() => demo('reset'));

// → the answer of a page by HTTPS; `ca`: the only authority that is trusted
const getSecurely = (url, ca) => new Promise((resolve, reject) => {
    https.get(url, { ca, agent: false }, (answer) => resolve(answer.resume().statusCode)).on('error', reject);
});

// Does what docs/phone.md says, as a phone in the network: takes the certificate and opens the door.
async function tryPhone(said) {
    const [, host, path] = /http:\/\/([\d.:]+)(\/einlass-demo\.crt)/.exec(said);
    const certificate = await createClient(host).get(path);
    assert.equal(certificate.headers['content-type'], 'application/x-x509-ca-cert');
    const [, door] = /On your phone[^]*(https:\/\/127\.0\.0\.2:\d+\/door)#[0-9A-Z-]+/.exec(said);
    assert.equal(await getSecurely(door, certificate.body), 200);
    await assert.rejects(getSecurely(door), /certificate/, 'others do not trust it');
    assert.ok(!existsSync(join(checkout, 'var/phone/authority.key')), 'nobody can make another certificate');
    assert.equal((await createClient(host).get('/metrics')).status, 404);
}

const example = JSON.parse(readFileSync(join(repository, 'deploy/events/bionection.json'), 'utf8'));

test('its guests have names, companies and addresses as people have', () => {
    const registrations = guests.makeRegistrations().map(({ body }) => body);
    const attendees = registrations.flatMap((body) => body.attendees);
    assert.equal(attendees.length, 78);
    for (const { name, answers } of attendees) {
        assert.match(name, /^(Prof\. |Dr\. )*\p{Lu}[\p{L}’-]+( [\p{L}-][\p{L}’-]+)+$/u);
        assert.match(answers.company, /^\p{Lu}[\p{L}.,& -]+$|^biosaxony e\. V\.$/u);
    }
    for (const { email } of registrations) assert.match(email, /^[a-z.-]+@[a-z-]+\.example$/);
    for (const list of [attendees.map(({ name }) => name), registrations.map(({ email }) => email)])
        assert.equal(new Set(list).size, list.length);
    const speakers = attendees.filter((one) => one.ticket_type === 'speaker').map(({ name }) => name);
    assert.deepEqual(speakers.sort(), example.programme.flatMap((item) => item.speakers?.split(', ') ?? []).sort());
});

test('its programme fits the hour at which it starts', () => {
    for (let hour = 0; hour < 24; hour++) {
        const event = today.demoEvent(example, 80, Date.parse(`2026-06-12T${String(hour).padStart(2, '0')}:40:00+02:00`));
        const meal = event.programme.find(({ slug }) => slug === 'lunch'), at = meal.starts_at.slice(11);
        const fits = { Breakfast: ['05', '09'], Lunch: ['11', '14'], Dinner: ['17', '23'] }[meal.title.en];
        if (fits) assert.ok(fits[0] <= at && at < fits[1], `${meal.title.en} at ${at}`);
        else assert.ok(meal.title.en === 'Coffee break' || at > '23' || at < '05', `${meal.title.en} at ${at}`);
        assert.ok(!JSON.stringify(event).match(/[Ll]unch\b(?!")/) || meal.title.en === 'Lunch', 'the question names the same meal');
        for (const { starts_at, ends_at } of event.programme)
            assert.ok(event.starts_at <= starts_at && (ends_at ?? starts_at) <= event.ends_at);
        if (hour < 22) assert.equal(event.starts_at.slice(0, 10), event.ends_at.slice(0, 10), 'it is over before midnight');
    }
});

test('it starts again at the port of the last start, with its guests', async () => {
    const port = await freePort();
    const first = await demo('--port', port);
    assert.ok(first.includes(`http://127.0.0.1:${port}/events/bionection-ai`), first);
    const http = createClient(`127.0.0.1:${port}`);
    const [, ticket] = new RegExp(`a ticket +http://127\\.0\\.0\\.1:${port}(/tickets/\\w+)`).exec(first);
    const name = /<h1[^>]*>([^<]+)</.exec((await http.get(ticket)).body)[1];
    assert.ok(guests.makeRegistrations().some(({ body }) => body.attendees.some((one) => one.name === name)), name);
    const [, token] = /with the API token (\w+)/.exec(first);
    const inside = (await http.get('/api/v1/events/bionection-ai/attendees?present=true&limit=100', { token })).json();
    assert.equal(inside.attendees.length, 60);

    await demo('stop');
    const again = await demo('--phone=127.0.0.2');
    assert.ok(again.includes(`http://127.0.0.1:${port}${ticket}`), again);
    await tryPhone(again);
    await demo('reset');
    assert.ok(!existsSync(join(checkout, 'var')), 'reset forgets all of it');
});
