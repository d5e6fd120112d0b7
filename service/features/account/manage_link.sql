-- Finds the registration of a manage link. No row: it has a newer link, or does not exist.
-- $1 event_number: integer
-- $2 registration_id: uuid
-- $3 version: integer
-- rows: event_id uuid, registration_id uuid, email text, vouched boolean
select event_id, registration_id, email, vouched
  from event join registration using (event_id)
 where event.number = $1 and registration_id = $2 and link_version = $3
