-- Changes the name, door and role of a device, and notifies all workers. Null: unchanged.
-- $1 event_id: uuid
-- $2 device_id: uuid
-- $3 name: text or null
-- $4 door: text or null
-- $5 role: device_role or null
-- $6 actor: text
-- outcome: device_change_outcome = changed | not_found | unknown_door
-- rows: outcome text, device_id uuid, name text, door text, role device_role, version integer, told text
with known as (
  select device.*, event.organiser_id
    from device join event using (event_id)
   where event_id = $1 and device_id = $2 and revoked_at is null
     for update of device
), judged as (
  select known.*, coalesce($3::text, name) as new_name, coalesce($4::text, door) as new_door,
         coalesce($5, role) as new_role,
         $4::text is null or exists (select from door where door.event_id = $1 and slug = $4 and open)
           as fits
    from known
), changed as (
  update device set name = new_name, door = new_door, role = new_role, version = judged.version + 1
    from judged
   where device.event_id = judged.event_id and device.device_id = judged.device_id and fits
), noted as (
  insert into audit_entry (organiser_id, event_id, subject_id, actor, action, before, after)
  select organiser_id, event_id, device_id, $6, 'device.change',
         (differing(jsonb_build_object('name', name, 'door', door, 'role', role),
                    jsonb_build_object('name', new_name, 'door', new_door, 'role', new_role))).*
    from judged
   where fits and (name, door, role) is distinct from (new_name, new_door, new_role)
)
select case when judged.device_id is null then 'not_found'
            when not fits then 'unknown_door'
            else 'changed' end as outcome,
       judged.device_id, new_name as name, new_door as door, new_role as role,
       judged.version + 1 as version,
       case when fits then pg_notify('einlass', 'caller ' || device_id)::text end as told
  from (select) as one left join judged on true
