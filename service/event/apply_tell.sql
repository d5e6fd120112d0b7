-- Queues mail of kind event_changed, event_cancelled or event_revived to everybody at the event,
-- unless it is over.
-- $1 event_id: uuid
-- $2 kind: text
-- rows: told integer
select tell_all(event_id, $2) as told
  from event
 where event_id = $1 and now() < ends_at
