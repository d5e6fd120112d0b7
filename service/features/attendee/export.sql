-- Reads a portion of an event's attendees in the order of registration, for a stream. A null filter
-- matches all. Every pattern must match. Patterns are folded and escaped.
--
-- A portion looks at the next registrations only, so it is short also if the filter matches few
-- attendees. A registration without a match gives a row without an attendee. So a portion with fewer
-- than $13 rows is the last one.
--
-- offset 0 keeps the planner from making the lateral lookup an ordinary join. So it reads the index
-- until the portion is full. Without statistics of a large event, a join compares all rows with all.
-- "is not distinct from" keeps it from reading the index of all attendees for each registration.
--
-- $1 event_id: uuid
-- $2 pattern: text[]
-- $3 status: registration_status or null
-- $4 inside: boolean or null
-- $5 admitted: boolean or null
-- $6 ticket_type: text or null
-- $7 timezone: text
-- The present day of the event, and the day that $5 is about, like 2026-05-13. Null: any day.
-- $8 today: text
-- $9 day: text or null
-- Whether the address has several registrations:
-- $10 repeated: boolean or null
-- The portion starts behind this attendee. Position 0: with the first one of the registration.
-- $11 number: integer
-- $12 position: integer
-- $13 most: bigint
-- row pattern: $2
-- rows: attendee_id uuid, name text, attendee_email text, ticket_type text,
--   status registration_status, answers jsonb, first_admitted_at timestamp without time zone,
--   admitted_at timestamp without time zone, days text, inside boolean, registration_id uuid,
--   number integer, email text, language text, registration_status registration_status,
--   consents jsonb, created_at timestamp without time zone, declined_before boolean,
--   repeated boolean, handed_on_by text, handed_on_to text, position integer
with portion as materialized (
  select *
    from registration
   where event_id = $1 and number >= $11
   order by number
   limit $13
), address as materialized (
  select * from of_addresses($1, array(select email_key from portion))
), asked as (
  select portion.*, coalesce(declined_at < number, false) as declined_before,
         coalesce(status <> 'cancelled' and registrations > 1, false) as repeated
    from portion left join address using (email_key)
), page as materialized (
  select guest.attendee_id, guest.name, guest.email as attendee_email, guest.ticket_type,
         guest.status, guest.answers, guest.first_admitted_at at time zone $7 as first_admitted_at,
         to_json(guest.days)::text as days,
         coalesce(guest.inside and guest.last_day = $8::date, false) as inside,
         registration.registration_id, registration.number, registration.email,
         registration.language, registration.status as registration_status, registration.consents,
         registration.created_at at time zone $7 as created_at, declined_before, repeated,
         guest.handed_on_by, guest.position
    from asked as registration
    left join lateral (
      select attendee.*, last_day
        from attendee
       cross join lateral (select days[cardinality(days)] as last_day) as newest
       where attendee.event_id is not distinct from registration.event_id
         and attendee.registration_id = registration.registration_id
         and (registration.number > $11 or attendee.position > $12)
         and search like all ($2::text[])
         and ($3::registration_status is null or attendee.status = $3)
         and ($4::boolean is null or (inside and last_day = $8::text::date) = $4)
         and ($5::boolean is null
              or case when $9::text is null then first_admitted_at is not null
                      else $9::date = any (days) end = $5)
         and ($6::text is null or ticket_type = $6)
         and ($10::boolean is null or repeated = $10)
       offset 0) as guest on true
   order by registration.number, guest.position
   limit $13
), next as materialized (
  select handed_on_by, name
    from attendee
   where event_id = $1
     and handed_on_by = any (array(select attendee_id from page where status = 'cancelled'))
)
select attendee_id, page.name, attendee_email, ticket_type, status, answers, first_admitted_at,
       null::timestamp as admitted_at, days, inside, registration_id, number, email, language,
       registration_status, consents, created_at, declined_before, repeated,
       case when page.handed_on_by is not null then
         (select name from attendee as former
           where event_id = $1 and former.attendee_id = page.handed_on_by) end as handed_on_by,
       next.name as handed_on_to, position
  from page left join next on next.handed_on_by = page.attendee_id
 order by number, position
