-- Queues reminders of events that start soon, once for each start time. Recent registrations get
-- none (tell_all).
-- rows: event text, told integer
with near as (
  select event_id, slug, starts_at
    from event
   where not cancelled and reminder_hours > 0
     and starts_at between now() and now() + reminder_hours * interval '1 hour'
     and reminded_for is distinct from starts_at
     for no key update skip locked -- sign-ups must not wait: they only refer to the row
), noted as (
  update event set reminded_for = near.starts_at
    from near
   where event.event_id = near.event_id
)
select slug as event, tell_all(event_id, 'reminder') as told from near
