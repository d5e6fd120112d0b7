-- The counts of an event, a row for each of its ticket types.
-- $1 event_id: uuid
-- rows: capacity integer, taken integer, confirmed integer, waiting integer, waitlisted integer,
--   admitted integer, inside integer, ticket_type text, type_capacity integer,
--   type_taken integer, type_waiting integer
select tally.capacity, tally.taken, tally.confirmed, tally.waiting, tally.waitlisted,
       tally.admitted, tally.inside, ticket_type.slug as ticket_type,
       ticket_type.capacity as type_capacity, ticket_type.taken as type_taken,
       ticket_type.waiting as type_waiting
  from tally join ticket_type using (event_id)
 where tally.event_id = $1
