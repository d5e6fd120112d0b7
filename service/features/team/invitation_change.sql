-- Gives an invitation another role, or takes it back. No row: there is no such invitation.
-- $1 organiser_id: uuid[]
-- $2 event_id: uuid[] or null
-- $3 invitation_id: uuid
-- $4 becomes: role or null
-- $5 actor: text
-- row own: $1 to $2
-- rows: invitation_id uuid, told text
with known as (
  select invitation_id, organiser_id, event_id, email, email_key, role from team_invitation
   where invitation_id = $3 and owns($1, $2, organiser_id, event_id)
     for update
), changed as (
  update team_invitation set role = $4::role from known
   where team_invitation.invitation_id = known.invitation_id and $4::role is not null
), gone as (
  delete from team_invitation using known
   where team_invitation.invitation_id = known.invitation_id and $4::role is null
), noted as (
  insert into audit_entry (organiser_id, event_id, subject_id, actor, action, before, after,
                           detail)
  select organiser_id, event_id, invitation_id, $5,
         case when $4::role is null then 'invitation.end' else 'invitation.change' end,
         jsonb_build_object('role', role),
         case when $4::role is not null then jsonb_build_object('role', $4::role) end,
         jsonb_build_object('email', email)
    from known where role is distinct from $4::role
)
select invitation_id,
       (select pg_notify('einlass', 'caller ' || account_id)::text
          from account where account.email_key = known.email_key) as told
  from known
