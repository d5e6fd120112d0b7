-- Goes on moving up from the waiting list of an event, after lock_tally. Gives how many moved, 0 also
-- where there is no more to do.
-- $1 event_id: uuid
-- rows: count integer
select case when moving then move_up(event_id) else 0 end as count
  from tally
 where event_id = $1
