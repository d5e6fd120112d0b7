-- Gives on the places of an event that are held no longer, after lock_tally.
-- $1 event_id: uuid
-- rows: expired integer
select expire_unverified($1) as expired
