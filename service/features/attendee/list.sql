-- A page of an event's attendees in the order of registration. New registrations come behind all
-- pages, because they get their number under the lock on the tally. A null filter matches all.
-- Every pattern must match. Patterns are folded and escaped.
--
-- offset 0 keeps the planner from making the lateral lookup an ordinary join. So it reads the index
-- until the page is full. Without statistics of a large event, a join compares all rows with all.
-- "is not distinct from" keeps it from reading the index of all attendees for each registration.
--
-- $1 event_id: uuid
-- $2 pattern: text[]
-- $3 status: registration_status or null
-- $4 inside: boolean or null
-- $5 admitted: boolean or null
-- $6 ticket_type: text or null
-- $7 timezone: text
-- The page starts behind this attendee, and has at most so many rows:
-- $8 number: integer
-- $9 position: integer
-- $10 most: bigint
-- The present day of the event, and the day that $5 is about, like 2026-05-13. Null: any day.
-- $11 today: text
-- $12 day: text or null
-- Whether the address has several registrations:
-- $13 repeated: boolean or null
-- row pattern: $2
-- rows: attendee_id uuid, name text, attendee_email text, ticket_type text,
--   status registration_status, answers jsonb, first_admitted_at timestamp without time zone,
--   admitted_at timestamp without time zone, days text, inside boolean, registration_id uuid, number integer, email text, language text,
--   registration_status registration_status, consents jsonb,
--   created_at timestamp without time zone, declined_before boolean, repeated boolean,
--   handed_on_by text, handed_on_to text,
--   position integer, ticket_id uuid,
--   expires_at timestamp with time zone
with page as materialized (
  select guest.attendee_id, guest.name, guest.email as attendee_email, guest.ticket_type,
         guest.status, guest.answers,
         guest.first_admitted_at at time zone $7 as first_admitted_at,
         case when guest.last_day <> $11::date then null
              when cardinality(guest.days) = 1 then guest.first_admitted_at
              else came_on($1, guest.attendee_id, guest.last_day) end
           at time zone $7 as admitted_at,
         to_json(guest.days)::text as days,
         coalesce(guest.inside and guest.last_day = $11::date, false) as inside,
         registration.registration_id, registration.number, registration.email,
         registration.email_key, registration.language,
         registration.status as registration_status, registration.consents,
         registration.created_at at time zone $7 as created_at, guest.handed_on_by, guest.position
    from registration
   cross join lateral (
     select attendee.*, last_day
       from attendee
      cross join lateral (select days[cardinality(days)] as last_day) as newest
      where attendee.event_id is not distinct from registration.event_id
        and attendee.registration_id = registration.registration_id
        and search like all ($2::text[])
        and ($3::registration_status is null or attendee.status = $3)
        and ($4::boolean is null or (inside and last_day = $11::text::date) = $4)
        and ($5::boolean is null
             or case when $12::text is null then first_admitted_at is not null
                     else $12::date = any (days) end = $5)
        and ($6::text is null or ticket_type = $6)
      offset 0) as guest
   where registration.event_id = $1
     and ($13::boolean is null
          or (registration.status <> 'cancelled' and registration.email_key
                = any (array(select repeated_addresses($1) where $13 is not null))) = $13)
     and registration.number >= $8 and (registration.number, guest.position) > ($8, $9)
   order by registration.number, guest.position
   limit $10
), address as materialized (
  select * from of_addresses($1, array(select email_key from page))
), next as materialized (
  select handed_on_by, name
    from attendee
   where event_id = $1
     and handed_on_by = any (array(select attendee_id from page where status = 'cancelled'))
)
select attendee_id, page.name, attendee_email, ticket_type, status, answers, first_admitted_at,
       admitted_at, days, inside, registration_id, number, email, language, registration_status,
       consents, created_at, coalesce(declined_at < number, false) as declined_before,
       coalesce(registration_status <> 'cancelled' and registrations > 1, false) as repeated,
       case when page.handed_on_by is not null then
         (select name from attendee as former
           where event_id = $1 and former.attendee_id = page.handed_on_by) end as handed_on_by,
       next.name as handed_on_to, position, ticket.ticket_id, ticket.expires_at
  from page
  left join address using (email_key)
  left join next on next.handed_on_by = page.attendee_id
  left join lateral (
    select ticket_id, expires_at
      from ticket
     where ticket.event_id = $1 and ticket.attendee_id = page.attendee_id and replaced_at is null
     limit 1) as ticket on page.status = 'confirmed'
 order by page.number, page.position
