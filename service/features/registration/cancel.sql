-- Cancels a registration, after lock_tally. The waiting list moves up. With an actor, the audit log
-- gets one entry.
-- $1 event_id: uuid
-- $2 registration_id: uuid
-- $3 actor: text or null
-- outcome: change_outcome = cancelled (also when it was) | not_possible_after_check_in | not_found
-- rows: outcome text
with cancelled as (
  select cancel_registration($1, $2) as outcome
), logged as (
  insert into audit_entry (organiser_id, event_id, actor, action, detail)
  select organiser_id, event_id, $3::text, 'registration.cancel', jsonb_build_object('registration', $2)
    from event, cancelled
   where event_id = $1 and outcome = 'cancelled' and $3::text is not null
     and exists (select from registration -- as it was before
                  where event_id = $1 and registration_id = $2 and status <> 'cancelled')
)
select outcome from cancelled
