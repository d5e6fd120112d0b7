-- Notes that the address is verified. An unverified registration gets its next status.
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
    perform set_registration_status(the_event, array[the_registration], becomes, becomes::text);
  end if;
  return 'verified';
end $$;

-- Cancels registrations that were not verified in time, at most 100. Returns their number. The
-- waiting list moves up.
create function expire_unverified(the_event uuid) returns integer language plpgsql as $$
declare
  late uuid[] := array(
    select registration_id from registration
     where event_id = the_event and status = 'unverified' and held_until <= now()
     order by number
     limit 100);
begin
  perform set_registration_status(the_event, late, 'cancelled', 'expired');
  perform move_up(the_event);
  return cardinality(late);
end $$;
