-- Registers a batch of sign-ups, in two steps under the lock on the tallies (registration/lock_tally.sql).
--
-- First those that are plain: people who register themselves without an invitation, nothing of their address
-- is known, nobody waits at their event, and the places that are neither taken nor kept are enough for all of
-- the event in the batch. These are nearly all, and their order does not matter, because all of them fit. They
-- take a few inserts. All others are decided carefully, one after the other, by admit() and the facts.

-- The numbers that the plain ones of a batch get in their events (null: decide carefully), and of their
-- events, whether an address registers once, and how many hours an unverified registration is held.
create function plain_numbers(registration_ids uuid[], event_ids uuid[], versions integer[],
                              email_keys text[], at_doors text[], actors text[],
                              invitation_ids uuid[], ordinals integer[], ticket_types text[],
                              out numbers integer[], out once boolean[], out hours integer[])
language plpgsql as $$
#variable_conflict use_column
begin
  with needed as (
    select event_ids[person.ordinal] as event_id, person.ticket_type, count(*) as places
      from unnest(ordinals, ticket_types) as person (ordinal, ticket_type)
     group by 1, 2
  ), of_event as (
    select needed.event_id, sum(places) as places,
           bool_and(waiting = 0 and coalesce(taken + kept + places <= capacity, true)) as types_fit
      from needed
     -- Each limit 1 keeps the lookup by key, as in sign_up_carefully(). "exists" would read the whole
     -- table into a hash table, by a plan that was made for an empty one.
     cross join lateral (
       select waiting, taken, kept, capacity
         from ticket_type
        where ticket_type.event_id = needed.event_id and slug = needed.ticket_type
        limit 1) as ticket_type
     group by needed.event_id
  ), roomy as (
    select of_event.event_id, version, once_per_email, verify_hours, registrations
      from of_event
     cross join lateral (
       select waiting, taken, kept, capacity, registrations
         from tally where tally.event_id = of_event.event_id limit 1) as tally
     cross join lateral (
       select version, once_per_email, verify_hours
         from event where event.event_id = of_event.event_id limit 1) as event
     where types_fit and waiting = 0 and coalesce(taken + kept + places <= capacity, true)
  ), judged as (
    select asked.ordinal, asked.event_id, once_per_email, verify_hours, registrations,
           roomy.version = asked.version and is_first and by_themselves and same is null
             and not (once_per_email and earlier is not null) as is_plain
      from (select *, row_number() over (partition by registration_id order by ordinal) = 1
                      and row_number() over (partition by event_id, email_key order by ordinal) = 1
                        as is_first,
                      num_nonnulls(at_door, actor, invitation_id) = 0 as by_themselves
              from unnest(registration_ids, event_ids, versions, email_keys, at_doors, actors,
                          invitation_ids) with ordinality
                as each (registration_id, event_id, version, email_key, at_door, actor, invitation_id,
                         ordinal)) as asked
      left join roomy on roomy.event_id = asked.event_id
      left join lateral (
        select registration_id as same
          from registration
         where registration.event_id = roomy.event_id
           and registration.registration_id = asked.registration_id
         limit 1) as same on true
      left join lateral (
        select registration_id as earlier
          from registrations_of(roomy.event_id, asked.email_key)
         where roomy.once_per_email limit 1) as earlier on true
  )
  select array_agg(case when is_plain then registrations + rank end order by ordinal),
         array_agg(once_per_email order by ordinal), array_agg(verify_hours order by ordinal)
    into numbers, once, hours
    from (select *, count(*) filter (where is_plain) over (partition by event_id order by ordinal)
                      as rank
            from judged) as ranked;
end $$;

-- Decides those of a batch that have no number. The parameters are those of sign_up().
create function sign_up_carefully(numbers integer[],
  registration_ids uuid[], event_ids uuid[], versions integer[], emails text[],
  email_keys text[], languages text[], all_consents text[], fingerprints bytea[],
  statuses registration_status[], expiries timestamptz[], at_doors text[], all_vouched boolean[],
  sources text[], actors text[], invitation_ids uuid[], ordinals integer[], attendee_ids uuid[],
  ticket_ids uuid[], ticket_types text[], names text[], attendee_emails text[], all_answers text[],
  searches text[])
returns table (ordinal integer, outcome text, waiting_position integer, created_at timestamptz,
               places_left integer, ticket_type_places_left integer, earlier_attendee uuid,
               earlier_name text)
