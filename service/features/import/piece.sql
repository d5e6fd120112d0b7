-- A piece of the file of a list, with how it is read.
-- $1 event_id: uuid
-- $2 import_id: uuid
-- $3 begin: integer
-- $4 most: integer
-- rows: name text, encoding text, size integer, state import_state, rules jsonb, piece bytea
select name, encoding, octet_length(file) as size, state, rules,
       substring(file from $3::integer + 1 for $4::integer) as piece
  from import
 where event_id = $1 and import_id = $2
