-- The second factor of a session's account. No row: the session ended, or there is no second factor.
-- $1 session_id: uuid
-- rows: account_id uuid, totp_secret text, totp_step bigint
select account_id, totp_secret, totp_step
  from session join account using (account_id)
 where session_id = $1 and totp_secret is not null
