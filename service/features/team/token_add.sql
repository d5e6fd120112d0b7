-- Adds an API token. Sending it again adds none. The command decides about all organisers. The token
-- works until the day expires_on is over.
-- $1 organiser_id: uuid[]
-- $2 event_id: uuid[] or null
-- $3 by_command: boolean
-- $4 organiser: text
-- $5 event: text or null
-- $6 token_id: uuid
-- $7 hash: bytea
-- $8 role: role
-- $9 name: text
-- $10 expires_on: text or null
-- $11 actor: text
-- $12 most: bigint
-- row own: $1 to $2
-- outcome: token_outcome = made | again | too_many | no_organiser | no_event (of that organiser)
-- rows: outcome text
with asked as (
  select organiser.organiser_id, event.event_id,
         ($10::text::date + 1)::timestamp at time zone
           timezone_of(organiser.organiser_id, event.event_id) as expires_at,
         case when organiser.organiser_id is null then 'no_organiser'
              when $5::text is not null and event.event_id is null then 'no_event'
              when not $3::boolean and not owns($1, $2, organiser.organiser_id, event.event_id)
                then 'no_organiser'
              when exists (select from api_token
                            where api_token.organiser_id = organiser.organiser_id
                              and token_id = $6) then 'again'
              when (select count(*) from api_token
                     where api_token.organiser_id = organiser.organiser_id
                       and revoked_at is null) >= $12 then 'too_many'
              else 'made' end as outcome
    from (select) as one
    left join organiser on organiser.slug = $4
    left join event on event.organiser_id = organiser.organiser_id and event.slug = $5
), made as (
  insert into api_token (organiser_id, token_id, event_id, role, name, hash, expires_at)
  select organiser_id, $6, event_id, $8::role, $9, $7, expires_at from asked where outcome = 'made'
), noted as (
  insert into audit_entry (organiser_id, event_id, subject_id, actor, action, after)
  select organiser_id, event_id, $6, $11, 'token.add',
         jsonb_strip_nulls(jsonb_build_object('name', $9, 'role', $8, 'expires_on', $10))
    from asked where outcome = 'made'
)
select outcome from asked
