-- Cancels an attendee, after lock_tally. The waiting list moves up. With an actor, the audit log
-- gets one entry.
-- $1 event_id: uuid
-- $2 registration_id: uuid
-- $3 attendee_id: uuid
-- $4 actor: text or null
-- outcome: change_outcome = cancelled (also when it was) | not_possible_after_check_in | not_found
-- rows: outcome text
with cancelled as (
  select cancel_attendee($1, $2, $3) as outcome
), logged as (
  insert into audit_entry (organiser_id, event_id, actor, action, detail)
  select organiser_id, event_id, $4::text, 'attendee.cancel',
         jsonb_build_object('registration', $2, 'attendee', $3)
    from event, cancelled
   where event_id = $1 and outcome = 'cancelled' and $4::text is not null
     and exists (select from attendee -- as it was before
                  where event_id = $1 and attendee_id = $3 and status <> 'cancelled')
)
select outcome from cancelled
