-- Events with unverified registrations whose time is over.
-- $1 most: bigint
-- rows: event_id uuid
select distinct event_id
  from registration
 where status = 'unverified' and held_until <= now()
 limit $1
