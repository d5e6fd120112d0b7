-- The rules of admission: who gets a place, who waits, who moves up. To change a rule write a new
-- migration that replaces its function. Whoever calls these holds the lock on the event's tally.

-- Decides a sequence of registrations of one event, in their order. Each attendee is given by the
-- ordinal of its registration (ascending) and its ticket type. A registration is all or nothing:
-- it fits when there is a place in the event and in each of its ticket types for all of its
-- attendees, and nobody waits for one of those places already (first come, first served; while
-- moving up, those who wait are the sequence itself). What does not fit waits for the first thing
-- that is short: a ticket type, or '' for the event. Without a waiting list it blocks nobody.
create function admit(the_event uuid, ordinals integer[], ticket_types text[], moving_up boolean,
                      has_waiting_list boolean)
returns table (ordinal integer, short_of text) -- short_of null: it fits
language plpgsql as $$
declare
  event_free integer;
  event_queue boolean;
  slugs text[];
  free integer[];
  queue boolean[];
  needs integer[];
  total integer;
  at integer := 1;
  t integer;
  count integer := coalesce(cardinality(ordinals), 0);
begin
  select capacity - taken, waiting > 0 and not moving_up into event_free, event_queue
    from tally where event_id = the_event;
  select array_agg(slug), array_agg(capacity - taken), array_agg(waiting > 0 and not moving_up)
    into slugs, free, queue
    from ticket_type where event_id = the_event;

  while at <= count loop
    ordinal := ordinals[at];
    short_of := null;
    needs := array_fill(0, array[cardinality(slugs)]);
    total := 0;
    while at <= count and ordinals[at] = ordinal loop
      t := array_position(slugs, ticket_types[at]);
      needs[t] := needs[t] + 1;
      if short_of is null and (queue[t] or needs[t] > free[t]) then
        short_of := slugs[t];
      end if;
      total := total + 1;
      at := at + 1;
    end loop;
    if short_of is null and (event_queue or total > event_free) then
      short_of := '';
    end if;

    if short_of is null then
      event_free := event_free - total;
      for t in 1 .. cardinality(slugs) loop
        free[t] := free[t] - needs[t];
      end loop;
    elsif has_waiting_list and short_of = '' then
      event_queue := true;
    elsif has_waiting_list then
      queue[array_position(slugs, short_of)] := true;
    end if;
    return next;
  end loop;
end $$;

-- When tickets of an event stop being valid: a day after its end, so that it may run late.
create function ticket_expiry(ends_at timestamp, timezone text) returns timestamptz
language sql stable as $$
  select (ends_at at time zone timezone) + interval '1 day'
$$;

-- What a registration becomes once it has its places.
create function status_with_places(the_event uuid, the_registration uuid)
returns registration_status language sql stable as $$
  select case when not registration.verified then 'unverified'
              when event.approval or exists (
                select from attendee
                  join ticket_type on ticket_type.event_id = attendee.event_id
                                  and ticket_type.slug = attendee.ticket_type
                 where attendee.event_id = the_event and registration_id = the_registration
                   and attendee.status <> 'cancelled' and ticket_type.approval)
              then 'pending' else 'confirmed' end::registration_status
    from registration join event using (event_id)
   where event_id = the_event and registration_id = the_registration
$$;

-- Gives a registration and its attendees (but the cancelled ones) a status; tickets appear with
-- 'confirmed' and a message tells the registration's address.
create function set_registration_status(the_event uuid, the_registration uuid,
                                        new_status registration_status, told text)
returns void language plpgsql as $$
begin
  update registration set status = new_status, changed_at = now()
   where event_id = the_event and registration_id = the_registration;
  update attendee
     set status = new_status,
         waits_for = case when new_status = 'waitlisted' then coalesce(waits_for, '') end
   where event_id = the_event and registration_id = the_registration and status <> 'cancelled';
  if new_status = 'confirmed' then
    insert into ticket (event_id, ticket_id, attendee_id, expires_at)
    select event_id, gen_random_uuid(), attendee_id, ticket_expiry(event.ends_at, event.timezone)
      from attendee join event using (event_id)
     where event_id = the_event and registration_id = the_registration
       and attendee.status = 'confirmed'
       and not exists (select from ticket where ticket.event_id = the_event
                        and ticket.attendee_id = attendee.attendee_id and replaced_at is null);
  end if;
  insert into message (event_id, message_id, registration_id, kind)
  values (the_event, gen_random_uuid(), the_registration, told);
end $$;

-- Moves up whoever on the waiting list fits now, in order. Gives how many registrations did. Who
-- waits for a ticket type that is still full is passed over without being looked at. Of a long
-- queue only the first are looked at: more than can fit, and some for those who are short of
-- something else. Of each queue, so that one that stands still holds up no other.
create function move_up(the_event uuid) returns integer language plpgsql as $$
declare
  waiting record;
  moved integer := 0;
