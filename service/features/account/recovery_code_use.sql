-- Uses a recovery code up and completes the session. No row: there is no such code.
-- $1 session_id: uuid
-- $2 hash: bytea
-- rows: session_id uuid
with used as (
  delete from recovery_code using session
   where session_id = $1 and recovery_code.account_id = session.account_id
     and recovery_code.hash = $2
  returning recovery_code.account_id
), noted as (
  insert into audit_entry (organiser_id, subject_id, actor, action)
  select distinct organiser_id, account_id, 'account ' || account_id, 'account.recovery_code'
    from used join membership using (account_id)
)
update session set has_second_factor = true
  from used
 where session_id = $1
returning session_id
