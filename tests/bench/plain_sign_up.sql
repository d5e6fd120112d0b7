-- One plain sign-up: takes a place, registers, leaves a message. One statement is one transaction. A full
-- event gives no row. A repeated address is an error, which gives the place back.
-- For pgbench, with the variables event and id.
with place as (
  update plain.event set taken = taken + 1
   where event_id = :event and taken < capacity
  returning event_id
), registered as (
  insert into plain.registration (event_id, email, name, language, answers, consents, status)
  select event_id, 'guest-' || :id || '@example.org', 'Guest ' || :id, 'en',
         '{"company": "biosaxony", "lunch": false}', '[{"slug": "privacy", "version": 1}]', 'confirmed'
    from place
  returning registration_id
)
insert into plain.message (registration_id, kind)
select registration_id, 'confirmed' from registered
returning registration_id
