-- Invites somebody into the team. Nobody learns whether the address has an account. A letter goes out,
-- or the owner passes on the link with this hash. An account with this address hears of it at once.
-- $1 organiser_id: uuid[]
-- $2 event_id: uuid[] or null
-- $3 organiser: text
-- $4 event: text or null
-- $5 invitation_id: uuid
-- $6 email: text
-- $7 email_key: text
-- $8 role: role
-- $9 actor: text
-- $10 hash: bytea or null
-- $11 hours: integer
-- $12 most: bigint
-- $13 language: text
-- row own: $1 to $2
-- outcome: invite_outcome = invited | already_invited | already_member | too_many |
--   not_found (no organiser or event that the caller owns)
-- rows: outcome text, told text
with asked as (
  select organiser.organiser_id, event.event_id,
         case when organiser.organiser_id is null or $4::text is not null and event.event_id is null
                   or not owns($1, $2, organiser.organiser_id, event.event_id) then 'not_found'
              when exists (select from membership join account using (account_id)
                            where membership.organiser_id = organiser.organiser_id
                              and account.email_key = $7
                              and membership.event_id is not distinct from event.event_id)
                then 'already_member'
              when (select count(*) from membership
                     where membership.organiser_id = organiser.organiser_id)
                   + (select count(*) from team_invitation
                       where team_invitation.organiser_id = organiser.organiser_id) >= $12 then 'too_many'
              else 'invited' end as outcome
    from (select) as one
    left join organiser on organiser.slug = $3
    left join event on event.organiser_id = organiser.organiser_id and event.slug = $4
), made as (
  insert into team_invitation (invitation_id, organiser_id, event_id, email, email_key, role, is_mailed,
                          hash, expires_at)
  select $5, organiser_id, event_id, $6, $7, $8, $10::bytea is null, $10,
         now() + make_interval(hours => $11)
    from asked where outcome = 'invited'
      on conflict (organiser_id, email_key, event_id) do nothing
  returning invitation_id, organiser_id, event_id
), mailed as (
  insert into sign_in_mail (mail_id, email, email_key, language, target, invitation_id)
  select gen_random_uuid(), $6, $7, $13, '/desk', invitation_id from made where $10::bytea is null
), noted as (
  insert into audit_entry (organiser_id, event_id, subject_id, actor, action, after, detail)
  select organiser_id, event_id, invitation_id, $9, 'member.invite',
         jsonb_build_object('role', $8::role), jsonb_build_object('email', $6::text)
    from made
)
select case when outcome = 'invited' and not exists (select from made) then 'already_invited'
            else outcome end as outcome,
       (select pg_notify('einlass', 'caller ' || account_id)::text
          from account, made where account.email_key = $7) as told
  from asked
