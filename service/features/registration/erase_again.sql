-- Erases a registration of a list again, after lock_tally. act_on() notes it in the audit log
-- (note_change).
-- $1 event_id: uuid
-- $2 registration_id: uuid
-- $3 also: text
-- outcome: erase_again_outcome = erased | by_hand (an attendee cannot leave another registration)
-- rows: outcome text
select erase_again($1, $2, string_to_array($3, ' ')::uuid[]) as outcome
