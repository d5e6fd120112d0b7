-- Changes the password of an account, unless somebody else did so meanwhile. Ends its other sessions
-- and its links. No row: it was changed meanwhile.
-- $1 account_id: uuid
-- $2 session_id: uuid
-- $3 former: text or null
-- $4 password_hash: text
-- rows: told text
with changed as (
  update account set password_hash = $4
   where account_id = $1 and password_hash is not distinct from $3
  returning account_id
), ended as (
  delete from session using changed
   where session.account_id = changed.account_id and session_id <> $2
), cut as (
  delete from sign_in_link using changed where sign_in_link.account_id = changed.account_id
), noted as (
  insert into audit_entry (organiser_id, subject_id, actor, action)
  select distinct organiser_id, account_id, 'account ' || account_id, 'account.password'
    from changed join membership using (account_id)
)
select pg_notify('einlass', 'caller ' || account_id)::text as told from changed
