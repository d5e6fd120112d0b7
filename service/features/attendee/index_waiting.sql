-- Events with attendees that are not up to date in attendee_search, and how many registrations and changes
-- that is.
-- $1 most: bigint
-- rows: event_id uuid, waiting bigint
select event_id, sum(waiting)::bigint as waiting
  from (
    select event_id, registrations - coalesce(number, 0) as waiting
      from tally left join attendee_search_progress using (event_id)
     where registrations > coalesce(number, 0)
    union all
    select event_id, count(*) from attendee_changed group by event_id) as behind
 group by event_id
 limit $1
