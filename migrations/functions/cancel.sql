-- Cancels a registration with all of its attendees, unless one was checked in. The waiting list
-- moves up. The caller holds the lock on the event's tally.
create function cancel_registration(the_event uuid, the_registration uuid) returns text
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
  perform set_registration_status(the_event, array[the_registration], 'cancelled', 'cancelled');
  perform move_up(the_event);
  return 'cancelled';
end $$;

-- Cancels one attendee in the same way. Without attendees, the registration is cancelled.
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
  update attendee set status = 'cancelled'
   where event_id = the_event and attendee_id = the_attendee;
  -- The others may fit without that attendee: move_up decides about them again.
  update registration
     set waits_for = case when status = 'waitlisted' then '' end, changed_at = now(),
         version = version + 1
   where event_id = the_event and registration_id = the_registration;
  insert into message (event_id, message_id, registration_id, kind, about)
  select the_event, gen_random_uuid(), the_registration, 'place_cancelled',
         jsonb_build_object('name', name, 'own', position = 1
           and lower(coalesce(attendee.email, registration.email)) = lower(registration.email))
    from attendee join registration using (event_id, registration_id)
   where event_id = the_event and attendee_id = the_attendee and registration.status <> 'unverified';
  perform move_up(the_event);
  return 'cancelled';
end $$;
