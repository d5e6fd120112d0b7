-- Writes the next version of the event with the definition's slug, or creates the event with id $1.
-- Creates the organiser with id $2, or changes its name, which all its events show. Deletes ticket
-- types that the definition lacks. Closes doors that it lacks, but keeps them for their scans.
-- Updates the expiry of tickets. Registrations that no capacity held wait again: move_up decides.
--
-- $1 event_id: uuid
-- $2 organiser_id: uuid
-- $3 definition: jsonb
-- $4 actor: text
-- rows: event_id uuid
with organiser_written as (
  insert into organiser (organiser_id, slug, name)
  values ($2, $3::jsonb #>> '{organiser,slug}', $3 #>> '{organiser,name}')
  on conflict (slug) do update set name = excluded.name
  returning organiser_id
), written as (
  insert into event as old
         (event_id, organiser_id, slug, published, cancelled, timezone, starts_at, ends_at,
          daily, registration_opens_at, registration_closes_at, waiting_list, once_per_email, approval,
          verify_hours, reminder_hours, asked)
  select $1, organiser_id, $3 ->> 'slug', coalesce(file.published, true),
         coalesce(file.cancelled, false), file.timezone,
         point_in_time(file.starts_at, file.timezone), point_in_time(file.ends_at, file.timezone),
         coalesce(check_in.daily, true), point_in_time(registration.opens_at, file.timezone),
         point_in_time(registration.closes_at, file.timezone),
         coalesce(registration.waiting_list, false), coalesce(registration.once_per_email, false),
         coalesce(registration.approval, false), coalesce(registration.verify_hours, 24),
         coalesce(file.reminder_hours, 24), asked_ever('[]', $3 -> 'questions')
    from organiser_written,
         jsonb_to_record($3) as file (
           published boolean, cancelled boolean, timezone text, starts_at text,
           ends_at text, reminder_hours integer),
         jsonb_to_record(coalesce($3 -> 'check_in', '{}')) as check_in (daily boolean),
         jsonb_to_record($3 -> 'registration') as registration (
           opens_at text, closes_at text, waiting_list boolean, once_per_email boolean,
           approval boolean, verify_hours integer)
  on conflict (slug) do update
     set version = old.version + 1, changed_at = now(), published = excluded.published,
         cancelled = excluded.cancelled, timezone = excluded.timezone,
         starts_at = excluded.starts_at, ends_at = excluded.ends_at,
         daily = excluded.daily, registration_opens_at = excluded.registration_opens_at,
         registration_closes_at = excluded.registration_closes_at,
         waiting_list = excluded.waiting_list, once_per_email = excluded.once_per_email,
         approval = excluded.approval, verify_hours = excluded.verify_hours,
         reminder_hours = excluded.reminder_hours,
         asked = asked_ever(old.asked, $3 -> 'questions')
  returning event_id, version, starts_at, ends_at, timezone, daily
), kept as (
  insert into event_version (event_id, version, definition, actor)
  select event_id, version, $3, $4 from written
), event_places as (
  insert into tally (event_id, capacity)
  select event_id, ($3 #>> '{registration,capacity}')::integer from written
  on conflict (event_id) do update
     set capacity = excluded.capacity,
         over_capacity = least(tally.over_capacity, greatest(0, tally.taken - excluded.capacity))
), type_given as (
  select event_id, type.*
    from written,
         jsonb_to_recordset($3 -> 'ticket_types') as type (
           slug text, capacity integer, code text, approval boolean, days date[])
), type_gone as (
  delete from ticket_type using written
   where ticket_type.event_id = written.event_id and slug not in (select slug from type_given)
), type_places as (
  insert into ticket_type (event_id, slug, capacity, has_code, approval, days)
  select event_id, slug, capacity, code is not null, coalesce(approval, false), days
    from type_given
  on conflict (event_id, slug) do update
     set capacity = excluded.capacity,
         over_capacity = least(ticket_type.over_capacity,
                               greatest(0, ticket_type.taken - excluded.capacity)),
         has_code = excluded.has_code, approval = excluded.approval, days = excluded.days
), event_dated as (
  insert into event_day (event_id, day)
  select event_id, day
    from written
   cross join lateral event_days(starts_at, ends_at, timezone, daily)
  on conflict do nothing
), door_given as (
  select event_id, door.*
    from written, jsonb_to_recordset($3 -> 'doors') as door (slug text, ticket_types text[])
), door_closed as (
  update door set open = false
    from written
   where door.event_id = written.event_id and slug not in (select slug from door_given)
), door_opened as (
  insert into door (event_id, slug, ticket_types)
  select event_id, slug, ticket_types from door_given
  on conflict (event_id, slug) do update set ticket_types = excluded.ticket_types, open = true
), tickets_moved as (
  update ticket set expires_at = ticket_expiry(ends_at)
    from written
   where ticket.event_id = written.event_id and replaced_at is null
     and expires_at <> ticket_expiry(ends_at)
), waits_again as (
  update registration set waits_for = ''
    from written
   where registration.event_id = written.event_id and status = 'waitlisted' and waits_for = '-'
), told as (
  select pg_notify('einlass', 'event ' || event_id)
    from event join organiser using (organiser_id)
   where organiser.slug = $3 #>> '{organiser,slug}' and name <> $3 #>> '{organiser,name}'
)
select event_id from written where (select count(*) from told) >= 0
