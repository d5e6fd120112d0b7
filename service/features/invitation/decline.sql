-- Somebody who is invited says no, after lock_tally.
-- $1 event_id: uuid
-- $2 invitation_id: uuid
-- $3 word: text or null
-- outcome: decline_outcome = declined | registered (the registration is to be cancelled instead) | gone
-- rows: outcome text
select decline_invitation($1, $2, $3) as outcome
