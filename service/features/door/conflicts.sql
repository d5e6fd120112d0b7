-- Lists conflicts: guests who were let in and should not have been. Newest first.
-- $1 event_id: uuid
-- $2 most: bigint
-- rows: nonce uuid, judged verdict, door text, scanned_at timestamp with time zone,
--   admitted_at timestamp with time zone, admitted_door text, attendee_id uuid, name text,
--   ticket_type text
select nonce, case verdict when 'admitted' then 'already_admitted' else verdict end as judged,
       door, scanned_at, before.admitted_at, before.admitted_door, attendee_id, name, ticket_type
  from scan left join attendee using (event_id, attendee_id)
  left join lateral scan_before(scan) as before
    on verdict in ('admitted', 'already_admitted')
 where event_id = $1 and conflict and undone_at is null
 order by told_at desc
 limit $2
