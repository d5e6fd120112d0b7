-- Questions that were answered and that the event asks no more. An event that was never changed
-- has none, which is known without looking at its attendees.
-- $1 event_id: uuid
-- $2 question: text[]
-- row question: $2
-- rows: slug text
select distinct slug
  from attendee cross join jsonb_object_keys(answers - $2::text[]) as slug
 where event_id = $1 and exists (select from event where event_id = $1 and version > 1)
 order by slug
 limit 100
