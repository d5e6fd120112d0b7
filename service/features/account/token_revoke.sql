-- Revokes an API token and notifies all workers. Repeating it changes nothing. No row: there is no
-- such token.
-- $1 organiser: text
-- $2 token_id: uuid
-- rows: token_id uuid, told text
with known as (
  select organiser_id, token_id, event_id, role, revoked_at is not null as was_revoked
    from api_token join organiser using (organiser_id)
   where organiser.slug = $1 and token_id = $2
     for update of api_token
), revoked as (
  update api_token set revoked_at = now()
    from known
   where api_token.organiser_id = known.organiser_id and api_token.token_id = known.token_id
     and not known.was_revoked
), noted as (
  insert into audit_entry (organiser_id, event_id, actor, action, detail)
  select organiser_id, event_id, 'command', 'token.revoke',
         jsonb_build_object('token', token_id, 'role', role)
    from known where not was_revoked
)
select token_id, pg_notify('einlass', 'caller ' || token_id)::text as told from known
