-- Takes an address of an event, so that who asks for its mail many times at once gets it once.
-- $1 event_id: uuid
-- $2 email_key: text
select from pg_advisory_xact_lock(hashtextextended($1::uuid::text || ' ' || $2::text, 0))
