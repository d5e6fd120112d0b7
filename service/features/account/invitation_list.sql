-- The invitations of an account whose address is proven, or the one that a link opens, which may be
-- for another address (is_own is false). No row: there is none, it ended, or somebody accepted it.
-- $1 account_id: uuid or null
-- $2 hash: bytea or null
-- $3 language: text
-- rows: invitation_id uuid, email text, organiser text, title text, role role, expires_on text,
--   is_own boolean
select invitation_id, team_invitation.email, organiser.name as organiser,
       text_in(definition -> 'title', $3) as title, role,
       to_char(expires_at at time zone timezone_of(organiser.organiser_id, team_invitation.event_id),
               'YYYY-MM-DD') as expires_on,
       coalesce(account.account_id = $1, false) as is_own
  from team_invitation
  join organiser using (organiser_id)
  left join account using (email_key)
  left join event on event.event_id = team_invitation.event_id
  left join event_version on event_version.event_id = event.event_id
                         and event_version.version = event.version
 where (hash = $2 or $2::bytea is null and account.account_id = $1 and is_proven)
   and expires_at > now()
 order by team_invitation.created_at
