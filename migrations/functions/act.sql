-- What is done to one registration or attendee: with the manage link, by the API, and on a person's
-- page.

-- Gives the outcome of a change, after it was made, and finishes the letters that it put into the
-- outbox. `tells` false: they do not go. `said`: words of the organiser's own.
create function finish_letters(outcome text, the_event uuid, registrations uuid[], tells boolean,
                               said text, who text)
returns text language plpgsql as $$
begin
  if not tells then
    delete from message
     where event_id = the_event and registration_id = any (registrations) and created_at = now()
       and state in ('held', 'queued');
  elsif who <> 'guest' then
    update message
       set about = about || jsonb_strip_nulls(jsonb_build_object('organiser_did', true, 'words', said))
     where event_id = the_event and registration_id = any (registrations) and created_at = now();
  end if;
  return outcome;
end $$;

-- Sends the letter with the tickets or the status again: to the registration, or to the attendee who
-- has an address of their own. The same words go at most once a minute.
create function resend_by_hand(the_event uuid, the_registration uuid, the_attendee uuid, said text)
returns text language plpgsql as $$
declare
  was record;
begin
  select registration.status, case registration.status when 'unverified' then 'unverified'
                                else resent_kind(the_event) end as what,
         (select attendee_id from attendee
           where event_id = the_event and attendee_id = the_attendee and status = 'confirmed'
             and lower(attendee.email) <> lower(registration.email)) as reader
    into was
    from registration where event_id = the_event and registration_id = the_registration;
  if was.status = 'cancelled' then
    return 'not_found';
  end if;
  insert into message (event_id, message_id, registration_id, attendee_id, kind, about)
  select the_event, gen_random_uuid(), the_registration, was.reader, was.what,
         '{"by_organiser": true}'
   where not exists (
     select from message
      where event_id = the_event and registration_id = the_registration and kind = was.what
        and attendee_id is not distinct from was.reader and state <> 'failed'
        and about ->> 'words' is not distinct from said
        and is_recent(created_at, '1 minute'));
  return 'told';
end $$;

-- What a registration that waits is short of, past the others who wait: slugs of ticket types, and
-- '' for the event. Empty: it would get its places.
create function short_of(the_event uuid, the_registration uuid) returns text[]
language sql stable as $$
  with need as (
    select ticket_type, count(*) as people
      from attendee
     where event_id = the_event and registration_id = the_registration and status <> 'cancelled'
     group by ticket_type
  )
  select coalesce(array_agg(slug order by slug), '{}')
    from (select '' as slug from tally
           where event_id = the_event and taken + (select sum(people) from need) > capacity
          union all
          select slug from ticket_type join need on need.ticket_type = slug
           where event_id = the_event and taken + people > capacity) as short
$$;

-- Gives a registration its places past the others who wait. Without free places it needs
-- past_capacity.
create function move_up_by_hand(the_event uuid, the_registration uuid, past_capacity boolean)
returns text language plpgsql as $$
declare
  becomes registration_status;
begin
  if not exists (select from registration where event_id = the_event
                  and registration_id = the_registration and status = 'waitlisted') then
    return 'not_waiting';
  elsif short_of(the_event, the_registration) <> '{}' and not past_capacity then
    return 'no_free_place';
  end if;
  with need as (
    select ticket_type, count(*) as people
      from attendee
     where event_id = the_event and registration_id = the_registration and status <> 'cancelled'
     group by ticket_type
  ), room_in_event as (
    update tally set over_capacity = taken + people - capacity
      from (select sum(people) as people from need) as all_people
     where event_id = the_event and taken + people > capacity
  )
  update ticket_type set over_capacity = taken + people - capacity
    from need
   where event_id = the_event and slug = need.ticket_type and taken + people > capacity;
  becomes := status_with_places(the_event, the_registration);
  perform set_registration_status(the_event, array[the_registration],
                                  case becomes when 'pending' then 'confirmed' else becomes end,
                                  'promoted');
  return 'moved_up';
end $$;

-- Gives an attendee another ticket type. Their ticket stays good. Without a free place of the type
-- it needs past_capacity. The place of the former type goes to those who wait.
create function change_ticket_type(the_event uuid, the_registration uuid, the_attendee uuid,
                                   the_type text, past_capacity boolean)
