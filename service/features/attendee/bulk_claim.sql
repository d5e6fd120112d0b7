-- Leases due bulk actions until due_at, the one that waits longest first. When a lease ends, the action
-- is due again.
-- $1 most: bigint
-- $2 lease_s: integer
-- Later, a lease that ended may live: the clock has jumped.
-- $3 believed_until: timestamp with time zone
-- rows: event_id uuid, bulk_id uuid, tries integer, created_at timestamp with time zone
with due as (
  select event_id, bulk_id
    from bulk_action
   where state in ('queued', 'working') and due_at <= now()
     and (state = 'queued' or now() <= $3)
   order by due_at
   limit $1
     for update skip locked
)
update bulk_action
   set state = 'working', tries = bulk_action.tries + 1,
       due_at = now() + $2::integer * interval '1 second'
  from due
 where bulk_action.event_id = due.event_id and bulk_action.bulk_id = due.bulk_id
returning bulk_action.event_id, bulk_action.bulk_id, bulk_action.tries,
          bulk_action.started_at as created_at
