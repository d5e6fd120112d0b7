-- Makes a link with which colleagues see a draft, unless there is one, or revokes it. The next one has
-- another number, so a revoked one never works again.
-- $1 event_id: uuid
-- $2 makes: boolean
-- $3 actor: text
with changed as (
  update event
     set preview = preview + case when $2 then 1 else 0 end, has_preview = $2
   where event_id = $1 and has_preview <> $2
  returning organiser_id, event_id
), noted as (
  insert into audit_entry (organiser_id, event_id, actor, action)
  select organiser_id, event_id, $3, case when $2 then 'preview.add' else 'preview.revoke' end
    from changed
), told as (
  select pg_notify('einlass', 'event ' || event_id) from changed
)
select from told
