-- The account of an address. No row: there is none.
-- $1 email_key: text
-- rows: account_id uuid, password_hash text
select account_id, password_hash from account where email_key = $1
