-- Erases the personal data of a registration, after lock_tally. The audit log gets one entry,
-- without that data, and loses it elsewhere.
-- $1 event_id: uuid
-- $2 registration_id: uuid
-- $3 actor: text
-- outcome: change_outcome = erased (also when it was) | not_found
-- rows: outcome text
with erased as (
  select erase_registration($1, $2) as outcome
), logged as (
  insert into audit_entry (organiser_id, event_id, registration_id, actor, action)
  select organiser_id, event_id, $2, $3, 'registration.erase'
    from event, erased
   where event_id = $1 and outcome = 'erased'
     and exists (select from registration -- as it was before
                  where event_id = $1 and registration_id = $2 and erased_at is null)
)
select outcome from erased
