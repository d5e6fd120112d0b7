-- Ends the manage link of a registration and mails a new one, after lock_tally, at most five times a
-- day.
-- $1 event_id: uuid
-- $2 registration_id: uuid
-- $3 actor: text
-- outcome: change_outcome = told | too_often | not_found (or it was cancelled)
-- rows: outcome text
with wanted as (
  select registration_id,
         (select count(*) from message
           where message.event_id = $1 and message.registration_id = $2 and attendee_id is null
             and kind in ('resent', 'event_cancelled')
             and is_recent(message.created_at, '1 day')) < 5 as is_allowed
    from registration
   where event_id = $1 and registration_id = $2
     and status in ('confirmed', 'waitlisted', 'pending')
), ended as (
  update registration set link_version = link_version + 1
   where event_id = $1 and registration_id = (select registration_id from wanted where is_allowed)
  returning registration_id
), told as (
  insert into message (event_id, message_id, registration_id, kind)
  select $1, gen_random_uuid(), registration_id, resent_kind($1) from ended
  returning true
), logged as (
  insert into audit_entry (organiser_id, event_id, registration_id, actor, action)
  select organiser_id, event_id, registration_id, $3, 'registration.new_link'
    from ended join event on event_id = $1
)
select case when exists (select from told) then 'told'
            when exists (select from wanted) then 'too_often'
            else 'not_found' end as outcome
