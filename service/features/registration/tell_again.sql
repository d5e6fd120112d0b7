-- Sends the mail of a registration again, after lock_tally, at most once in ten minutes. The audit
-- log gets an entry.
-- $1 event_id: uuid
-- $2 registration_id: uuid
-- $3 actor: text
-- outcome: change_outcome = told | not_found (or it was cancelled)
-- rows: outcome text
with told as (
  select tell_again(event_id, registration_id) as outcome, organiser_id
    from registration join event using (event_id)
   where event_id = $1 and registration_id = $2 and status <> 'cancelled'
), logged as (
  insert into audit_entry (organiser_id, event_id, registration_id, actor, action)
  select organiser_id, $1, $2, $3, 'registration.resend' from told
)
select coalesce((select outcome from told), 'not_found') as outcome
