-- Signs an account in by a link, which is used up. Repeating it changes nothing. No row: the link
-- expired or was used.
-- $1 link_hash: bytea
-- $2 session_id: uuid
-- $3 hash: bytea
-- $4 device: text
-- rows: account_id uuid
with link as (
  delete from sign_in_link where hash = $1 returning account_id, expires_at
), made as (
  insert into session (session_id, account_id, hash, device, by_link)
  select $2, account_id, $3, $4, true from link where expires_at > now()
  returning account_id
)
select account_id
  from made cross join lateral (select prove_address(account_id, $2)) as proven
union all
select account_id from session where session_id = $2
