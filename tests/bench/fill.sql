-- Fills an event as if so many people had registered, fast: triggers and foreign keys are off, and
-- the counts are set at the end. For psql as superuser, with the variables slug, first and count;
-- the ids of person n are made of n in decimal.
set session_replication_role = replica;
set synchronous_commit = off;
begin;
create temporary table person on commit drop as
select event_id, event.ends_at, definition #>> '{ticket_types,0,slug}' as ticket_type, n, lpad(n::text, 32, '0')::uuid as id,
       'person-' || n || '@example.org' as email
  from event join event_version using (event_id, version)
 cross join generate_series(:first, :first + :count - 1) as n
 where slug = :'slug';

insert into registration (event_id, registration_id, number, status, email, email_key,
                          once_per_email, language, consents, fingerprint)
select event_id, id, tally.registrations + n - :first + 1, 'confirmed', email, email, true, 'en',
       '[{"slug": "privacy", "version": 1}]', '\x00'
  from person join tally using (event_id) order by n;

insert into attendee (event_id, attendee_id, registration_id, position, ticket_type, status, name,
                      answers, search)
select event_id, id, id, 1, ticket_type, 'confirmed', 'Person ' || n,
       jsonb_build_object('company', 'Company ' || n % 1000, 'lunch', false),
       'person ' || n || e'\n' || email || e'\ncompany ' || n % 1000
  from person order by n;

insert into ticket (event_id, ticket_id, attendee_id, expires_at)
select event_id, id, id, ticket_expiry(ends_at) from person order by n;

insert into message (event_id, message_id, registration_id, kind, state)
select event_id, id, id, 'confirmed', 'sent' from person order by n;

update tally set taken = taken + :count, confirmed = confirmed + :count,
                 registrations = registrations + :count
 where event_id = (select event_id from event where slug = :'slug');
update ticket_type set taken = taken + :count, confirmed = confirmed + :count
 where (event_id, slug) in (select event_id, ticket_type from person);
commit;
vacuum analyze;
