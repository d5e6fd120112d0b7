// A new feature needs only its folder and its name in a list. tests/greeting is a program with one more
// feature, which has everything that a feature may have.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

process.env.EINLASS_BINARY =
    fileURLToPath(new URL('../../build-tests/tests/greeting/einlass-greeting', import.meta.url));
const { openHouse } = await import('../harness/house.js');
const house = await openHouse();

test('its route answers as JSON and as a page with its words', async () => {
    const answer = await house.http.get('/api/v1/greeting?name=Ada');
    assert.equal(answer.status, 200, answer.body);
    assert.equal(answer.json().greeting, 'Hello, Ada');
    const page = await house.http.get('/greeting?name=Ada&lang=de');
    assert.match(page.body, /<title>Ein Gruß/);
    assert.match(page.body, /<h1>Hello, Ada<\/h1>/);
});

test('its outcomes are words of its statement', async () => {
    assert.equal((await house.http.get('/api/v1/greeting')).status, 404);
});

test('its state counts from one request to the next', async () => {
    const before = (await house.http.get('/api/v1/greeting?name=Ada')).json().count;
    assert.equal((await house.http.get('/api/v1/greeting?name=Ada')).json().count, before + 1);
    const { body } = await house.http.get('/metrics');
    assert.match(body, new RegExp(`^einlass_greetings_total ${before + 1}$`, 'm'));
});

test('its command is told and runs', async () => {
    assert.match(await house.mustCommand(['--help']), /greeting say NAME/);
    assert.equal(await house.mustCommand(['greeting', 'say', 'Ada']), 'Hello, Ada\n');
    assert.equal((await house.command(['greeting', 'say'])).status, 2);
});

test('the features that were there are still there', async () => {
    assert.equal((await house.http.get('/healthz')).status, 200);
    assert.equal((await house.http.get('/api/v1/events')).status, 200);
});
