-- Has a list read by rules, unless it is just being read. Lines that were read before are read anew. A command reads the list by
-- itself: it has the lease for so many seconds (0: no command).
-- $1 event_id: uuid
-- $2 import_id: uuid
-- $3 rules: jsonb
-- $4 lease_s: integer
-- outcome: import_check_outcome = checking | not_found | started (it is too late)
-- rows: outcome text, tries integer
with checked as (
  update import
     set state = case when $4::integer > 0 then 'checking' else 'to_check' end::import_state,
         tries = least($4::integer, 1), due_at = now() + $4::integer * interval '1 second', rules = $3,
         read_to = 0, next_line = 1, reason = null
   where event_id = $1 and import_id = $2 and started_at is null and state <> 'checking'
  returning tries
), old as (
  delete from import_line
   where event_id = $1 and import_id = $2 and exists (select from checked)
)
select case when exists (select from checked) then 'checking'
            else coalesce((select case when started_at is null then 'checking' else 'started' end
                             from import where event_id = $1 and import_id = $2), 'not_found') end as outcome, (select tries from checked) as tries
