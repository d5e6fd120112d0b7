-- The API tokens of an organiser, the oldest first. No row: there is no such organiser. A row
-- without a token: it has none.
-- $1 organiser: text
-- rows: token_id uuid, role role, event text, created_at timestamp with time zone,
--   revoked_at timestamp with time zone
select token_id, role, event.slug as event, api_token.created_at, api_token.revoked_at
  from organiser
  left join api_token on api_token.organiser_id = organiser.organiser_id
  left join event on event.event_id = api_token.event_id
 where organiser.slug = $1
 order by api_token.created_at, token_id
