// Prints an event file with its dates moved to now: the event started at the last full hour, in the evening at
// seven, and ends four hours later. Its programme moves along, and its meal becomes the one of that hour. Registrations and
// changes are open until the end.
//
//   node today.js EVENT.json [CAPACITY]
'use strict';

const fs = require('node:fs');

const HOUR_MS = 3600 * 1000;

// [from this hour on, the meal in the programme, the question about it]
const meals = [
    [0, { en: 'Late snack', de: 'Später Imbiss' }, { en: 'Will you stay for a snack?', de: 'Bleiben Sie zum Imbiss?' }],
    [5, { en: 'Breakfast', de: 'Frühstück' }, { en: 'Will you stay for breakfast?', de: 'Bleiben Sie zum Frühstück?' }],
    [9, { en: 'Coffee break', de: 'Kaffeepause' }, { en: 'Will you stay for coffee?', de: 'Bleiben Sie zum Kaffee?' }],
    [11, { en: 'Lunch', de: 'Mittagessen' }, { en: 'Will you stay for lunch?', de: 'Bleiben Sie zum Mittagessen?' }],
    [14, { en: 'Coffee break', de: 'Kaffeepause' }, { en: 'Will you stay for coffee?', de: 'Bleiben Sie zum Kaffee?' }],
    [17, { en: 'Dinner', de: 'Abendessen' }, { en: 'Will you stay for dinner?', de: 'Bleiben Sie zum Abendessen?' }],
    [23, { en: 'Late snack', de: 'Später Imbiss' }, { en: 'Will you stay for a snack?', de: 'Bleiben Sie zum Imbiss?' }],
];

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

// → now, or an hour or two earlier where the event would otherwise end at midnight or later and still has an hour left
function eveningStart(timeZone, nowMs = Date.now()) {
    const hour = Number(localTime(nowMs, timeZone).slice(11, 13));
    return nowMs - (hour === 20 || hour === 21 ? (hour - 19) * HOUR_MS : 0);
}

// → the event with the meal that people have at the time of its item "lunch"
function fitMeal(event) {
    const { starts_at: time } = event.programme.find(({ slug }) => slug === 'lunch');
    const [, title, label] = meals.findLast(([hour]) => hour <= Number(time.slice(11, 13)));
    const change = (list, changes) => list.map((one) => (one.slug === 'lunch' ? { ...one, ...changes } : one));
    return { ...event, programme: change(event.programme, { title }), questions: change(event.questions, { label }) };
}

// → the event file of the demo
function demoEvent(event, capacity, nowMs = Date.now()) {
    return fitMeal(shiftToToday(event, capacity, eveningStart(event.timezone, nowMs)));
}

module.exports = { demoEvent, localTime, shiftToToday };

if (require.main === module) {
    const [file, capacity] = process.argv.slice(2);
    const event = JSON.parse(fs.readFileSync(file, 'utf8'));
    const shifted = demoEvent(event, capacity === undefined ? undefined : Number(capacity));
    process.stdout.write(JSON.stringify(shifted, null, 2) + '\n');
}
