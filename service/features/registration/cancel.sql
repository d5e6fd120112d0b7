-- Cancels a registration, after lock_tally. The waiting list moves up. The audit log gets one entry.
-- $1 event_id: uuid
-- $2 registration_id: uuid
-- $3 actor: text
-- outcome: change_outcome = cancelled (also when it was) | not_possible_after_check_in | not_found
-- rows: outcome text
with cancelled as (
  select cancel_registration($1, $2) as outcome
), logged as (
  insert into audit_entry (organiser_id, event_id, registration_id, actor, action, before, after)
  select organiser_id, event_id, registration_id, $3, 'registration.cancel',
         jsonb_build_object('status', status), '{"status": "cancelled"}' -- status: as it was
    from cancelled, event join registration using (event_id)
   where event_id = $1 and registration_id = $2 and outcome = 'cancelled' and status <> 'cancelled'
)
select outcome from cancelled
