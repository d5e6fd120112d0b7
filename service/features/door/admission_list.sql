-- Lists the people whom phones let in without a ticket and without network, or one of them: those to be
-- matched first, then the others, the newest first.
-- $1 event_id: uuid
-- $2 nonce: uuid or null
-- $3 most: bigint
-- rows: nonce uuid, name text, reason text, door text, device text,
--   admitted_at timestamp with time zone, received_at timestamp with time zone,
--   local_time text, state admission_state, attendee_id uuid, attendee_name text,
--   settled_at timestamp with time zone
select noted_admission.nonce, noted_admission.name, reason, noted_admission.door, device.name as device,
       admitted_at, received_at,
       to_char(admitted_at at time zone timezone, 'YYYY-MM-DD"T"HH24:MI') as local_time,
       noted_admission.state, attendee_id, attendee.name as attendee_name, settled_at
  from noted_admission
  join event using (event_id)
  left join device using (event_id, device_id)
  left join attendee using (event_id, attendee_id)
 where event_id = $1 and ($2::uuid is null or nonce = $2)
 order by noted_admission.state <> 'open', admitted_at desc, nonce
 limit $3
