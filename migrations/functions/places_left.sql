-- The number of free places; null: unlimited. There are none while others wait (first come, first
-- served). Callers that pass the queue give 0 for `waiting`. `taken` may exceed the capacity.
create function places_left(capacity integer, taken integer, waiting integer) returns integer
language sql immutable parallel safe as $$
  select case when waiting > 0 then 0
              when capacity is not null then greatest(0, capacity - taken) end
$$;
