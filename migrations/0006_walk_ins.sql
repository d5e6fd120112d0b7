-- Who comes to the door without a ticket, and what the door sees of those who have one.

alter table question add column at_door boolean not null default false;

-- How many places were given beyond the capacity, one by one, to people who stood at the door, by
-- somebody who said why (service/features/registration/walk_in.sql: nothing else raises it). It
-- falls by itself as places are given back or added, so it is never more than what is taken beyond
-- the capacity: whoever gives places in any other way finds none, and the constraint refuses.
alter table tally
  add column over_capacity integer not null default 0 check (over_capacity >= 0),
  drop constraint places_of_the_event,
  add constraint places_of_the_event check (taken <= capacity + over_capacity);
alter table ticket_type
  add column over_capacity integer not null default 0 check (over_capacity >= 0),
  drop constraint places_of_the_ticket_type,
  add constraint places_of_the_ticket_type check (taken <= capacity + over_capacity);

-- How many are cancelled: where it has changed, phones at the door have tickets to learn of.
alter table tally add column cancelled integer not null default 0 check (cancelled >= 0);
update tally
   set cancelled = (select count(*) from attendee
                     where attendee.event_id = tally.event_id and status = 'cancelled');

-- As before, and what was given beyond the capacity shrinks with what is taken.
create or replace function count_attendees(changes attendee_change[]) returns void language plpgsql as $$
begin
  with change as (
    select event_id,
           coalesce(sum(sign) filter (where holds_place(status)), 0) as taken,
           coalesce(sum(sign) filter (where status = 'confirmed'), 0) as confirmed,
           coalesce(sum(sign) filter (where waits_for = ''), 0) as waiting,
           coalesce(sum(sign) filter (where came), 0) as admitted,
           coalesce(sum(sign) filter (where inside), 0) as inside,
           coalesce(sum(sign) filter (where status = 'cancelled'), 0) as cancelled
      from unnest(changes) group by event_id
  )
  update tally
     set taken = tally.taken + change.taken, confirmed = tally.confirmed + change.confirmed,
         waiting = tally.waiting + change.waiting, admitted = tally.admitted + change.admitted,
         inside = tally.inside + change.inside, cancelled = tally.cancelled + change.cancelled,
         over_capacity = least(tally.over_capacity,
                               greatest(0, tally.taken + change.taken - tally.capacity))
    from change
   where tally.event_id = change.event_id
     and (change.taken, change.confirmed, change.waiting, change.admitted, change.inside,
          change.cancelled) <> (0, 0, 0, 0, 0, 0);

  with change as (
    select event_id, ticket_type,
           coalesce(sum(sign) filter (where holds_place(status)), 0) as taken,
           coalesce(sum(sign) filter (where waits_for = ticket_type), 0) as waiting
      from unnest(changes) group by event_id, ticket_type
  )
  update ticket_type
     set taken = ticket_type.taken + change.taken, waiting = ticket_type.waiting + change.waiting,
         over_capacity = least(ticket_type.over_capacity,
                               greatest(0, ticket_type.taken + change.taken - ticket_type.capacity))
    from change
   where ticket_type.event_id = change.event_id and ticket_type.slug = change.ticket_type
     and (change.taken, change.waiting) <> (0, 0);
end $$;

-- As before; where more than the capacity is taken there is nothing to move up to. Called by
-- move_up(), which knows whether the event takes place.
create or replace function move_up_waiting(the_event uuid) returns integer language plpgsql as $$
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
       where tally.event_id = the_event and queue.waiting > 0
         and coalesce(queue.free > 0, true) -- null: without limit; less than none: over capacity
         and coalesce(tally.capacity > tally.taken, true)
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
