-- Notes that the list outside the database has these erasures.
-- $1 event_id: uuid[]
-- $2 registration_id: uuid[]
-- row erasure: $1 to $2
update erasure set is_listed = true
  from unnest($1::uuid[], $2::uuid[]) as listed (event_id, registration_id)
 where erasure.event_id = listed.event_id and erasure.registration_id = listed.registration_id
