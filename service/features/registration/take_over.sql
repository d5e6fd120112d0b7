-- Moves a companion into a registration of their own, after lock_tally. Sending it again is safe.
-- $1 event_id: uuid
-- $2 registration_id: uuid
-- $3 attendee_id: uuid
-- $4 link_version: integer
-- $5 new_registration_id: uuid
-- $6 email_key: text
-- outcome: change_outcome = taken_over (also when it was) | not_confirmed | not_found
-- rows: outcome text
select take_over($1, $2, $3, $4, $5, $6) as outcome
