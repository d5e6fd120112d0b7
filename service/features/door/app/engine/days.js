// The days of an event. A ticket admits anew on each day; the service says when a day starts
// (migrations/functions/event_days.sql).

// event.days: [{date, starts_at}], ascending → the date of the day at this time (ms); null: unknown.
// A time before the first day belongs to the first day.
export function dayAt({ days = [] }, at) {
    return (days.filter((day) => Date.parse(day.starts_at) <= at).at(-1) ?? days[0])?.date ?? null;
}

// → the dates on which a ticket of this type admits; null: on all days
export function daysOf({ ticket_types = [] }, type) {
    return ticket_types.find(({ slug }) => slug === type)?.days ?? null;
}
