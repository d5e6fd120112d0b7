-- Lists the people whom phones let in without a ticket and without network, or one of them: those to be
-- matched first, then the others, the newest first. A page starts behind a row, which is given by its values:
-- it may have been settled since.
-- $1 event_id: uuid
-- $2 nonce: uuid or null
-- $3 most: bigint
-- $4 before_settled: boolean or null
-- $5 before_at: timestamp with time zone or null
-- $6 before_nonce: uuid or null
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
   and ($4::boolean is null
        or noted_admission.state <> 'open' and not $4
        or (noted_admission.state <> 'open') = $4
           and (admitted_at < $5 or admitted_at = $5 and nonce > $6))
 order by noted_admission.state <> 'open', admitted_at desc, nonce
 limit $3