begin
  for waiting in
    with queue as ( -- '': the event's; who waits is counted in attendees
      select queue.slug, least(queue.waiting, queue.free + 1000, tally.capacity - tally.taken + 1000,
                               100000) as most
        from tally
       cross join lateral (
         select '' as slug, tally.waiting, null::integer as free
         union all
         select slug, ticket_type.waiting, ticket_type.capacity - ticket_type.taken
           from ticket_type
          where ticket_type.event_id = the_event) as queue
       where tally.event_id = the_event and queue.waiting > 0 and queue.free is distinct from 0
         and tally.capacity - tally.taken is distinct from 0
    ), candidate as (
      select number, registration_id
        from queue
       cross join lateral (
         select number, registration_id
           from registration
          where registration.event_id = the_event and status = 'waitlisted'
            and exists (
              select from attendee
               where attendee.event_id = the_event and attendee.status = 'waitlisted'
                 and attendee.registration_id = registration.registration_id
                 and attendee.waits_for = queue.slug)
          order by number
          limit queue.most) as first
    ), line as (
      select array_agg(number order by number, position) as ordinals,
             array_agg(ticket_type order by number, position) as ticket_types
        from candidate join attendee on attendee.event_id = the_event
                                    and attendee.registration_id = candidate.registration_id
       where attendee.status = 'waitlisted'
    )
    select candidate.registration_id, decided.short_of
      from line
     cross join lateral admit(the_event, line.ordinals, line.ticket_types, true, true) as decided
      join candidate on candidate.number = decided.ordinal
     order by decided.ordinal
  loop
    if waiting.short_of is null then
      perform set_registration_status(the_event, waiting.registration_id,
        status_with_places(the_event, waiting.registration_id), 'promoted');
      moved := moved + 1;
    else
      update attendee set waits_for = waiting.short_of
       where event_id = the_event and registration_id = waiting.registration_id
         and status = 'waitlisted' and waits_for <> waiting.short_of;
    end if;
  end loop;
  return moved;
end $$;

-- Gives back all places of a registration; whoever waits for them moves up.
create function cancel_registration(the_event uuid, the_registration uuid) returns text
language plpgsql as $$
declare
  was registration_status;
begin
  select status into was from registration
   where event_id = the_event and registration_id = the_registration;
  if was is null then
    return 'not_found';
  elsif was = 'cancelled' then
    return 'cancelled';
  end if;
  perform set_registration_status(the_event, the_registration, 'cancelled', 'cancelled');
  perform move_up(the_event);
  return 'cancelled';
end $$;

-- The organiser says yes to a registration that waits for approval, or vouches for an address that
-- has not been verified.
create function approve_registration(the_event uuid, the_registration uuid) returns text
language plpgsql as $$
declare
  was registration_status;
begin
  select status into was from registration
   where event_id = the_event and registration_id = the_registration;
  if was in ('pending', 'unverified') then
    update registration set verified = true
     where event_id = the_event and registration_id = the_registration;
    perform set_registration_status(the_event, the_registration, 'confirmed', 'approved');
    return 'confirmed';
  end if;
  return coalesce(case when was = 'confirmed' then 'confirmed' else 'not_pending' end, 'not_found');
end $$;

-- Somebody reads mail at the address: the registration goes on to what it was to become.
create function verify_registration(the_event uuid, the_registration uuid) returns text
language plpgsql as $$
declare
  was registration_status;
  becomes registration_status;
begin
  update registration set verified = true
   where event_id = the_event and registration_id = the_registration
  returning status into was;
  if was is null then
    return 'not_found';
  elsif was = 'unverified' then
    becomes := status_with_places(the_event, the_registration);
    perform set_registration_status(the_event, the_registration, becomes, becomes::text);
  end if;
  return 'verified';
end $$;

-- A new ticket for an attendee, for the same person or (with a name) another; the old one stops
-- working.
create function replace_ticket(the_event uuid, the_registration uuid, the_attendee uuid,
                               new_ticket uuid, new_name text, new_email text, new_search text)
returns text language plpgsql as $$
declare
  was registration_status;
begin
  select status into was from attendee
   where event_id = the_event and attendee_id = the_attendee
     and registration_id = the_registration;
  if was is null then
    return 'not_found';
  elsif was <> 'confirmed' then
    return 'not_confirmed';
  end if;
  update ticket set replaced_at = now()
   where event_id = the_event and attendee_id = the_attendee and replaced_at is null;
  insert into ticket (event_id, ticket_id, attendee_id, expires_at)
  select event_id, new_ticket, the_attendee, ticket_expiry(ends_at, timezone)
    from event where event_id = the_event;
  if new_name is not null then
    update attendee set name = new_name, email = new_email, search = new_search
     where event_id = the_event and attendee_id = the_attendee;
  end if;
  insert into message (event_id, message_id, registration_id, kind)
  select the_event, gen_random_uuid(), the_registration, 'resent'
   where not exists (
     select from message
      where event_id = the_event and registration_id = the_registration and kind = 'resent'
        and created_at > now() - interval '10 minutes');
  return 'replaced';
end $$;
