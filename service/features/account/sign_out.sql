-- Ends sessions of an account: one of them, or all but one, and forgets them in all workers.
-- $1 account_id: uuid
-- $2 session_id: uuid or null
-- $3 except: uuid or null
-- rows: told text
with ended as (
  delete from session
   where account_id = $1 and ($2::uuid is null or session_id = $2)
     and session_id is distinct from $3::uuid
)
select pg_notify('einlass', 'caller ' || $1::uuid)::text as told
