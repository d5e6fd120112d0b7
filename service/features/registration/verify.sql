-- Marks the address of a registration as verified, after lock_tally.
-- $1 event_id: uuid
-- $2 registration_id: uuid
-- $3 email: text
-- outcome: change_outcome = verified | not_held (it was cancelled) |
--   not_found (or the registration has another address by now)
-- rows: outcome text
select case when exists (select from registration
                          where event_id = $1 and registration_id = $2 and email = $3)
              then verify_registration($1, $2)
            else 'not_found' end as outcome
