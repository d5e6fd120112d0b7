-- Cancels the unverified registrations of an event whose time is over, after lock_tally.
-- $1 event_id: uuid
-- rows: count integer
select expire_unverified($1) as count
