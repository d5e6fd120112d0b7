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

-- What some addresses have in an event: how many registrations that are not cancelled, and the
-- first number at which one was declined.
create function of_addresses(the_event uuid, the_keys text[])
returns table (email_key text, registrations bigint, declined_at integer)
language sql stable as $$
  select key, count(number) filter (where not declined), min(number) filter (where declined)
    from (select distinct key from unnest(the_keys) as given (key)) as asked
   cross join lateral (
     select number, false as declined from registrations_of(the_event, key)
     union all
     select number, true from registration
      where event_id = the_event and email_key = key and declined
     offset 0) as found -- keeps it a lookup for each key
   group by key
$$;

-- The addresses of an event with more than one registration that is not cancelled. Only one of them may
-- be once_per_email, so the others are in the index registration_by_email.
create function repeated_addresses(the_event uuid) returns setof text language sql stable as $$
  select email_key from registration
   where event_id = the_event and not once_per_email and status <> 'cancelled'
   group by email_key
  having count(*) > 1 or exists (
    select from registration as once
     where once.event_id = the_event and once.email_key = registration.email_key
       and once.once_per_email and once.status <> 'cancelled')
$$;
