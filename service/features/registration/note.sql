-- Adds a note about an attendee. Sending it again is safe: an existing note_id adds nothing. The audit
-- log gets one entry, without the text.
-- $1 event_id: uuid
-- $2 attendee_id: uuid
-- $3 note_id: uuid
-- $4 text: text
-- $5 actor: text
-- outcome: change_outcome = noted | not_found
-- rows: outcome text
with person as (
  select event_id, attendee_id, registration_id
    from attendee join registration using (event_id, registration_id)
   where event_id = $1 and attendee_id = $2 and erased_at is null
), added as (
  insert into note (event_id, attendee_id, note_id, text, written_by)
  select event_id, attendee_id, $3, $4, $5 from person
  on conflict do nothing
  returning event_id
), logged as (
  insert into audit_entry (organiser_id, event_id, registration_id, attendee_id, actor, action)
  select organiser_id, $1, registration_id, $2, $5, 'attendee.note'
    from added join event using (event_id) join person using (event_id)
)
select case when exists (select from person) then 'noted' else 'not_found' end as outcome
