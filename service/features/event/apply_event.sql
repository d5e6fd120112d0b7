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
          verify_email, most_attendees, retention_days)
  select $1, organiser.organiser_id, $2 ->> 'slug', coalesce(file.published, true),
         file.title, file.summary, file.description, file.venue, file.languages, file.timezone,
         file.starts_at, file.ends_at, registration.opens_at, registration.closes_at, check_in.opens_at,
         check_in.closes_at, registration.waiting_list, registration.once_per_email, registration.approval,
         registration.verify_email, registration.most_attendees, file.retention_days
    from organiser,
         jsonb_to_record($2::jsonb) as file (
           published boolean, title jsonb, summary jsonb, description jsonb, venue jsonb,
           languages text[], timezone text, starts_at timestamp, ends_at timestamp,
           retention_days integer),
         jsonb_to_record($2::jsonb -> 'registration') as registration (
           opens_at timestamp, closes_at timestamp, waiting_list boolean, once_per_email boolean,
           approval boolean, verify_email boolean, most_attendees integer),
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
         retention_days = excluded.retention_days
  returning event_id, version
), counted as (
  insert into tally (event_id, capacity)
  select event_id, ($2 -> 'registration' ->> 'capacity')::integer from written
  on conflict (event_id) do update set capacity = excluded.capacity
)
select event_id, version from written
