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
         else '{}' end as about, -- the name of the former holder
       case message.kind when 'handed_over' then
         (select left(name, 1) || '…' from attendee as next
           where next.event_id = message.event_id and next.handed_on_by = attendee.attendee_id)
       end as handed_on_to,
       message.tries, message.code, message.words,
       message.created_at, message.due_at, message.sent_at, event.slug as event,
       coalesce(message.recipient, told.email, registration.email) as recipient,
       registration.status as registration_status, registration.language,
       to_char(registration.held_until at time zone event.timezone, 'YYYY-MM-DD"T"HH24:MI')
         as held_until, -- local to the event
       attendee.position,
       case when registration.status = 'waitlisted' then
         (select count(*) from registration as ahead
           where ahead.event_id = message.event_id and ahead.status = 'waitlisted'
             and ahead.number <= registration.number) end as waiting_position,
       attendee.name, attendee.ticket_type, attendee.status as attendee_status, ticket.ticket_id,
       ticket.expires_at, coalesce(told.link_version, registration.link_version) as link_version,
       case when told.email is not null then
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
  left join attendee as told on told.event_id = message.event_id
                            and told.attendee_id = message.attendee_id
  join attendee on attendee.event_id = message.event_id
               and attendee.registration_id = message.registration_id
               and attendee.attendee_id = coalesce(message.attendee_id, attendee.attendee_id)
  left join ticket on ticket.event_id = message.event_id
                  and ticket.attendee_id = attendee.attendee_id and ticket.replaced_at is null
                  and attendee.status = 'confirmed';
