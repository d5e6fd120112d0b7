-- Sends a mailing to the organiser, once in each of its languages, as it would be for an attendee.
-- $1 event_id: uuid
-- $2 mailing_id: uuid
-- $3 actor: text
-- $4 attendee_id: uuid
-- $5 recipient: text
-- rows: count bigint
with told as (
  insert into message (event_id, message_id, registration_id, kind, mailing_id, recipient, about)
  select $1, gen_random_uuid(), registration_id, 'mailing_test', $2, $5,
         jsonb_build_object('language', wording -> 'language', 'by_organiser', true)
    from mailing
   cross join jsonb_array_elements(texts) as wording
    join attendee on attendee.event_id = $1 and attendee_id = $4
   where mailing.event_id = $1 and mailing_id = $2
     and wording ->> 'subject' <> '' and wording ->> 'text' <> ''
  returning message_id
), counted as (
  select count(*) as count from told
), noted as (
  insert into audit_entry (organiser_id, event_id, subject_id, actor, action)
  select organiser_id, event_id, $2, $3, 'mailing.test'
    from event cross join counted
   where event_id = $1 and count > 0
)
select count from counted
