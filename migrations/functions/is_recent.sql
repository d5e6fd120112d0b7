-- Whether a time is at most so far from now. A time to come is no longer recent than a past one: it was
-- noted while the clock was ahead, and must not keep anybody waiting until the clock is there again.
create function is_recent(at timestamptz, span interval) returns boolean
language sql stable parallel safe as $$
  select at > now() - span and at < now() + span
$$;
