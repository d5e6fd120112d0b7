-- Deletes a draft.
-- $1 event_id: uuid
-- $2 mailing_id: uuid
-- $3 actor: text
-- rows: mailing_id uuid
with gone as (
  delete from mailing where event_id = $1 and mailing_id = $2 and state = 'draft'
  returning event_id, mailing_id
), noted as (
  insert into audit_entry (organiser_id, event_id, subject_id, actor, action)
  select organiser_id, event_id, mailing_id, $3, 'mailing.discard' from event join gone using (event_id)
)
select mailing_id from gone
