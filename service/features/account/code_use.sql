-- Uses a code of the second factor, which counts once, and completes the session. No row: the code
-- was used already.
-- $1 session_id: uuid
-- $2 step: bigint
-- rows: session_id uuid
with used as (
  update account set totp_step = $2
    from session
   where session_id = $1 and account.account_id = session.account_id and totp_step < $2
  returning account.account_id
)
update session set has_second_factor = true
  from used
 where session_id = $1
returning session_id
