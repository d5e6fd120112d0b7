-- Creates an event under the given id, or changes the one that has the slug. Its lists follow in
-- statements of their own.
--
-- $1 event_id: uuid
-- $2 file: jsonb
-- rows: event_id uuid, version integer
with written as (
  insert into event as old
         (event_id, organiser_id, slug, published, title, summary, description, venue, languages,
          timezone, starts_at, ends_at, registration_opens_at, registration_closes_at,
          check_in_opens_at, check_in_closes_at, waiting_list, once_per_email, approval,
          verify_email, most_attendees, retention_days, cancelled, changes_until, verify_hours,
          reminder_hours, reply_to, embed_on)
  select $1, organiser.organiser_id, $2 ->> 'slug', coalesce(file.published, true),
         file.title, file.summary, file.description, file.venue, file.languages, file.timezone,
         file.starts_at, file.ends_at, registration.opens_at, registration.closes_at, check_in.opens_at,
         check_in.closes_at, registration.waiting_list, registration.once_per_email, registration.approval,
         registration.verify_email, registration.most_attendees, file.retention_days,
         coalesce(file.cancelled, false), registration.changes_until,
         coalesce(registration.verify_hours, 24), coalesce(file.reminder_hours, 24), file.reply_to,
         coalesce(file.embed_on, '{}')
    from organiser,
         jsonb_to_record($2::jsonb) as file (
           published boolean, title jsonb, summary jsonb, description jsonb, venue jsonb,
           languages text[], timezone text, starts_at timestamp, ends_at timestamp,
           retention_days integer, cancelled boolean, reminder_hours integer, reply_to text,
           embed_on text[]),
         jsonb_to_record($2::jsonb -> 'registration') as registration (
           opens_at timestamp, closes_at timestamp, waiting_list boolean, once_per_email boolean,
           approval boolean, verify_email boolean, most_attendees integer,
           verify_hours integer, changes_until timestamp),
         jsonb_to_record(coalesce($2::jsonb -> 'check_in', '{}')) as check_in (
           opens_at timestamp, closes_at timestamp)
   where organiser.slug = $2 -> 'organiser' ->> 'slug'
  on conflict (slug) do update
     set version = old.version + 1, changed_at = now(), published = excluded.published,
         title = excluded.title, summary = excluded.summary, description = excluded.description,
         venue = excluded.venue, languages = excluded.languages, timezone = excluded.timezone,
         starts_at = excluded.starts_at, ends_at = excluded.ends_at,
         registration_opens_at = excluded.registration_opens_at,
         registration_closes_at = excluded.registration_closes_at,
         check_in_opens_at = excluded.check_in_opens_at,
         check_in_closes_at = excluded.check_in_closes_at, waiting_list = excluded.waiting_list,
         once_per_email = excluded.once_per_email, approval = excluded.approval,
         verify_email = excluded.verify_email, most_attendees = excluded.most_attendees,
         retention_days = excluded.retention_days, cancelled = excluded.cancelled,
         changes_until = excluded.changes_until, verify_hours = excluded.verify_hours,
         reminder_hours = excluded.reminder_hours, reply_to = excluded.reply_to,
         embed_on = excluded.embed_on
  returning event_id, version
), counted as (
  insert into tally (event_id, capacity)
  select event_id, ($2 -> 'registration' ->> 'capacity')::integer from written
  on conflict (event_id) do update
     set capacity = excluded.capacity,
         over_capacity = least(tally.over_capacity, greatest(0, tally.taken - excluded.capacity))
)
select event_id, version from written
