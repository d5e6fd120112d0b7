-- Looks up an event by its slug.
-- $1 slug: text
-- rows: event_id uuid
select event_id from event where slug = $1
