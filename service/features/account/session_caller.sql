-- The session with this hash, with the memberships of its account, and notes once a minute that it
-- is used. No row: it ended, or nobody used it for so many hours.
-- $1 hash: bytea
-- $2 idle_hours: integer
-- state: session_state = open | wants_code (the second factor comes next) |
--   wants_second_factor (an organiser requires one, and the account has none)
-- role: caller_role = owner | manager | door | viewer
-- rows: session_id uuid, account_id uuid, email text, state text, role text, organiser_id uuid,
--   event_id uuid
with used as (
  update session set last_used_at = now()
   where hash = $1 and last_used_at between now() - make_interval(hours => $2)
                                        and now() - interval '1 minute'
)
select session_id, account_id, email,
       case when totp_secret is not null and not has_second_factor then 'wants_code'
            when totp_secret is null
             and bool_or(requires_second_factor) over () then 'wants_second_factor'
            else 'open' end as state,
       role::text, organiser_id, event_id
  from session
  join account using (account_id)
  left join membership using (account_id)
  left join organiser using (organiser_id)
 where hash = $1 and last_used_at > now() - make_interval(hours => $2)
 order by membership.role
