-- Lists the paired devices of an event and the unused pairing codes, newest first, or one of
-- them, of which the code may have expired.
-- $1 event_id: uuid
-- $2 device_id: uuid or null
-- rows: device_id uuid, door text, name text, role device_role, keeps_names boolean,
--   created_at timestamp with time zone, paired_at timestamp with time zone,
--   pairing_until timestamp with time zone, pairing_hash bytea, seen_at timestamp with time zone, waiting integer, battery integer
select device_id, door, name, role, keeps_names, created_at, paired_at, pairing_until, pairing_hash,
       seen_at, waiting, battery
  from device
 where event_id = $1 and ($2::uuid is null or device_id = $2) and revoked_at is null
   and (paired_at is not null or pairing_until > now() or device_id = $2)
 order by created_at desc, device_id desc
