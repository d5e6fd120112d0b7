-- Invites somebody into the team: adds an account for the address unless there is one, and a
-- membership. The answer is the same whether the account was there. A letter goes out. Where the
-- owner hands the invitation over, it stores a link that signs in instead, but only for an account
-- that nobody has used and that has no other membership: is_open. Earlier links of the account end.
-- $1 organiser_id: uuid[]
-- $2 event_id: uuid[] or null
-- $3 organiser: text
-- $4 event: text or null
-- $5 account_id: uuid
-- $6 email: text
-- $7 email_key: text
-- $8 role: role
-- $9 actor: text
-- $10 hands_over: boolean
-- $11 link_hash: bytea
-- $12 link_hours: integer
-- $13 most: bigint
-- $14 language: text
-- row own: $1 to $2
-- outcome: invite_outcome = invited | already_member | too_many |
--   not_found (no organiser or event that the caller owns)
-- rows: outcome text, is_open boolean, membership_id uuid, told text
with asked as (
  select organiser.organiser_id, organiser.name, event.event_id,
         known.account_id is null or password_hash is null
           and not exists (select from membership where membership.account_id = known.account_id)
           and not exists (select from session where session.account_id = known.account_id)
           as is_new,
         case when organiser.organiser_id is null or $4::text is not null and event.event_id is null
                   or not owns($1, $2, organiser.organiser_id, event.event_id) then 'not_found'
              when exists (select from membership
                            where membership.organiser_id = organiser.organiser_id
                              and membership.account_id = known.account_id
                              and membership.event_id is not distinct from event.event_id)
                then 'already_member'
              when (select count(*) from membership
                     where membership.organiser_id = organiser.organiser_id) >= $13 then 'too_many'
              else 'invited' end as outcome
    from (select) as one
    left join organiser on organiser.slug = $3
    left join event on event.organiser_id = organiser.organiser_id and event.slug = $4
    left join account as known on known.email_key = $7
), the_account as (
  insert into account (account_id, email, email_key)
  select $5, $6, $7 from asked where outcome = 'invited'
      on conflict (email_key) do update set email_key = excluded.email_key
  returning account_id
), the_membership as (
  insert into membership (organiser_id, account_id, event_id, role)
  select organiser_id, the_account.account_id, event_id, $8 from asked, the_account
      on conflict (organiser_id, account_id, event_id) do nothing
  returning membership_id, account_id
), cut as (
  delete from sign_in_link using the_membership
   where sign_in_link.account_id = the_membership.account_id
), link as (
  insert into sign_in_link (hash, account_id, expires_at)
  select $11, the_account.account_id, now() + make_interval(hours => $12)
    from asked, the_account
   where is_new and $10::boolean
  returning account_id
), mailed as (
  insert into sign_in_mail (mail_id, email, email_key, language, target, invited_to)
  select membership_id, $6, $7, $14, '/desk', name from asked, the_membership
   where not $10
), noted as (
  insert into audit_entry (organiser_id, event_id, subject_id, actor, action, after)
  select organiser_id, event_id, the_membership.account_id, $9, 'member.invite',
         jsonb_build_object('role', $8::role)
    from asked, the_membership
)
select outcome, exists (select from link) as is_open, membership_id,
       pg_notify('einlass', 'caller ' || the_membership.account_id)::text as told
  from asked left join the_membership on true
