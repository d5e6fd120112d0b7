-- Whether the waiting list of an event has more to move up.
-- $1 event_id: uuid
-- rows: moving boolean
select moving from tally where event_id = $1
