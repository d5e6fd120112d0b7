-- Deletes sessions and links that are over, letters with links to sign in that are a day old, and
-- invitations that ended 30 days ago.
-- $1 idle_hours: integer
with sessions as (
  delete from session where last_used_at < now() - make_interval(hours => $1)
), links as (
  delete from sign_in_link where expires_at < now()
), invitations as (
  delete from team_invitation where expires_at < now() - interval '30 days'
)
delete from sign_in_mail where created_at < now() - interval '1 day' and invitation_id is null
