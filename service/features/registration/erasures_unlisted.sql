-- Erased registrations that are not on the list outside the database yet, the oldest first.
-- $1 most: bigint
-- rows: event_id uuid, registration_id uuid, erased_at timestamp with time zone, also text
select event_id, registration_id, erased_at, array_to_string(also, ' ') as also
  from erasure
 where not is_listed
 order by erased_at
 limit $1
