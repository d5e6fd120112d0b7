-- Loads the definition of an event by slug or number, its organiser's present name, and its times
-- as points in time. Times have defaults: registration closes when the event ends. Check-in opens at
-- midnight (local time) and at least three hours before the start. It closes at midnight and at
-- least three hours after the end. Attendees may change their answers until the start. `days` is
-- JSON: [["2026-05-13", its start in microseconds since 1970], ...].
--
-- $1 slug: text or null
-- $2 number: integer or null
-- rows: event_id uuid, organiser_id uuid, number integer, version integer, definition text,
--   starts_at timestamp with time zone, ends_at timestamp with time zone,
--   opens_at timestamp with time zone, closes_at timestamp with time zone,
--   check_in_opens_at timestamp with time zone, check_in_closes_at timestamp with time zone,
--   changes_until timestamp with time zone, tickets_expire_at timestamp with time zone, days text,
--   asked text, preview integer, profile text, picture text
select event_id, organiser_id, number, version,
       jsonb_set(definition, '{organiser,name}', to_jsonb(organiser.name))::text as definition,
       starts_at, ends_at, registration_opens_at as opens_at,
       coalesce(registration_closes_at, ends_at) as closes_at,
       coalesce(point_in_time(definition #>> '{check_in,opens_at}', timezone),
                least(date_trunc('day', starts_at, timezone), starts_at - interval '3 hours'))
         as check_in_opens_at,
       coalesce(point_in_time(definition #>> '{check_in,closes_at}', timezone),
                greatest((date_trunc('day', ends_at at time zone timezone) + interval '1 day')
                           at time zone timezone,
                         ends_at + interval '3 hours'))
         as check_in_closes_at,
       coalesce(point_in_time(definition #>> '{registration,changes_until}', timezone), starts_at)
         as changes_until,
       ticket_expiry(ends_at) as tickets_expire_at,
       (select json_agg(json_build_array(day, (extract(epoch from event_day_start(day, timezone))
                                               * 1000000)::bigint) order by day)
          from event_days(starts_at, ends_at, timezone, daily))::text as days, asked::text as asked,
       case when has_preview then preview end as preview,
       guest_profile(organiser_id)::text as profile,
       (select jsonb_build_object('name', picture, 'width', width, 'height', height, 'alt', alt)
          from event_picture
         where event_picture.event_id = event.event_id)::text as picture
  from event
  join event_version using (event_id, version)
  join organiser using (organiser_id)
 where event.slug = $1 or event.number = $2
