-- Revokes the token of a device and notifies all workers. Safe to send again.
-- $1 event_id: uuid
-- $2 device_id: uuid
-- $3 actor: text
-- rows: device_id uuid, name text, door text, told text
with known as (
  select event_id, device_id, name, door, organiser_id, revoked_at is not null as was_revoked
    from device join event using (event_id)
   where event_id = $1 and device_id = $2
     for update of device
), revoked as (
  update device set revoked_at = now(), pairing_hash = null, pairing_until = null
    from known
   where device.event_id = known.event_id and device.device_id = known.device_id
     and not known.was_revoked
), noted as (
  insert into audit_entry (organiser_id, event_id, subject_id, actor, action, before)
  select organiser_id, event_id, device_id, $3, 'device.revoke',
         jsonb_build_object('name', name, 'door', door)
    from known where not was_revoked
)
select device_id, name, door, pg_notify('einlass', 'caller ' || device_id)::text as told
  from known
