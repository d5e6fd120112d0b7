// An independent parser (package ical.js) reads calendar files that tests/unit/calendar-runner.c writes.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { program } from '../harness/paths.js';
import { readCalendar } from '../harness/calendar.js';

const runner = join(dirname(program), '../tests/unit/calendar-runner');

function write(events) {
    const { status, stdout, stderr } = spawnSync(runner, {
        input: JSON.stringify(events), encoding: 'utf8', maxBuffer: 1 << 26,
    });
    assert.equal(status, 0, stderr);
    return JSON.parse(stdout);
}

function sample(changes = {}) {
    return {
        uid: '0199-1@tickets.example.org', sequence: 0, language: 'de', summary: 'Sommerfest',
        starts_at: '2026-05-13T08:00:00Z', ends_at: '2026-05-13T16:00:00Z',
        stamp: '2026-01-02T03:04:05Z', timezone: 'Europe/Berlin', ...changes,
    };
}

const read = (changes) => readCalendar(write([sample(changes)])[0]);

const utc = (time) => time.toJSDate().toISOString().replace('.000', '');

test('every instant is right in every zone, whenever the clocks are set', () => {
    const zones = ['Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe',
        'Africa/Casablanca', 'Europe/Dublin', 'Pacific/Auckland', 'America/St_Johns', 'UTC'];
    const hour = 3600_000;
    const events = [];
    // Every hour around the clock changes of 2026, and days over many years.
    for (const timezone of zones) {
        for (const around of ['2026-03-08T07:00Z', '2026-03-29T01:00Z', '2026-04-04T15:00Z',
            '2026-10-03T15:30Z', '2026-10-25T01:00Z', '2026-11-01T06:00Z'])
            for (let i = -4; i < 4; i++)
                for (const hours of [0.5, 6, 24 * 40])
                    events.push([timezone, Date.parse(around) + i * hour, hours * hour]);
        for (let at = Date.parse('2024-01-01T12:00Z'); at < Date.parse('2036-12-01'); at += 1000 * hour)
            events.push([timezone, at, 10 * hour]);
    }
    const text = (at) => new Date(at).toISOString();
    const files = write(events.map(([timezone, at, length]) =>
        sample({ timezone, starts_at: text(at), ends_at: text(at + length) })));
    assert.ok(files.length > 1500);
    let local = 0;
    files.forEach((file, i) => {
        const [timezone, at, length] = events[i];
        const { event } = readCalendar(file);
        for (const [time, expected] of [[event.startDate, at], [event.endDate, at + length]])
            assert.equal(time.toJSDate().getTime(), expected, `${timezone} ${text(expected)}\n${file}`);
        if (timezone !== 'UTC' && event.startDate.zone.tzid === timezone) local++;
    });
    const others = events.filter(([timezone]) => timezone !== 'UTC').length;
    assert.ok(local > others * 0.95 && local < others, `${local} of ${others}`);
});

test('times are local to the zone under its own name, which the file defines', () => {
    const { file, calendar, event } = read();
    assert.equal(event.startDate.zone.tzid, 'Europe/Berlin');
    assert.match(file, /\r\nDTSTART;TZID=Europe\/Berlin:20260513T100000\r\n/);
    const zones = calendar.getAllSubcomponents('vtimezone');
    assert.deepEqual(zones.map((zone) => zone.getFirstPropertyValue('tzid')), ['Europe/Berlin']);
});

test('a zone that nobody knows, or a time the clocks show twice, leaves the times in UTC', () => {
    for (const changes of [
        { timezone: 'Mars/Olympus' }, { timezone: undefined }, { timezone: 'UTC' },
        { timezone: '../../etc/passwd' },
        { starts_at: '2026-10-25T00:30:00Z', ends_at: '2026-10-25T09:00:00Z' }, { starts_at: '2026-10-25T01:30:00Z', ends_at: '2026-10-25T09:00:00Z' },
        { starts_at: '2300-07-01T10:00:00Z', ends_at: '2300-07-01T11:00:00Z' },
    ]) {
        const { file, calendar, event } = read(changes);
        assert.equal(calendar.getAllSubcomponents('vtimezone').length, 0, file);
        assert.match(file, /\r\nDTSTART:\d{8}T\d{6}Z\r\n/);
        assert.equal(utc(event.startDate), changes.starts_at ?? '2026-05-13T08:00:00Z');
    }
});

