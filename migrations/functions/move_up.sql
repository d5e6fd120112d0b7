-- Promotes the registrations of the waiting list that fit now, in order, and returns their number.
-- In a cancelled event it promotes none. The event and each ticket type have a queue. It does not
-- read a queue without free places. It reads at most 1000 registrations more than free places from
-- a queue, because some of them may be short of another place. No queue blocks another queue.
create function move_up(the_event uuid) returns integer language plpgsql as $$
declare
  waiting record;
  moved integer := 0;
begin
  if (select cancelled from event where event_id = the_event) then
    return 0;
  end if;
  for waiting in
    with queue as ( -- '': the event's queue; waiting counts attendees
      select queue.slug, least(queue.waiting, places + 1000, 100000) as most
        from tally
       cross join lateral (
         select '' as slug, tally.waiting, null::integer as capacity, 0 as taken
         union all
         select slug, ticket_type.waiting, ticket_type.capacity, ticket_type.taken
           from ticket_type
          where ticket_type.event_id = the_event) as queue
       cross join lateral (
         select least(places_left(tally.capacity, tally.taken, 0),
                      places_left(queue.capacity, queue.taken, 0)) as places) as open
       where tally.event_id = the_event and queue.waiting > 0 and places is distinct from 0
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
