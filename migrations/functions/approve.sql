-- Confirms a registration that waits for approval or verification.
create function approve_registration(the_event uuid, the_registration uuid) returns text
language plpgsql as $$
declare
  was registration_status;
begin
  select status into was from registration
   where event_id = the_event and registration_id = the_registration;
  if was in ('pending', 'unverified') then
    update registration set verified = true
     where event_id = the_event and registration_id = the_registration;
    perform set_registration_status(the_event, array[the_registration], 'confirmed', 'approved');
    return 'confirmed';
  end if;
  return coalesce(case when was = 'confirmed' then 'confirmed' else 'not_pending' end, 'not_found');
end $$;

-- Declines a registration that waits for approval. The waiting list moves up.
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
  perform set_registration_status(the_event, array[the_registration], 'cancelled', 'declined');
  update registration set declined = true
   where event_id = the_event and registration_id = the_registration;
  perform move_up(the_event);
  return 'declined';
end $$;
