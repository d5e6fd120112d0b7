-- Declines an invitation: by its link, or else as the account whose address it is for. No row: it
-- ended, or somebody accepted it.
-- $1 link_hash: bytea or null
-- $2 invitation_id: uuid or null
-- $3 caller: uuid or null
-- rows: invitation_id uuid, told text
with gone as (
  delete from team_invitation
   where invitation_id in (select invitation_id from find_invitation($1, $2, $3))
  returning invitation_id, organiser_id, event_id, email, email_key, role
), noted as (
  insert into audit_entry (organiser_id, event_id, subject_id, actor, action, before, detail)
  select organiser_id, event_id, invitation_id, coalesce('account ' || $3::uuid, 'invited'),
         'invitation.decline', jsonb_build_object('role', role),
         jsonb_build_object('email', email)
    from gone
)
select invitation_id,
       (select pg_notify('einlass', 'caller ' || account_id)::text
          from account where account.email_key = gone.email_key) as told
  from gone
