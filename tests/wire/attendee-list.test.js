// What the list finds, in which order and how many, is exact at any moment: before its index has the
// attendees, while they change, and afterwards.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exampleEvent, guest, plainEvent, plainGuest } from '../harness/events.js';
import { openHouse } from '../harness/house.js';
import { until } from '../harness/wait.js';

const house = await openHouse();
const event = await house.apply(exampleEvent({
    registration: { capacity: 100, waiting_list: true, once_per_email: false, most_attendees: 3 },
}));
const manager = await house.token();
const idOf = (slug) => house.database.value('select event_id from event where slug = $1', [slug]);
const id = await idOf(event);

async function list(query = {}, of = event) {
    const answer = await house.http.get(
        `/api/v1/events/${of}/attendees?${new URLSearchParams(query)}`, { token: manager });
    assert.equal(answer.status, 200, answer.body);
    return answer.json();
}
const names = async (query, of) => (await list(query, of)).attendees.map(({ name }) => name);

async function add(name, { answers, attendee, ...more } = {}) {
    const answer = await house.signUp(event, guest({
        ...more, attendees: [{ name, ...attendee, answers: { company: 'Acme', lunch: false, ...answers } }],
    }), { token: manager });
    assert.equal(answer.status, 201, answer.body);
    return answer.json();
}

// Holds the job up, as if it did not run. A test that failed meanwhile may have left it so.
let held = null;
async function stopJob(of = id) {
    await held?.();
    const client = await house.database.pool.connect();
    client.unref(); // a failure ends the test all the same
    await client.query('begin');
    await client.query('select lock_attendee_search($1)', [of]);
    held = async () => {
        held = null;
        await client.query('rollback');
        client.release();
    };
    return held;
}

const missing = (of = id) => house.database.value(
    `select registrations - coalesce(number, 0) + (select count(*) from attendee_changed where event_id = $1)::integer
       from tally left join attendee_search_progress using (event_id) where event_id = $1`, [of]);
const indexed = (of = id) => until(async () => await missing(of) === 0);

let goOn = await stopJob();
const photos = { consents: ['privacy', 'photos'] };
const people = {
    ben: await add('Ben Zander', { email: 'ben@north.example', answers: { field: 'ict', lunch: true }, ...photos }),
    anna: await add('Anna Müller', { email: 'anna@acme.example', language: 'de', answers: { company: 'Öko Bau', field: 'medicine' } }),
    carl: await add('Carl von Adler', { email: 'carl@acme.example', answers: { field: 'ict' }, attendee: { ticket_type: 'press' } }),
    dora: await add('Dora Berg', { email: 'dora@south.example', code: 'SPEAKER-2022', attendee: { ticket_type: 'speaker' } }),
    again: await add('Anna Again', { email: 'anna@acme.example', answers: { field: 'public' } }),
    erik: await add('Erik Cohn', { email: 'erik@west.example', ...photos }),
    back: await add('Frida Falk', { email: 'frida@east.example', attendee: { ticket_type: 'press' } }),
};
const decline = { token: manager, json: { status: 'declined' } };
assert.equal((await house.http.patch(`/api/v1/registrations/${people.back.id}`, decline)).status, 200);
people.comes = await add('Frida Falk', { email: 'frida@east.example' });
await house.http.delete(`/api/v1/registrations/${people.erik.id}`, { token: manager });
const device = await house.device(event);
const speakers = await house.device(event, 'speakers');
const come = async (who, token, door) => assert.equal((await house.scan(event, token,
    { door, ticket: people[who].attendees[0].ticket })).json().verdict, 'admitted');
await come('dora', speakers, 'speakers');
await come('ben', device, 'main');

const ben = 'Ben Zander', anna = 'Anna Müller', carl = 'Carl von Adler', dora = 'Dora Berg';
const again = 'Anna Again', erik = 'Erik Cohn', frida = 'Frida Falk';
const everybody = [ben, anna, carl, dora, again, erik, frida, frida];

