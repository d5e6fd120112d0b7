// Prints an event file with its dates moved to now: the event started at the last full hour and ends
// four hours later. Its programme moves along. Registrations and changes are open until the end.
//
//   node today.js EVENT.json [CAPACITY]
'use strict';

const fs = require('node:fs');

const HOUR_MS = 3600 * 1000;

// → the local time of this instant in the time zone, "2022-05-13T10:00"
function localTime(instantMs, timeZone) {
    const format = new Intl.DateTimeFormat('sv-SE', {
        timeZone, dateStyle: 'short', timeStyle: 'short',
    });
    return format.format(instantMs).replace(' ', 'T');
}

// → an item of the programme, as long after the start as it was
function shiftItem(item, event, local) {
    const hoursAfterStart = (time) => (Date.parse(`${time}Z`) - Date.parse(`${event.starts_at}Z`)) / HOUR_MS;
    const shifted = { ...item, starts_at: local(hoursAfterStart(item.starts_at)) };
    if (item.ends_at) shifted.ends_at = local(hoursAfterStart(item.ends_at));
    return shifted;
}

function shiftToToday(event, capacity, nowMs = Date.now()) {
    const startMs = Math.floor(nowMs / HOUR_MS) * HOUR_MS;
    const local = (hours) => localTime(startMs + hours * HOUR_MS, event.timezone);
    const shifted = { ...event, starts_at: local(0), ends_at: local(4) };
    if (event.programme) shifted.programme = event.programme.map((item) => shiftItem(item, event, local));
    shifted.registration = {
        ...event.registration,
        opens_at: local(-6 * 7 * 24),
        closes_at: shifted.ends_at,
        changes_until: shifted.ends_at,
        ...(capacity === undefined ? {} : { capacity }),
    };
    return shifted;
}

module.exports = { localTime, shiftToToday };

if (require.main === module) {
    const [file, capacity] = process.argv.slice(2);
    const event = JSON.parse(fs.readFileSync(file, 'utf8'));
    const shifted = shiftToToday(event, capacity === undefined ? undefined : Number(capacity));
    process.stdout.write(JSON.stringify(shifted, null, 2) + '\n');
}
