-- Locks the tally of an event before bulk_portion changes its registrations.
-- $1 event_id: uuid
select from tally where event_id = $1 for no key update
