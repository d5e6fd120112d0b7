-- Writes the audit entry of a changed event, and notifies all workers when the transaction commits.
-- $1 event_id: uuid
-- $2 actor: text
-- $3 detail: jsonb
with noted as (
  insert into audit_entry (organiser_id, event_id, actor, action, before, after, detail)
  select organiser_id, event_id, $2, 'event.apply',
         case when version > 1 then jsonb_build_object('version', version - 1) end,
         jsonb_build_object('version', version), $3
    from event where event_id = $1
), told as (
  select pg_notify('einlass', 'event ' || $1::uuid)
)
select from told
