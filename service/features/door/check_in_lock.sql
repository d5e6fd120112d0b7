-- Takes the rows that decide, in key order, before check_in looks at them.
-- $1 event_id: uuid[]
-- row event: $1
select from tally where event_id = any($1) order by event_id for no key update
