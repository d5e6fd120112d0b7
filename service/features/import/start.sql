-- Confirms a list that was read: its good lines are added. To confirm it again changes nothing. A
-- command adds them by itself: it has the lease for so many seconds (0: no command).
-- $1 event_id: uuid
-- $2 import_id: uuid
-- $3 actor: text
-- $4 tells: boolean
-- $5 over_capacity: text or null
-- $6 lease_s: integer
-- outcome: import_start_outcome = started (also when it was) | not_checked | not_found
-- rows: outcome text, tries integer
with started as (
  update import
     set state = case when $6::integer > 0 then 'adding' else 'to_add' end::import_state,
         tries = least($6::integer, 1), due_at = now() + $6::integer * interval '1 second',
         actor = $3, reason = null,
         tells = case when started_at is null then $4 else tells end,
         over_capacity = case when started_at is null then $5 else over_capacity end,
         total = case when started_at is null then (
           select count(*) from import_line
            where event_id = $1 and import_id = $2 and outcome = 'good') else total end,
         started_at = coalesce(started_at, now())
   where event_id = $1 and import_id = $2
     and (state = 'checked' or state = 'failed' and started_at is not null)
  returning tries
)
select case when exists (select from started)
              or exists (select from import
                          where event_id = $1 and import_id = $2 and started_at is not null)
            then 'started'
            when exists (select from import where event_id = $1 and import_id = $2) then 'not_checked'
            else 'not_found' end as outcome, (select tries from started) as tries
