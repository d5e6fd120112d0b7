-- What attendees do for themselves after signing up, and the mail that tells them.

alter table event
  add column cancelled boolean not null default false,
  add column changes_until timestamp, -- attendees correct what they said until then; null: the start
  add column verify_hours integer not null default 24 check (verify_hours between 1 and 720),
  add column reminder_hours integer not null default 24 check (reminder_hours between 0 and 720),
  add column reminded_for timestamptz, -- the start that people were reminded of already
  add column reply_to text check (length(reply_to) <= 320),
  add column embed_on text[] not null default '{}' check (cardinality(embed_on) <= 20);

alter table registration
  -- An unverified one gives its places back then.
  add column held_until timestamptz,
  -- Its personal data is gone; what stays is that there was one.
  add column erased_at timestamptz,
  -- Grows with each change of it or its attendees, so that nobody overwrites what they did not see.
  add column version integer not null default 1,
  add constraint only_unverified_are_held check (held_until is null or status = 'unverified'),
  add constraint erased_is_empty check (erased_at is null or (email = '' and consents = '[]'));
update registration set held_until = now() + interval '1 day' where status = 'unverified';
create index registration_held on registration (held_until) where status = 'unverified';
-- Registrations by address. Where an address registers once, registration_once_per_email finds it,
-- so that a sign-up pays for one of the two.
create index registration_by_email on registration (event_id, email_key)
  where not once_per_email and status <> 'cancelled';
-- Few have an address of their own, and check-in does not touch it.
create index attendee_by_own_email on attendee (event_id, lower(email)) where email is not null;

-- A message to somebody: what happened. Its text is made when it is sent, from what is true then,
-- and kept nowhere. 'sending' with due_at passed: the service that sent it died, try again.
drop index message_queue;
alter table message alter column state drop default;
alter table message alter column state type text using state::text;
drop type message_state;
create type message_state as enum ('queued', 'sending', 'sent', 'failed', 'obsolete');
alter table message alter column state type message_state using state::message_state;
alter table message
  alter column state set default 'queued',
  add column attendee_id uuid,    -- to this attendee's own address; null: the registration's
  add column recipient text check (length(recipient) <= 320), -- where neither is right any more
  add column about jsonb not null default '{}', -- names that are no longer in the registration
  add column due_at timestamptz not null default now(),
  add column code integer,        -- of the mail server's last words: 250, 451, 550
  add column sent_at timestamptz;
alter table message rename column error to words; -- the mail server's, or why it was not asked
alter table message drop constraint message_kind_check;
alter table message add constraint message_kind_check check (kind in ('confirmed', 'waitlisted',
  'promoted', 'pending', 'approved', 'declined', 'unverified', 'expired', 'changed', 'cancelled',
  'handed_on', 'handed_over', 'reminder', 'event_changed', 'event_cancelled', 'resent'));
-- What goes to all of an event at once waits behind what one person waits for.
create function is_to_all(kind text) returns boolean language sql immutable parallel safe as $$
  select kind in ('reminder', 'event_changed', 'event_cancelled')
$$;
create index message_due on message (is_to_all(kind), due_at) where state in ('queued', 'sending');

-- Puts a message about a registration into the outbox: to its address, and to those of its
-- attendees who have one of their own, once there is a place for them: nobody is written to because
-- a registration that nobody vouched for names them.
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

-- Nobody moves up in an event that does not take place.
alter function move_up(uuid) rename to move_up_waiting;
create function move_up(the_event uuid) returns integer language plpgsql as $$
begin
  if (select cancelled from event where event_id = the_event) then
    return 0;
  end if;
  return move_up_waiting(the_event);
end $$;

create or replace function set_registration_status(the_event uuid, the_registration uuid,
                                                   new_status registration_status, told text)
