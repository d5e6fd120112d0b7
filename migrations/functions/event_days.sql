-- The days of an event, as local dates. A ticket admits anew on each day. A day ends at 05:00 of the
-- next date, so that an evening past midnight is one day. An event of at most 14 hours is one day. So
-- is an event with "daily": false, and one of more than 400 days.
create function event_days(starts_at timestamptz, ends_at timestamptz, timezone text, daily boolean)
returns table (day date) language sql stable as $$
  select (starts_at at time zone timezone)::date + n
    from generate_series(0, case
      when daily and ends_at - starts_at > interval '14 hours'
           and ends_at - starts_at <= interval '400 days'
        then greatest(((ends_at at time zone timezone) - interval '5 hours 1 microsecond')::date
                      - (starts_at at time zone timezone)::date, 0)
      else 0 end) as n
$$;

-- When a day of an event starts. Scans before the first day belong to the first day.
create function event_day_start(day date, timezone text) returns timestamptz
language sql stable as $$
  select (day + time '05:00') at time zone timezone
$$;

-- The day of an event at a time.
create function event_day_at(the_event uuid, at timestamptz) returns date
language sql stable as $$
  select coalesce(max(day) filter (where event_day_start(day, timezone) <= at), min(day))
    from event cross join lateral event_days(starts_at, ends_at, timezone, daily)
   where event_id = the_event
$$;

-- When the attendee came on a day: the first of the scans that let the attendee in.
create function came_on(the_event uuid, the_attendee uuid, the_day date) returns timestamptz
language sql stable as $$
  select min(happened_at) from scan
   where event_id = the_event and attendee_id = the_attendee and day = the_day
     and moves and verdict <> 'left' and undone_at is null
$$;
