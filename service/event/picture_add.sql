-- Stores a picture. The same one again changes nothing.
-- $1 name: text
-- $2 bytes: bytea
insert into picture (name, bytes) values ($1, $2) on conflict do nothing