returns void language plpgsql as $$
begin
  -- Before anything changes: who is cancelled here is told, who was before or had no place is not.
  if new_status = 'cancelled' then
    perform tell(the_event, the_registration, told);
  end if;
  update registration
     set status = new_status, changed_at = now(), version = version + 1,
         held_until = case when new_status = 'unverified' then
           now() + (select verify_hours from event where event_id = the_event) * interval '1 hour' end
   where event_id = the_event and registration_id = the_registration;
  update attendee
     set status = new_status,
         waits_for = case when new_status = 'waitlisted' then coalesce(waits_for, '') end
   where event_id = the_event and registration_id = the_registration and status <> 'cancelled';
  if new_status = 'confirmed' then
    insert into ticket (event_id, ticket_id, attendee_id, expires_at)
    select event_id, gen_random_uuid(), attendee_id, ticket_expiry(event.ends_at, event.timezone)
      from attendee join event using (event_id)
     where event_id = the_event and registration_id = the_registration
       and attendee.status = 'confirmed'
       and not exists (select from ticket where ticket.event_id = the_event
                        and ticket.attendee_id = attendee.attendee_id and replaced_at is null);
  end if;
  if new_status <> 'cancelled' then
    perform tell(the_event, the_registration, told);
  end if;
end $$;

-- The organiser says no to a registration that waits for approval.
create function decline_registration(the_event uuid, the_registration uuid) returns text
language plpgsql as $$
declare
  was registration_status;
begin
  select status into was from registration
   where event_id = the_event and registration_id = the_registration;
  if was is null then
    return 'not_found';
  elsif was = 'cancelled' then
    return 'declined';
  elsif was <> 'pending' then
    return 'not_pending';
  end if;
  perform set_registration_status(the_event, the_registration, 'cancelled', 'declined');
  perform move_up(the_event);
  return 'declined';
end $$;

-- Gives back all places of a registration; whoever waits for them moves up. Who has come stays.
create or replace function cancel_registration(the_event uuid, the_registration uuid) returns text
language plpgsql as $$
declare
  was registration_status;
begin
  select status into was from registration
   where event_id = the_event and registration_id = the_registration;
  if was is null then
    return 'not_found';
  elsif was = 'cancelled' then
    return 'cancelled';
  elsif exists (select from attendee
                 where event_id = the_event and registration_id = the_registration
                   and status <> 'cancelled' and first_admitted_at is not null) then
    return 'not_possible_after_check_in';
  end if;
  perform set_registration_status(the_event, the_registration, 'cancelled', 'cancelled');
  perform move_up(the_event);
  return 'cancelled';
end $$;

-- Gives back one attendee's place; the last one's is the whole registration's. Who has come stays.
create function cancel_attendee(the_event uuid, the_registration uuid, the_attendee uuid)
returns text language plpgsql as $$
declare
  was registration_status;
  came timestamptz;
begin
  select status, first_admitted_at into was, came from attendee
   where event_id = the_event and registration_id = the_registration
     and attendee_id = the_attendee;
  if was is null then
    return 'not_found';
  elsif was = 'cancelled' then
    return 'cancelled';
  elsif came is not null then
    return 'not_possible_after_check_in';
  elsif not exists (select from attendee
                     where event_id = the_event and registration_id = the_registration
                       and attendee_id <> the_attendee and status <> 'cancelled') then
    return cancel_registration(the_event, the_registration);
  end if;
  insert into message (event_id, message_id, registration_id, attendee_id, kind)
  select the_event, gen_random_uuid(), the_registration, the_attendee, 'cancelled'
    from attendee join registration using (event_id, registration_id)
   where event_id = the_event and attendee_id = the_attendee and registration.status = 'confirmed'
     and lower(attendee.email) <> lower(registration.email);
  update attendee set status = 'cancelled', waits_for = null
   where event_id = the_event and attendee_id = the_attendee;
  -- What was short may have been so for the one who is gone: the others are looked at anew.
  update attendee set waits_for = ''
   where event_id = the_event and registration_id = the_registration and status = 'waitlisted';
  update registration set changed_at = now(), version = version + 1
   where event_id = the_event and registration_id = the_registration;
  insert into message (event_id, message_id, registration_id, kind)
  select the_event, gen_random_uuid(), the_registration, 'changed'
    from registration
   where event_id = the_event and registration_id = the_registration and status <> 'unverified';
  perform move_up(the_event);
  return 'cancelled';
end $$;

-- Gives back the places of those who did not verify their address in time. Gives how many did not.
create function expire_unverified(the_event uuid) returns integer language plpgsql as $$
declare
  late record;
  expired integer := 0;
begin
  for late in
    select registration_id from registration
     where event_id = the_event and status = 'unverified' and held_until <= now()
     order by number
     limit 1000
  loop
    perform set_registration_status(the_event, late.registration_id, 'cancelled', 'expired');
    expired := expired + 1;
  end loop;
  perform move_up(the_event);
  return expired;
