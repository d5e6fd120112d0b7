-- Sends the mail of a registration again, after lock_tally, at most once in ten minutes.
-- $1 event_id: uuid
-- $2 registration_id: uuid
-- outcome: change_outcome = told | not_found (or it was cancelled)
-- rows: outcome text
select case when exists (select from registration
                          where event_id = $1 and registration_id = $2 and status <> 'cancelled')
              then tell_again($1, $2)
            else 'not_found' end as outcome
