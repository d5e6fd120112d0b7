-- The organiser of an event that somebody changes at the desk or by API.
-- $1 organiser_id: uuid
-- rows: slug text, name text
select slug, name from organiser where organiser_id = $1
