-- How many people signed up over time, without counting them: registrations have numbers in the
-- order of arrival, so the last number before a time says how many there were. Each time costs a
-- search of about 20 index lookups in a million registrations.

-- The number of registrations before each of these times, which ascend.
create function registrations_before(the_event uuid, times timestamptz[])
returns table (at timestamptz, registrations integer) language plpgsql stable as $$
declare
  newest integer := (select tally.registrations from tally where event_id = the_event);
  low integer := 0; -- it and all before it were earlier than `at`
  high integer;
  middle integer;
begin
  foreach at in array times loop
    high := newest + 1; -- it and all behind it were not
    while high - low > 1 loop
      middle := low + (high - low) / 2;
      if (select created_at < at from registration where event_id = the_event and number = middle) then
        low := middle;
      else
        high := middle;
      end if;
    end loop;
    registrations := low;
    return next;
  end loop;
end $$;

-- The sign-ups of each day, or of each so many days, from the first sign-up until now, or until the
-- event ended. Days are local dates.
create function sign_ups_over_time(the_event uuid)
returns table (first_day date, last_day date, sign_ups integer) language sql stable as $$
  with span as (
    select timezone, (registration.created_at at time zone timezone)::date as first,
           (least(now(), ends_at) at time zone timezone)::date as last
      from event join registration using (event_id)
     where event_id = the_event and registration.number = 1
  ), step as (
    select *, case when last - first < 42 then 1 when last - first < 42 * 7 then 7 else 30 end as days
      from span
  ), period as (
    select day::date as first_day, least(day::date + days - 1, greatest(first, last)) as last_day,
           (day + days * interval '1 day') at time zone timezone as ends_at
      from step cross join generate_series(first::timestamp, greatest(first, last), days * interval '1 day') as day
  ), counted as (
    select * from registrations_before(the_event, array(select ends_at from period order by ends_at))
  )
  select period.first_day, period.last_day,
         registrations - lag(registrations, 1, 0) over (order by period.first_day)
    from period join counted on counted.at = period.ends_at
   order by period.first_day
$$;
