-- The data of a letter, one row an attendee: the attendee of the message, or all attendees of the
-- registration.
create view letter_line as
select message.event_id, message.registration_id, message.message_id, message.kind, message.state,
       message.attendee_id,
       message.about || case message.kind
         when 'handed_on' then jsonb_build_object('name', (
           select name from attendee as former
            where former.event_id = message.event_id
              and former.attendee_id = attendee.handed_on_by))
         when 'handed_over' then jsonb_build_object('name', attendee.name)
         when 'mailing' then jsonb_build_object('texts', mailing.texts)
         when 'mailing_test' then jsonb_build_object('texts', mailing.texts)
         else '{}' end as about, -- the name of the former holder, the texts of a mailing
       case message.kind when 'handed_over' then
         (select left(name, 1) || '…' from attendee as next
           where next.event_id = message.event_id and next.handed_on_by = attendee.attendee_id)
       end as handed_on_to,
       message.tries, message.code, message.words,
       message.created_at, message.due_at, message.sent_at, event.slug as event,
       coalesce(message.recipient, reader.email, registration.email) as recipient,
       registration.status as registration_status, registration.language,
       to_char(registration.held_until at time zone event.timezone, 'YYYY-MM-DD"T"HH24:MI')
         as held_until, -- local to the event
       registration.vouched as is_vouched, registration.source,
       registration.verified as is_verified, told.was_told, told.was_told_of_cancellation,
       earlier.registration_id as earlier_id, earlier.status as earlier_status,
       earlier.verified as earlier_is_verified,
       case when earlier.status = 'waitlisted' then
         (select count(*) from registration as ahead
           where ahead.event_id = message.event_id and ahead.status = 'waitlisted'
             and ahead.number <= earlier.number) end as earlier_waiting_position,
       earlier.link_version as earlier_link_version,
       attendee.position,
       case when registration.status = 'waitlisted' then
         (select count(*) from registration as ahead
           where ahead.event_id = message.event_id and ahead.status = 'waitlisted'
             and ahead.number <= registration.number) end as waiting_position,
       -- The attendee who reads the letter. Who signed up is the first attendee, if it is one.
       message.attendee_id is not null or attendee.position = 1
         and lower(coalesce(attendee.email, registration.email)) = lower(registration.email)
         as is_reader,
       attendee.name, attendee.ticket_type, attendee.status as attendee_status,
       attendee.attendee_id as holder_id, ticket.ticket_id,
       ticket.expires_at, coalesce(reader.link_version, registration.link_version) as link_version,
       case when reader.email is not null then
         (select name from attendee as registrant
           where registrant.event_id = message.event_id
             and registrant.registration_id = message.registration_id
             and registrant.attendee_id <> message.attendee_id
             and lower(coalesce(registrant.email, registration.email)) = lower(registration.email)
           order by registrant.position
           limit 1) end as registrant -- the first attendee with the registration's address
  from message
  join event using (event_id)
  join registration using (event_id, registration_id)
  left join mailing on mailing.event_id = message.event_id
                   and mailing.mailing_id = message.mailing_id
  left join attendee as reader on reader.event_id = message.event_id
                              and reader.attendee_id = message.attendee_id
 cross join lateral (
   select count(*) > 0 as was_told,
          count(*) filter (where kind = 'event_cancelled') > 0 as was_told_of_cancellation
     from message as former
    where former.event_id = message.event_id and former.registration_id = message.registration_id
      and (former.attendee_id is not distinct from message.attendee_id
           or former.attendee_id is null and message.recipient = registration.email)
      and former.kind <> 'mailing_test' and former.state in ('sending', 'sent') and former.message_id <> message.message_id) as told
  left join lateral (
   select registration_id, number, status, verified, link_version
     from ( -- as registrations_of, but a view must not depend on a function
       select * from registration as flagged
        where flagged.event_id = message.event_id and flagged.email_key = registration.email_key
          and flagged.once_per_email and flagged.status <> 'cancelled'
       union all
       select * from registration as plain
        where plain.event_id = message.event_id and plain.email_key = registration.email_key
          and not plain.once_per_email and plain.status <> 'cancelled') as other
    where other.number < registration.number
      -- A ticket that was handed on is no mistake.
      and not exists (select from attendee as holder
                       where holder.event_id = message.event_id
                         and holder.registration_id = message.registration_id
                         and holder.handed_on_by is not null)
    order by number
    limit 1) as earlier on true
  join attendee on attendee.event_id = message.event_id
               and attendee.registration_id = message.registration_id
               and attendee.attendee_id = coalesce(message.attendee_id, attendee.attendee_id)
  left join ticket on ticket.event_id = message.event_id
                  and ticket.attendee_id = attendee.attendee_id and ticket.replaced_at is null
                  and attendee.status = 'confirmed';
