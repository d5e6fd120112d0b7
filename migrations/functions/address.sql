-- The registrations of an address that are not cancelled. Each of the two indexes has a part of them.
create function registrations_of(the_event uuid, the_key text) returns setof registration
language sql stable as $$
  select * from registration
   where event_id = the_event and email_key = the_key and once_per_email and status <> 'cancelled'
  union all
  select * from registration
   where event_id = the_event and email_key = the_key and not once_per_email
     and status <> 'cancelled'
$$;
