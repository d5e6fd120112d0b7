-- Stores a list of people that was brought, as a draft.
-- $1 event_id: uuid
-- $2 import_id: uuid
-- $3 name: text
-- $4 file: bytea
-- $5 encoding: text
-- $6 actor: text
insert into import (event_id, import_id, name, file, encoding, actor)
values ($1, $2, $3, $4, $5, $6)
