-- Makes a link that signs an account in. No row: there is no such account.
-- $1 email_key: text
-- $2 hash: bytea
-- $3 minutes: integer
-- rows: account_id uuid
insert into sign_in_link (hash, account_id, expires_at)
select $2, account_id, now() + make_interval(mins => $3) from account where email_key = $1
returning account_id
