-- Queues a message that failed or came back as if it were new, and writes an audit entry. Gives no row if there is no
-- such message.
-- $1 event_id: uuid
-- $2 registration_id: uuid
-- $3 message_id: uuid
-- $4 actor: text
-- rows: message_id uuid
with found as (
  select registration_id, message_id, state
    from message
   where event_id = $1 and registration_id = $2 and message_id = $3 and state in ('failed', 'bounced')
     for update
), again as (
  update message
     set state = 'queued', tries = 0, due_at = now(), changed_at = now()
    from found
   where event_id = $1 and message.registration_id = found.registration_id
     and message.message_id = found.message_id
  returning event_id, message.registration_id, attendee_id, message.message_id, kind, found.state as was
), logged as (
  insert into audit_entry (organiser_id, event_id, registration_id, attendee_id, subject_id, actor,
                           action, before, after, detail)
  select organiser_id, event_id, registration_id, attendee_id, message_id, $4, 'message.retry',
         jsonb_build_object('state', was), '{"state": "queued"}', jsonb_build_object('kind', kind)
    from event join again using (event_id)
)
select message_id from again
