-- Marks a mail that came back, once: the same report again changes nothing. A report about another
-- address than the mail would go to now is out of date and changes nothing either.
-- $1 event_number: integer
-- $2 registration_id: uuid
-- $3 message_id: uuid
-- $4 actor: text
-- Whom the mail did not reach, and why:
-- $5 address: text[]
-- $6 code: integer[]
-- $7 words: text[]
-- row report: $5 to $7
-- outcome: bounce_outcome = marked | again | not_noted (it is being sent) | out_of_date | not_found
-- rows: outcome text, recipient text
with found as (
  select message.event_id, message.registration_id, message_id, message.attendee_id, message.state, kind,
         coalesce(recipient, attendee.email, registration.email) as recipient
    from event
    join message using (event_id)
    join registration using (event_id, registration_id)
    left join attendee on attendee.event_id = message.event_id
                      and attendee.attendee_id = message.attendee_id
   where event.number = $1 and message.registration_id = $2 and message_id = $3
     for update of message
), report as (
  select found.*, given.code, given.words
    from found
    join unnest($5::text[], $6::integer[], $7::text[]) as given (address, code, words)
      on lower(address) = lower(found.recipient)
   limit 1
), marked as (
  update message
     set state = 'bounced', code = report.code, words = report.words, changed_at = now()
    from report
   where message.event_id = report.event_id and message.registration_id = report.registration_id
     and message.message_id = report.message_id and message.state = 'sent'
  returning report.*
), noted as (
  insert into audit_entry (organiser_id, event_id, registration_id, attendee_id, subject_id, actor,
                           action, before, after, detail)
  select organiser_id, event_id, registration_id, attendee_id, message_id, $4, 'message.bounced',
         '{"state": "sent"}', '{"state": "bounced"}', jsonb_build_object('kind', kind)
    from event join marked using (event_id)
)
select case when exists (select from marked) then 'marked'
            when found.state = 'sending' then 'not_noted'
            when found.state = 'bounced' and exists (select from report) then 'again'
            when found.message_id is not null then 'out_of_date'
            else 'not_found' end as outcome, coalesce(found.recipient, '') as recipient
  from (select) as one left join found on true
