-- The point in time that a local time of a definition means. Only a time that the clocks show twice
-- has an offset, which says which one is meant. A time that they skip moves forward.
create function point_in_time(local text, timezone text) returns timestamptz
language sql stable as $$
  select case when local ~ '[+-][0-9]{2}:[0-9]{2}$' then local::timestamptz
              else local::timestamp at time zone timezone end
$$;
