-- Changes a device, and notifies all workers. Null: unchanged. A device that becomes a scanner keeps
-- no names any more.
-- $1 event_id: uuid
-- $2 device_id: uuid
-- $3 name: text or null
-- $4 door: text or null
-- $5 role: device_role or null
-- $6 keeps_names: boolean or null
-- $7 actor: text
-- outcome: device_change_outcome = changed | not_found | unknown_door | scans_only (and keeps no names)
-- rows: outcome text, device_id uuid, name text, door text, role device_role,
--   keeps_names boolean, version integer, told text
with known as (
  select device.*, event.organiser_id
    from device join event using (event_id)
   where event_id = $1 and device_id = $2 and revoked_at is null
     for update of device
), judged as (
  select known.*, coalesce($3::text, name) as new_name, coalesce($4::text, door) as new_door,
         coalesce($5, role) as new_role,
         coalesce($6, keeps_names) and coalesce($5, role) = 'staff' as new_keeps_names,
         $4::text is null or exists (select from door where door.event_id = $1 and slug = $4 and open)
           as has_door,
         $6 and coalesce($5, role) <> 'staff' as scans_only
    from known
), fitting as (
  select *, has_door and scans_only is not true as fits from judged
), changed as (
  update device
     set name = new_name, door = new_door, role = new_role, keeps_names = new_keeps_names,
         version = fitting.version + 1
    from fitting
   where device.event_id = fitting.event_id and device.device_id = fitting.device_id and fits
), noted as (
  insert into audit_entry (organiser_id, event_id, subject_id, actor, action, before, after)
  select organiser_id, event_id, device_id, $7, 'device.change',
         (differing(jsonb_build_object('name', name, 'door', door, 'role', role,
                                       'keeps_names', keeps_names),
                    jsonb_build_object('name', new_name, 'door', new_door, 'role', new_role,
                                       'keeps_names', new_keeps_names))).*
    from fitting
   where fits and (name, door, role, keeps_names)
         is distinct from (new_name, new_door, new_role, new_keeps_names)
)
select case when fitting.device_id is null then 'not_found'
            when scans_only then 'scans_only'
            when not has_door then 'unknown_door'
            else 'changed' end as outcome,
       fitting.device_id, new_name as name, new_door as door, new_role as role,
       new_keeps_names as keeps_names, fitting.version + 1 as version,
       case when fits then pg_notify('einlass', 'caller ' || device_id)::text end as told
  from (select) as one left join fitting on true
