-- Gives an account a second factor, with its recovery codes. Its other sessions have to give a code.
-- No row: it has one already.
-- $1 account_id: uuid
-- $2 session_id: uuid
-- $3 secret: text
-- $4 step: bigint
-- $5 hash: bytea[]
-- row code: $5 to $5
-- rows: told text
with changed as (
  update account set totp_secret = $3, totp_step = $4
   where account_id = $1 and totp_secret is null
  returning account_id
), codes as (
  insert into recovery_code (account_id, hash)
  select account_id, hash from changed, unnest($5::bytea[]) as hash
), completed as (
  update session set has_second_factor = true from changed where session_id = $2
), noted as (
  insert into audit_entry (organiser_id, subject_id, actor, action)
  select distinct organiser_id, account_id, 'account ' || account_id, 'account.second_factor_on'
    from changed join membership using (account_id)
)
select pg_notify('einlass', 'caller ' || account_id)::text as told from changed
