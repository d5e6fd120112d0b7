-- Accepts an invitation: by its link, or as the account whose address it is for. Where the address has
-- no account yet, the link makes one and signs it in.
-- $1 link_hash: bytea or null
-- $2 invitation_id: uuid or null
-- $3 caller: uuid or null
-- Of the caller, or of the new session:
-- $4 session_id: uuid
-- $5 fresh: uuid
-- $6 hash: bytea
-- $7 device: text
-- outcome: accept_outcome = joined | entered (is signed in now) | wants_sign_in |
--   other_account (the caller has another address) | gone
-- rows: outcome text
with accepted as materialized (
  select outcome, the_account from accept_invitation($1, $2, $3, $4, $5)
), made as (
  insert into session (session_id, account_id, hash, device, by_link)
  select $4, the_account, $6, $7, true from accepted where outcome = 'entered'
)
select outcome from accepted
