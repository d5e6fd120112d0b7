-- Queues a failed message as if it were new, and writes an audit entry. Gives no row if there is no
-- such failed message.
-- $1 event_id: uuid
-- $2 registration_id: uuid
-- $3 message_id: uuid
-- $4 actor: text
-- rows: message_id uuid
with again as (
  update message
     set state = 'queued', tries = 0, due_at = now(), changed_at = now()
   where event_id = $1 and registration_id = $2 and message_id = $3 and state = 'failed'
  returning event_id, registration_id, attendee_id, message_id, kind
), logged as (
  insert into audit_entry (organiser_id, event_id, registration_id, attendee_id, subject_id, actor,
                           action, before, after, detail)
  select organiser_id, event_id, registration_id, attendee_id, message_id, $4, 'message.retry',
         '{"state": "failed"}', '{"state": "queued"}', jsonb_build_object('kind', kind)
    from event join again using (event_id)
)
select message_id from again
