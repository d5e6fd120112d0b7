-- The slugs of all events that begin with these letters.
-- $1 stem: text
-- rows: slug text
select slug from event where starts_with(slug, $1)
