-- Sends an invitation once more, or makes another link for an owner to pass on. The former link ends.
-- A form that is sent again does nothing: then `links` is larger already. No row: there is no such
-- invitation, or it was so sent.
-- $1 organiser_id: uuid[]
-- $2 event_id: uuid[] or null
-- $3 invitation_id: uuid
-- $4 links: integer
-- $5 actor: text
-- $6 hash: bytea or null
-- $7 hours: integer
-- $8 language: text
-- row own: $1 to $2
-- rows: email text
with changed as (
  update team_invitation
     set links = links + 1, hash = $6, is_mailed = $6::bytea is null,
         expires_at = now() + make_interval(hours => $7)
   where invitation_id = $3 and links = $4 and owns($1, $2, organiser_id, event_id)
  returning invitation_id, organiser_id, event_id, email, email_key, role
), former as (
  delete from sign_in_mail using changed
   where sign_in_mail.invitation_id = changed.invitation_id
), mailed as (
  insert into sign_in_mail (mail_id, email, email_key, language, target, invitation_id)
  select gen_random_uuid(), email, email_key, $8, '/desk', invitation_id
    from changed where $6::bytea is null
), noted as (
  insert into audit_entry (organiser_id, event_id, subject_id, actor, action, after, detail)
  select organiser_id, event_id, invitation_id, $5, 'member.invite',
         jsonb_build_object('role', role), jsonb_build_object('email', email)
    from changed
)
select email from changed
