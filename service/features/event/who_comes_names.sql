-- The names of those who still come and still agree, of the attendees of who_comes.sql.
-- $1 event_id: uuid
-- $2 ids: jsonb
-- $3 consent: text
-- $4 version: integer
-- $5 company: text or null
-- rows: name text, company text
select name, nullif(answers ->> $5, '') as company
  from jsonb_array_elements_text($2) as wanted (id)
  join attendee on event_id = $1 and attendee_id = id::uuid
  join registration using (event_id, registration_id)
 where attendee.status = 'confirmed' and position = 1
   and (attendee.email is null or lower(attendee.email) = lower(registration.email))
   and exists (
     select from jsonb_array_elements(consents) as list (agreed)
      where agreed ->> 'slug' = $3::text and agreed -> 'version' = to_jsonb($4::integer)
        and agreed ->> 'withdrawn_at' is null)
 order by lower(name), name, attendee_id
