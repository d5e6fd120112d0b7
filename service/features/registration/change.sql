-- Corrects the language and address of a registration, and its attendees' names, addresses and
-- answers, after lock_tally, if the version is not stale. A real change raises the version and
-- sends mail: at most once in ten minutes, but always to a new address, which may be new five times
-- a day. A new address ends what went to the former one: its link, and its tickets, which are replaced
-- unless they were used. The registration's letters have all of its tickets.
-- Before the address is verified, a known new address is answered like an unknown one.
-- $1 event_id: uuid
-- $2 registration_id: uuid
-- $3 version: integer
-- $4 language: text
-- A new address and its key, or null:
-- $5 new_email: text or null
-- $6 new_email_key: text or null
-- $7 attendee_id: uuid[]
-- $8 name: text[]
-- $9 email: text[]
-- $10 answers: text[]
-- $11 search: text[]
-- $12 by_organiser: boolean
-- $13 source: text or null
-- For an organiser: whether letters go, and words of their own in them.
-- $14 tells: boolean
-- $15 words: text or null
-- $16 actor: text
-- row attendee: $7 to $11
-- outcome: change_outcome = changed (also when nothing did) | stale |
--   already_registered (the new address) | too_often | not_found
-- rows: outcome text
with given as (
  select attendee_id, name, email, answers::jsonb as answers, search
    from unnest($7::uuid[], $8::text[], $9::text[], $10::text[], $11::text[])
      as given (attendee_id, name, email, answers, search)
), found as (
  select registration_id, status, language, registration.version, email, verified,
         event.once_per_email, $5::text is not null and $5::text <> email as moves,
         exists (select from registrations_of($1, $6) as other
                  where other.registration_id <> $2) as is_taken
    from registration join event using (event_id)
   where event_id = $1 and registration_id = $2 and status <> 'cancelled' and erased_at is null
), different as (
  select given.*, differing(told_of_attendee(attendee.name, attendee.email, attendee.answers),
                            told_of_attendee(given.name, given.email, given.answers)) as noted
    from found
    join attendee on attendee.event_id = $1 and attendee.registration_id = found.registration_id
    join given using (attendee_id)
   where (attendee.name, attendee.email, attendee.answers)
         is distinct from (given.name, given.email, given.answers)
), readdressed as ( -- attendees whose ticket went to a former address
  select attendee.attendee_id, given.email, attendee.email is distinct from given.email as is_own
    from found
    join attendee on attendee.event_id = $1 and attendee.registration_id = found.registration_id
    join given using (attendee_id)
   where (moves or lower(attendee.email) is distinct from lower(given.email))
     and attendee.status = 'confirmed' and first_admitted_at is null
), decided as (
  select found.*,
         moves or language <> $4 or exists (select from different) as differs,
         case when version <> $3 then 'stale'
              when moves and (
                select count(*) from message
                 where event_id = $1 and registration_id = $2 and kind in ('unverified', 'resent')
                   and created_at > now() - interval '1 day') >= 5 then 'too_often'
              when moves and once_per_email and is_taken and verified then 'already_registered'
              when exists (
                select from readdressed
                 where is_own and email is not null and 5 <= (
                   select count(*) from message
                    where event_id = $1 and registration_id = $2 and kind = 'confirmed'
                      and message.attendee_id = readdressed.attendee_id
                      and created_at > now() - interval '1 day')) then 'too_often'
              else 'changed' end as outcome
    from found
), changed as (
  update registration
     set language = $4, source = coalesce($13, source), email = coalesce($5, registration.email),
         email_key = coalesce($6, email_key),
         once_per_email = case when moves then decided.once_per_email and not is_taken
                               else registration.once_per_email end, changed_at = now(),
         version = registration.version + 1,
         -- No letter about an unverified registration has the manage link.
         link_version = registration.link_version
           + (moves and decided.status <> 'unverified')::integer
    from decided
   where event_id = $1 and registration.registration_id = $2 and outcome = 'changed' and differs
), corrected as (
  update attendee
     set name = given.name, email = given.email, answers = given.answers, search = given.search,
         link_version = link_version
           + (attendee.email is distinct from given.email or moves and given.email is null)::integer
    from given, decided
   where attendee.event_id = $1 and attendee.attendee_id = given.attendee_id
     and attendee.registration_id = $2 and outcome = 'changed' and differs
), replaced as (
  update ticket
     set replaced_at = now()
    from readdressed, decided
   where ticket.event_id = $1 and ticket.attendee_id = readdressed.attendee_id
     and ticket.replaced_at is null and outcome = 'changed'
  returning ticket.attendee_id
), issued as (
  insert into ticket (event_id, ticket_id, attendee_id, expires_at)
  select $1, gen_random_uuid(), attendee_id, ticket_expiry(ends_at)
    from replaced join event on event.event_id = $1
), told_companion as (
  insert into message (event_id, message_id, registration_id, attendee_id, kind, about)
  select $1, gen_random_uuid(), $2, attendee_id, kind,
         case when $12::boolean then '{"by_organiser": true, "organiser_did": true}'
              else '{}' end::jsonb
           || jsonb_strip_nulls(jsonb_build_object('words', $15::text))
    from readdressed
   cross join decided
   cross join lateral (select case when is_own then 'confirmed' else 'resent' end as kind) as telling
   where outcome = 'changed' and $14::boolean
     and lower(readdressed.email) <> lower(coalesce($5, decided.email))
     and not exists (
       select from message
        where message.event_id = $1 and message.registration_id = $2
          and message.kind = telling.kind and message.attendee_id = readdressed.attendee_id
          and state in ('held', 'queued'))
), told as (
  insert into message (event_id, message_id, registration_id, kind, about)
  select $1, gen_random_uuid(), $2, kind,
         case when $12 then '{"organiser_did": true}' else '{}' end::jsonb
           || jsonb_strip_nulls(jsonb_build_object('words', $15))
    from decided
   cross join lateral (
     select case when moves and status = 'unverified' then 'unverified'
                 when moves then 'resent'
                 when status <> 'unverified' then 'changed' end as kind) as telling
   where outcome = 'changed' and differs and kind is not null and $14
     and not exists (
       select from message
        where message.event_id = $1 and message.registration_id = $2
          and message.kind = telling.kind and attendee_id is null
          -- A queued message goes to the new address and has the new data.
          and (state = 'queued' and $15 is null
               or not moves and not $12 and message.created_at > now() - interval '10 minutes'))
), logged as (
  insert into audit_entry (organiser_id, event_id, registration_id, attendee_id, actor, action,
                           before, after)
  select organiser_id, event_id, $2, attendee_id, $16, 'registration.change', noted.before,
         noted.after
    from event, decided
   cross join lateral (
     select null::uuid as attendee_id,
            (differing(jsonb_build_object('email', email, 'language', language),
                       jsonb_build_object('email', coalesce($5, email), 'language', $4::text))).*
     union all
     select attendee_id, (different.noted).* from different) as noted
   where event.event_id = $1 and outcome = 'changed' and (noted.before, noted.after) is distinct from (null, null)
)
select coalesce((select outcome from decided), 'not_found') as outcome
