-- Declines a registration that waits for approval, after lock_tally. The waiting list moves up. The
-- audit log gets one entry.
-- $1 event_id: uuid
-- $2 registration_id: uuid
-- $3 actor: text
-- outcome: change_outcome = declined (also when it was) | not_pending | not_found
-- rows: outcome text
with declined as (
  select decline_registration($1, $2) as outcome
), logged as (
  insert into audit_entry (organiser_id, event_id, registration_id, actor, action, before, after)
  select organiser_id, event_id, registration_id, $3, 'registration.decline',
         jsonb_build_object('status', status), '{"status": "cancelled"}' -- status: as it was
    from declined, event join registration using (event_id)
   where event_id = $1 and registration_id = $2 and outcome = 'declined' and status <> 'cancelled'
)
select outcome from declined
