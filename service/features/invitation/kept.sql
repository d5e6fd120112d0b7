-- The places that are kept for the invited, and whether the event or one of its ticket types has a
-- capacity at all.
-- $1 event_id: uuid
-- rows: most integer, day text, is_over boolean, kept integer, has_capacity boolean
select most, kept_until_day(until, timezone) as day, coalesce(ended or until <= now(), true) as is_over,
       kept, capacity is not null or exists (
         select from ticket_type where event_id = $1 and capacity is not null) as has_capacity
  from event join tally using (event_id) left join kept_places using (event_id)
 where event_id = $1
