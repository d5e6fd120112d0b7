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
  insert into audit_entry (organiser_id, event_id, actor, action, detail)
  select organiser_id, event_id, $3, 'registration.decline', jsonb_build_object('registration', $2)
    from event, declined
   where event_id = $1 and outcome = 'declined'
     and exists (select from registration -- as it was before
                  where event_id = $1 and registration_id = $2 and status <> 'cancelled')
)
select outcome from declined
