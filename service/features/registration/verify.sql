-- Marks the address of a registration as verified, after lock_tally. The audit log gets an
-- entry.
-- $1 event_id: uuid
-- $2 registration_id: uuid
-- $3 email: text
-- outcome: change_outcome = verified | not_held (it was cancelled) |
--   not_found (or the registration has another address by now)
-- rows: outcome text
with found as (
  select event_id, registration_id, status, verified, organiser_id
    from registration join event using (event_id)
   where event_id = $1 and registration_id = $2 and email = $3
), done as (
  select found.*, verify_registration(event_id, registration_id) as outcome from found
), logged as (
  insert into audit_entry (organiser_id, event_id, registration_id, actor, action)
  select organiser_id, event_id, registration_id, 'guest', 'registration.verify'
    from done where outcome = 'verified' and not verified
)
select coalesce((select outcome from done), 'not_found') as outcome
