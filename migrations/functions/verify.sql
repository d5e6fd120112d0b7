-- Somebody reads mail at the address: the registration goes on to the status it was to get.
create function verify_registration(the_event uuid, the_registration uuid) returns text
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

-- Cancels the registrations whose address was not verified in time; the waiting list moves up.
-- Returns how many it cancelled, 1000 at most.
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
