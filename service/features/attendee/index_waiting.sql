-- Events with attendees that are not up to date in attendee_search, how many registrations and changes that
-- is, and the number of the newest registration.
-- $1 most: bigint
-- rows: event_id uuid, waiting bigint, newest integer
select event_id, behind.waiting, registrations as newest
  from (
    select event_id, sum(each.waiting)::bigint as waiting
      from (
        select event_id, registrations - coalesce(number, 0) as waiting
          from tally left join attendee_search_progress using (event_id)
         where registrations > coalesce(number, 0)
        union all
        select event_id, count(*) from attendee_changed group by event_id) as each
     group by event_id limit $1) as behind
  join tally using (event_id)
