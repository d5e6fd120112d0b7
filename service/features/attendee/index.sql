-- Brings a portion of an event's attendees up to date in attendee_search, after index_lock.
-- $1 event_id: uuid
-- $2 most: integer
-- rows: count integer, newest integer
select index_attendees($1, $2) as count, registrations as newest from tally where event_id = $1
