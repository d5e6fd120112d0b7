-- Finds people who may be somebody that was let in without a ticket. Patterns are folded and escaped.
-- $1 event_id: uuid
-- $2 pattern: text[]
-- $3 most: bigint
-- row pattern: $2
-- rows: attendee_id uuid, name text, ticket_type text, status registration_status, answers text,
--   inside boolean, came boolean
select attendee_id, attendee.name, ticket_type, attendee.status, answers::text, inside,
       first_admitted_at is not null as came
  from attendee join registration using (event_id, registration_id)
 where event_id = $1 and erased_at is null and split_part(search, chr(10), 1) like all ($2)
 order by first_admitted_at is not null, attendee.status <> 'confirmed', attendee.name, attendee_id
 limit $3
