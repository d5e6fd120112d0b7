-- Lists conflicts: scans that a phone admitted offline and the service refuses. Newest first.
-- $1 event_id: uuid
-- $2 most: bigint
-- rows: nonce uuid, verdict verdict, door text, scanned_at timestamp with time zone,
--   admitted_at timestamp with time zone, admitted_door text, attendee_id uuid, name text,
--   ticket_type text
select nonce, verdict, door, scanned_at, admitted_at, admitted_door, attendee_id, name, ticket_type
  from scan left join attendee using (event_id, attendee_id)
 where event_id = $1 and conflict and undone_at is null
 order by received_at desc
 limit $2
