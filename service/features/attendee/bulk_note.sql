-- Notes the end of an attempt at a bulk action, or renews its lease (state 'working', reason null).
-- Changes nothing if the lease ended and another worker took the action: then tries differs.
-- $1 event_id: uuid
-- $2 bulk_id: uuid
-- $3 tries: integer
-- $4 state: bulk_state
-- $5 reason: text or null
-- $6 due_s: integer
update bulk_action
   set state = $4, due_at = now() + $6::integer * interval '1 second',
       reason = coalesce($5::text, reason),
       ended_at = case when $4::bulk_state in ('done', 'failed') then now() end
 where event_id = $1 and bulk_id = $2 and state = 'working' and tries = $3
