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

-- The place of a registration on the waiting list, from 1. Null: it does not wait.
create function waiting_position(the_event uuid, the_registration uuid) returns bigint
language sql stable as $$
  select count(*)
    from registration as waiting
    join registration as ahead on ahead.event_id = the_event and ahead.status = 'waitlisted'
                              and ahead.number <= waiting.number
   where waiting.event_id = the_event and waiting.registration_id = the_registration
     and waiting.status = 'waitlisted'
  having count(*) > 0
$$;
