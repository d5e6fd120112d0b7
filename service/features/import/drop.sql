-- Deletes a list, which takes nobody's registration away.
-- $1 event_id: uuid
-- $2 import_id: uuid
delete from import where event_id = $1 and import_id = $2
