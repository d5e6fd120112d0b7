-- Tickets of an event stop being valid a day after its end, because an event may run late.
create function ticket_expiry(ends_at timestamp, timezone text) returns timestamptz
language sql stable as $$
  select (ends_at at time zone timezone) + interval '1 day'
$$;
