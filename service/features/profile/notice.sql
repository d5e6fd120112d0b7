-- What guests see of an organiser, with the texts of one page: 'imprint' or 'privacy'.
-- $1 organiser: text
-- $2 page: text
-- rows: name text, guests jsonb, texts jsonb
select name, guest_profile(organiser_id) as guests, profile -> $2 as texts
  from organiser join organiser_profile using (organiser_id)
 where slug = $1 and profile -> $2 is not null and profile -> $2 <> '{}'
