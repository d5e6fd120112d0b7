-- Corrects a registration's language and its attendees' names, addresses and answers, after
-- lock_tally.
-- $1 event_id: uuid
-- $2 registration_id: uuid
-- $3 language: text
-- $4 attendee_id: uuid[]
-- $5 name: text[]
-- $6 email: text[]
-- $7 answers: text[]
-- $8 search: text[]
-- rows: outcome text
with changed as (
  update registration set language = $3, changed_at = now()
   where event_id = $1 and registration_id = $2 and status <> 'cancelled'
  returning registration_id
), corrected as (
  update attendee
     set name = given.name, email = given.email, answers = given.answers::jsonb,
         search = given.search
    from unnest($4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[])
      as given (attendee_id, name, email, answers, search), changed
   where attendee.event_id = $1 and attendee.attendee_id = given.attendee_id
     and attendee.registration_id = changed.registration_id
)
select case when exists (select from changed) then 'changed' else 'not_found' end as outcome
