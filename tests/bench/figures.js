// The figures. Each measures Einlass and its comparison in turn, in the same run on the same database.
// run(stage) → {ours, theirs, unit, value, note}; value is compared with the target.
import { readFileSync } from 'node:fs';
import { exampleEvent, guest } from '../harness/events.js';
import { verdicts } from './door.js';
import { Cost, rush, signUps } from './rush.js';
import { settle } from './stage.js';
import { CONNECTIONS, load, median, mustRun, rounds, seconds, sideBySide, startBare } from './tools.js';

const WORKERS = 2;

// What a sign-up pays in a rush for the index of the list, which a job brings up to date behind it.
async function indexBehind(stage) {
    const event = await stage.event('followed');
    const rate = async () => (await load(stage.address, signUps(event))).per_second;
    await load(stage.address, { ...signUps(event), seconds: 1 });
    const both = await sideBySide(async () => {
        await stage.indexed(event);
        return rate();
    }, async () => {
        await stage.indexed(event);
        const goOn = await stage.holdIndex(event);
        return rate().finally(goOn);
    });
    return { ...both, unit: 'sign-ups/s', value: both.ours / both.theirs };
}

async function eventPage(stage) {
    const path = `/events/${await stage.event('hot')}`;
    const request = { path, header: 'Accept-Encoding: gzip' }; // like browsers
    const headers = { 'accept-encoding': 'gzip' };
    const bytes = (await stage.http.get(path, { headers })).bytes.length;
    const bare = await startBare(WORKERS, bytes);
    const cost = new Cost();
    try {
        await load(stage.address, { ...request, seconds: 1 });
        const both = await sideBySide(
            async () => (await cost.of(stage, request)).per_second,
            async () => (await load(bare.address, request)).per_second);
        return {
            ...both, unit: 'pages/s', value: both.ours / both.theirs, note: `${bytes} bytes each, packed, with its style sheet; ${cost}`,
        };
    } finally {
        bare.stop();
    }
}

// → the export's query for psql
function exportQuery(stage, event) {
    const sql = readFileSync(new URL('export.sql', import.meta.url), 'utf8');
    return sql.replace(/^--.*\n/gm, '').replaceAll('$1', stage.eventId(event));
}

async function rowsPerSecond(rows, work) {
    const startedAt = performance.now();
    await work();
    return rows / ((performance.now() - startedAt) / 1000);
}

async function download(stage, event, token, kind = 'csv') {
    const url = `http://${stage.address}/api/v1/events/${event}/attendees.${kind}`;
    await mustRun('curl', ['-sSf', '-o', '/dev/null', '-H', `Authorization: Bearer ${token}`, url]);
}

async function exportRows(stage) {
    const event = await stage.fullEvent();
    const token = await stage.house.token();
    const rows = await stage.database.value(
        `select count(*)::integer from attendee where event_id = ${stage.eventId(event)}`);
    const copy = `copy (${exportQuery(stage, event)}) to stdout with (format csv, header)`;
    const both = await sideBySide(
        () => rowsPerSecond(rows, () => download(stage, event, token)),
        () => rowsPerSecond(rows, () => stage.postgres('psql',
            ['-qX', '-v', 'ON_ERROR_STOP=1', '-o', '/dev/null', '-c', copy],
            { PGOPTIONS: '-c jit=off' })), Math.min(rounds, 3));
    return { ...both, unit: 'rows/s', value: both.ours / both.theirs };
}

// → milliseconds, the median
async function timed(work) {
    const times = [];
    for (let i = 0; i < Math.max(rounds, 3) * 3; i++) {
        const startedAt = performance.now();
        await work(i);
        times.push(performance.now() - startedAt);
    }
    return median(times);
}

// What people do with the list, and the barest SQL for it. The slowest of them counts.
const list = {
    'sort=newest': "order by number desc, position desc",
    'sort=name': "order by name",
    'list=to_approve': "and attendee.status = 'pending' order by number, position",
    'list=coming&sort=newest': "and attendee.status = 'confirmed' order by number desc, position desc",
    'answer=lunch:true': "and answers @> '{\"lunch\": true}' order by number, position",
};
const search = {
    'q=person+77777%40': "and search like '%person-77777@%' order by number, position",
    'q=company+77': "and search like '%company%' and search like '%77%' order by number, position",
    'q=%40example.org': "and search like '%@example.org%' order by number, position",
    'q=nobody+of+this+name': "and search like '%nobody%' order by number, position",
    'q=mn': "and search like '%mn%' order by number, position", // nobody, but all have the letters
    'q=company+er&sort=name': "and search like '%company%' and search like '%er%' order by name",
    'no_consent=privacy': "and not consents @> '[{\"slug\": \"privacy\"}]' order by number, position", // nobody
};

