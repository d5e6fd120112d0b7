-- Tickets expire a day after the end of the event, because events run late.
create function ticket_expiry(ends_at timestamp, timezone text) returns timestamptz
language sql stable as $$
  select (ends_at at time zone timezone) + interval '1 day'
$$;
