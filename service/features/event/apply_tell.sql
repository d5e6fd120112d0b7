-- Tells all who are registered that the event has changed (or does not take place), unless it is
-- over. Kinds: event_changed, event_cancelled.
-- $1 event_id: uuid
-- $2 kind: text
-- rows: told integer
select tell_all(event_id, $2) as told
  from event
 where event_id = $1 and now() < ends_at at time zone timezone
