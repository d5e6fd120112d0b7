-- Puts messages about a registration into the outbox: to its address, and to attendees with another
-- address. Attendees get mail only if they have a place: a stranger may have typed their address.
create function tell(the_event uuid, the_registration uuid, what text) returns void
language sql as $$
  insert into message (event_id, message_id, registration_id, kind)
  values (the_event, gen_random_uuid(), the_registration, what);
  insert into message (event_id, message_id, registration_id, attendee_id, kind)
  select the_event, gen_random_uuid(), the_registration, attendee_id, what
    from attendee join registration using (event_id, registration_id)
   where event_id = the_event and registration_id = the_registration
     and lower(attendee.email) <> lower(registration.email)
     and attendee.status <> 'cancelled'
     and what in ('confirmed', 'promoted', 'approved', 'cancelled', 'reminder', 'event_changed',
                  'event_cancelled', 'resent')
     and registration.status not in ('unverified', 'pending', 'waitlisted');
$$;

-- A cancelled event has no tickets to send again.
create function resent_kind(the_event uuid) returns text language sql stable as $$
  select case when cancelled then 'event_cancelled' else 'resent' end
    from event where event_id = the_event
$$;

-- Sends the mail of a registration again, at most once in ten minutes: the verification link if it
-- is unverified, else the tickets or the status, or that the event is cancelled.
create function tell_again(the_event uuid, the_registration uuid) returns text
language plpgsql as $$
begin
  insert into message (event_id, message_id, registration_id, kind)
  select the_event, gen_random_uuid(), the_registration, what
    from registration
   cross join lateral (select case status when 'unverified' then 'unverified'
                                          else resent_kind(the_event) end as what) as kind
   where event_id = the_event and registration_id = the_registration and status <> 'cancelled'
     and not exists (
       select from message
        where message.event_id = the_event and message.registration_id = the_registration
          and kind = what and attendee_id is null and state <> 'failed'
          and is_recent(message.created_at, '10 minutes'));
  return 'told';
end $$;

-- Sends the mail of all registrations with this address again, and the tickets of attendees with
-- it. The caller holds the lock on the address.
create function tell_address(the_event uuid, the_key text, the_address text) returns text
language plpgsql as $$
begin
  perform tell_again(the_event, registration_id)
     from registrations_of(the_event, the_key) as mine join event using (event_id)
    -- A repeated registration that nobody may verify has no mail of its own.
    where mine.once_per_email or not event.once_per_email or mine.verified or mine.status = 'confirmed'
       or not exists (select from registrations_of(the_event, the_key) as other
                       where other.number < mine.number);
  insert into message (event_id, message_id, registration_id, attendee_id, kind)
  select the_event, gen_random_uuid(), registration_id, attendee_id, what
    from attendee join registration using (event_id, registration_id)
   cross join lateral (select resent_kind(the_event) as what) as kind
   where event_id = the_event and lower(attendee.email) = lower(the_address)
     and attendee.email is not null and attendee.status = 'confirmed'
     and lower(registration.email) <> lower(the_address)
     and not exists (
       select from message
        where message.event_id = the_event
          and message.registration_id = attendee.registration_id
          and message.attendee_id = attendee.attendee_id and kind = what
          and state <> 'failed' and is_recent(message.created_at, '10 minutes'));
  return 'asked';
end $$;

-- Puts a reminder, or the news that the event was changed, cancelled or revived, to all people of an
-- event into the outbox. Returns the number of registrations. People who registered in the last six
-- hours get no reminder. With ticket types, it tells only people with one of these.
create function tell_all(the_event uuid, what text, ticket_types text[] default null)
returns integer language plpgsql as $$
declare
  told integer;
begin
  insert into message (event_id, message_id, registration_id, kind)
  select event_id, gen_random_uuid(), registration_id, what
    from registration
   where event_id = the_event and email <> ''
     and (status = 'confirmed' or (status <> 'cancelled' and what <> 'reminder'))
     and (what <> 'reminder' or created_at < now() - interval '6 hours')
     and (ticket_types is null or exists (
       select from attendee
        where attendee.event_id = the_event
          and attendee.registration_id = registration.registration_id
          and attendee.status <> 'cancelled' and ticket_type = any (ticket_types)));
  get diagnostics told = row_count;
  insert into message (event_id, message_id, registration_id, attendee_id, kind)
  select event_id, gen_random_uuid(), registration_id, attendee_id, what
    from attendee join registration using (event_id, registration_id)
   where event_id = the_event and attendee.status = 'confirmed'
     and lower(attendee.email) <> lower(registration.email)
     and (what <> 'reminder' or created_at < now() - interval '6 hours')
     and (ticket_types is null or ticket_type = any (ticket_types));
  return told;
end $$;
