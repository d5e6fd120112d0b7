-- Sends again all that belongs to an address, after lock_address, once in ten minutes.
-- The outcome is the same whether there is anything.
-- $1 event_id: uuid
-- $2 email_key: text
-- $3 address: text
-- outcome: resend_outcome = asked
-- rows: outcome text
select tell_address($1, $2, $3) as outcome
