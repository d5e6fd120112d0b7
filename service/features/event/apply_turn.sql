-- Waits until nobody else applies an event file, so that two who create the same event meet it one
-- after the other. Held until the transaction ends; sign-ups do not notice.
-- rows: turn boolean
select true as turn from pg_advisory_xact_lock(hashtextextended('event apply', 0))
