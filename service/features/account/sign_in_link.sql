-- Whether a link signs in. It is not used up: programs that check mail open links, too.
-- $1 hash: bytea
-- rows: account_id uuid
select account_id from sign_in_link where hash = $1 and expires_at > now()
