-- Signs an account in whose password was right. No row: its password was changed meanwhile.
-- $1 account_id: uuid
-- $2 password_hash: text
-- $3 session_id: uuid
-- $4 hash: bytea
-- $5 device: text
-- rows: wants_code boolean
with known as (
  select account_id, totp_secret is not null as wants_code
    from account where account_id = $1 and password_hash = $2
), made as (
  insert into session (session_id, account_id, hash, device, by_link)
  select $3, account_id, $4, $5, false from known
      on conflict (session_id) do nothing
)
select wants_code from known
