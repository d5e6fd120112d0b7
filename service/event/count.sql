-- Reads the counts of an event, those of the doors for the present day. Gives a row for each ticket type.
-- Places that are kept for the invited are not left. A ticket type has at most as many places
-- left as the event. Walk-ins also get places that others wait for. Null means no limit, and least() ignores null.
-- $1 event_id: uuid
-- rows: capacity integer, places_left integer, expected integer, waitlisted integer,
--   admitted integer, inside integer, days text, ticket_type text, type_places_left integer,
--   places_at_door integer, type_places_at_door integer
select tally.capacity, event_left.places as places_left, expected, waitlisted, admitted, inside,
       (select coalesce(json_object_agg(day, event_day.admitted), '{}') from event_day
         where event_id = $1 and event_day.admitted > 0)::text as days,
       slug as ticket_type,
       least(event_left.places,
             places_left(ticket_type.capacity, ticket_type.taken + ticket_type.kept,
                         ticket_type.waiting))
         as type_places_left,
       places_left(tally.capacity, tally.taken, 0) as places_at_door,
       least(places_left(tally.capacity, tally.taken, 0),
             places_left(ticket_type.capacity, ticket_type.taken, 0)) as type_places_at_door
  from tally join ticket_type using (event_id)
 cross join lateral counts_on($1, event_day_at($1, now()))
 cross join lateral (
   select places_left(tally.capacity, tally.taken + tally.kept, tally.waiting) as places) as event_left
 where tally.event_id = $1
