-- Stores a pairing code for a door. Deletes codes of this event that expired a day ago. A new code may
-- replace one that nobody has used.
-- $1 event: text
-- $2 door: text
-- $3 device_id: uuid
-- $4 pairing_hash: bytea
-- $5 name: text
-- $6 minutes: integer
-- $7 devices_most: integer
-- $8 role: device_role or null
-- $9 replaced: uuid or null
-- $10 actor: text
-- outcome: pair_outcome = made | no_event | no_door | too_many (devices of this event) |
--   used (a phone has used the replaced code)
-- rows: outcome text, door_title text, pairing_until timestamp with time zone
with asked as (
  select event.event_id, event.organiser_id, door.slug as door,
         (select text_in(given.title, definition #>> '{languages,0}')
            from jsonb_to_recordset(definition -> 'doors') as given (slug text, title jsonb)
           where given.slug = door.slug) as door_title,
         (select count(*) from device
           where device.event_id = event.event_id and revoked_at is null
             and (paired_at is not null or pairing_until > now())
             and device_id is distinct from $9) as devices,
         exists (select from device
                  where device.event_id = event.event_id and device_id = $9
                    and paired_at is not null) as is_used
    from (select) as one
    left join event on event.slug = $1
    left join event_version using (event_id, version)
    left join door on door.event_id = event.event_id and door.slug = $2 and door.open
), decided as (
  select *, case when event_id is null then 'no_event'
                 when is_used then 'used'
                 when door is null then 'no_door'
                 when devices >= $7::integer then 'too_many'
                 else 'made' end as outcome
    from asked
), swept as (
  delete from device using decided
   where device.event_id = decided.event_id and paired_at is null
     and (pairing_until < now() - interval '1 day' or device_id = $9 and outcome = 'made')
), made as (
  insert into device (event_id, device_id, door, pairing_hash, pairing_until, name, role)
  select event_id, $3, door, $4, now() + make_interval(mins => $6), $5, coalesce($8::device_role, 'staff')
    from decided where outcome = 'made'
), noted as (
  insert into audit_entry (organiser_id, event_id, subject_id, actor, action, after)
  select organiser_id, event_id, $3, $10, 'door.pair',
         jsonb_build_object('name', $5, 'door', door, 'role', coalesce($8::device_role, 'staff'))
    from decided where outcome = 'made'
)
select outcome, door_title, now() + make_interval(mins => $6) as pairing_until from decided
