-- The sessions of an account, the last used first.
-- $1 account_id: uuid
-- $2 idle_hours: integer
-- rows: session_id uuid, device text, created_at timestamp with time zone,
--   last_used_at timestamp with time zone
select session_id, device, created_at, last_used_at
  from session
 where account_id = $1 and last_used_at > now() - make_interval(hours => $2)
 order by last_used_at desc, created_at desc
