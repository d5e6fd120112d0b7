-- Leases lists that are to be read or added until due_at, the one that waits longest first. When a
-- lease ends, the list is due again.
-- $1 most: bigint
-- $2 lease_s: integer
-- Later, a lease that ended may live: the clock has jumped.
-- $3 believed_until: timestamp with time zone
-- state: import_state = checking | adding
-- rows: event_id uuid, import_id uuid, tries integer, created_at timestamp with time zone,
-- rows: state text, read_to integer, next_line integer
with due as (
  select event_id, import_id
    from import
   where state in ('to_check', 'checking', 'to_add', 'adding') and due_at <= now()
     and (state in ('to_check', 'to_add') or now() <= $3)
   order by due_at
   limit $1
     for update skip locked
)
update import
   set state = case when state in ('to_check', 'checking') then 'checking' else 'adding' end::import_state,
       tries = import.tries + 1, due_at = now() + $2::integer * interval '1 second'
  from due
 where import.event_id = due.event_id and import.import_id = due.import_id
returning import.event_id, import.import_id, import.tries,
          coalesce(import.started_at, import.created_at) as created_at, import.state::text as state,
          import.read_to, import.next_line