function listFigure(queries, count) {
    return async (stage) => {
        const event = await (count === 1_000_000 ? stage.fullEvent() : stage.filledEvent('list', count));
        const token = await stage.house.token();
        await settle(stage);
        let slowest = { ours: 0 };
        for (const [query, sql] of Object.entries(queries)) {
            const ours = await timed(async () => {
                const { status } = await stage.http.get(`/api/v1/events/${event}/attendees?${query}`, { token });
                if (status !== 200) throw new Error(`${query} answered ${status}`);
            });
            const theirs = await timed(() => stage.database.query(`
                select attendee.*, registration.* from attendee join registration using (event_id, registration_id)
                 where event_id = ${stage.eventId(event)} ${sql} limit 101`));
            console.error(`    ${query}: ${ours.toFixed(1)} against ${theirs.toFixed(1)} ms`);
            if (ours > slowest.ours) slowest = { ours, theirs, note: `the slowest of ${Object.keys(queries).length}: ${query}` };
        }
        return { ...slowest, unit: 'ms', value: slowest.ours };
    };
}

// → an event with so many attendees, made once
async function eventOf(stage, slug, first, count) {
    const isNew = !stage.events?.has(slug);
    await stage.event(slug);
    if (isNew) await stage.sql('fill.sql', { slug, first, count });
    return slug;
}

const tenThousand = (stage) => eventOf(stage, 'small', 20_000_000, 10_000);
const hundredThousand = (stage) => eventOf(stage, 'paper', 30_000_000, 100_000);

// The rows a second of a file against those of the CSV.
const fileRows = (kind, count, eventFor) => async (stage) => {
    const event = await eventFor(stage);
    const token = await stage.house.token();
    await settle(stage);
    const both = await sideBySide(
        () => rowsPerSecond(count, () => download(stage, event, token, kind)),
        () => rowsPerSecond(count, () => download(stage, event, token)), 1);
    return { ...both, unit: 'rows/s', value: both.ours / both.theirs, note: `${count.toLocaleString('en')} attendees` };
};

// The service's peak memory while it makes a large file against a small one.
const exportMemory = (kind, count, eventFor) => async (stage) => {
    const large = await eventFor(stage);
    const small = await tenThousand(stage);
    const token = await stage.house.token();
    const most = async (event) => {
        stage.forgetMost();
        await download(stage, event, token, kind);
        return stage.mostMebibytes;
    };
    await most(small);
    const theirs = await most(small);
    const ours = await most(large);
    return {
        ours, theirs, unit: 'MiB', value: ours / theirs,
        note: `${count.toLocaleString('en')} attendees against 10,000`,
    };
};

async function memory(stage) {
    const event = await stage.event('hot');
    const ticks = Math.max(seconds, 3);
    stage.forgetMost();
    await load(stage.address, { ...signUps(event), seconds: ticks });
    await load(stage.address, { path: `/events/${event}`, seconds: ticks });
    await load(stage.address, { ...signUps(event), seconds: ticks, connections: 1000 });
    const ours = stage.mostMebibytes;
    return {
        ours, unit: 'MiB', value: ours,
        note: `with ${CONNECTIONS} and with 1,000 connections, ${WORKERS} workers`,
    };
}

const CROWD = 20_000;
const CANCELLATIONS = 30;

// A crowd that came in a rush: the tables that hold it were never analyzed.
async function addCrowd(stage, slug) {
    await stage.database.query(`
        alter table registration set (autovacuum_enabled = off);
        alter table attendee set (autovacuum_enabled = off);
        with the_event as (select event_id from event where slug = '${slug}'), crowd as (
          insert into registration (event_id, registration_id, number, status, email, email_key,
                                    once_per_email, language, fingerprint, waits_for)
          select event_id, gen_random_uuid(), number, 'waitlisted', 'x@example.org', number::text, true,
                 'en', '', ''
            from the_event, generate_series(1000, 1000 + ${CROWD} - 1) as number
          returning event_id, registration_id)
        insert into attendee (event_id, attendee_id, registration_id, position, ticket_type, status,
                              name, search)
        select event_id, gen_random_uuid(), registration_id, 1, 'guest', 'waitlisted', 'X', 'x' from crowd`);
}

