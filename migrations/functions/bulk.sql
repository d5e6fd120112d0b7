-- Changes of many attendees at once.

-- What a change does to an attendee: 'done' (it makes the change), or why it cannot: the status that
-- the attendee has, 'came', or 'erased'.
create function bulk_outlook(verb bulk_verb, attendee attendee, is_erased boolean) returns text
language sql immutable as $$
  select case when is_erased then 'erased'
              when verb = 'approve' and attendee.status in ('pending', 'unverified')
                or verb = 'decline' and attendee.status = 'pending'
                or verb = 'move_up' and attendee.status = 'waitlisted'
                or verb = 'resend' and attendee.status <> 'cancelled'
                or verb = 'cancel' and attendee.status <> 'cancelled'
                   and attendee.first_admitted_at is null then 'done'
              when verb = 'cancel' and attendee.status <> 'cancelled' then 'came'
              else attendee.status::text end
$$;

-- What would become of each attendee of a draft now. Moving up stops where no places are left, in the
-- order in which the change goes.
create function bulk_outlooks(the_event uuid, the_bulk uuid)
returns table (ordinal integer, attendee_id uuid, name text, outcome text)
language sql stable as $$
  with person as materialized (
    select item.ordinal, attendee.attendee_id, attendee.name, attendee.registration_id,
           attendee.position, attendee.ticket_type, bulk.verb,
           bulk_outlook(bulk.verb, attendee, registration.erased_at is not null) as outcome
      from bulk_action as bulk
      join bulk_item as item using (event_id, bulk_id)
      join attendee using (event_id, attendee_id)
      join registration on registration.event_id = the_event
                       and registration.registration_id = attendee.registration_id
     where bulk.event_id = the_event and bulk.bulk_id = the_bulk
  ), registered as (
    select registration_id, min(ordinal) as place
      from person where verb = 'move_up' and outcome = 'done' group by registration_id
  ), line as (
    select array_agg(place order by place, position) as places,
           array_agg(ticket_type order by place, position) as types
      from registered join attendee using (registration_id)
     where attendee.status <> 'cancelled'
  ), without_places as (
    select registration_id
      from line cross join lateral admit(the_event, places, types, true, false) as verdict
      join registered on registered.place = verdict.ordinal
     where short_of is not null
  )
  select ordinal, attendee_id, name,
         case when registration_id in (select registration_id from without_places)
              then 'no_places' else outcome end
    from person
$$;

-- Makes the change for one registration, for the people of it that are chosen and can be changed.
-- Gives one word for them all.
create function bulk_change(bulk bulk_action, the_registration uuid, people uuid[]) returns text
language plpgsql as $$
declare
  outcome text;
  person uuid;
begin
  if bulk.verb in ('approve', 'decline', 'move_up') then
    outcome := act_on(bulk.event_id, the_registration, null, bulk.verb::text, null,
                             bulk.actor, bulk.tells, bulk.words, null, null);
  elsif bulk.verb = 'cancel' and not exists (
      select from attendee
       where event_id = bulk.event_id and registration_id = the_registration
         and status <> 'cancelled' and attendee_id <> all (people)) then
    outcome := act_on(bulk.event_id, the_registration, null, 'cancel', null, bulk.actor,
                             bulk.tells, bulk.words, null, null);
  else
    -- One letter for each address.
    foreach person in array case when bulk.verb = 'cancel' then people else array(
        select distinct on (case when attendee.status = 'confirmed'
                                 then nullif(lower(attendee.email), lower(registration.email)) end)
               attendee_id
          from attendee join registration using (event_id, registration_id)
         where event_id = bulk.event_id and attendee_id = any (people)) end loop
      outcome := act_on(bulk.event_id, the_registration, person,
                               case bulk.verb when 'cancel' then 'cancel_attendee'
                                              else bulk.verb::text end,
                               null, bulk.actor, bulk.tells, bulk.words, null, null);
    end loop;
  end if;
  return case when outcome in ('confirmed', 'declined', 'cancelled', 'moved_up', 'told')
              then 'done'
              when outcome = 'no_free_place' then 'no_places'
              when outcome = 'not_possible_after_check_in' then 'came'
              else 'failed' end;
exception when integrity_constraint_violation or data_exception then
  raise warning 'a bulk action could not change a registration: %', sqlstate;
  return 'failed';
end $$;

-- Goes on with a change of many, a registration at a time, for at most `most_ms` or `most`
-- registrations. Returns how many items are left. An item gets its outcome in the transaction of its
-- change, so each is changed once, whatever crashes. The caller holds the lock on the event's tally.
create function bulk_go_on(the_event uuid, the_bulk uuid, most integer, most_ms integer)
returns integer language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
set enable_material = off as $$
declare
  bulk bulk_action;
  people record;
  until timestamptz := clock_timestamp() + most_ms * interval '1 millisecond';
begin
  select * into bulk from bulk_action where event_id = the_event and bulk_id = the_bulk;
  while bulk.state = 'working' and bulk.done_to < bulk.total and most > 0
        and clock_timestamp() < until loop
    most := most - 1;
    -- The items of the next registration. An attendee may belong to another one by now.
    with next as (
      select ordinal, attendee_id
        from bulk_item
       where event_id = the_event and bulk_id = the_bulk
         and ordinal between bulk.done_to + 1 and bulk.done_to + 100
         and registration_id = (select registration_id from bulk_item as first
                                 where first.event_id = the_event and first.bulk_id = the_bulk
                                   and first.ordinal = bulk.done_to + 1)
    ), outlook as (
      select next.ordinal, next.attendee_id, attendee.registration_id,
             bulk_outlook(bulk.verb, attendee, erased_at is not null) as outcome
        from next
        join attendee on attendee.event_id = the_event
                     and attendee.attendee_id = next.attendee_id
        join registration using (event_id, registration_id)
    )
    select array_agg(ordinal order by ordinal) as ordinals,
           array_agg(attendee_id order by ordinal) as ids,
           array_agg(registration_id order by ordinal) as registrations,
           array_agg(outlook.outcome order by ordinal) as outcomes,
           (select max(ordinal) from next) as done_to
      into people
      from outlook;
    declare
      changed uuid;
      result text;
    begin
      for changed in select distinct registration
                       from unnest(people.registrations, people.outcomes) as one (registration, word)
                      where word = 'done' loop
        result := bulk_change(bulk, changed, array(
          select id
            from unnest(people.ids, people.registrations, people.outcomes) as one (id, registration, word)
           where registration = changed and word = 'done'));
        people.outcomes := array(
          select case when registration = changed and word = 'done' then result else word end
            from unnest(people.registrations, people.outcomes)
                 with ordinality as one (registration, word, at)
           order by at);
      end loop;
    end;
    update bulk_item set outcome = one.word
      from unnest(people.ordinals, people.outcomes) as one (ordinal, word)
     where event_id = the_event and bulk_id = the_bulk and bulk_item.ordinal = one.ordinal;
    bulk.done_to := people.done_to;
  end loop;
  update bulk_action set done_to = bulk.done_to
   where event_id = the_event and bulk_id = the_bulk and done_to < bulk.done_to;
  return bulk.total - bulk.done_to;
end $$;