// Each filter with the names that it finds, oldest first.
const filters = [
    [{}, everybody],
    [{ q: 'muller' }, [anna]],
    [{ q: 'Öko anna' }, [anna]],
    [{ q: 'acme.example' }, [anna, carl, again]],
    [{ q: '@acme.example', ticket_type: 'guest' }, [anna, again]],
    [{ q: 'be' }, [ben, dora]],
    [{ q: 'nobody here' }, []],
    [{ q: 'zq' }, []],
    [{ q: 'b' }, [ben, anna, dora, again]],
    [{ q: 'be', list: 'came', sort: 'name' }, [dora, ben]],
    [{ q: 'r@' }, []],
    [{ q: '_' }, []],
    [{ list: 'coming' }, [ben, anna, dora, again, frida]],
    [{ list: 'to_approve' }, [carl]],
    [{ list: 'cancelled' }, [erik, frida]],
    [{ list: 'waiting' }, []],
    [{ list: 'unverified' }, []],
    [{ list: 'came' }, [ben, dora]],
    [{ list: 'not_yet' }, [anna, again, frida]],
    [{ list: 'not_yet', q: 'anna' }, [anna, again]],
    [{ status: 'pending' }, [carl]],
    [[['ticket_type', 'press'], ['ticket_type', 'speaker']], [carl, dora, frida]],
    [{ answer: 'field:ict' }, [ben, carl]],
    [[['answer', 'field:ict'], ['answer', 'field:medicine']], [ben, anna, carl]],
    [[['answer', 'field:ict'], ['answer', 'lunch:true']], [ben]],
    [{ answer: 'lunch:false', list: 'came' }, [dora]],
    [{ consent: 'photos' }, [ben, erik]],
    [{ no_consent: 'photos', list: 'coming' }, [anna, dora, again, frida]],
    [{ language: 'de' }, [anna]],
    [{ door: 'speakers' }, [dora]],
    [[['door', 'speakers'], ['door', 'main']], [ben, dora]],
    [{ admitted: 'false', list: 'coming' }, [anna, again, frida]],
    [{ present: 'true' }, [ben, dora]],
    [{ repeated: 'true' }, [anna, again]],
    [{ repeated: 'false', ticket_type: 'guest' }, [ben, erik, frida]],
    [{ declined_before: 'true' }, [frida]],
    [{ declined_before: 'false', q: 'frida' }, [frida]],
];
const lists = { all: 8, coming: 5, to_approve: 1, waiting: 0, cancelled: 2, unverified: 0, came: 2, not_yet: 3 };
const orders = {
    oldest: everybody, newest: everybody.toReversed(),
    name: [carl, again, dora, erik, frida, frida, anna, ben],
    ticket_type: [ben, anna, again, erik, frida, carl, frida, dora],
    checked_in: [ben, dora, frida, frida, erik, again, carl, anna],
    'answers.company': [ben, carl, dora, again, erik, frida, frida, anna],
};

async function findsAll() {
    for (const [query, found] of filters)
        assert.deepEqual(await names(query), found, JSON.stringify(query));
    for (const [sort, found] of Object.entries(orders))
        assert.deepEqual(await names({ sort }), found, sort);
    assert.deepEqual((await list()).lists, lists);
    assert.deepEqual((await list({ list: 'came' })).lists, lists);
    assert.deepEqual((await list({ q: 'anna', list: 'cancelled' })).lists,
        { all: 2, coming: 2, to_approve: 0, waiting: 0, cancelled: 0, unverified: 0, came: 0, not_yet: 2 });
}

test('every filter, order and count is right before the index has anybody, and after', async () => {
    assert.equal(await house.database.value('select count(*)::integer from attendee_search'), 0);
    await findsAll();
    await goOn();
    await indexed();
    assert.equal(await house.database.value('select count(*)::integer from attendee_search'), 8);
    await findsAll();
});

test('a wrong value of a filter is named', async () => {
    for (const [name, value] of [['list', 'all'], ['sort', 'size'], ['sort', 'answers.gone'], ['sort', 'answers.field'], ['language', 'fr'], ['door', 'back'],
        ['consent', 'gone'], ['no_consent', 'gone'], ['answer', 'field'], ['answer', 'field:gone'],
        ['answer', 'company:Acme'], ['declined_before', 'maybe'], ['cursor', '1.1.!'], ['cursor', '1']]) {
        const answer = await house.http.get(`/api/v1/events/${event}/attendees?${new URLSearchParams({ [name]: value })}`,
            { token: manager });
        assert.equal(answer.status, 400, `${name}=${value}`);
        assert.equal(answer.json().data.parameter, name);
    }
});

