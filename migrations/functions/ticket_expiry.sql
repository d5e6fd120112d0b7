-- Tickets expire a day after the end of the event, because events run late.
create function ticket_expiry(ends_at timestamptz) returns timestamptz
language sql stable as $$
  select ends_at + interval '24 hours'
$$;