end $$;

create or replace function verify_registration(the_event uuid, the_registration uuid) returns text
language plpgsql as $$
declare
  was registration_status;
  becomes registration_status;
begin
  select status into was from registration
   where event_id = the_event and registration_id = the_registration;
  if was is null then
    return 'not_found';
  elsif was = 'cancelled' then
    return 'not_held';
  end if;
  update registration set verified = true
   where event_id = the_event and registration_id = the_registration and not verified;
  if was = 'unverified' then
    becomes := status_with_places(the_event, the_registration);
    perform set_registration_status(the_event, the_registration, becomes, becomes::text);
  end if;
  return 'verified';
end $$;

-- Sends a registration's mail again, once in ten minutes: to an address nobody has verified the
-- link that verifies it, else what there is to know.
create function tell_again(the_event uuid, the_registration uuid) returns text
language plpgsql as $$
begin
  insert into message (event_id, message_id, registration_id, kind)
  select the_event, gen_random_uuid(), the_registration, what
    from registration
   cross join lateral (select case status when 'unverified' then 'unverified' else 'resent' end
                         as what) as kind
   where event_id = the_event and registration_id = the_registration and status <> 'cancelled'
     and not exists (
       select from message
        where message.event_id = the_event and message.registration_id = the_registration
          and kind = what and attendee_id is null and state <> 'failed'
          and message.created_at > now() - interval '10 minutes');
  return 'told';
end $$;

-- Sends everything again that belongs to an address: its registrations, and the tickets of
-- attendees whose own address it is. Whoever calls it holds a lock on the address.
create function tell_address(the_event uuid, the_key text, the_address text) returns text
language plpgsql as $$
begin
  perform tell_again(the_event, registration_id)
     from (
       select registration_id from registration
        where event_id = the_event and email_key = the_key and once_per_email
          and status <> 'cancelled'
       union all
       select registration_id from registration
        where event_id = the_event and email_key = the_key and not once_per_email
          and status <> 'cancelled') as mine;
  insert into message (event_id, message_id, registration_id, attendee_id, kind)
  select the_event, gen_random_uuid(), registration_id, attendee_id, 'resent'
    from attendee join registration using (event_id, registration_id)
   where event_id = the_event and lower(attendee.email) = lower(the_address)
     and attendee.email is not null and attendee.status = 'confirmed'
     and lower(registration.email) <> lower(the_address)
     and not exists (
       select from message
        where message.event_id = the_event
          and message.registration_id = attendee.registration_id
          and message.attendee_id = attendee.attendee_id and kind = 'resent'
          and state <> 'failed' and message.created_at > now() - interval '10 minutes');
  return 'asked';
end $$;

create or replace function replace_ticket(the_event uuid, the_registration uuid, the_attendee uuid,
                               new_ticket uuid, new_name text, new_email text, new_search text)
returns text language plpgsql as $$
declare
  was record;
begin
  select attendee.status, attendee.name, first_admitted_at,
         coalesce(attendee.email, registration.email) as email, erased_at
    into was
    from attendee join registration using (event_id, registration_id)
   where event_id = the_event and attendee_id = the_attendee
     and registration_id = the_registration;
  if not found or was.erased_at is not null then
    return 'not_found';
  elsif was.status <> 'confirmed' then
    return 'not_confirmed';
  elsif new_name is not null and was.first_admitted_at is not null then
    return 'not_possible_after_check_in';
  elsif new_name is not null and (
      select count(*) from message
       where event_id = the_event and registration_id = the_registration and kind = 'handed_on'
         and created_at > now() - interval '1 day') >= 20 then
    return 'too_often'; -- each writes to an address of the caller's choice
  end if;
  update ticket set replaced_at = now()
   where event_id = the_event and attendee_id = the_attendee and replaced_at is null;
  insert into ticket (event_id, ticket_id, attendee_id, expires_at)
  select event_id, new_ticket, the_attendee, ticket_expiry(ends_at, timezone)
    from event where event_id = the_event;
  if new_name is null then
    perform tell_again(the_event, the_registration);
    return 'replaced';
  end if;
  update attendee set name = new_name, email = new_email, search = new_search
   where event_id = the_event and attendee_id = the_attendee;
  update registration set changed_at = now(), version = version + 1
   where event_id = the_event and registration_id = the_registration;
  insert into message (event_id, message_id, registration_id, attendee_id, kind, about)
  values (the_event, gen_random_uuid(), the_registration, the_attendee, 'handed_on',
          jsonb_build_object('name', was.name));
  insert into message (event_id, message_id, registration_id, attendee_id, kind, recipient, about)
  select the_event, gen_random_uuid(), the_registration, the_attendee, 'handed_over', was.email,
         jsonb_build_object('name', was.name)
    from attendee join registration using (event_id, registration_id)
   where event_id = the_event and attendee_id = the_attendee
     and lower(coalesce(attendee.email, registration.email)) <> lower(was.email);
  return 'replaced';
