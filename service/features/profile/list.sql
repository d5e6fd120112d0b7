-- The organisers for which the caller works as a whole.
-- $1 organiser_id: uuid[]
-- row own: $1
-- rows: slug text, name text
select slug, name from organiser where organiser_id = any ($1) order by name, slug
