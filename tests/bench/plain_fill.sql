-- Registrations of the second plain event, for check-ins. The id of person n is made of n in decimal.
-- $1 first: integer
-- $2 count: integer
insert into plain.registration (registration_id, event_id, email, name, language, answers, consents, status)
select lpad(n::text, 32, '0')::uuid, 2, 'person-' || n || '@example.org', 'Person ' || n, 'en',
       '{"company": "biosaxony", "lunch": false}', '[{"slug": "privacy", "version": 1}]', 'confirmed'
  from generate_series($1::integer, $1::integer + $2::integer - 1) as n
