// The service stops while its outbox waits for the database. No message is lost, and no freed memory is
// used (the sanitizers watch).
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { startMail } from '../harness/smtp.js';
import { until } from '../harness/wait.js';

async function openPost() {
    const mail = await startMail();
    const house = await openHouse({ settings: { smtp: mail.url, mail_from: 'tickets@einlass.example' } });
    return { mail, house, event: await house.apply(plainEvent()) };
}

const states = (house) => house.database.query('select state::text as state, tries, words from message');

// → the number of the service's queries that wait for a lock or sleep
const waiting = (house, text) => house.database.value(
    `select count(*)::integer from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()
        and wait_event_type in ('Lock', 'Timeout') and query ~ $1`, [text]);

// Locks the table, so the outbox waits.
async function openKeeper(house) {
    const { cluster, name } = house.database;
    const keeper = new pg.Client({ host: cluster.socket, user: 'einlass', database: name });
    after(() => keeper.end());
    await keeper.connect();
    return keeper;
}

test('messages that come out of the outbox when the service stops are not begun, and go later', async () => {
    const { mail, house, event } = await openPost();
    const keeper = await openKeeper(house);
    await house.signUp(event, plainGuest());
    await mail.arrives(() => true);
    await until(async () => (await states(house)).every(({ state }) => state === 'sent'));

    await house.database.query("update message set state = 'queued', due_at = now() + interval '2 seconds'");
    await keeper.query('begin; lock table message in share row exclusive mode');
    await until(() => waiting(house, 'skip locked'));
    await sleep(2000);
    await keeper.query('rollback; begin; lock table message in share row exclusive mode');
    await until(() => waiting(house, 'skip locked'));
    const stopped = house.service.stop();
    await sleep(500);
    await keeper.query('rollback');
    await stopped;
    const [message] = await states(house);
    assert.ok(['queued', 'sent'].includes(message.state), JSON.stringify(message));
    await house.service.start();
    await mail.arrives((letter) => letter !== mail.letters[0]);
});

test('a note that the database does not take when the service stops', async () => {
    const { mail, house, event } = await openPost();
    const { database } = house;
    // The query first fails and is retried; then it takes longer than the service waits.
    await database.query(
        `create function no() returns trigger language plpgsql as $$ begin raise 'not now'; end $$;
         create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(22); return new; end $$;
         create trigger refuse before update on message for each row when (new.state = 'sent') execute function no()`);
    await house.signUp(event, plainGuest());
    await mail.arrives(() => true);
    await database.query(
        `drop trigger refuse on message;
         create trigger wait before update on message for each row when (new.state = 'sent') execute function slow()`);
    await until(() => waiting(house, 'Notes how|set state = \\$5'));
    await house.service.stop();
});