test('what changes while the job does not run is found as it is, at once', async () => {
    goOn = await stopJob();
    const corrected = await house.http.patch(`/api/v1/registrations/${people.ben.id}`, { token: manager, json: {
        attendees: [{ id: people.ben.attendees[0].id, name: 'Ben Abel Zander',
            answers: { company: 'Nordlicht', field: 'public', lunch: true } }] } });
    assert.equal(corrected.status, 200, corrected.body);
    assert.deepEqual(await names({ q: 'abel nordlicht' }), ['Ben Abel Zander']);
    assert.deepEqual(await names({ answer: 'field:ict' }), [carl]);
    assert.deepEqual(await names({ answer: 'field:public' }), ['Ben Abel Zander', again]);
    const approve = { token: manager, json: { status: 'confirmed' } };
    assert.equal((await house.http.patch(`/api/v1/registrations/${people.carl.id}`, approve)).status, 200);
    assert.deepEqual(await names({ list: 'to_approve' }), []);
    assert.deepEqual(await names({ q: 'adler', list: 'coming' }), [carl]);
    await house.http.delete(`/api/v1/registrations/${people.again.id}`, { token: manager });
    assert.deepEqual(await names({ repeated: 'true' }), []);
    assert.deepEqual(await names({ list: 'cancelled', q: 'anna' }), [again]);
    assert.equal(await house.database.value(
        `select count(*)::integer from attendee_search where text like '%nordlicht%'`), 0, 'the index did not have it');
    const { lists: now } = await list();
    assert.deepEqual([now.coming, now.to_approve, now.cancelled], [5, 0, 3]);
    await goOn();
    await indexed();
    assert.deepEqual(await names({ q: 'abel nordlicht' }), ['Ben Abel Zander']);
    assert.equal(await house.database.value(
        `select count(*)::integer from attendee_search where text like '%nordlicht%'`), 1);
});

test('control: a change that nothing notes is not found, so it is the note that makes the list exact', async () => {
    const rename = (text) => house.database.query(
        `update attendee set search = $2 where event_id = $1 and name = 'Dora Berg'`, [id, text]);
    await indexed();
    goOn = await stopJob();
    await house.database.query('alter table attendee disable trigger search_changed');
    await rename('unnoted');
    assert.deepEqual(await names({ q: 'unnoted' }), []);
    await house.database.query('alter table attendee enable trigger search_changed');
    await rename('noted');
    assert.deepEqual(await names({ q: 'noted' }), [dora]);
    await rename('dora berg\ndora@south.example\nacme');
    await goOn();
    await indexed();
});

test('a change that commits while the job writes is not lost', async () => {
    const client = await house.database.pool.connect();
    await client.query('begin');
    await client.query(`update attendee set search = 'slow\n' || search where event_id = $1 and name = 'Dora Berg'`, [id]);
    await add('Gisela Quick', { email: 'gisela@north.example' });
    await until(async () => await missing() === 0); // the job has run, and did not see the change
    await client.query('commit');
    client.release();
    assert.deepEqual(await names({ q: 'slow' }), [dora]);
    await indexed();
    assert.deepEqual(await names({ q: 'slow' }), [dora]);
});

test('erasing leaves nothing in the index, in the same transaction', async () => {
    const { registration } = (await list({ q: 'gisela' })).attendees[0];
    const rows = () => house.database.value(
        `select count(*)::integer from attendee_search where event_id = $1 and text like '%gisela%'`, [id]);
    await indexed();
    assert.equal(await rows(), 1);
    goOn = await stopJob();
    const erasing = house.http.delete(`/api/v1/registrations/${registration.id}/data`, { token: manager });
    await until(async () => await house.database.value(
        `select count(*)::integer from pg_locks where locktype = 'advisory' and not granted`) > 0);
    assert.equal(await rows(), 1); // it waits for the job, which could write it back
    await goOn();
    const answer = await erasing;
    assert.ok(answer.status < 300, answer.body);
    assert.equal(await rows(), 0);
    assert.deepEqual(await names({ q: 'gisela' }), []);
    await indexed();
    assert.equal(await rows(), 0);
});

