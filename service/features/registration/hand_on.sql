-- Hands the ticket of an attendee on to another person, after lock_tally. Sending it again is safe:
-- an existing ticket_id answers 'replaced'.
-- $1 event_id: uuid
-- $2 registration_id: uuid
-- $3 attendee_id: uuid
-- $4 ticket_id: uuid
-- $5 new_registration_id: uuid
-- $6 new_attendee_id: uuid
-- $7 name: text
-- $8 email: text
-- $9 email_key: text
-- $10 search: text
-- $11 by_organiser: boolean
-- $12 source: text or null
-- The version that an organiser saw; null: any.
-- $13 version: integer or null
-- $14 tells: boolean
-- $15 words: text or null
-- $16 actor: text
-- outcome: change_outcome = replaced | not_confirmed | not_possible_after_check_in | too_often |
--   not_found | not_current
-- rows: outcome text
select case when exists (select from ticket where event_id = $1 and ticket_id = $4)
              then 'replaced'
            when exists (select from registration
                          where event_id = $1 and registration_id = $2 and version <> $13::integer)
              then 'not_current'
            else finish_letters(
              hand_on($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $16), $1, array[$2, $5],
              $14, $15, $16) end as outcome
