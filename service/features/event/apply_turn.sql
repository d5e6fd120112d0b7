-- Locks out other event files until the transaction ends, so that the same event is not created
-- twice. Does not block sign-ups.
-- rows: turn boolean
select true as turn from pg_advisory_xact_lock(hashtextextended('event apply', 0))
