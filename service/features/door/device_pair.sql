-- Uses up a pairing code and gives its device a token. Safe to send again with the same token.
-- $1 pairing_hash: bytea
-- $2 token_hash: bytea
-- $3 name: text or null
-- outcome: device_pair_outcome = paired | expired | unknown (no such code, or it was used)
-- rows: outcome text, device_id uuid, event text, door text, name text, role device_role,
--   keeps_names boolean, version integer
with found as (
  select event_id, device_id, token_hash is not null as is_again, pairing_until <= now() as is_late
    from device
   where (pairing_hash = $1 or token_hash = $2) and revoked_at is null
), paired as (
  update device
     set pairing_hash = null, pairing_until = null, token_hash = $2, paired_at = now(),
         name = coalesce($3, name)
    from found
   where device.event_id = found.event_id and device.device_id = found.device_id
     and device.pairing_hash = $1 -- again: another transaction may have used the code
     and not found.is_late
  returning device.event_id, device.device_id, device.door, device.name, device.role, device.keeps_names,
            device.version
), noted as (
  insert into audit_entry (organiser_id, event_id, subject_id, actor, action, after)
  select organiser_id, event_id, device_id, 'device ' || device_id, 'device.paired',
         jsonb_build_object('name', paired.name, 'door', door, 'role', role)
    from paired join event using (event_id)
)
select case when device.device_id is not null then 'paired'
            when found.is_late then 'expired'
            else 'unknown' end as outcome,
       device.device_id, event.slug as event, device.door, device.name, device.role,
       device.keeps_names, device.version
  from (select) as one
  left join found on true
  left join (select * from paired
             union all
             select event_id, device_id, device.door, device.name, device.role, device.keeps_names,
                    device.version
               from device join found using (event_id, device_id) where is_again) as device
         on device.event_id = found.event_id and device.device_id = found.device_id
  left join event on event.event_id = device.event_id
