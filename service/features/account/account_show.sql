-- An account as its own page shows it, and what proves who somebody is. `required_by` names the
-- organisers that require a second factor of it.
-- $1 session_id: uuid
-- rows: account_id uuid, email text, password_hash text, by_link boolean, totp_secret text,
--   totp_step bigint, recovery_codes bigint, required_by text
select account_id, email, password_hash, by_link, totp_secret, totp_step,
       (select count(*) from recovery_code where recovery_code.account_id = account.account_id)
         as recovery_codes,
       (select string_agg(name, ', ' order by name) from organiser
         where requires_second_factor
           and organiser_id in (select organiser_id from membership
                                 where membership.account_id = account.account_id)) as required_by
  from session join account using (account_id)
 where session_id = $1
