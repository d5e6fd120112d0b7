// Reads a calendar file of one event with an independent parser and the zones of the file. → {file,
// calendar, event}
import ICAL from 'ical.js';

export function readCalendar(file) {
    const calendar = new ICAL.Component(ICAL.parse(file));
    ICAL.TimezoneService.reset();
    for (const zone of calendar.getAllSubcomponents('vtimezone'))
        ICAL.TimezoneService.register(zone);
    const events = calendar.getAllSubcomponents('vevent');
    if (events.length !== 1) throw new Error(`${events.length} events`);
    return { file, calendar, event: new ICAL.Event(events[0]) };
}
