-- Locks the tallies of events in key order. The statement that decides runs afterwards.
-- $1 event_id: uuid[]
-- row event: $1
select from tally where event_id = any($1) order by event_id for no key update
