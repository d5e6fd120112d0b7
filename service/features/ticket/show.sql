-- A ticket with its attendee. No row: there is no such ticket, or its attendee was erased.
-- $1 event_id: uuid
-- $2 ticket_id: uuid
-- rows: attendee_id uuid, name text, ticket_type text, status registration_status, language text, replaced boolean,
--   expires_at timestamp with time zone
select attendee.attendee_id, attendee.name, attendee.ticket_type, attendee.status, registration.language,
       ticket.replaced_at is not null as replaced, ticket.expires_at
  from ticket
  join attendee using (event_id, attendee_id)
  join registration using (event_id, registration_id)
 where ticket.event_id = $1 and ticket.ticket_id = $2
