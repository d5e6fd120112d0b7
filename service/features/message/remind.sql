-- Queues reminders of events that start soon, once for each start time. Recent registrations get
-- none (tell_all). Tickets for later days of the event are reminded of their first day, at the hour
-- at which the event started.
-- rows: event text, told integer
with near as (
  select event_id, slug, next.at, next.ticket_types
    from event
   cross join lateral (
     select (day + (starts_at at time zone timezone)::time) at time zone timezone as at,
            array(select ticket_type.slug from ticket_type
                   where ticket_type.event_id = event.event_id
                     and coalesce((select min(own) from unnest(days) as own), first_day) = day)
              as ticket_types
       from event_days(starts_at, ends_at, timezone, daily)
      cross join (select (starts_at at time zone timezone)::date as first_day) as first
      where (day + (starts_at at time zone timezone)::time) at time zone timezone >= now()
        and exists (select from ticket_type
                     where ticket_type.event_id = event.event_id
                       and coalesce((select min(own) from unnest(days) as own), first_day) = day)
      order by day
      limit 1) as next
   where not cancelled and reminder_hours > 0 and ends_at > now()
     and starts_at <= now() + reminder_hours * interval '1 hour'
     and next.at <= now() + reminder_hours * interval '1 hour'
     and reminded_for is distinct from next.at
     for no key update of event skip locked -- sign-ups must not wait: they only refer to the row
), noted as (
  update event set reminded_for = near.at
    from near
   where event.event_id = near.event_id
)
select slug as event, tell_all(event_id, 'reminder', ticket_types) as told from near
