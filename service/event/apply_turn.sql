-- Locks out other changes of the same event until the transaction ends, so that it is not created
-- twice. Does not block sign-ups.
-- $1 slug: text
-- rows: turn boolean
select true as turn from pg_advisory_xact_lock(hashtextextended('event apply ' || $1, 0))
