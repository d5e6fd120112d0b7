-- Revokes an API token and notifies all workers. Repeating it changes nothing. No row: there is no
-- such token, or the caller does not decide about it.
-- $1 organiser_id: uuid[]
-- $2 event_id: uuid[] or null
-- $3 by_command: boolean
-- $4 organiser: text or null
-- $5 token_id: uuid
-- $6 actor: text
-- row own: $1 to $2
-- rows: token_id uuid, told text
with known as (
  select organiser_id, token_id, event_id, role, api_token.name,
         revoked_at is not null as was_revoked
    from api_token join organiser using (organiser_id)
   where token_id = $5
     and ($3::boolean and organiser.slug = $4 or not $3 and owns($1, $2, organiser_id, event_id))
     for update of api_token
), revoked as (
  update api_token set revoked_at = now()
    from known
   where api_token.organiser_id = known.organiser_id and api_token.token_id = known.token_id
     and not known.was_revoked
), noted as (
  insert into audit_entry (organiser_id, event_id, subject_id, actor, action, before)
  select organiser_id, event_id, token_id, $6, 'token.revoke',
         jsonb_build_object('name', name, 'role', role)
    from known where not was_revoked
)
select token_id, pg_notify('einlass', 'caller ' || token_id)::text as told from known
