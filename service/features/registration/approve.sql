-- Confirms a registration that waits for approval or verification, after lock_tally. The audit log
-- gets one entry.
-- $1 event_id: uuid
-- $2 registration_id: uuid
-- $3 actor: text
-- outcome: change_outcome = confirmed (also when it was) | not_pending | not_found
-- rows: outcome text
with approved as (
  select approve_registration($1, $2) as outcome
), logged as (
  insert into audit_entry (organiser_id, event_id, registration_id, actor, action, before, after)
  select organiser_id, event_id, registration_id, $3, 'registration.approve',
         jsonb_build_object('status', status), '{"status": "confirmed"}' -- status: as it was
    from approved, event join registration using (event_id)
   where event_id = $1 and registration_id = $2 and outcome = 'confirmed' and status <> 'confirmed'
)
select outcome from approved
