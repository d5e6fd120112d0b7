-- Marks a mail to a guest or to an invited person that came back, once: the same report again changes
-- nothing. A report about another address than the mail would go to now is out of date and changes
-- nothing either.
-- $1 event_number: integer
-- The registration or the invitation:
-- $2 owner_id: uuid
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
  select message.state, kind, coalesce(recipient, attendee.email, registration.email) as recipient,
         message.event_id, message.registration_id, message.attendee_id
    from event
    join message using (event_id)
    join registration using (event_id, registration_id)
    left join attendee on attendee.event_id = message.event_id
                      and attendee.attendee_id = message.attendee_id
   where event.number = $1 and message.registration_id = $2 and message_id = $3
     for update of message
), found_invitation as (
  select mail.state, 'invitation' as kind, invitation.email as recipient, mail.event_id
    from event
    join invitation_mail as mail using (event_id)
    join invitation using (event_id, invitation_id)
   where event.number = $1 and invitation_id = $2 and mail_id = $3
     for update of mail
), letter as (
  select state, kind, recipient, event_id, registration_id, attendee_id from found
  union all
  select state, kind, recipient, event_id, null, null from found_invitation
), report as (
  select letter.*, given.code, given.words
    from letter
    join unnest($5::text[], $6::integer[], $7::text[]) as given (address, code, words)
      on lower(address) = lower(letter.recipient)
   limit 1
), marked as (
  update message
     set state = 'bounced', code = report.code, words = report.words, changed_at = now()
    from report
   where message.event_id = report.event_id and message.registration_id = $2 and message_id = $3
     and message.state = 'sent'
  returning message_id
), marked_invitation as (
  update invitation_mail as mail
     set state = 'bounced', code = report.code, words = report.words
    from report
   where mail.event_id = report.event_id and mail_id = $3 and mail.state = 'sent'
  returning mail_id
), done as (
  select message_id from marked union all select mail_id from marked_invitation
), noted as (
  insert into audit_entry (organiser_id, event_id, registration_id, attendee_id, subject_id, actor,
                           action, before, after, detail)
  select organiser_id, event_id, registration_id, attendee_id, message_id, $4, 'message.bounced',
         '{"state": "sent"}', '{"state": "bounced"}', jsonb_build_object('kind', kind)
    from done cross join report join event using (event_id)
)
select case when exists (select from done) then 'marked'
            when letter.state = 'sending' then 'not_noted'
            when letter.state = 'bounced' and exists (select from report) then 'again'
            when letter.event_id is not null then 'out_of_date'
            else 'not_found' end as outcome, coalesce(letter.recipient, '') as recipient
  from (select) as one left join letter on true
