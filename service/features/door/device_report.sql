-- Notes what a device tells about itself.
-- $1 event_id: uuid
-- $2 device_id: uuid
-- $3 waiting: bigint
-- $4 battery: bigint or null
-- rows: device_id uuid
update device set seen_at = now(), waiting = $3::bigint, battery = $4::bigint
 where event_id = $1 and device_id = $2 and paired_at is not null and revoked_at is null
returning device_id
