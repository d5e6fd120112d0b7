-- The rule of free places: how many somebody who comes now would find. null: without limit. There
-- are none while others wait (first come, first served). A caller for whom the queue does not count
-- gives 0 for `waiting`. An event or ticket type may be over its capacity.
create function places_left(capacity integer, taken integer, waiting integer) returns integer
language sql immutable parallel safe as $$
  select case when waiting > 0 then 0
              when capacity is not null then greatest(0, capacity - taken) end
$$;
