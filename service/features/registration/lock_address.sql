-- Locks an address of an event, so that simultaneous requests for its mail send it once.
-- $1 event_id: uuid
-- $2 email_key: text
select from pg_advisory_xact_lock(hashtextextended($1::uuid::text || ' ' || $2::text, 0))
