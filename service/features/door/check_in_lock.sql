-- Locks the tallies before check_in reads them, in the order of their keys to avoid deadlocks.
-- $1 event_id: uuid[]
-- row event: $1
select from tally where event_id = any($1) order by event_id for no key update
