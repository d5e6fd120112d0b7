-- The people in a list of erasures whose data the database still has. It is then older than the list.
-- $1 event_id: uuid[]
-- $2 registration_id: uuid[]
-- $3 also: text[]
-- row erasure: $1 to $3
-- rows: event_id uuid, registration_id uuid, also text
select distinct event_id, registration_id, also
  from unnest($1::uuid[], $2::uuid[], $3::text[]) as listed (event_id, registration_id, also)
 where left_of_erased(event_id, registration_id, string_to_array(also, ' ')::uuid[]) is not null
