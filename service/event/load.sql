-- An event's definition, found by its slug or its number: as an event file, and what the database
-- adds to it. Times that nobody gave have their defaults: registration is open until the event
-- ends, check-in from midnight (at least three hours) before it starts until midnight (at least
-- three hours) after it ends, local time; attendees may correct what they said until it starts.
--
-- $1 slug: text
-- $2 number: integer
-- rows: event_id uuid, organiser_id uuid, number integer, version integer, definition text,
--   starts_at timestamp with time zone, ends_at timestamp with time zone,
--   opens_at timestamp with time zone, closes_at timestamp with time zone,
--   check_in_opens_at timestamp with time zone, check_in_closes_at timestamp with time zone,
--   changes_until timestamp with time zone, tickets_expire_at timestamp with time zone
select event.event_id, event.organiser_id, event.number, event.version,
       json_build_object(
         'organiser', json_build_object('slug', organiser.slug, 'name', organiser.name),
         'slug', event.slug, 'title', event.title, 'summary', event.summary,
         'description', event.description, 'venue', event.venue, 'timezone', event.timezone,
         'starts_at', event.starts_at, 'ends_at', event.ends_at, 'published', event.published,
         'cancelled', event.cancelled, 'reply_to', event.reply_to, 'embed_on', event.embed_on,
         'reminder_hours', event.reminder_hours,
         'registration', json_build_object(
           'opens_at', event.registration_opens_at, 'closes_at', event.registration_closes_at,
           'capacity', tally.capacity, 'waiting_list', event.waiting_list,
           'once_per_email', event.once_per_email, 'approval', event.approval,
           'verify_email', event.verify_email, 'verify_hours', event.verify_hours,
           'most_attendees', event.most_attendees, 'changes_until', event.changes_until),
         'check_in', json_build_object(
           'opens_at', event.check_in_opens_at, 'closes_at', event.check_in_closes_at),
         'languages', event.languages,
         'ticket_types', (
           select json_agg(json_build_object('slug', slug, 'title', title,
                    'capacity', ticket_type.capacity, 'code', code, 'approval', approval)
                    order by position)
             from ticket_type where ticket_type.event_id = event.event_id),
         'questions', (
           select json_agg(json_build_object('slug', slug, 'label', label, 'hint', hint,
                    'kind', kind, 'required', required, 'on_badge', on_badge, 'at_door', at_door,
                    'choices', choices, 'shown_if', shown_if) order by position)
             from question where question.event_id = event.event_id),
         'consents', (
           select json_agg(json_build_object('slug', slug, 'version', consent.version,
                    'required', required, 'label', label) order by position)
             from consent where consent.event_id = event.event_id and current),
         'doors', (
           select json_agg(json_build_object('slug', slug, 'title', title,
                    'ticket_types', ticket_types) order by position)
             from door where door.event_id = event.event_id and open),
         'retention_days', event.retention_days)::text as definition,
       moment.starts_at, moment.ends_at,
       event.registration_opens_at at time zone event.timezone as opens_at,
       coalesce(event.registration_closes_at at time zone event.timezone, moment.ends_at)
         as closes_at,
       coalesce(event.check_in_opens_at,
                least(date_trunc('day', event.starts_at), event.starts_at - interval '3 hours'))
         at time zone event.timezone as check_in_opens_at,
       coalesce(event.check_in_closes_at,
                greatest(date_trunc('day', event.ends_at) + interval '1 day',
                         event.ends_at + interval '3 hours'))
         at time zone event.timezone as check_in_closes_at,
       coalesce(event.changes_until at time zone event.timezone, moment.starts_at)
         as changes_until,
       ticket_expiry(event.ends_at, event.timezone) as tickets_expire_at
  from event
  join organiser using (organiser_id)
  join tally using (event_id)
 cross join lateral (select event.starts_at at time zone event.timezone as starts_at,
                            event.ends_at at time zone event.timezone as ends_at) as moment
 where event.slug = $1 or event.number = $2
