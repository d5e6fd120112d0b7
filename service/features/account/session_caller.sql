-- The session with this hash, with the memberships of its account, and notes once a minute that it
-- is used. Without a second factor, those of organisers that require one are withheld. Of more than
-- `most`, others cannot push out the older ones. No row: it ended, or nobody used it for so many hours.
-- $1 hash: bytea
-- $2 idle_hours: integer
-- $3 most: bigint
-- state: session_state = open | wants_code (the second factor comes next) |
--   wants_second_factor (memberships are withheld)
-- role: caller_role = owner | manager | door | viewer
-- rows: session_id uuid, account_id uuid, email text, state text, is_invited boolean, role text,
--   organiser_id uuid, event_id uuid
with used as (
  update session set last_used_at = now()
   where hash = $1 and last_used_at between now() - make_interval(hours => $2)
                                        and now() - interval '1 minute'
)
select session_id, account_id, email,
       case when totp_secret is not null and not has_second_factor then 'wants_code'
            when totp_secret is null
             and exists (select from membership join organiser using (organiser_id)
                          where membership.account_id = account.account_id
                            and requires_second_factor) then 'wants_second_factor'
            else 'open' end as state,
       is_proven and exists (select from team_invitation
                              where team_invitation.email_key = account.email_key
                                and expires_at > now()) as is_invited,
       own.role::text, own.organiser_id, own.event_id
  from session
  join account using (account_id)
  left join lateral (
    select role, organiser_id, event_id
      from membership join organiser using (organiser_id)
     where membership.account_id = account.account_id
       and (totp_secret is not null or not requires_second_factor)
     order by event_id is not null, membership.created_at
     limit $3) as own on true
 where hash = $1 and last_used_at > now() - make_interval(hours => $2)
 order by own.role
