-- Attendees of an event whose name or answers match all patterns. Those whose name matches come
-- first. Patterns are folded and escaped. `search` has lines for the name, the address, which is
-- left out, and the answers: see draft_search_text().
--
-- $1 event_id: uuid
-- $2 pattern: text[]
-- $3 most: bigint
-- The present day of the event, like 2026-05-13:
-- $4 today: text
-- row pattern: $2
-- rows: attendee_id uuid, name text, attendee_email text, ticket_type text,
--   status registration_status, answers jsonb, first_admitted_at timestamp without time zone,
--   admitted_at timestamp without time zone, days text, inside boolean, address text
with found as materialized (
  select attendee.*, last_day,
         row_number() over (order by split_part(search, chr(10), 1) like all ($2) desc,
                                     name, attendee_id) as place
    from attendee
   cross join lateral (select days[cardinality(days)] as last_day) as newest
   where event_id = $1 and search like all ($2)
     and regexp_replace(search, '\n[^\n]*', '') like all ($2)
   order by place
   limit $3
)
select attendee_id, name, found.email as attendee_email, ticket_type, found.status, answers,
       first_admitted_at at time zone 'UTC' as first_admitted_at,
       case when last_day <> $4::text::date then null
            when cardinality(days) = 1 then first_admitted_at
            else came_on($1, attendee_id, last_day) end at time zone 'UTC' as admitted_at,
       to_json(days)::text as days, coalesce(inside and last_day = $4::date, false) as inside,
       coalesce(found.email, registration.email) as address
  from found join registration using (event_id, registration_id)
 order by place