test('what people wrote comes back as they wrote it, in lines that mail can carry', () => {
    const odd = 'Hä? "a"; b, c\\n \\\\ :x=1 – 東京 🎟\nzweite Zeile\nEND:VEVENT\nBEGIN:VALARM';
    const long = `${'Donaudampfschifffahrtsgesellschaft äöü 東京 '.repeat(40)}.`;
    for (const text of [odd, long]) {
        const { file, event } = read({ summary: text, description: text, location: text });
        assert.equal(event.summary, text);
        assert.equal(event.description, text);
        assert.equal(event.location, text);
        assert.equal(file.replaceAll('\r\n', '').includes('\n'), false, 'lines end in CRLF');
        for (const line of file.split('\r\n'))
            assert.ok(Buffer.byteLength(line) <= 75, line);
        assert.ok(file.endsWith('END:VCALENDAR\r\n'));
    }
});

test('control characters and what is no text do not get in', () => {
    const { file, event } = read({ summary: 'a\u0007b\u001b[31mc\rd\u007f', location: '\t' });
    assert.equal(event.summary, 'ab[31mcd');
    assert.doesNotMatch(file.replaceAll('\r\n', ''), /[\u0000-\u0008\u000a-\u001f\u007f]/);
});

test('a change has the same UID and a higher number, a cancellation says so', () => {
    const { event: first, calendar } = read({ sequence: 3, changed: '2026-02-03T00:00:00Z' });
    assert.equal(calendar.getFirstPropertyValue('method'), 'PUBLISH');
    assert.equal(calendar.getFirstPropertyValue('version'), '2.0');
    assert.match(calendar.getFirstPropertyValue('prodid'), /Einlass/);
    assert.equal(first.uid, '0199-1@tickets.example.org');
    assert.equal(first.sequence, 3);
    assert.equal(first.component.getFirstPropertyValue('status'), 'CONFIRMED');
    assert.equal(utc(first.component.getFirstPropertyValue('dtstamp')), '2026-01-02T03:04:05Z');
    assert.equal(utc(first.component.getFirstPropertyValue('last-modified')), '2026-02-03T00:00:00Z');
    const { event, calendar: cancelled } = read({ sequence: 4, cancel: true, remind_minutes: 60 });
    assert.equal(cancelled.getFirstPropertyValue('method'), 'CANCEL');
    assert.equal(event.component.getFirstPropertyValue('status'), 'CANCELLED');
    assert.equal(event.uid, first.uid);
    assert.equal(event.component.getAllSubcomponents('valarm').length, 0);
});

test('it says who invites, where to look, and reminds when asked to', () => {
    const { event } = read({
        organiser: 'Verein "Ä"; b: c, d', organiser_uri: 'mailto:post@example.org',
        url: 'https://tickets.example.org/events/x', remind_minutes: 90,
    });
    const organizer = event.component.getFirstProperty('organizer');
    assert.equal(organizer.getFirstValue(), 'mailto:post@example.org');
    assert.equal(organizer.getParameter('cn'), "Verein 'Ä'; b: c, d");
    assert.equal(event.component.getFirstPropertyValue('url'), 'https://tickets.example.org/events/x');
    assert.equal(event.component.getFirstProperty('summary').getParameter('language'), 'de');
    const [alarm] = event.component.getAllSubcomponents('valarm');
    assert.equal(alarm.getFirstPropertyValue('trigger').toSeconds(), -5400);
    assert.equal(alarm.getFirstPropertyValue('action'), 'DISPLAY');
});
