// The phone's verdict without network. It checks in the same order as the service (check_in.sql), so
// both give the same verdict from the same facts.
//
//   ticket   from readTicket; null: an attendee without a ticket
//   person   {ticket_type, status} if known, else null
//   event    {slug, check_in_opens_at, check_in_closes_at, cancelled, days, ticket_types}
//   door     {ticket_types: [{slug}]}; null: unknown
//   isListed whether the guest list has the ticket
//   revoked  "cancelled" | "replaced" | undefined
//   presence {inside, admittedAt, door} on the day of the scan as last known, or null
//   at       ms of the service's clock
//   direction "in" | "out", force
// → {verdict, forced, admittedAt, admittedDoor (slug), validOn (dates; null: all days)}
import { dayAt, daysOf } from './days.js';

export function decide({ ticket, isListed = false, person, event, door, revoked, presence, at, direction,
    force }) {
    const known = { admittedAt: presence?.admittedAt ?? null, admittedDoor: presence?.door ?? null,
        validOn: daysOf(event, person?.ticket_type) };
    const refusal = refusalOfTicket(ticket, event);
    if (refusal)
        return { verdict: refusal, forced: false, admittedAt: null, admittedDoor: null, validOn: null };
    if (direction === 'out') return { verdict: 'left', forced: false, ...known };
    const reason = refusalNow({ ticket, isListed, person, event, door, revoked, at });
    if (reason === 'replaced' || (reason && !force)) return { verdict: reason, forced: false, ...known };
    const isInside = presence?.inside ?? false;
    if (isInside && !force) return { verdict: 'already_admitted', forced: false, ...known };
    const admittedAt = known.admittedAt ?? new Date(at).toISOString();
    return { verdict: 'admitted', forced: Boolean(reason) || isInside, ...known, admittedAt };
}

// Refusals that force cannot overrule: not a ticket of this event.
function refusalOfTicket(ticket, event) {
    if (!ticket) return null;
    if (ticket.status === 'unknown') return ticket.looksLikeOurs ? 'unknown' : 'not_a_ticket';
    if (ticket.status === 'forged') return 'forged';
    return ticket.claims.event === event.slug ? null : 'wrong_event';
}

function refusalNow({ ticket, isListed, person, event, door, revoked, at }) {
    if (revoked === 'replaced') return 'replaced';
    if (event.cancelled || revoked || person?.status === 'cancelled') return 'cancelled';
    if (person?.status && person.status !== 'confirmed') return 'not_confirmed';
    if (person && door && !door.ticket_types.some(({ slug }) => slug === person.ticket_type))
        return 'wrong_door';
    if (at < Date.parse(event.check_in_opens_at)) return 'too_early';
    const isOver = at >= Date.parse(event.check_in_closes_at);
    // If the event was moved to a later time, tickets mailed before still count. They are in the guest
    // list.
    const hasExpired = ticket && !isListed && at >= ticket.claims.expiresAt;
    return isOver || hasExpired ? 'too_late' : refusalOfDay(daysOf(event, person?.ticket_type), dayAt(event, at));
}

// Dates compare as texts.
function refusalOfDay(days, day) {
    if (!days || !day || days.includes(day)) return null;
    return days.some((one) => one > day) ? 'too_early' : 'too_late';
}
