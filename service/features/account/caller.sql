-- The API token or device with this hash, unless it was revoked. No row: there is none.
-- $1 hash: bytea
-- role: caller_role = owner | manager | door | viewer | device | scanner
-- rows: role text, id uuid, organiser_id uuid, event_id uuid, door text, label text
select role::text, token_id as id, organiser_id, event_id, null::text as door,
       'token ' || token_id as label
  from api_token
 where hash = $1 and revoked_at is null
union all
select case role when 'staff' then 'device' else 'scanner' end, device_id, organiser_id, event_id, door,
       'device ' || device_id
  from device join event using (event_id)
 where token_hash = $1 and revoked_at is null
