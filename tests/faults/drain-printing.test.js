// TERM while pool threads make PDFs, and while more requests wait than the pool accepts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { requestText, Wire } from './wire.js';

const house = await openHouse();
const event = await house.apply(plainEvent());

// → requests for so many PDFs, only a few per ticket
async function printouts(count) {
    const registered = await Promise.all(Array.from({ length: Math.ceil(count / 10) },
        () => house.signUp(event, plainGuest())));
    const tickets = registered.map((answer) => answer.json().attendees[0].ticket);
    return Array.from({ length: count }, (_, i) =>
        requestText('GET', `/tickets/${tickets[i % tickets.length]}/ticket.pdf`));
}

// Runs `meanwhile` while so many clients request a PDF at once. → their answers
async function printAtOnce(count, meanwhile = () => {}) {
    const texts = await printouts(count);
    const wires = await Promise.all(texts.map(() => new Wire(house.service).opened()));
    wires.forEach((wire, i) => wire.send(texts[i]));
    meanwhile();
    await Promise.all(wires.map((wire) => wire.answered(1)));
    return wires.flatMap((wire) => wire.answers);
}

test('more printouts than the pool takes are refused at once and the rest is made', async () => {
    const answers = await printAtOnce(400);
    const counts = { 200: 0, 503: 0 };
    for (const { status } of answers) counts[status] += 1;
    assert.equal(answers.length, 400);
    assert.equal(counts[200] + counts[503], 400, JSON.stringify(counts));
    assert.ok(counts[200] >= 200, JSON.stringify(counts));
    assert.ok(counts[503] > 0, JSON.stringify(counts));
});

test('TERM waits for the printouts that were asked for, and the service ends well', async () => {
    const answers = await printAtOnce(40, () => house.service.signal('SIGTERM'));
    await house.service.closed;
    assert.equal(house.service.child.exitCode, 0);
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
    assert.equal(answers.length, 40);
});