// → milliseconds of one cancellation, the median
async function cancellations(stage, slug, many) {
    await stage.house.apply(exampleEvent({ slug, registration: { capacity: CANCELLATIONS, waiting_list: true } }));
    const places = [];
    for (let i = 0; i < CANCELLATIONS; i++)
        places.push((await stage.http.post(`/api/v1/events/${slug}/registrations`, { json: guest() })).json());
    if (many) await addCrowd(stage, slug);
    await settle(stage);
    const times = [];
    for (const { manage_url } of places) {
        const { pathname, search } = new URL(manage_url);
        const started = performance.now();
        const { status } = await stage.http.delete(`/api/v1${pathname}${search}`);
        times.push(performance.now() - started);
        if (status !== 200) throw new Error(`a cancellation answered ${status}`);
    }
    return median(times);
}

async function cancelBehindWaiting(stage) {
    const theirs = await cancellations(stage, 'no-queue', false);
    const ours = await cancellations(stage, 'queue', true);
    return { ours, theirs, unit: 'ms', value: ours / theirs, note: `the median of ${CANCELLATIONS}` };
}

// target: the least allowed value or, with most, the greatest; without it, the figure is for comparison only.
// section: of docs/bench.md, if not the first.
export const figures = {
    ...rush,
    'cancel-behind-waiting': {
        title: 'A cancellation with 20,000 who wait', against: 'the same with nobody who waits',
        target: 4, most: true, run: cancelBehindWaiting,
    },
    page: {
        title: 'The event page', against: 'a bare evhttp reply of the same size',
        target: 0.8, run: eventPage,
    },
    export: {
        title: 'Rows of the CSV export', against: "psql's COPY of the same query",
        target: 0.7, run: exportRows,
    },
    'list-100k': {
        section: 'desk', title: 'First page of the list, 100,000 attendees', against: 'the bare SQL without an index behind',
        target: 100, most: true, unit: 'ms', run: listFigure(list, 100_000),
    },
    'list-1m': {
        section: 'desk', title: 'First page of the list, 1,000,000 attendees', against: 'the bare SQL without an index behind',
        target: 300, most: true, unit: 'ms', run: listFigure(list, 1_000_000),
    },
    'search-100k': {
        section: 'desk', title: 'A search, 100,000 attendees', against: 'the bare SQL without an index behind',
        target: 100, most: true, unit: 'ms', run: listFigure(search, 100_000),
    },
    'search-1m': {
        section: 'desk', title: 'A search, 1,000,000 attendees', against: 'the bare SQL without an index behind',
        target: 300, most: true, unit: 'ms', run: listFigure(search, 1_000_000),
    },
    'index-behind': {
        section: 'desk', title: 'Sign-ups in a rush, with the list’s index behind them', against: 'the same while its job is held up',
        target: 0.95, run: indexBehind,
    },
    'export-memory': {
        title: 'Memory for a hundred times the rows', against: 'the small export',
        target: 1.25, most: true, run: exportMemory('csv', 1_000_000, (stage) => stage.fullEvent()),
    },
    xlsx: {
        section: 'desk', title: 'Rows of the workbook', against: 'the CSV export',
        target: 0.05, run: fileRows('xlsx', 1_000_000, (stage) => stage.fullEvent()),
    },
    'xlsx-memory': {
        section: 'desk', title: 'Memory for a workbook of a hundred times the rows', against: 'the small workbook',
        target: 1.25, most: true, run: exportMemory('xlsx', 1_000_000, (stage) => stage.fullEvent()),
    },
    pdf: {
        section: 'desk', title: 'Rows of the PDF list', against: 'the CSV export',
        target: 0.02, run: fileRows('pdf', 100_000, hundredThousand),
    },
    'pdf-memory': {
        section: 'desk', title: 'Memory for a PDF list of ten times the rows', against: 'the small list',
        target: 3, most: true, run: exportMemory('pdf', 100_000, hundredThousand),
    },
    memory: {
        title: 'Resident memory under load', target: 64, most: true, unit: 'MiB', run: memory,
    },
    'door-online': {
        section: 'door', title: 'From a decoded ticket to the painted verdict', target: 150, most: true, unit: 'ms',
        run: verdicts({ isOffline: false }),
    },
    'door-offline': {
        section: 'door', title: 'The same without a network', target: 150, most: true, unit: 'ms',
        run: verdicts({ isOffline: true }),
    },
};
