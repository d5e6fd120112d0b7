-- Notes that the address is read, after lock_tally. Outcomes: verified, not_found.
-- $1 event_id: uuid
-- $2 registration_id: uuid
-- rows: outcome text
select verify_registration($1, $2) as outcome
