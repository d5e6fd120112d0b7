-- Locks the tally of an event before apply_check compares the file with it.
-- $1 slug: text
select from tally where event_id = (select event_id from event where slug = $1) for no key update
