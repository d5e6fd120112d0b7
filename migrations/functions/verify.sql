-- Notes that the address is verified. An unverified registration gets its next status.
create function verify_registration(the_event uuid, the_registration uuid) returns text
language plpgsql as $$
declare
  was record;
  becomes registration_status;
begin
  select registration.*, event.once_per_email as once into was
    from registration join event using (event_id)
   where event_id = the_event and registration_id = the_registration;
  if not found then
    return 'not_found';
  elsif was.status = 'cancelled' or was.once and not was.verified and exists (
      select from registrations_of(the_event, was.email_key)
       where once_per_email and registration_id <> the_registration) then
    return 'not_held';
  end if;
  update registration set verified = true, once_per_email = was.once
   where event_id = the_event and registration_id = the_registration and not verified;
  perform open_registration(the_event, the_registration);
  if was.status = 'unverified' then
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
