-- Makes a walk-in of somebody who was let in without a ticket and without network. Runs after
-- check_in_lock in the same transaction.
-- $1 event_id: uuid
-- $2 nonce: uuid
-- $3 registration_id: uuid
-- $4 attendee_id: uuid
-- $5 ticket_id: uuid
-- $6 ticket_type: text
-- $7 language: text
-- $8 actor: text
-- outcome: walk_in_made_outcome = made (also when it was) | not_found | settled | unknown_ticket_type
-- rows: outcome text, door text, reason text, admitted_at timestamp with time zone
with made as materialized (
  select make_walk_in($1, $2, $3, $4, $5, $6, $7, $8) as outcome
)
select outcome, door, reason, admitted_at
  from made left join noted_admission on event_id = $1 and nonce = $2
