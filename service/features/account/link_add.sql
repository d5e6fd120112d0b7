-- Makes a link that signs an account in. No row: there is no such account. Without an actor the
-- person asked for the link, and the log has no entry.
-- $1 email_key: text
-- $2 hash: bytea
-- $3 minutes: integer
-- $4 actor: text or null
-- rows: account_id uuid
with added as (
  insert into sign_in_link (hash, account_id, expires_at)
  select $2, account_id, now() + make_interval(mins => $3) from account where email_key = $1
  returning account_id
), noted as (
  insert into audit_entry (organiser_id, subject_id, actor, action)
  select distinct organiser_id, account_id, $4, 'account.link'
    from added join membership using (account_id)
   where $4::text is not null
)
select account_id from added
