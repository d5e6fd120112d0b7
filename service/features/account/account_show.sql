-- An account as its own page shows it, and what proves who somebody is.
-- $1 session_id: uuid
-- rows: account_id uuid, email text, password_hash text, by_link boolean, totp_secret text,
--   totp_step bigint, recovery_codes bigint, is_required boolean
select account_id, email, password_hash, by_link, totp_secret, totp_step,
       (select count(*) from recovery_code where recovery_code.account_id = account.account_id)
         as recovery_codes,
       exists (select from membership join organiser using (organiser_id)
                where membership.account_id = account.account_id and requires_second_factor)
         as is_required
  from session join account using (account_id)
 where session_id = $1