language plpgsql as $$
#variable_conflict use_column
begin
  return query
  with asked as (
    select *
      from unnest(registration_ids, event_ids, versions, emails, email_keys, languages,
                  all_consents, fingerprints, statuses, expiries,
                  at_doors, all_vouched, sources, actors, invitation_ids) with ordinality
        as asked (registration_id, event_id, version, email, email_key, language, consents,
                  fingerprint, status, expires_at, at_door, vouched, source, actor, invitation_id, ordinal)
     where numbers[ordinal] is null
  ), person as (
    select *
      from unnest(ordinals, attendee_ids, ticket_ids, ticket_types, names, attendee_emails,
                  all_answers, searches) with ordinality
        as person (ordinal, attendee_id, ticket_id, ticket_type, name, email, answers, search, position)
     where numbers[person.ordinal] is null
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
                  from unnest(event_ids, invitation_ids) with ordinality as other (event_id, invitation_id, place)
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
   order by decided.ordinal;
end $$;

-- The parameters and the outcomes are those of registration/sign_up.sql, which calls it.
create function sign_up(
  registration_ids uuid[], event_ids uuid[], versions integer[], emails text[],
  email_keys text[], languages text[], all_consents text[], fingerprints bytea[],
  statuses registration_status[], expiries timestamptz[], at_doors text[], all_vouched boolean[],
  sources text[], actors text[], invitation_ids uuid[], ordinals integer[], attendee_ids uuid[],
  ticket_ids uuid[], ticket_types text[], names text[], attendee_emails text[], all_answers text[],
  searches text[],
  positions integer[])
returns table (ordinal integer, outcome text, waiting_position integer, created_at timestamptz,
               places_left integer, ticket_type_places_left integer, earlier_attendee uuid,
               earlier_name text)
language plpgsql as $$
#variable_conflict use_column
declare
  numbers integer[];
  once boolean[];
  hours integer[];
begin
  select * into numbers, once, hours
    from plain_numbers(registration_ids, event_ids, versions, email_keys, at_doors, actors,
                       invitation_ids, ordinals, ticket_types);

  if num_nonnulls(variadic numbers) > 0 then
    insert into registration (event_id, registration_id, number, status, email, email_key,
                              once_per_email, verified, vouched, source, held_until, language,
                              consents, fingerprint)
    select event_id, registration_id, number, status, email, email_key, once,
           status <> 'unverified', vouched, source,
           case when status = 'unverified' then now() + hours * interval '1 hour' end,
           language, consents::jsonb, fingerprint
      from unnest(event_ids, registration_ids, numbers, statuses, emails, email_keys, once,
                  all_vouched, sources, hours, languages, all_consents, fingerprints)
        as new (event_id, registration_id, number, status, email, email_key, once, vouched, source,
                hours, language, consents, fingerprint)
     where number is not null;

    insert into attendee (event_id, attendee_id, registration_id, position, ticket_type, status, name,
                          email, answers, search)
    select event_ids[ordinal], attendee_id, registration_ids[ordinal], position, ticket_type,
           statuses[ordinal], name, email, answers::jsonb, search
      from unnest(ordinals, attendee_ids, positions, ticket_types, names, attendee_emails, all_answers,
                  searches)
        as new (ordinal, attendee_id, position, ticket_type, name, email, answers, search)
     where numbers[ordinal] is not null;

    insert into ticket (event_id, ticket_id, attendee_id, expires_at)
    select event_ids[ordinal], ticket_id, attendee_id, expiries[ordinal]
      from unnest(ordinals, attendee_ids, ticket_ids) as new (ordinal, attendee_id, ticket_id)
     where numbers[ordinal] is not null and statuses[ordinal] = 'confirmed';

    insert into message (event_id, message_id, registration_id, attendee_id, kind, state)
    select event_id, registration_id, registration_id, null, status::text, 'queued'::message_state
      from unnest(event_ids, registration_ids, numbers, statuses)
        as new (event_id, registration_id, number, status)
     where number is not null
    union all
    select event_ids[ordinal], attendee_id, registration_ids[ordinal], attendee_id, 'confirmed',
           case when all_vouched[ordinal] then 'queued' else 'held' end::message_state
      from unnest(ordinals, attendee_ids, attendee_emails) as new (ordinal, attendee_id, email)
     where numbers[ordinal] is not null and statuses[ordinal] = 'confirmed'
       and lower(email) <> lower(emails[ordinal]);

    return query
    select new.ordinal::integer, status::text, 0, now(), null::integer, null::integer, null::uuid,
           null::text
      from unnest(numbers, statuses) with ordinality as new (number, status, ordinal)
     where number is not null;
  end if;

  -- They see the plain ones.
  if num_nulls(variadic numbers) > 0 then
    return query
    select *
      from sign_up_carefully(numbers, registration_ids, event_ids, versions, emails, email_keys,
             languages, all_consents, fingerprints, statuses, expiries, at_doors, all_vouched, sources,
             actors, invitation_ids, ordinals, attendee_ids, ticket_ids, ticket_types, names,
             attendee_emails, all_answers, searches);
  end if;
end $$;
