-- A page of an event's attendees, for the list or for a portion of an export: those that the filter
-- matches (functions/attendee_search.sql).
--
-- $1 event_id: uuid
-- $2 filter: jsonb
-- $3 sort: text
-- The page starts behind this place, and has at most so many rows:
-- $4 after: jsonb or null
-- $5 most: integer
-- $6 timezone: text
-- The present day of the event, like 2026-05-13:
-- $7 today: text
-- For the list: with tickets, and with the counts of the lists on the first page. Then there is a row
-- without an attendee if nobody matches. A PDF takes its first portion so, for the counts.
-- $8 whole: boolean
-- $9 with_notes: boolean
-- rows: attendee_id uuid, name text, attendee_email text, ticket_type text,
--   status registration_status, answers jsonb, first_admitted_at timestamp without time zone,
--   admitted_at timestamp without time zone, days text, inside boolean, registration_id uuid, number integer, email text, language text,
--   registration_status registration_status, consents jsonb,
--   created_at timestamp without time zone, declined_before boolean, repeated boolean,
--   handed_on_by text, handed_on_to text, seen_door text, notes text,
--   position integer, ticket_id uuid,
--   expires_at timestamp with time zone, key text, in_order boolean, lists jsonb, declined boolean
with listed as materialized (
  select * from attendee_page($1, $2, $3, $4, $5, $8 and $4::jsonb is null)
), page as materialized (
  select listed.place, listed.key, guest.*, registration.number, registration.email as registrant,
         email_key, registration.language, registration.status as registration_status,
         registration.consents, registration.created_at, declined
    from listed
   cross join lateral (
     select * from attendee
      where event_id = $1 and attendee_id = listed.attendee_id offset 0) as guest
   cross join lateral (
     select * from registration
      where event_id = $1 and registration_id = guest.registration_id offset 0) as registration
), address as materialized (
  -- Most events have neither an address that may register twice nor a declined registration.
  select * from of_addresses($1, array(
    select email_key from page
     where coalesce( -- The order keeps it a look at the index.
             (select email_key from registration
               where event_id = $1 and not once_per_email and status <> 'cancelled'
               order by email_key limit 1),
             (select email_key from registration where event_id = $1 and declined
               order by email_key limit 1)) is not null))
), next as materialized (
  select handed_on_by, name
    from attendee
   where event_id = $1
     and handed_on_by = any (array(select attendee_id from page where status = 'cancelled'))
)
select page.attendee_id, page.name, page.email as attendee_email, page.ticket_type, page.status,
       page.answers, page.first_admitted_at at time zone $6 as first_admitted_at,
       case when last_day <> $7::text::date then null
            when not $8 or cardinality(page.days) = 1 then page.first_admitted_at
            else came_on($1, page.attendee_id, last_day) end at time zone $6 as admitted_at,
       to_json(page.days)::text as days,
       coalesce(page.inside and last_day = $7::text::date, false) as inside,
       page.registration_id, page.number, registrant as email, page.language,
       page.registration_status, page.consents, page.created_at at time zone $6 as created_at,
       coalesce(declined_at < page.number, false) as declined_before,
       coalesce(registration_status <> 'cancelled' and registrations > 1, false) as repeated,
       case when page.handed_on_by is not null then
         (select name from attendee as former
           where event_id = $1 and former.attendee_id = page.handed_on_by) end as handed_on_by,
       next.name as handed_on_to, seen_door,
       case when $9 then
         (select string_agg(text, E'\n' order by written_at) from note
           where event_id = $1 and note.attendee_id = page.attendee_id) end as notes,
       page.position, ticket.ticket_id, ticket.expires_at, page.key,
       in_order, lists, declined
  from listed
  left join page using (place)
 cross join lateral (select page.days[cardinality(page.days)] as last_day) as newest
  left join address using (email_key)
  left join next on next.handed_on_by = page.attendee_id
  left join lateral (
    select ticket_id, expires_at
      from ticket
     where ticket.event_id = $1 and ticket.attendee_id = page.attendee_id and replaced_at is null
       and $8 and page.status = 'confirmed'
     limit 1) as ticket on true
 order by place
