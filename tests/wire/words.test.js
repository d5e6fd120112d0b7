// What the database says is success only if the head of the statement declares it so.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { api, attendeeOf, expect } from '../harness/attendee.js';
import { plainEvent } from '../harness/events.js';
import { openHouse } from '../harness/house.js';

const house = await openHouse();
const { registered } = attendeeOf(house);
const event = await house.apply(plainEvent());

const define = (body) => house.database.query(
    `create or replace function cancel_registration(the_event uuid, the_registration uuid) returns text
     language plpgsql as $body$ ${body} $body$`);
const [{ prosrc: ours }] = await house.database.query(
    "select prosrc from pg_proc where proname = 'cancel_registration'");
after(() => define(ours));

async function cancel() {
    const registration = await registered(event);
    return house.http.delete(api(registration));
}

test('an outcome that no head declares answers 500, and the log names the file and the word', async () => {
    await expect(200, cancel());
    await define("begin return 'surprise'; end");
    await expect(500, cancel(), 'internal');
    const { level, statement, column, word } = await house.service.logs('unknown_word');
    assert.deepEqual({ level, statement, column, word },
        { level: 'error', statement: 'registration/act', column: 'outcome', word: 'surprise' });
});

test('an outcome that only another statement declares answers 500, too', async () => {
    await define("begin return 'verified'; end");
    await expect(500, cancel(), 'internal');
});

test('a statement that the database refuses answers 500, and the log says why', async () => {
    await define("begin raise exception 'not today' using errcode = 'check_violation'; end");
    await expect(500, cancel(), 'internal');
    const { level, statement, sqlstate, reason } = await house.service.logs('statement_refused');
    assert.deepEqual({ level, statement, sqlstate, reason },
        { level: 'warning', statement: 'registration/act', sqlstate: '23514', reason: 'not today' });
    await define(ours);
    await expect(200, cancel());
});
