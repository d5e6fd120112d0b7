-- Reads a paired device.
-- $1 event_id: uuid
-- $2 device_id: uuid
-- rows: device_id uuid, name text, door text, role device_role, keeps_names boolean,
--   version integer
select device_id, name, door, role, keeps_names, version
  from device
 where event_id = $1 and device_id = $2 and paired_at is not null and revoked_at is null
