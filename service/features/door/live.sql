-- Reads the counts of an event on the present day, and its scans after a cursor, oldest first. told_at
-- is given under the lock of the tally and only grows, so no scan appears later with an earlier one.
-- Without $2 it reads no scans, only the position of the newest one.
-- $1 event_id: uuid
-- $2 after_at: timestamp with time zone or null
-- $3 after_nonce: uuid or null
-- $4 most: bigint
-- rows: expected integer, admitted integer, inside integer, now timestamp with time zone,
--   revoked integer, newest_at timestamp with time zone, newest_nonce uuid,
--   told_at timestamp with time zone,
--   nonce uuid, door text, direction direction, verdict verdict, ticket_id uuid, scanned_at timestamp with time zone,
--   received_at timestamp with time zone, forced boolean, conflict boolean, undone boolean,
--   judged verdict, admitted_at timestamp with time zone, admitted_door text, attendee_id uuid, name text,
--   ticket_type text
select counts.expected, counts.admitted, counts.inside, clock_timestamp() as now,
       tally.revoked, newest.told_at as newest_at, newest.nonce as newest_nonce,
       news.told_at, news.nonce, news.door, news.direction, news.verdict,
       news.ticket_id, news.scanned_at, news.received_at, news.forced, news.conflict,
       news.undone_at is not null as undone,
       case news.verdict when 'admitted' then 'already_admitted' else news.verdict end as judged,
       before.admitted_at, before.admitted_door,
       news.attendee_id, attendee.name, attendee.ticket_type
  from tally
 cross join lateral counts_on($1, event_day_at($1, now())) as counts
  left join lateral (
    select told_at, nonce
      from scan
     where event_id = $1 and told_at is not null -- the condition of the index scan_news
     order by told_at desc, nonce desc
     limit 1) as newest on true
  left join lateral (
    select scan as whole, scan.*
      from scan
     where event_id = $1 and told_at is not null
       and told_at >= $2 and (told_at, nonce) > ($2, $3)
     order by told_at, nonce
     limit $4) as news on true
  left join lateral (
    select name, ticket_type
      from attendee
     where event_id = $1 and attendee_id = news.attendee_id
     limit 1) as attendee on true
  left join lateral scan_before(news.whole) as before
    on news.conflict and news.verdict in ('admitted', 'already_admitted')
 where tally.event_id = $1
 order by news.told_at, news.nonce
