-- Attendees of an event whose name or answers match all patterns. Those whose name matches come
-- first. Patterns are folded and escaped. `search` has lines for the name, the address, which is
-- left out, and the answers: see draft_search_text().
--
-- $1 event_id: uuid
-- $2 pattern: text[]
-- $3 most: bigint
-- row pattern: $2
-- rows: attendee_id uuid, name text, attendee_email text, ticket_type text,
--   status registration_status, answers jsonb, first_admitted_at timestamp without time zone,
--   inside boolean
select attendee_id, name, email as attendee_email, ticket_type, status, answers,
       first_admitted_at at time zone 'UTC' as first_admitted_at, inside
  from attendee
 where event_id = $1 and search like all ($2)
   and regexp_replace(search, '\n[^\n]*', '') like all ($2)
 order by split_part(search, chr(10), 1) like all ($2) desc, name, attendee_id
 limit $3
