-- Registers a batch, with one outcome for each element and never an error. It runs in the
-- transaction of lock_tally but after it, so that it sees the changes that the lock waited for.
-- Sending it again is safe: an existing registration answers 'again'.
--
-- Where addresses are verified, a known address is answered like a new one: a second registration
-- takes places until it expires. Its mail says that there is another one, and cannot verify it.
--
-- A walk-in is alone in its batch. Its at_door is {"over_capacity", "door", "reason"} as
-- JSON; a sign-up has null. A walk-in gets a free place even if others wait, because they are not
-- at the door. With over_capacity it may exceed the capacity of the event and of its ticket type.
-- A person whom an organiser adds by hand is a walk-in with "desk". A known address is refused there
-- at every event, and accepted with "anyway"; "silent" writes no letter, also to a walk-in without an
-- address.
--
-- $1 registration_id: uuid[]
-- $2 event_id: uuid[]
-- $3 version: integer[]
-- $4 email: text[]
-- $5 email_key: text[]
-- $6 language: text[]
-- $7 consents: text[]
-- $8 fingerprint: bytea[]
-- $9 status: registration_status[]
-- $10 expires_at: timestamp with time zone[]
-- $11 at_door: text[] or null
-- Whether an organiser registers these people; else where it was typed (null: no limit):
-- $12 vouched: boolean[]
-- $13 source: text[] or null
-- Who registers these people, for the audit log. Null: they do, and it gets no entry.
-- $14 actor: text[] or null
-- Whose link was opened:
-- $15 invitation_id: uuid[] or null
-- The attendees of all registrations, each with the ordinal of its registration:
-- $16 ordinal: integer[]
-- $17 attendee_id: uuid[]
-- $18 ticket_id: uuid[]
-- $19 ticket_type: text[]
-- $20 name: text[]
-- $21 attendee_email: text[]
-- $22 answers: text[]
-- $23 search: text[]
-- row registration: $1 to $15
-- row attendee: $16 to $23
-- outcome: sign_up_outcome = confirmed | pending | unverified | waitlisted |
--   again (this registration is there) | key_reused (it is, but the request was another one) |
--   later (the batch holds an earlier element with the same id or address: send it once more) |
--   already_registered (the address has a registration; what it holds is mailed to it again) |
--   not_invited (the invitation was withdrawn) | invitation_used (it has all its registrations) |
--   sold_out | stale (the event's definition has changed: look at it anew) | no_event
-- rows: ordinal integer, outcome text, waiting_position integer,
-- rows: created_at timestamp with time zone, places_left integer, ticket_type_places_left integer,
-- rows: earlier_attendee uuid, earlier_name text
with asked as (
  select *
    from unnest($1::uuid[], $2::uuid[], $3::integer[], $4::text[], $5::text[], $6::text[],
                $7::text[], $8::bytea[], $9::registration_status[], $10::timestamptz[],
                $11::text[], $12::boolean[], $13::text[], $14::text[], $15::uuid[]) with ordinality
      as asked (registration_id, event_id, version, email, email_key, language, consents,
                fingerprint, status, expires_at, at_door, vouched, source, actor, invitation_id, ordinal)
), person as (
  select *
    from unnest($16::integer[], $17::uuid[], $18::uuid[], $19::text[], $20::text[], $21::text[],
                $22::text[], $23::text[]) with ordinality
      as person (ordinal, attendee_id, ticket_id, ticket_type, name, email, answers, search, position)
), looked_at as (
  select asked.*, event.organiser_id, event.once_per_email, event.waitlisted,
         event.verify_hours, event.registrations,
         event.waiting_list and at_door is null as waiting_list,
         coalesce((at_door::jsonb -> 'over_capacity')::boolean, false) as over_capacity,
         earlier.registration_id as earlier_id, earlier.status as earlier_status,
         case when event.event_id is null then 'no_event'
              when same.fingerprint = asked.fingerprint then 'again'
              when same.fingerprint is not null then 'key_reused'
              when event.version <> asked.version then 'stale'
              -- Comes before 'later', or each batch would decide only one of an address.
              when (event.once_per_email or at_door::jsonb ? 'desk')
               and earlier.registration_id is not null and asked.status <> 'unverified'
               and not coalesce((at_door::jsonb -> 'anyway')::boolean, false)
                then 'already_registered'
              when row_number() over (partition by asked.registration_id order by ordinal) > 1
                then 'later'
              when event.once_per_email
               and row_number() over (partition by asked.event_id, asked.email_key
                                      order by ordinal) > 1 then 'later'
              when asked.invitation_id is not null and invited.good_for is null then 'not_invited'
              when invited.active >= invited.good_for then 'invitation_used'
              -- Decided by the facts, when it is known what became of the others.
              when invited.active + invited.place > invited.good_for then 'later'
         end as refused,
         case when not invited.is_declined and invited.used + invited.place <= invited.good_for
              then invited.kept_type end as keeps
    from asked
    -- Each limit 1 makes the planner use the key. Without it, a plan for an empty table would read
    -- the whole table until the next analyze.
    left join lateral (
      select event.*, tally.waitlisted, tally.registrations
        from event join tally using (event_id)
       where event_id = asked.event_id
       limit 1) as event on true
    left join lateral (
      select fingerprint
        from registration
       where event_id = asked.event_id and registration_id = asked.registration_id
       limit 1) as same on true
    left join lateral (
      select registration_id, status
        from registrations_of(asked.event_id, asked.email_key)
       limit 1) as earlier on true
    left join lateral (
      select good_for, declined_at is not null as is_declined,
             kept_type(asked.event_id, invitation.ticket_type) as kept_type, uses.*,
             (select count(*)
                from unnest($2::uuid[], $15::uuid[]) with ordinality as other (event_id, invitation_id, place)
               where other.event_id = asked.event_id and other.invitation_id = asked.invitation_id
                 and other.place <= asked.ordinal) as place
        from invitation
       cross join lateral (
         select count(*) as used, count(*) filter (where registration.status <> 'cancelled') as active
           from invitation_use join registration using (event_id, registration_id)
          where invitation_use.event_id = asked.event_id
            and invitation_use.invitation_id = asked.invitation_id) as uses
       where asked.invitation_id is not null and invitation.event_id = asked.event_id
         and invitation.invitation_id = asked.invitation_id and withdrawn_at is null
       limit 1) as invited on true
), line as (
  select event_id, waiting_list, at_door is not null as past_queue,
         array_agg(looked_at.ordinal::integer order by person.position) as ordinals,
         array_agg(person.ticket_type order by person.position) as ticket_types,
         case when count(keeps) > 0 then array_agg(keeps order by person.position) end as keeps
    from looked_at join person on person.ordinal = looked_at.ordinal
   where refused is null
   group by event_id, waiting_list, past_queue
), admitted as (
  select decided.*
    from line
   cross join lateral admit(line.event_id, line.ordinals, line.ticket_types, line.past_queue,
                            line.waiting_list, keeps => line.keeps) as decided
), decided as (
  select looked_at.*, admitted.short_of, admitted.event_left, admitted.type_left,
         case when refused = 'already_registered' and not waiting_list and at_door is null and (
                -- An address that would find no place is told so, registered or not.
                select alone.short_of is not null
                  from (select array_agg(person.ordinal::integer order by position) as ordinals,
                               array_agg(ticket_type order by position) as ticket_types
                          from person where person.ordinal = looked_at.ordinal) as people
                 cross join lateral admit(looked_at.event_id, ordinals, ticket_types, false,
                                          false) as alone) then 'sold_out'
              when refused is not null then refused
              when admitted.short_of is null or over_capacity then looked_at.status::text
              when waiting_list and admitted.short_of <> '-' then 'waitlisted'
              else 'sold_out' end as outcome
    from looked_at left join admitted on admitted.ordinal = looked_at.ordinal
), taken as (
  select decided.*,
         registrations + row_number() over (partition by event_id order by ordinal) as number,
         waitlisted + count(*) filter (where outcome = 'waitlisted')
                        over (partition by event_id order by ordinal) as waiting_position
    from decided
   where outcome in ('confirmed', 'pending', 'unverified', 'waitlisted')
), walk_in as (
  select taken.*, person.attendee_id, person.ticket_type, coalesce(event_left = 0, false) as is_over,
         coalesce(type_left = 0, false) as type_is_over
    from taken join person on person.ordinal = taken.ordinal
   where at_door is not null
), room_in_event as (
  update tally set over_capacity = tally.taken + 1 - capacity
    from walk_in
   where tally.event_id = walk_in.event_id and is_over
), room_in_ticket_type as (
  update ticket_type set over_capacity = ticket_type.taken + 1 - capacity
    from walk_in
   where ticket_type.event_id = walk_in.event_id and ticket_type.slug = walk_in.ticket_type
     and type_is_over
), new_use as (
  insert into invitation_use (event_id, registration_id, invitation_id)
  select event_id, registration_id, invitation_id from taken where invitation_id is not null
), changed_mind as (
  update invitation set declined_at = null, word = null
    from taken
   where invitation.event_id = taken.event_id and invitation.invitation_id = taken.invitation_id
     and declined_at is not null
), new_audit_entry as (
  insert into audit_entry (organiser_id, event_id, registration_id, attendee_id, actor, action,
                           after, detail)
  select taken.organiser_id, taken.event_id, taken.registration_id, walk_in.attendee_id, taken.actor,
         case when walk_in.ordinal is null or taken.at_door::jsonb ? 'desk' then 'registration.add'
              else 'walk_in' end,
         jsonb_strip_nulls(jsonb_build_object('status', taken.outcome,
                                              'reason', taken.at_door::jsonb -> 'reason')),
         case when walk_in.ordinal is null then '{}'
              else jsonb_build_object('ticket_type', ticket_type,
                                      'door', walk_in.at_door::jsonb -> 'door',
                                      'over_capacity', is_over or type_is_over) end
    from taken left join walk_in on walk_in.ordinal = taken.ordinal
   where taken.actor is not null
), new_registration as (
  insert into registration (event_id, registration_id, number, status, email, email_key,
                            once_per_email, verified, vouched, source, waits_for, held_until,
                            language, consents, fingerprint)
  select event_id, registration_id, number, outcome::registration_status, email, email_key,
         once_per_email and earlier_id is null, status <> 'unverified', vouched, source,
         case when outcome = 'waitlisted' then short_of end,
         case when outcome = 'unverified' then now() + verify_hours * interval '1 hour' end,
         language, consents::jsonb, fingerprint
    from taken order by ordinal
), new_attendee as (
  insert into attendee (event_id, attendee_id, registration_id, position, ticket_type, status,
                        name, email, answers, search)
  select taken.event_id, person.attendee_id, taken.registration_id,
         row_number() over (partition by taken.ordinal order by person.position),
         person.ticket_type, taken.outcome::registration_status,
         person.name, person.email, person.answers::jsonb, person.search
    from taken join person on person.ordinal = taken.ordinal
   order by person.position
), new_ticket as (
  insert into ticket (event_id, ticket_id, attendee_id, expires_at)
  select taken.event_id, person.ticket_id, person.attendee_id, taken.expires_at
    from taken join person on person.ordinal = taken.ordinal
   where taken.outcome = 'confirmed'
   order by person.position
), new_message as (
  insert into message (event_id, message_id, registration_id, attendee_id, kind, state)
  select event_id, registration_id, registration_id, null, outcome, 'queued'::message_state
    from taken
   where not coalesce((at_door::jsonb -> 'silent')::boolean, false)
     and not (once_per_email and earlier_id is not null and exists (
     select from registrations_of(taken.event_id, taken.email_key) as other
       join message using (event_id, registration_id)
      where not other.once_per_email and message.kind in ('unverified', 'waitlisted')
        and is_recent(message.created_at, '10 minutes')))
  union all
  select taken.event_id, person.attendee_id, taken.registration_id, person.attendee_id, outcome,
         case when vouched then 'queued' else 'held' end::message_state
    from taken join person on person.ordinal = taken.ordinal
   where taken.outcome = 'confirmed' and lower(person.email) <> lower(taken.email)
), reminder as (
  insert into message (event_id, message_id, registration_id, kind)
  select distinct on (event_id, earlier_id) event_id, gen_random_uuid(), earlier_id,
         case earlier_status when 'unverified' then 'unverified' else outcome end
    from decided
   where outcome = 'already_registered' and at_door is null
     and not exists (
       select from message
        where message.event_id = decided.event_id
          and message.kind in ('already_registered', 'unverified')
          and message.registration_id = decided.earlier_id
          and is_recent(message.created_at, '10 minutes'))
)
select decided.ordinal::integer, decided.outcome, taken.waiting_position::integer,
       now() as created_at,
       decided.event_left as places_left, decided.type_left as ticket_type_places_left,
       case when decided.outcome = 'already_registered' and decided.at_door::jsonb ? 'desk' then (
         select attendee_id from attendee
          where event_id = decided.event_id and registration_id = decided.earlier_id
          order by position limit 1) end as earlier_attendee,
       case when decided.outcome = 'already_registered' and decided.at_door::jsonb ? 'desk' then (
         select name from attendee
          where event_id = decided.event_id and registration_id = decided.earlier_id
          order by position limit 1) end as earlier_name
  from decided left join taken on taken.ordinal = decided.ordinal
 order by decided.ordinal
