-- Adds a confirmed registration with the next number, for the new holder of an attendee's ticket.
-- Its consents are empty: the holder has agreed to nothing yet. An address that has a registration
-- already gets a second one, so that nobody learns who is registered. The caller holds the lock on
-- the event's tally.
create function add_holder(the_event uuid, the_registration uuid, new_registration uuid,
                           new_email text, new_email_key text, is_verified boolean,
                           the_registrant uuid)
returns void language sql as $$
  insert into registration (event_id, registration_id, number, status, email, email_key,
                            once_per_email, verified, language, fingerprint, registered_by,
                            vouched)
  select event_id, new_registration, registrations + 1, 'confirmed', new_email, new_email_key,
         event.once_per_email and not exists (
           select from registration as earlier
            where earlier.event_id = the_event and earlier.email_key = new_email_key
              and earlier.once_per_email and earlier.status <> 'cancelled'),
         is_verified, former.language, '', the_registrant, is_verified
    from registration as former
    join event using (event_id)
    join tally using (event_id)
   where former.event_id = the_event and former.registration_id = the_registration
$$;

-- Notes that an attendee leaves a registration with their place. The last one cancels it.
create function leave_registration(the_event uuid, the_registration uuid, the_attendee uuid)
returns void language sql as $$
  update registration
     set changed_at = now(), version = version + 1,
         status = case when exists (
             select from attendee
              where event_id = the_event and registration_id = the_registration
                and attendee_id <> the_attendee and attendee.status <> 'cancelled')
           then registration.status else 'cancelled' end
   where event_id = the_event and registration_id = the_registration
$$;

-- Moves a companion into a registration of their own, with the key of their link in the_version. The
-- ticket stays good. The caller holds the lock on the event's tally.
create function take_over(the_event uuid, the_registration uuid, the_attendee uuid,
                          the_version integer, new_registration uuid, new_email_key text)
returns text language plpgsql as $$
declare
  was record;
begin
  select attendee.status, attendee.email, attendee.registration_id = the_registration as is_here
    into was
    from attendee join registration using (event_id, registration_id)
   where event_id = the_event and attendee_id = the_attendee
     and attendee.link_version = the_version
     and the_registration in (attendee.registration_id, registered_by);
  if not found then
    return 'not_found';
  elsif not was.is_here then
    return 'taken_over';
  elsif was.status <> 'confirmed' or was.email is null then
    return 'not_confirmed';
  end if;
  perform leave_registration(the_event, the_registration, the_attendee);
  perform add_holder(the_event, the_registration, new_registration, was.email, new_email_key, true,
                     the_registration);
  update attendee set registration_id = new_registration, position = 1, email = null
   where event_id = the_event and attendee_id = the_attendee;
  update message
     set registration_id = new_registration, attendee_id = null,
         recipient = coalesce(recipient, was.email),
         state = case state when 'sending' then 'obsolete' else state end
   where event_id = the_event and registration_id = the_registration
     and attendee_id = the_attendee;
  update message set state = 'obsolete'
   where event_id = the_event and registration_id = the_registration and state = 'queued'
     and not exists (select from attendee
                      where event_id = the_event and registration_id = the_registration);
  perform note_change(the_event, new_registration, the_attendee, 'guest', 'attendee.take_over', '{}',
                      '{}', jsonb_build_object('from', the_registration));
  return 'taken_over';
end $$;
