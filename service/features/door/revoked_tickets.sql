-- Lists replaced and cancelled tickets, at most $2 of each, the newest.
-- $1 event_id: uuid
-- $2 most: bigint
-- state: revoked_state = replaced | cancelled
-- rows: ticket_id uuid, state text
(select ticket_id, 'replaced' as state
   from ticket
  where event_id = $1 and replaced_at is not null
  order by replaced_at desc
  limit $2)
union all
(select ticket_id, 'cancelled'
   from attendee join ticket using (event_id, attendee_id)
  where event_id = $1 and attendee.status = 'cancelled' and replaced_at is null
  order by issued_at desc
  limit $2)
order by ticket_id
