// Without a mail server messages are stored, and the event's link shows them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simpleParser } from 'mailparser';
import { exampleEvent, guest, plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';

const house = await openHouse();
const event = await house.apply(exampleEvent());
const registered = (await house.signUp(event, guest())).json();

async function link(settings) {
    const printed = await house.mustCommand(['message', 'list', event], { settings });
    return printed.match(/read them at http:\/\/[^/]+(\/\S+)/)?.[1];
}

test('the list of messages tells where they are read, and the way from there', async () => {
    const path = await link();
    const page = await house.http.get(path);
    assert.equal(page.status, 200, page.body);
    assert.match(page.body, /You are in/);
    assert.match(page.headers['x-robots-tag'], /noindex/);
    const [, letter] = page.body.match(/href="(\/events\/[^"]+\/messages\/[^"]+)"/);
    const shown = await house.http.get(letter.replaceAll('&#x3D;', '=').replaceAll('&amp;', '&'));
    assert.equal(shown.status, 200, shown.body);
    assert.match(shown.body, /Your ticket: bionection meets Artificial Intelligence/);
    assert.ok(shown.body.includes(registered.id), 'the text with its manage link');
    const [html, file] = ['html', 'file'].map((end) => letter.replaceAll('&#x3D;', '=').replace('?', `/${end}?`));
    const seen = await house.http.get(html);
    assert.equal(seen.status, 200);
    assert.deepEqual(seen.headers['content-security-policy'],
        "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; frame-ancestors 'none'");
    const [, picture] = seen.body.match(/<img src="([^"]+)"/);
    assert.equal((await house.http.get(picture)).headers['content-type'], 'image/png');
    const saved = await house.http.get(file);
    assert.equal(saved.headers['content-type'], 'message/rfc822');
    const parsed = await simpleParser(saved.bytes);
    assert.deepEqual(parsed.attachments.map(({ contentType }) => contentType).sort(),
        ['application/pdf', 'image/png', 'text/calendar']);
});

test('a letter that was overtaken says so, and no place on a list that nobody has any more', async () => {
    const event = await house.apply(plainEvent({ registration: { capacity: 1, waiting_list: true } }));
    const [first, second] = [(await house.signUp(event, plainGuest())).json(), (await house.signUp(event, plainGuest())).json()];
    const list = new URL(/read them at (\S+)/.exec(await house.mustCommand(['message', 'list', event]))[1]);
    const path = `${list.pathname}/${second.id}/${second.id}${list.search}`;
    const letter = async () => (await house.http.get(path)).body;
    assert.match(await letter(), /You are number 1 on the waiting list/);
    assert.match(await letter(), /waiting<\/dd>/);
    const manage = new URL(first.manage_url);
    assert.ok((await house.http.delete(`/api/v1${manage.pathname}${manage.search}`)).status < 300);
    assert.doesNotMatch(await letter(), /You are number/);
    assert.match(await letter(), /overtaken<\/dd>/);
});

test('another key, or none, opens nothing', async () => {
    const path = await link();
    for (const wrong of [path.split('?')[0], `${path.slice(0, -1)}${/a$/i.test(path) ? 'q' : 'a'}`,
        path.replace(/key=.*/, `key=${new URL(registered.manage_url).searchParams.get('key')}`)])
        assert.equal((await house.http.get(wrong)).status, 404, wrong);
    const other = await house.apply(exampleEvent());
    assert.equal((await house.http.get(path.replace(event, other))).status, 404, 'one key, one event');
});

test('an event without messages says so', async () => {
    const other = await house.apply(exampleEvent());
    const printed = await house.mustCommand(['message', 'list', other]);
    const page = await house.http.get(printed.match(/http:\/\/[^/]+(\/\S+)/)[1]);
    assert.match(page.body, /No mail yet/);
});

test('with a mail server set the pages are not there, and the link is not told', async () => {
    const path = await link();
    const smtp = 'smtp://localhost:9';
    assert.equal(await link({ smtp }), undefined);
    await house.service.stop();
    await house.serve({ smtp });
    assert.equal((await house.http.get(path)).status, 404);
});
