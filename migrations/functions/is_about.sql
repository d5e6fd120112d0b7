-- Whether a message is about a person whom all patterns find: the attendee, or one of the registration.
create function is_about(the_event uuid, the_registration uuid, the_attendee uuid, patterns text[])
returns boolean language sql stable as $$
  select exists (
    select from attendee
     where event_id = the_event and registration_id = the_registration
       and (the_attendee is null or attendee_id = the_attendee) and search like all (patterns))
$$;

-- A time as the clocks of a place show it: 2026-05-13T10:00.
create function local_minute(at timestamptz, zone text) returns text language sql stable as $$
  select to_char(at at time zone zone, 'YYYY-MM-DD"T"HH24:MI')
$$;
