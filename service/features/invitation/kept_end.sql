-- Gives places to all that are no longer kept, after lock_tally.
-- $1 event_id: uuid
-- rows: count integer
select end_kept_places($1) as count
