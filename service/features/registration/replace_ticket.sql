-- Replaces the ticket of an attendee, after lock_tally. Sending it again is safe: an existing
-- ticket_id answers 'replaced'.
-- $1 event_id: uuid
-- $2 registration_id: uuid
-- $3 attendee_id: uuid
-- $4 ticket_id: uuid
-- $5 actor: text
-- outcome: change_outcome = replaced | not_confirmed | not_found
-- rows: outcome text
select case when exists (select from ticket where event_id = $1 and ticket_id = $4)
              then 'replaced'
            else replace_ticket($1, $2, $3, $4, $5) end as outcome
