-- Promotes the registrations of the waiting list that fit now, in order, and returns their number.
-- In a cancelled event it promotes none. The event and each ticket type have a queue. It reads a
-- queue only while the event and the queue have places left: ten registrations more than places,
-- and the next ones while the last ones moved or turned out to be short of something else. It looks
-- at `most` registrations, so that it does not hold the lock on the tally for long. If it stops
-- there, it notes that in tally.moving and goes on at its next call.
--
-- The settings make each statement look up rows by key, also before the first analyze.
create function move_up(the_event uuid, most integer default 200) returns integer
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
set enable_material = off as $$
declare
  moved integer := 0;
  looked integer := 0;
  blocked text[] := '{}';
  is_cancelled boolean := (select cancelled from event where event_id = the_event);
  is_open boolean := true; -- there may be more to look at
  these record;
begin
  while is_open and not is_cancelled and looked < most loop
    with open_queue as (
      select queue.slug,
             10 + least(most - looked - 10,
                        max(coalesce(least(event_left, places), most)) over ()) as window
        from tally
       cross join lateral (
         select places_left(capacity, taken + kept, 0) as event_left) as event_places
       cross join lateral (
         select '' as slug, tally.waiting, event_left as places
         union all
         select slug, ticket_type.waiting, places_left(ticket_type.capacity, ticket_type.taken + kept, 0)
           from ticket_type
          where ticket_type.event_id = the_event) as queue
       where tally.event_id = the_event and queue.waiting > 0
         and event_left is distinct from 0 and places is distinct from 0
         and slug <> all (blocked) and '' <> all (blocked)
    ), candidate as (
      select first.*, slug as waits_for
        from open_queue
       cross join lateral (
         select number, registration_id
           from registration
          where event_id = the_event and status = 'waitlisted' and waits_for = open_queue.slug
          order by number
          limit open_queue.window) as first
       order by number
       limit (select open_queue.window from open_queue limit 1)
    ), line as (
      select array_agg(number order by number, position) as ordinals,
             array_agg(ticket_type order by number, position) as ticket_types,
             array_agg(waits_for order by number, position) as queues,
             count(distinct number) as length
        from candidate join attendee using (registration_id)
       where attendee.status <> 'cancelled'
    ), decided as (
      select registration_id, waits_for, short_of
        from line
       cross join lateral admit(the_event, ordinals, ticket_types, true, true, queues, blocked)
         as verdict
        join candidate on candidate.number = verdict.ordinal
    )
    select (select length from line) as length,
           array_agg(registration_id) filter (where short_of is null) as fitting,
           array_agg(registration_id) filter (where short_of <> waits_for) as others,
           array_agg(short_of) filter (where short_of <> waits_for) as short_of,
           array_agg(distinct short_of) filter (where short_of <> '-') as blocked
      into these
      from decided;

    is_open := these.length > 0;
    looked := looked + these.length;
    blocked := blocked || coalesce(these.blocked, '{}');
    moved := moved + coalesce(cardinality(these.fitting), 0);
    perform set_registration_status(the_event, array_agg(id), becomes, 'promoted')
       from unnest(these.fitting) as id
      cross join lateral (select status_with_places(the_event, id) as becomes) as status
      group by becomes;
    update registration set waits_for = other.short_of
      from unnest(these.others, these.short_of) as other (id, short_of)
     where event_id = the_event and registration_id = other.id;
  end loop;
  is_open := is_open and not is_cancelled;
  update tally set moving = is_open where event_id = the_event and moving <> is_open;
  return moved;
end $$;
