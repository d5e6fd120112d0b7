-- Reads the overview of an event for the people who run it. Its parts are JSON. Counts come from
-- tallies; failed mails and conflicts count up to 1000. The times are local.
-- $1 event_id: uuid
-- $2 newest_most: bigint
-- phase: event_phase = before | last_days (seven) | day (from the midnight before the start) | after
-- The busiest day is the one that most people came on; reference_at is when the event starts on it.
-- rows: phase text, busiest_day text, reference_at timestamp with time zone, utc_offset integer,
--   capacity integer, taken integer, confirmed integer, pending integer,
--   queued integer, cancelled integer, expected integer, admitted integer, inside integer,
--   ticket_types text, days text, sign_ups text, newest text, mails_failed bigint,
--   mails_bounced bigint, conflicts bigint, phones text
select case when ends_at <= now() then 'after'
            when now() >= date_trunc('day', starts_at, timezone) then 'day'
            when now() >= date_trunc('day', starts_at, timezone) - interval '7 days' then 'last_days'
            else 'before' end as phase,
       busiest.day::text as busiest_day, reference.at as reference_at,
       extract(epoch from (reference.at at time zone timezone) - (reference.at at time zone 'UTC'))::integer
         as utc_offset,
       tally.capacity, taken, confirmed, pending, queued, tally.cancelled,
       counts.expected, counts.admitted, counts.inside,
       (select json_object_agg(slug, json_build_object('capacity', capacity, 'taken', taken,
                 'confirmed', confirmed, 'waiting', waiting))
          from ticket_type where event_id = $1)::text as ticket_types,
       (select coalesce(json_agg(json_build_object('day', day, 'came', admitted) order by day), '[]')
          from event_day where event_id = $1)::text as days,
       (select coalesce(json_agg(period), '[]') from sign_ups_over_time($1) as period)::text as sign_ups,
       (select coalesce(json_agg(person), '[]') from (
          select attendee_id as id, name, ticket_type, attendee.status,
                 to_char(created_at at time zone timezone, 'YYYY-MM-DD"T"HH24:MI') as at
            from (select * from registration where event_id = $1 order by number desc limit $2) as newest
            join attendee using (registration_id)
           where attendee.event_id = $1 and erased_at is null
           order by number desc, position
           limit $2) as person)::text as newest,
       (select count(*) from (
          select from message where event_id = $1 and state = 'failed' limit 1000) as counted)
         as mails_failed,
       (select count(*) from (
          select from message where event_id = $1 and state = 'bounced' limit 1000) as counted)
         as mails_bounced,
       (select count(*) from (
          select from scan where event_id = $1 and conflict and undone_at is null limit 1000) as counted)
         as conflicts,
       (select coalesce(json_object_agg(door, phone), '{}') from (
          select door, json_build_object('count', count(*), 'seconds_ago',
                   min(extract(epoch from now() - seen_at)::bigint)) as phone
            from device
           where event_id = $1 and paired_at is not null and revoked_at is null
           group by door) as of_door)::text as phones
  from event join tally using (event_id)
 cross join lateral counts_on($1, event_day_at($1, now())) as counts
 cross join lateral (
   select coalesce((select day from event_day where event_id = $1 order by admitted desc, day limit 1),
                   event_day_at($1, now())) as day) as busiest
 cross join lateral (
   select (busiest.day + (starts_at at time zone timezone)::time) at time zone timezone as at) as reference
 where event.event_id = $1
