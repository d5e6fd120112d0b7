-- Reads what the live page shows beside the arrivals: the counts of the present day, the newest
-- scans, the conflicts, the phones, and the organiser's last event that people came to before this
-- one. The lists are JSON.
-- $1 event_id: uuid
-- $2 language: text
-- $3 scans_most: bigint
-- $4 conflicts_most: bigint
-- rows: day text, expected integer, admitted integer, inside integer, capacity integer,
--   taken integer, now text, reference_at timestamp with time zone,
--   utc_offset integer, is_on boolean, scans text,
--   conflicts text, conflict_count bigint, admission_count bigint, devices text, last_event_id uuid, last_title text,
--   last_day text, last_reference_at timestamp with time zone
with here as (
  select event.*, day,
         -- the hour at which the event starts, on this day: days and events are compared from it
         (day + (starts_at at time zone timezone)::time) at time zone timezone as reference_at
    from event cross join event_day_at($1, now()) as day
   where event_id = $1
), last as (
  select event.event_id, text_in(definition -> 'title', $2) as title, timezone, starts_at,
         (select min(day) from event_day
           where event_day.event_id = event.event_id and admitted > 0) as day
    from event join event_version using (event_id, version)
   where organiser_id = (select organiser_id from here)
     and event.starts_at < (select starts_at from here) and not cancelled
     and exists (select from event_day where event_day.event_id = event.event_id and admitted > 0)
   order by starts_at desc
   limit 1
)
select here.day::text, counts.expected, counts.admitted, counts.inside, tally.capacity, tally.taken,
       to_char(now() at time zone here.timezone, 'YYYY-MM-DD"T"HH24:MI:SS') as now,
       here.reference_at,
       extract(epoch from (here.reference_at at time zone here.timezone)
                          - (here.reference_at at time zone 'UTC'))::integer as utc_offset,
       here.day = (now() at time zone here.timezone)::date and here.ends_at > now() as is_on,
       (select coalesce(json_agg(newest), '[]') from (
          select attendee_id as id, name, ticket_type, verdict, direction, door, forced, conflict,
                 undone_at is not null as undone,
                 to_char(scanned_at at time zone here.timezone, 'YYYY-MM-DD"T"HH24:MI:SS') as at
            from (select * from scan
                   where event_id = $1 and told_at is not null -- as the index scan_news
                   order by told_at desc
                   limit $3) as scan
            left join attendee using (event_id, attendee_id)
           order by told_at desc) as newest)::text as scans,
       (select coalesce(json_agg(newest), '[]') from (
          select attendee_id as id, name, ticket_type, door, before.admitted_door,
                 case verdict when 'admitted' then 'already_admitted' else verdict end as verdict,
                 to_char(scanned_at at time zone here.timezone, 'YYYY-MM-DD"T"HH24:MI') as at,
                 to_char(before.admitted_at at time zone here.timezone, 'YYYY-MM-DD"T"HH24:MI') as admitted_at
            from scan left join attendee using (event_id, attendee_id)
            left join lateral scan_before(scan) as before
              on verdict in ('admitted', 'already_admitted')
           where event_id = $1 and conflict and undone_at is null
           order by told_at desc
           limit $4) as newest)::text as conflicts,
       (select count(*) from scan where event_id = $1 and conflict and undone_at is null)
         as conflict_count,
       (select count(*) from noted_admission where event_id = $1 and state = 'open') as admission_count,
       (select coalesce(json_agg(phone), '[]') from (
          select name, door, role, waiting, battery,
                 device_id as id,
                 (extract(epoch from seen_at) * 1000000)::bigint as seen_at_us
            from device
           where event_id = $1 and paired_at is not null and revoked_at is null
           order by door, name, device_id) as phone)::text as devices,
       last.event_id as last_event_id, last.title as last_title, last.day::text as last_day,
       (last.day + (last.starts_at at time zone last.timezone)::time) at time zone last.timezone
         as last_reference_at
  from here join tally using (event_id)
 cross join lateral counts_on($1, here.day) as counts
  left join last on true