test('pages in every order neither skip nor repeat anybody while people register', async () => {
    const paged = await house.apply(plainEvent({ registration: { capacity: 500 },
        questions: [{ slug: 'note', label: 'Note', kind: 'text' }] }));
    const register = async (name) => assert.equal(
        (await house.signUp(paged, plainGuest({ attendees: [{ name }] }))).status, 201);
    const surnames = ['Ost', 'Alt', 'Zorn', 'Berg', 'Berg', 'Kern', 'Udet', 'Lang', 'Ost', 'Ahn', 'Ritz'];
    for (const [i, surname] of surnames.entries()) await register(`First${i} ${surname}`);
    const first = (await list({}, paged)).attendees.map(({ id: one }) => one);
    const ticket = (await list({}, paged)).attendees[4].ticket;
    await house.scan(paged, await house.device(paged), { ticket });
    let count = 0;
    for (const sort of ['oldest', 'newest', 'name', 'ticket_type', 'checked_in', 'answers.note']) {
        for (const q of ['', 'first']) {
            const seen = [];
            let cursor = '';
            do {
                const { attendees, next } = await list({ sort, q, limit: '3', ...(cursor && { cursor }) }, paged);
                seen.push(...attendees.map(({ id: one }) => one));
                cursor = next;
                if (count < 20) await register(`New${count++} First`);
            } while (cursor);
            assert.equal(new Set(seen).size, seen.length, `${sort} ${q}: nobody twice`);
            assert.deepEqual(first.filter((one) => !seen.includes(one)), [], `${sort} ${q}: nobody missed`);
        }
    }
});

// What a page reads is counted in pages of the database, because time depends on the machine.
const large = await house.apply(plainEvent({ registration: { capacity: 50_000 },
    questions: [{ slug: 'note', label: 'Note', kind: 'text' }], consents: exampleEvent().consents }));
const largeId = await idOf(large);
for (const table of ['registration', 'attendee', 'attendee_search'])
    await house.database.query(`alter table ${table} set (autovacuum_enabled = off)`);

async function fill(count) {
    await house.database.query(`
        with made as (
            select n, gen_random_uuid() as registration_id from generate_series(1, $2::integer) as n
        ), registered as (
            insert into registration (event_id, registration_id, number, status, email, email_key, once_per_email, language, fingerprint, consents)
            select $1, registration_id, n, 'confirmed', n || '@example.org', n || '@example.org', true, 'en', '\\x00',
                   '[{"slug": "privacy", "version": 1, "given_at": "2026-01-01T00:00:00Z"}]' from made
        )
        insert into attendee (event_id, attendee_id, registration_id, position, ticket_type, status, name, search)
        select $1, gen_random_uuid(), registration_id, 1, 'guest', case when n % 9999 = 7 then 'pending' else 'confirmed' end::registration_status,
               'Attendee ' || n, 'attendee ' || n || chr(10) || n || '@example.org' from made`, [largeId, count]);
}

async function pagesRead(filter, sort = 'newest') {
    const [{ 'QUERY PLAN': [{ Plan: plan }] }] = await house.database.query(
        `explain (analyze, buffers, timing off, format json) select * from attendee_page($1, $2, $3, null, 101, true)`,
        [largeId, filter, sort]);
    return plan['Shared Hit Blocks'] + plan['Shared Read Blocks'];
}