returns text language plpgsql as $$
declare
  was attendee;
begin
  select * into was from attendee
   where event_id = the_event and registration_id = the_registration
     and attendee_id = the_attendee;
  if was.status = 'cancelled' then
    return 'not_held';
  elsif was.ticket_type = the_type then
    return 'changed';
  elsif holds_place(was.status) and not past_capacity and exists (
      select from ticket_type
       where event_id = the_event and slug = the_type and taken + 1 > capacity) then
    return 'no_free_place';
  end if;
  update ticket_type set over_capacity = taken + 1 - capacity
   where event_id = the_event and slug = the_type and taken + 1 > capacity
     and holds_place(was.status);
  update attendee set ticket_type = the_type
   where event_id = the_event and attendee_id = the_attendee;
  update registration
     set waits_for = case when status = 'waitlisted' then '' end, changed_at = now(),
         version = version + 1
   where event_id = the_event and registration_id = the_registration;
  insert into message (event_id, message_id, registration_id, attendee_id, kind)
  select the_event, gen_random_uuid(), the_registration, reader.attendee_id, 'changed'
    from registration
   cross join lateral (
     select null::uuid as attendee_id
     union all
     select the_attendee where was.status = 'confirmed' and lower(was.email) <> lower(email)) as reader
   where event_id = the_event and registration_id = the_registration and status <> 'unverified';
  perform move_up(the_event);
  return 'changed';
end $$;

-- Does one thing to a registration, or to one of its attendees, and notes it in the audit log. The
-- caller holds the lock on the event's tally. the_version: of the registration that somebody saw; null:
-- any.
create function act_on(the_event uuid, the_registration uuid, the_attendee uuid, action text,
                       the_version integer, who text, tells boolean, said text, why text,
                       the_type text)
returns text language plpgsql as $$
declare
  was registration;
  became registration;
  one attendee;
  outcome text;
begin
  select * into was from registration
   where event_id = the_event and registration_id = the_registration;
  select * into one from attendee
   where event_id = the_event and registration_id = the_registration
     and attendee_id = the_attendee;
  if was.registration_id is null or the_attendee is not null and one.attendee_id is null then
    return 'not_found';
  elsif was.erased_at is not null and action <> 'erase' then
    return 'not_found';
  elsif was.version <> the_version then
    return 'not_current';
  end if;
  outcome := case action
    when 'approve' then approve_registration(the_event, the_registration)
    when 'decline' then decline_registration(the_event, the_registration)
    when 'cancel' then cancel_registration(the_event, the_registration)
    when 'cancel_attendee' then cancel_attendee(the_event, the_registration, the_attendee)
    when 'resend' then resend_by_hand(the_event, the_registration, the_attendee, said)
    when 'move_up' then move_up_by_hand(the_event, the_registration, why is not null)
    when 'ticket_type' then
      change_ticket_type(the_event, the_registration, the_attendee, the_type, why is not null)
    when 'erase' then erase_registration(the_event, the_registration) end;
  outcome := finish_letters(outcome, the_event, array[the_registration], tells, said, who);
  select * into became from registration
   where event_id = the_event and registration_id = the_registration;
  if became.version <> was.version or outcome = 'told' then
    perform note_change(
      the_event, the_registration, the_attendee, who,
      case action when 'cancel_attendee' then 'attendee.cancel'
                  when 'ticket_type' then 'attendee.ticket_type'
                  else 'registration.' || action end,
      case action when 'erase' then null
                  when 'ticket_type' then jsonb_build_object('ticket_type', one.ticket_type)
                  when 'cancel_attendee' then jsonb_build_object('status', one.status)
                  else jsonb_build_object('status', was.status) end,
      case action when 'erase' then null
                  when 'ticket_type' then jsonb_build_object('ticket_type', the_type)
                  when 'cancel_attendee' then '{"status": "cancelled"}'
                  else jsonb_build_object('status', became.status) end
        || jsonb_strip_nulls(jsonb_build_object('reason', why)),
      case when who <> 'guest' and action <> 'erase' then jsonb_build_object('told', tells)
           else '{}' end);
  end if;
  return outcome;
end $$;
