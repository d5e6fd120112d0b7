-- Notes the end of an attempt to read or add a list, or renews its lease (end 'leased', reason null).
-- Changes nothing if the lease ended and another worker took the list: then tries differs.
-- $1 event_id: uuid
-- $2 import_id: uuid
-- $3 tries: integer
-- $4 end: text
-- $5 reason: text or null
-- $6 due_s: integer
update import
   set state = case when $4::text = 'leased' then state
                    when $4::text = 'failed' then 'failed'
                    when $4::text = 'queued' and state = 'checking' then 'to_check'
                    when $4::text = 'queued' then 'to_add'
                    when state = 'checking' then 'checked'
                    else 'done' end::import_state,
       due_at = now() + $6::integer * interval '1 second',
       reason = coalesce($5::text, reason),
       ended_at = case when $4::text = 'done' and state = 'adding' then now() end,
       file = case when $4::text = 'done' and state = 'adding' then '' else file end
 where event_id = $1 and import_id = $2 and tries = $3 and state in ('checking', 'adding')
