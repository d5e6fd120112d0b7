-- Gives an account new recovery codes in place of the former ones.
-- $1 account_id: uuid
-- $2 hash: bytea[]
-- row code: $2 to $2
with former as (
  delete from recovery_code where account_id = $1
), noted as (
  insert into audit_entry (organiser_id, subject_id, actor, action)
  select distinct organiser_id, account_id, 'account ' || account_id, 'account.recovery_codes'
    from account join membership using (account_id)
   where account_id = $1 and totp_secret is not null
)
insert into recovery_code (account_id, hash)
select account_id, hash
  from account, unnest($2::bytea[]) as hash
 where account_id = $1 and totp_secret is not null
