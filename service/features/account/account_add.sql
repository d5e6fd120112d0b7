-- Adds an account and its membership of an organiser, or changes its password and role.
-- $1 organiser: text
-- $2 account_id: uuid
-- $3 email: text
-- $4 email_key: text
-- $5 password_hash: text
-- $6 role: role
-- outcome: account_outcome = made | changed (the account was there) | no_organiser
-- rows: outcome text
with known as (
  select organiser_id, exists (select from account where email_key = $4) as was_there
    from organiser where slug = $1
), the_account as (
  insert into account (account_id, email, email_key, password_hash)
  select $2, $3, $4, $5 from known
      on conflict (email_key) do update set password_hash = excluded.password_hash
  returning account_id
), the_membership as (
  insert into membership (organiser_id, account_id, role)
  select organiser_id, account_id, $6 from known, the_account
      on conflict (organiser_id, account_id, event_id) do update set role = excluded.role
), noted as (
  insert into audit_entry (organiser_id, subject_id, actor, action, before, after)
  select organiser_id, account_id, 'command', 'account.add',
         (select jsonb_build_object('role', role) -- as it was
            from membership
           where membership.organiser_id = known.organiser_id
             and membership.account_id = the_account.account_id and event_id is null),
         jsonb_build_object('role', $6::role)
    from known, the_account
)
select case when known.organiser_id is null then 'no_organiser'
            when was_there then 'changed'
            else 'made' end as outcome
  from (select) as one left join known on true
