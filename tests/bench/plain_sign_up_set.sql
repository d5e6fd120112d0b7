-- The same rows as of plain_sign_up.sql in a set of 200: what the tables can take at most. Nobody could
-- answer guests like this, because one repeated address refuses the whole set.
-- For pgbench, with the variables event and id.
with place as (
  update plain.event set taken = taken + 200
   where event_id = :event and taken + 200 <= capacity
  returning event_id
), registered as (
  insert into plain.registration (event_id, email, name, language, answers, consents, status)
  select event_id, 'guest-' || :id || '-' || n || '@example.org', 'Guest ' || :id || '-' || n, 'en',
         '{"company": "biosaxony", "lunch": false}', '[{"slug": "privacy", "version": 1}]', 'confirmed'
    from place, generate_series(1, 200) as n
  returning registration_id
)
insert into plain.message (registration_id, kind)
select registration_id, 'confirmed' from registered
