-- All data of a registration, as JSON text in its language. Questions have their newest wording,
-- and consents the wording that was agreed to.
-- $1 event_id: uuid
-- $2 registration_id: uuid
-- rows: data text
select json_build_object(
  'event', json_build_object('slug', event.slug, 'title', text_in(definition -> 'title', language),
                             'organiser', organiser.name),
  'registration', json_build_object(
    'id', registration_id, 'number', registration.number, 'status', status, 'email', email,
    'email_verified', verified, 'language', language,
    'created_at', utc_text(registration.created_at),
    'changed_at', utc_text(registration.changed_at), 'held_until', utc_text(held_until),
    'erased_at', utc_text(erased_at)),
  'attendees', (
    select coalesce(json_agg(json_build_object(
             'id', attendee_id, 'name', name, 'email', attendee.email, 'ticket_type', ticket_type,
             'status', attendee.status,
             'handed_on_to', (select left(next.name, 1) || '…' from attendee as next
                               where next.event_id = $1
                                 and next.handed_on_by = attendee.attendee_id),
             'handed_on_by', (select former.name from attendee as former
                               where former.event_id = $1
                                 and former.attendee_id = attendee.handed_on_by),
             'first_admitted_at', utc_text(first_admitted_at),
             'answers', (
               select coalesce(json_agg(json_build_object(
                        'question', key, 'label', text_in(question.label, language),
                        'answer', value) order by question.version desc, place), '[]')
                 from jsonb_each(answers)
                 left join lateral (
                   select asked.version, place, value -> 'label' as label
                     from event_version as asked,
                          jsonb_array_elements(asked.definition -> 'questions')
                            with ordinality as list (value, place)
                    where asked.event_id = $1 and value ->> 'slug' = key
                    order by asked.version desc
                    limit 1) as question on true),
             'tickets', (
               select coalesce(json_agg(json_build_object(
                        'id', ticket_id, 'issued_at', utc_text(issued_at),
                        'expires_at', utc_text(expires_at), 'replaced_at', utc_text(replaced_at))
                        order by issued_at), '[]')
                 from ticket
                where ticket.event_id = $1 and ticket.attendee_id = attendee.attendee_id),
             'scans', (
               select coalesce(json_agg(json_build_object(
                        'scanned_at', utc_text(scanned_at), 'door', door,
                        'direction', direction, 'verdict', verdict, 'reason', reason)
                        order by scanned_at), '[]')
                 from scan
                where scan.event_id = $1 and scan.attendee_id = attendee.attendee_id))
           order by attendee.position), '[]')
      from attendee
     where attendee.event_id = $1 and attendee.registration_id = $2),
  'notes', (
    select coalesce(json_agg(json_build_object(
             'attendee', attendee_id, 'text', text, 'written_at', utc_text(written_at))
             order by written_at, note_id), '[]')
      from note join attendee using (event_id, attendee_id)
     where note.event_id = $1 and attendee.registration_id = $2),
  'consents', (
    select coalesce(json_agg(json_build_object(
             'consent', agreed ->> 'slug', 'version', (agreed ->> 'version')::integer,
             'wording', text_in(consent.label, language),
             'agreed_at', agreed ->> 'given_at', 'withdrawn_at', agreed ->> 'withdrawn_at')
             order by place), '[]')
      from jsonb_array_elements(consents) with ordinality as list (agreed, place)
      left join lateral (
        select value -> 'label' as label
          from event_version as worded, jsonb_array_elements(worded.definition -> 'consents')
         where worded.event_id = $1
           and value @> jsonb_build_object('slug', agreed -> 'slug', 'version', agreed -> 'version')
         order by worded.version desc
         limit 1) as consent on true),
  'invitation', case when verified then (
    select json_build_object(
             'name', invitation.name, 'email', invitation.email, 'created_at', utc_text(invitation.created_at),
             'declined_at', utc_text(declined_at), 'word', word,
             'mails', (select coalesce(json_agg(utc_text(created_at) order by created_at), '[]')
                         from invitation_mail
                        where event_id = $1 and invitation_mail.invitation_id = invitation.invitation_id))
      from invitation
     where invitation.event_id = $1 and invitation.email_key = registration.email_key) end,
  'messages', case when verified then (
    -- Before, they could tell whether the address had a registration.
    select coalesce(json_agg(json_build_object(
             'kind', kind, 'state', state, 'created_at', utc_text(message.created_at),
             'sent_at', utc_text(sent_at)) order by message.created_at, message_id), '[]')
      from message
     where message.event_id = $1 and message.registration_id = $2)
    else '[]' end)::text as data
  from registration
  join event using (event_id)
  join event_version on event_version.event_id = $1 and event_version.version = event.version
  join organiser using (organiser_id)
 where registration.event_id = $1 and registration.registration_id = $2
