-- The API token or device with this hash, unless it was revoked or has expired. Notes once a day that
-- the token is used. No row: there is none.
-- $1 hash: bytea
-- role: caller_role = owner | manager | door | viewer | device | scanner
-- rows: role text, id uuid, organiser_id uuid, event_id uuid, door text, label text
with used as (
  update api_token set last_used_on = (now() at time zone 'UTC')::date
   where hash = $1 and last_used_on is distinct from (now() at time zone 'UTC')::date
     and revoked_at is null
)
select role::text, token_id as id, organiser_id, event_id, null::text as door,
       'token ' || token_id as label
  from api_token
 where hash = $1 and revoked_at is null and coalesce(expires_at > now(), true)
union all
select case role when 'staff' then 'device' else 'scanner' end, device_id, organiser_id, event_id, door,
       'device ' || device_id
  from device join event using (event_id)
 where token_hash = $1 and revoked_at is null
