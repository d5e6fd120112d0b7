-- Registers somebody who stands at the door without a ticket, never an error. Runs in the
-- transaction of lock_tally, in a statement of its own so that it sees what the lock waited for.
-- Safe to send again: a registration that is there already answers 'again'.
--
-- There is a place while fewer are taken than there are, whoever waits: who waits is not here, and
-- the place would stay empty. Beyond the capacity it goes only where $17 says so; the capacity of
-- the event and of the ticket type are exceeded by one, by what only this statement ever raises.
--
-- $1 event_id: uuid
-- $2 registration_id: uuid
-- $3 version: integer
-- $4 email: text
-- $5 email_key: text
-- $6 language: text
-- $7 consents: jsonb
-- $8 fingerprint: bytea
-- $9 attendee_id: uuid
-- $10 ticket_id: uuid
-- $11 expires_at: timestamp with time zone
-- $12 ticket_type: text
-- $13 name: text
-- $14 answers: jsonb
-- $15 search: text
-- $16 door: text
-- $17 over_capacity: boolean
-- $18 reason: text
-- $19 actor: text
-- outcome: walk_in_outcome = confirmed (done) | again (this registration is there) |
--   key_reused (it is, but the request was another one) |
--   stale (the event's definition has changed: look at it anew) | already_registered | sold_out |
--   no_event
-- rows: outcome text, places_left integer, ticket_type_places_left integer
with looked_at as (
  select event.organiser_id, event.once_per_email, tally.registrations,
         event_left.places as event_left, type_left.places as type_left,
         case when event.event_id is null then 'no_event'
              when same.fingerprint = $8 then 'again'
              when same.fingerprint is not null then 'key_reused'
              when event.version <> $3 then 'stale'
              when event.once_per_email and exists (
                select from registration
                 where event_id = $1 and email_key = $5 and once_per_email
                   and status <> 'cancelled') then 'already_registered'
              when not $17 and least(event_left.places, type_left.places) = 0 then 'sold_out'
              else 'confirmed' end as outcome
    from (select) as asked
    left join event on event.event_id = $1
    left join tally on tally.event_id = $1
    left join ticket_type on ticket_type.event_id = $1 and ticket_type.slug = $12
    cross join lateral (select places_left(tally.capacity, tally.taken, 0) as places) as event_left
    cross join lateral (
      select places_left(ticket_type.capacity, ticket_type.taken, 0) as places) as type_left
    left join registration as same on same.event_id = $1 and same.registration_id = $2
), taken as (
  select looked_at.*, coalesce(event_left = 0, false) as is_over,
         coalesce(type_left = 0, false) as type_is_over
    from looked_at
   where outcome = 'confirmed'
), room_in_event as (
  update tally set over_capacity = tally.taken + 1 - capacity
    from taken
   where tally.event_id = $1 and is_over
), room_in_ticket_type as (
  update ticket_type set over_capacity = ticket_type.taken + 1 - capacity
    from taken
   where ticket_type.event_id = $1 and ticket_type.slug = $12 and type_is_over
), new_registration as (
  insert into registration (event_id, registration_id, number, status, email, email_key,
                            once_per_email, language, consents, fingerprint)
  select $1, $2, registrations + 1, 'confirmed', $4, $5, once_per_email, $6, $7, $8
    from taken
), new_attendee as (
  insert into attendee (event_id, attendee_id, registration_id, position, ticket_type, status,
                        name, answers, search)
  select $1, $9, $2, 1, $12, 'confirmed', $13, $14, $15 from taken
), new_ticket as (
  insert into ticket (event_id, ticket_id, attendee_id, expires_at)
  select $1, $10, $9, $11 from taken
), new_message as (
  insert into message (event_id, message_id, registration_id, kind)
  select $1, $2, $2, 'confirmed' from taken
), new_audit_entry as (
  insert into audit_entry (organiser_id, event_id, actor, action, detail)
  select organiser_id, $1, $19, 'walk_in',
         jsonb_build_object('registration', $2::uuid, 'attendee', $9::uuid,
                            'ticket_type', $12::text, 'door', $16::text,
                            'over_capacity', is_over or type_is_over, 'reason', $18::text)
    from taken
)
select outcome, event_left as places_left, type_left as ticket_type_places_left
  from looked_at
