-- The pictures in the picture for a link.
-- $1 picture: text or null
-- $2 logo: text or null
-- rows: name text, bytes bytea
select name, bytes from picture where name in ($1, $2)
