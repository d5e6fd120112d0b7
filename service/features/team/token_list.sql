-- The API tokens of the caller's organisers and events, the newest first, without those that were
-- revoked or expired a month ago. The command sees all tokens of one organiser, the oldest first. A row without a
-- token: the organiser has none. No row: there is no such organiser.
-- $1 organiser_id: uuid[]
-- $2 event_id: uuid[] or null
-- $3 by_command: boolean
-- $4 organiser: text or null
-- $5 language: text
-- row own: $1 to $2
-- state: token_state = good | expired | revoked
-- rows: organiser text, organiser_name text, token_id uuid, name text, role role, event text,
--   title text, created_at timestamp with time zone, expires_on text, last_used_on text,
--   revoked_at timestamp with time zone, state text
select organiser.slug as organiser, organiser.name as organiser_name, token_id, api_token.name, role,
       event.slug as event, text_in(definition -> 'title', $5) as title, api_token.created_at,
       to_char((expires_at - interval '1 second')
                 at time zone timezone_of(organiser.organiser_id, api_token.event_id),
               'YYYY-MM-DD')
         as expires_on,
       last_used_on::text as last_used_on, revoked_at,
       case when revoked_at is not null then 'revoked'
            when expires_at <= now() then 'expired'
            when token_id is not null then 'good' end as state
  from organiser
  left join api_token
         on api_token.organiser_id = organiser.organiser_id
        and ($3 or owns($1, $2, organiser.organiser_id, api_token.event_id)
                   and least(revoked_at, expires_at, 'infinity') > now() - interval '1 month')
  left join event on event.event_id = api_token.event_id
  left join event_version on event_version.event_id = event.event_id
                         and event_version.version = event.version
 where $3::boolean and organiser.slug = $4
    or not $3 and organiser.organiser_id = any ($1)
 order by organiser.name, organiser.slug, case when $3 then api_token.created_at end,
          revoked_at is not null, api_token.created_at desc, token_id
