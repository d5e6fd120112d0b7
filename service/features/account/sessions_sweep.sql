-- Deletes sessions and links that are over, and letters with links that are a day old.
-- $1 idle_hours: integer
with sessions as (
  delete from session where last_used_at < now() - make_interval(hours => $1)
), links as (
  delete from sign_in_link where expires_at < now()
)
delete from sign_in_mail where created_at < now() - interval '1 day'
