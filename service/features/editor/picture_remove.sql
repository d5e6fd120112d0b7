-- Removes the picture from an event's page.
-- $1 event_id: uuid
-- $2 actor: text
with removed as (
  delete from event_picture where event_id = $1 returning event_id, picture
), noted as (
  insert into audit_entry (organiser_id, event_id, actor, action, detail)
  select organiser_id, event_id, $2, 'event.picture', jsonb_build_object('before', picture)
    from removed join event using (event_id)
), told as (
  select pg_notify('einlass', 'event ' || event_id) from removed
)
select from told
