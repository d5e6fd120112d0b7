-- Replaces the ticket of an attendee, after lock_tally. With a name, another person gets it.
-- Sending it again is safe: an existing ticket_id answers 'replaced'.
-- $1 event_id: uuid
-- $2 registration_id: uuid
-- $3 attendee_id: uuid
-- $4 ticket_id: uuid
-- $5 name: text or null
-- $6 email: text or null
-- $7 search: text or null
-- outcome: change_outcome = replaced | not_confirmed | not_possible_after_check_in | too_often |
--   not_found
-- rows: outcome text
select case when exists (select from ticket where event_id = $1 and ticket_id = $4)
              then 'replaced'
            else replace_ticket($1, $2, $3, $4, $5, $6, $7) end as outcome
