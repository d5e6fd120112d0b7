-- Sends all mail of an address again, after lock_address, at most once in ten minutes. The outcome
-- is the same for an unknown address.
-- $1 event_id: uuid
-- $2 email_key: text
-- $3 address: text
-- outcome: resend_outcome = asked
-- rows: outcome text
select tell_address($1, $2, $3) as outcome
