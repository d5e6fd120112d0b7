// The forms of the desk say in one way what may stay empty: "(optional)", once. What must be filled in says it
// to the browser. Nothing else is left to guess.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attendeeOf, attendeePath, expect } from '../harness/attendee.js';
import { signIn } from '../harness/desk.js';
import { exampleEvent, plainEvent } from '../harness/events.js';
import { openHouse } from '../harness/house.js';

const house = await openHouse();
const one = { languages: ['en'], title: 'Talk', summary: 'Short', description: 'Long' };
const texts = { ticket_types: [{ slug: 'guest', title: 'Guest' }, { slug: 'crew', title: 'Crew' }], questions: [{ slug: 'diet', label: 'Diet', kind: 'text', by_heart: undefined }],
    consents: [{ slug: 'photos', version: 1, required: false, label: 'Photos' }], doors: [{ slug: 'main', title: 'Door' }] };
const single = await house.apply(plainEvent({ ...one, ...texts, mail_texts: undefined, published: false }));
const several = await house.apply(exampleEvent({ starts_at: '2030-05-13T10:00', ends_at: '2030-05-14T14:00' }));
const { headers } = await signIn(house, { role: 'owner' });
const { registered } = attendeeOf(house);
const get = async (path) => (await expect(200, house.http.get(path, { headers: { ...headers, 'accept-language': 'en' } }))).body;

// → the controls for text, days and files of a page: {name, isRequired, isFilled, marks (how often "(optional)" stands
// at it), isOneOfSeveral (a text in one of several languages)}
function controls(html) {
    const found = [], legends = [];
    const labels = new Map([...html.matchAll(/<label[^>]* for="([^"]+)"[^>]*>([^]*?)<\/label>/g)].map(([, id, text]) => [id, text]));
    const marks = (text) => text.split('(optional)').length - 1;
    for (const [token, legend, tag] of html.matchAll(/<fieldset\b[^>]*>|<\/fieldset>|<legend\b[^>]*>([^]*?)<\/legend>|<(input|textarea)\b[^>]*>(?:[^<]*<\/textarea>)?/g)) {
        if (token.startsWith('<fieldset')) legends.push({ text: '', isTexts: / class="[^"]*\btexts\b/.test(token) });
        else if (token === '</fieldset>') legends.pop();
        else if (legend !== undefined) legends.at(-1).text = legend;
        else {
            const id = / id="([^"]*)"/.exec(token)?.[1], type = / type="([^"]*)"/.exec(token)?.[1] ?? tag;
            if (!id || /hidden|radio|checkbox|search|color/.test(type)) continue;
            found.push({ name: id, isRequired: / required/.test(token), isFilled: / value="[^"]/.test(token),
                marks: marks((labels.get(id) ?? '') + legends.map(({ text }) => text).join('')), isOneOfSeveral: legends.some(({ isTexts }) => isTexts) });
        }
    }
    return found;
}

// The names of the controls that say nothing, or say it twice.
const unclear = (html, mayBeSilent = () => false) => controls(html)
    .filter((one) => one.marks !== (one.isRequired ? 0 : 1) && !mayBeSilent(one)).map(({ name, marks }) => `${name}: ${marks}`);

const sections = ['what', 'where', 'text', 'contact', 'places', 'mails', 'door', 'privacy'];
const elements = ['tickets/new', 'questions/new', 'consents/new', 'doors/new', 'programme/new'];

test('every field of the editor of events says whether it may stay empty', async () => {
    for (const [slug, isSeveral] of [[single, false], [several, true]]) {
        let count = 0;
        for (const rest of [...sections, ...elements, 'picture']) {
            const html = await get(`/desk/events/${slug}/edit/${rest}`);
            // A number with a usual value has that, and a text that is needed is needed in one language.
            const silent = ({ isFilled, isOneOfSeveral, name, marks }) => marks === 0 && ((isFilled && /hours|most_attendees/.test(name)) ||
                (isSeveral && isOneOfSeveral && /^(title|label)\./.test(name)) || /^choices\./.test(name) || name === 'picture');
            assert.deepEqual(unclear(html, silent), [], `${rest} of ${slug}`);
            count += controls(html).length;
        }
        assert.ok(count > 40, `${count} fields`);
    }
    const html = await get(`/desk/events/${single}/edit/programme/new`);
    assert.match(html, /<legend>Ends <span class="optional">\(optional\)<\/span><\/legend>/);
    assert.match(await get(`/desk/events/${several}/edit/doors/new`), /<legend>[^<]*<span class="optional">\(optional\)<\/span><\/legend>\s*<p class="hint"[^>]*>[^]*?ticket_types/);
    assert.deepEqual(unclear(await get('/desk/events/new')), []);
});

test('every other form of the desk does', async () => {
    const registration = await registered(several, { email: 'ada@example.org', consents: ['privacy'],
        attendees: [{ name: 'Ada', answers: { company: 'x', lunch: true } }, { name: 'Bob', answers: { company: 'x', lunch: true } }] });
    const person = `/desk/events/${several}${attendeePath(registration, 0)}`;
    const mailing = await expect(303, house.http.post(`/desk/events/${several}/mailings`, { headers, form: { purpose: 'coming' } }));
    const quiet = {
        text: 'a file is another way', file: 'lines are another way', chosen: 'a text is another way', // invitations, import, event file
        password: 'signing in by a link needs none', sheet: 'filled in by a script', good_for: 'has a value', at: 'only for a later time',
    };
    const isSilent = ({ name, marks, isRequired }) => marks === 0 && !isRequired && name in quiet || /^texts\.\w+\.(subject|text)$/.test(name); // a mailing's languages
    for (const path of ['/desk/organisers/biosaxony/profile', '/desk/team/new', '/desk/tokens/new', '/desk/account',
        `/desk/events/${several}/attendees/new`, `/desk/events/${several}/attendees/import`, `/desk/events/${several}/doors`,
        `/desk/events/${several}/invitations/add`, `/desk/events/${several}/invitations/places`,
        `/desk/events/${single}/publish/copy`, `/desk/events/${several}/publish/cancel`, `/desk/events/${several}/publish/file`,
        mailing.headers.location.replace(/(\/edit)?([?].*)?$/, '/edit'), person, ...['correct', 'hand-on', 'cancel', 'cancel-all', 'resend', 'ticket-type', 'erase'].map((action) => `${person}/${action}`)])
        assert.deepEqual(unclear(await get(path), isSilent), [], path);
});
