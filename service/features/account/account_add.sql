-- Adds an account and its membership, or changes its role and password. Ends all links of the account.
-- A changed password ends all sessions, too.
-- $1 organiser: text
-- $2 event: text or null
-- $3 account_id: uuid
-- $4 email: text
-- $5 email_key: text
-- $6 password_hash: text or null
-- $7 role: role
-- outcome: account_outcome = made | changed (the account was there) | no_organiser | no_event
-- rows: outcome text, told text
with asked as (
  select organiser.organiser_id, event.event_id,
         case when organiser.organiser_id is null then 'no_organiser'
              when $2 is not null and event.event_id is null then 'no_event'
              when exists (select from account where email_key = $5) then 'changed'
              else 'made' end as outcome
    from (select) as one
    left join organiser on organiser.slug = $1
    left join event on event.organiser_id = organiser.organiser_id and event.slug = $2
), good as (
  select organiser_id, event_id from asked where outcome in ('made', 'changed')
), the_account as (
  insert into account as known (account_id, email, email_key, is_proven, password_hash)
  select $3, $4, $5, true, $6 from good
      on conflict (email_key) do update
     set password_hash = coalesce(excluded.password_hash, known.password_hash)
  returning account_id
), the_membership as (
  insert into membership (organiser_id, account_id, event_id, role)
  select organiser_id, account_id, event_id, $7 from good, the_account
      on conflict (organiser_id, account_id, event_id) do update set role = excluded.role
), ended as (
  delete from session using the_account
   where session.account_id = the_account.account_id and $6 is not null
), cut as (
  delete from sign_in_link using the_account
   where sign_in_link.account_id = the_account.account_id
), noted as (
  insert into audit_entry (organiser_id, event_id, subject_id, actor, action, before, after)
  select organiser_id, event_id, account_id, 'command', 'account.add',
         (select jsonb_build_object('role', role) -- as it was
            from membership
           where membership.organiser_id = good.organiser_id
             and membership.account_id = the_account.account_id
             and membership.event_id is not distinct from good.event_id),
         jsonb_build_object('role', $7::role)
    from good, the_account
)
select outcome, pg_notify('einlass', 'caller ' || account_id)::text as told
  from asked left join the_account on true