test('a rare word, a rare status, a missing consent and a first page read little of a large event', async () => {
    const lacks = { none: [{ consents: ['privacy'] }] };
    const queries = [
        [{ list: 'to_approve' }], [{ words: ['%10432%'] }], [{}, 'newest'], [{}, 'name'], [{ list: 'coming' }, 'name'],
        [lacks], [{ list: 'came' }, 'checked_in'], [{ words: ['%example.org%'] }, 'name'], [{ any: [[{ language: 'de' }]] }],
    ];
    goOn = await stopJob(largeId);
    await fill(11_000);
    const note = (name, words) => house.database.query(
        `update attendee set search = search || $3 where event_id = $1 and name = $2`, [largeId, name, words]);
    await note('Attendee 500', ' xt');
    assert.deepEqual((await names({ q: '10432@' }, large)), ['Attendee 10432']);
    // The control: without the index all of it is read.
    for (const [filter] of [...queries.slice(0, 2), [lacks]])
        assert.ok(await pagesRead({ ...filter, today: '2026-01-01' }) > 11_000, JSON.stringify(filter));
    await goOn();
    await indexed(largeId);
    await house.database.query('vacuum analyze attendee_search');
    for (const [filter, sort] of queries) {
        const read = await pagesRead({ ...filter, today: '2026-01-01' }, sort);
        assert.ok(read < 3000, `${JSON.stringify(filter)} read ${read} pages`);
    }
    assert.deepEqual((await names({ list: 'to_approve' }, large)), ['Attendee 7', 'Attendee 10006']);
    // Too many to sort by answers come newest first, in pages that fit together.
    const first = await list({ sort: 'answers.note', language: 'en', limit: '2' }, large);
    assert.deepEqual(first.attendees.map(({ name }) => name), ['Attendee 11000', 'Attendee 10999']);
    assert.deepEqual(first.lists, { more_than: 10_000 });
    assert.deepEqual(await names({ sort: 'answers.note', language: 'en', limit: '2', cursor: first.next }, large),
        ['Attendee 10998', 'Attendee 10997']);
    assert.deepEqual(await names({ sort: 'answers.note', q: '10432@' }, large), ['Attendee 10432']);

    // Nobody lacks the consent; then one does, before and after the index has it.
    assert.deepEqual(await names({ no_consent: 'privacy' }, large), []);
    goOn = await stopJob(largeId);
    await house.database.query(`update registration set consents = jsonb_set(consents, '{0,withdrawn_at}', '"2026-02-01T00:00:00Z"')
        where event_id = $1 and number = 700`, [largeId]);
    assert.deepEqual(await names({ no_consent: 'privacy' }, large), ['Attendee 700']);
    await goOn();
    await indexed(largeId);
    assert.deepEqual(await names({ no_consent: 'privacy' }, large), ['Attendee 700']);
    assert.ok(await pagesRead({ ...lacks, today: '2026-01-01' }) < 3000);

    // Words of two letters, which the index finds by the third: rare ones, and of very common words.
    const two = [{ words: ['%xt%'] }, { words: ['%zq%'] }, { words: ['%pt%'] }, { words: ['%example.org%', '%xt%'] }];
    const letters = (text) => house.database.query(
        'update attendee_search_progress set letters = $2 where event_id = $1', [largeId, text]);
    const all = await house.database.value('select letters from attendee_search_progress where event_id = $1', [largeId]);
    assert.equal([...all].sort().join(''), [...new Set('attendee xt\n0123456789@example.org')].sort().join(''));
    for (const filter of two) {
        const read = await pagesRead({ ...filter, today: '2026-01-01' });
        assert.ok(read < 4000, `${JSON.stringify(filter)} read ${read} pages`);
    }
    await letters('x'.repeat(201)); // the control: as if there were too many letters to try
    assert.ok(await pagesRead({ words: ['%pt%'], today: '2026-01-01' }) > 8000);
    await letters(all);
    assert.deepEqual(await names({ q: 'xt' }, large), ['Attendee 500']);
    goOn = await stopJob(largeId);
    await note('Attendee 600', ' xtж');
    assert.deepEqual(await names({ q: 'xt' }, large), ['Attendee 500', 'Attendee 600']);
    assert.deepEqual(await names({ q: 'ж' }, large), ['Attendee 600'], 'a letter that nobody had');
    await goOn();
    await indexed(largeId);
    assert.deepEqual(await names({ q: 'xt' }, large), ['Attendee 500', 'Attendee 600']);
    assert.deepEqual(await names({ q: 'ж' }, large), ['Attendee 600']);
});

test('a sign-up writes nothing for the index', async () => {
    const counted = async (work) => {
        const of = (table) => `(select n_tup_ins::integer from pg_stat_xact_all_tables where relname = '${table}')`;
        const client = await house.database.pool.connect();
        await client.query('begin');
        await work(client);
        const { rows } = await client.query(
            `select ${of('attendee')} as attendees, coalesce(${of('attendee_search')}, 0) + coalesce(${of('attendee_changed')}, 0) as noted`);
        await client.query('rollback');
        client.release();
        return rows[0];
    };
    const insert = (client) => client.query(`
        with registered as (
            insert into registration (event_id, registration_id, number, status, email, email_key, once_per_email, language, fingerprint)
            values ($1, gen_random_uuid(), 30000, 'confirmed', 'x@y.example', 'x@y.example', true, 'en', '\\x00') returning registration_id)
        insert into attendee (event_id, attendee_id, registration_id, position, ticket_type, status, name, search)
        select $1, gen_random_uuid(), registration_id, 1, 'guest', 'confirmed', 'X', 'x' from registered`, [largeId]);
    assert.deepEqual(await counted(insert), { attendees: 1, noted: 0 });
    const { noted } = await counted(async (client) => {
        await insert(client);
        await client.query(`update attendee set search = 'y' where event_id = $1 and name = 'X'`, [largeId]);
    });
    assert.equal(noted, 1, 'the control: a change is noted');
});
