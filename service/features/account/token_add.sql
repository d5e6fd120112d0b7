-- Adds an API token.
-- $1 organiser: text
-- $2 event: text or null
-- $3 token_id: uuid
-- $4 hash: bytea
-- $5 role: role
-- outcome: token_outcome = made | no_organiser | no_event (of that organiser)
-- rows: outcome text
with asked as (
  select organiser.organiser_id, event.event_id,
         case when organiser.organiser_id is null then 'no_organiser'
              when $2 is not null and event.event_id is null then 'no_event'
              else 'made' end as outcome
    from (select) as one
    left join organiser on organiser.slug = $1
    left join event on event.organiser_id = organiser.organiser_id and event.slug = $2
), made as (
  insert into api_token (organiser_id, token_id, event_id, role, hash)
  select organiser_id, $3, event_id, $5::role, $4 from asked where outcome = 'made'
), noted as (
  insert into audit_entry (organiser_id, event_id, actor, action, detail)
  select organiser_id, event_id, 'command', 'token.add',
         jsonb_build_object('token', $3, 'role', $5)
    from asked where outcome = 'made'
)
select outcome from asked
