-- Lets the tickets of an event that was moved expire with it.
-- $1 event_id: uuid
update ticket set expires_at = ticket_expiry(event.ends_at, event.timezone)
  from event
 where event.event_id = $1 and ticket.event_id = $1 and ticket.replaced_at is null
   and ticket.expires_at <> ticket_expiry(event.ends_at, event.timezone)
