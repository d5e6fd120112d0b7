-- All that organisers see of an attendee, as JSON text. Times are in UTC, or local to the event for a
-- page. Consents have the wording that was agreed to.
-- $1 event_id: uuid
-- $2 attendee_id: uuid
-- $3 language: text
-- $4 is_local: boolean
-- rows: registration_id uuid, data text
with person as (
  select attendee.*, registration.email_key, registration.number, registration.registered_by,
         registration.status as registration_status, registration.created_at, timezone, organiser_id
    from attendee
    join registration using (event_id, registration_id)
    join event using (event_id)
   where attendee.event_id = $1 and attendee.attendee_id = $2
)
select registration_id, json_build_object(
  'id', attendee_id, 'name', person.name, 'email', person.email, 'ticket_type', ticket_type,
  'status', person.status, 'answers', answers, 'position', position,
  'first_admitted_at', moment_text(first_admitted_at, timezone, $4),
  'inside', inside and days[cardinality(days)] = (
    select max(day) from event_day
     where event_id = $1 and day <= (now() at time zone timezone)::date),
  'registration', (
    select json_build_object(
      'id', registration_id, 'number', number, 'version', version, 'status', status,
      'declined', declined, 'email', email, 'email_verified', verified, 'language', language,
      'created_at', moment_text(created_at, timezone, $4),
      'held_until', moment_text(held_until, timezone, $4),
      'erased_at', moment_text(erased_at, timezone, $4))
      from registration
     where event_id = $1 and registration_id = person.registration_id),
  'waiting', case when registration_status = 'waitlisted' then (
    select json_build_object(
      'position', (select count(*) from registration as ahead
                    where ahead.event_id = $1 and ahead.status = 'waitlisted'
                      and ahead.number <= person.number),
      'people', (select count(*) from attendee as one
                  where one.event_id = $1 and one.registration_id = person.registration_id
                    and one.status <> 'cancelled'),
      'never_fits', waits_for = '-',
      'short_of', (select coalesce(json_agg(slug), '[]')
                     from unnest(short_of($1, person.registration_id)) as slug),
      -- Others who wait for the same places, and came first.
      'first', (select count(*) from registration as ahead
                 where ahead.event_id = $1 and ahead.status = 'waitlisted'
                   and ahead.number < person.number
                   and ahead.waits_for in ('', registration.waits_for)))
      from registration
     where event_id = $1 and registration_id = person.registration_id) end,
  'others', (
    select coalesce(json_agg(json_build_object(
             'id', attendee_id, 'name', name, 'status', status) order by position), '[]')
      from attendee
     where event_id = $1 and registration_id = person.registration_id
       and attendee_id <> person.attendee_id),
  'companions', (
    select coalesce(json_agg(json_build_object(
             'id', attendee_id, 'name', attendee.name, 'status', attendee.status)
             order by registration.number), '[]')
      from registration join attendee using (event_id, registration_id)
     where event_id = $1 and registered_by = person.registration_id),
  'registered_by', (
    select json_build_object('id', attendee_id, 'name', name)
      from attendee
     where event_id = $1 and registration_id = person.registered_by
     order by position
     limit 1),
  'invited', (
    select json_build_object(
             'id', invitation_id, 'at', moment_text(coalesce(first.created_at, invitation.created_at), timezone, $4),
             'by', coalesce(actor_name(person.organiser_id, $1, coalesce(first.actor, invitation.actor)), '–'))
      from invitation
      left join lateral (
        select invitation_mail.created_at, invitation_sending.actor
          from invitation_mail join invitation_sending using (event_id, sending_id)
         where event_id = $1 and invitation_mail.invitation_id = invitation.invitation_id
         order by invitation_mail.created_at
         limit 1) as first on true
     where event_id = $1
       and (invitation_id = (select invitation_id from invitation_use
                              where event_id = $1 and registration_id = person.registration_id)
            or invitation.email_key = person.email_key)
     order by invitation.email_key <> person.email_key
     limit 1),
  'handed_on_to', (
    select json_build_object('id', attendee_id, 'name', name)
      from attendee as next
     where event_id = $1 and next.handed_on_by = person.attendee_id),
  'handed_on_by', (
    select json_build_object('id', attendee_id, 'name', name)
      from attendee as former
     where event_id = $1 and former.attendee_id = person.handed_on_by),
  'declined_before', (
    select coalesce(json_agg(json_build_object(
             'id', attendee_id, 'name', attendee.name,
             'created_at', moment_text(earlier.created_at, timezone, $4))
             order by earlier.number), '[]')
      from registration as earlier join attendee using (event_id, registration_id)
     where earlier.event_id = $1 and email_key = person.email_key and earlier.declined
       and earlier.number < person.number and attendee.position = 1),
  'same_address', (
    select coalesce(json_agg(json_build_object(
             'id', attendee_id, 'name', attendee.name, 'status', attendee.status,
             'created_at', moment_text(same.created_at, timezone, $4)) order by same.number), '[]')
      from registrations_of($1, person.email_key) as same
      join attendee using (event_id, registration_id)
     where registration_id <> person.registration_id and attendee.position = 1),
  'tickets', (
    select coalesce(json_agg(json_build_object(
             'id', ticket_id, 'issued_at', moment_text(issued_at, timezone, $4),
             'replaced_at', moment_text(replaced_at, timezone, $4),
             'expires', extract(epoch from expires_at)::bigint) order by issued_at desc), '[]')
      from ticket
     where event_id = $1 and ticket.attendee_id = person.attendee_id),
  'consents', (
    select coalesce(json_agg(json_build_object(
             'consent', agreed ->> 'slug', 'version', (agreed ->> 'version')::integer,
             'wording', text_in(consent.label, $3),
             'agreed_at', moment_text((agreed ->> 'given_at')::timestamptz, timezone, $4),
             'withdrawn_at', moment_text((agreed ->> 'withdrawn_at')::timestamptz, timezone, $4))
             order by place), '[]')
      from registration, jsonb_array_elements(consents) with ordinality as list (agreed, place)
      left join lateral (
        select value -> 'label' as label
          from event_version as worded, jsonb_array_elements(worded.definition -> 'consents')
         where worded.event_id = $1
           and value @> jsonb_build_object('slug', agreed -> 'slug', 'version', agreed -> 'version')
         order by worded.version desc
         limit 1) as consent on true
     where event_id = $1 and registration_id = person.registration_id),
  'messages', (
    select coalesce(json_agg(json_build_object(
             'id', message_id, 'kind', kind, 'state', message.state,
             'to', coalesce(recipient, reader.email, registration.email),
             'created_at', moment_text(message.created_at, timezone, $4),
             'due_at', moment_text(due_at, timezone, $4),
             'sent_at', moment_text(sent_at, timezone, $4),
             'tries', tries, 'code', code, 'words', words)
             order by message.created_at desc, message_id), '[]')
      from message
      join registration using (event_id, registration_id)
      left join attendee as reader on reader.event_id = $1
                                  and reader.attendee_id = message.attendee_id
     where message.event_id = $1 and message.registration_id = person.registration_id
       and kind <> 'mailing_test' and coalesce(message.attendee_id = person.attendee_id, true)),
  'scans', (
    select coalesce(json_agg(json_build_object(
             'nonce', nonce, 'scanned_at', moment_text(scanned_at, timezone, $4), 'door', scan.door,
             'device', case when device_id is not null
                            then coalesce(nullif(device.name, ''), device.door) end,
             'by', (select email from account where account_id = scanned_by),
             'direction', direction, 'verdict', verdict, 'forced', forced, 'reason', reason,
             'conflict', conflict, 'undone_at', moment_text(undone_at, timezone, $4),
             'may_undo', moves and undone_at is null
                         and received_at > now() - interval '15 minutes')
             order by happened_at desc, received_at desc), '[]')
      from scan
      left join device on device.event_id = $1 and device_id = scanned_by
     where scan.event_id = $1 and scan.attendee_id = person.attendee_id),
  'notes', (
    select coalesce(json_agg(json_build_object(
             'id', note_id, 'note', text, 'actor', written_by, 'action', 'attendee.note',
             'actor_name', coalesce(actor_name(person.organiser_id, $1, written_by), '–'),
             'written_at', moment_text(written_at, timezone, $4)) order by written_at desc), '[]')
      from note
     where event_id = $1 and note.attendee_id = person.attendee_id),
  'history', (
    select coalesce(json_agg(json_build_object(
             'entry', entry_id, 'at', moment_text(at, timezone, $4), 'actor', actor,
             'actor_name', coalesce(actor_name(organiser_id, $1, actor), '–'), 'action', action,
             'changes', changes_told($1, before, after, $3)) order by entry_id desc), '[]')
      from (
        select entry.*
          from history_of($1, person.registration_id) as entry
         where coalesce(attendee_id = person.attendee_id, true)
         limit 200) as entry))::text as data
  from person
