-- Turns the second factor of an account off.
-- $1 account_id: uuid
-- $2 actor: text
-- rows: told text
with changed as (
  update account set totp_secret = null, totp_step = null
   where account_id = $1 and totp_secret is not null
  returning account_id
), codes as (
  delete from recovery_code where account_id = $1
), noted as (
  insert into audit_entry (organiser_id, subject_id, actor, action)
  select distinct organiser_id, account_id, $2, 'account.second_factor_off'
    from changed join membership using (account_id)
)
select pg_notify('einlass', 'caller ' || $1::uuid)::text as told
