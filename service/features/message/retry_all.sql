-- Queues the messages of an event that failed or came back as if they were new, the oldest first, and writes one audit
-- entry.
-- $1 event_id: uuid
-- $2 actor: text
-- $3 most: bigint
-- rows: count bigint
with chosen as (
  select registration_id, message_id
    from message
   where event_id = $1 and state in ('failed', 'bounced')
   order by created_at, message_id
   limit $3
     for update skip locked
), again as (
  update message
     set state = 'queued', tries = 0, due_at = now(), changed_at = now()
    from chosen
   where message.event_id = $1 and message.registration_id = chosen.registration_id
     and message.message_id = chosen.message_id
  returning message.message_id
), counted as (
  select count(*) as count from again
), noted as (
  insert into audit_entry (organiser_id, event_id, actor, action, detail)
  select organiser_id, event_id, $2, 'message.retry_all', jsonb_build_object('messages', count)
    from event cross join counted
   where event_id = $1 and count > 0
)
select count from counted