end $$;

-- Takes a registration's personal data away, once. Before the event is over its places are given
-- on; afterwards what stays is that somebody was there. Its tickets let nobody in either way.
create function erase_registration(the_event uuid, the_registration uuid) returns text
language plpgsql as $$
declare
  was record;
begin
  select status, erased_at into was from registration
   where event_id = the_event and registration_id = the_registration;
  if not found then
    return 'not_found';
  elsif was.erased_at is not null then
    return 'erased';
  end if;
  if was.status <> 'cancelled' and (
      select now() < ends_at at time zone timezone from event where event_id = the_event) then
    perform set_registration_status(the_event, the_registration, 'cancelled', 'cancelled');
    perform move_up(the_event);
  end if;
  delete from message where event_id = the_event and registration_id = the_registration;
  update ticket set replaced_at = now()
    from attendee
   where ticket.event_id = the_event and ticket.attendee_id = attendee.attendee_id
     and attendee.event_id = the_event and attendee.registration_id = the_registration
     and attendee.status <> 'cancelled' and replaced_at is null;
  update scan set reason = '–'
    from attendee
   where scan.event_id = the_event and scan.attendee_id = attendee.attendee_id
     and attendee.event_id = the_event and attendee.registration_id = the_registration
     and verdict in ('admitted', 'left') and reason is not null;
  update attendee set name = '–', email = null, answers = '{}', search = ''
   where event_id = the_event and registration_id = the_registration;
  update registration
     set email = '', email_key = 'erased ' || registration_id, consents = '[]', fingerprint = '',
         erased_at = now(), changed_at = now(), version = version + 1
   where event_id = the_event and registration_id = the_registration;
  return 'erased';
end $$;

-- One text of the several languages it was written in; a plain one is for all.
create function text_in(texts jsonb, language text) returns text
language sql immutable as $$
  select case jsonb_typeof(texts)
           when 'object' then coalesce(texts ->> language,
                                       (select value from jsonb_each_text(texts) limit 1))
           else texts #>> '{}' end
$$;

-- A time as RFC 3339 has it, in UTC.
create function utc_text(at timestamptz) returns text language sql immutable as $$
  select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
$$;

-- Puts a message to all who are registered into the outbox: the event has changed, or does not
-- take place. Gives how many registrations are told.
create function tell_all(the_event uuid, what text) returns integer language plpgsql as $$
declare
  told integer;
begin
  insert into message (event_id, message_id, registration_id, kind)
  select event_id, gen_random_uuid(), registration_id, what
    from registration
   where event_id = the_event and email <> ''
     and (status = 'confirmed' or (status <> 'cancelled' and what <> 'reminder'))
     and (what <> 'reminder' or created_at < now() - interval '6 hours');
  get diagnostics told = row_count;
  insert into message (event_id, message_id, registration_id, attendee_id, kind)
  select event_id, gen_random_uuid(), registration_id, attendee_id, what
    from attendee join registration using (event_id, registration_id)
   where event_id = the_event and attendee.status = 'confirmed'
     and lower(attendee.email) <> lower(registration.email)
     and (what <> 'reminder' or created_at < now() - interval '6 hours');
  return told;
end $$;

-- What the letter of a message is made from, one row for each attendee it speaks of: the one it is
-- about, or all of the registration.
create view letter_line as
select message.event_id, message.registration_id, message.message_id, message.kind, message.state,
       message.attendee_id, message.about, message.tries, message.code, message.words,
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
       ticket.expires_at
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
