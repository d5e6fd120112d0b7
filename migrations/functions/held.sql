-- Holds a letter to an address that somebody else typed, until open_registration. What follows a
-- held letter is held, too. An organiser's own letters ("by_organiser") are not held.
create function hold_message() returns trigger language plpgsql as $$
begin
  if new.attendee_id is not null and exists (
       select from registration
        where event_id = new.event_id and registration_id = new.registration_id and not vouched)
     and new.recipient is null
     or new.attendee_id is null and exists (
       select from message
        where event_id = new.event_id and registration_id = new.registration_id
          and attendee_id is null and state = 'held') then
    new.state := 'held';
  end if;
  return new;
end $$;
create trigger hold_message before insert on message for each row
  -- A sign-up decides by itself.
  when (new.state = 'queued' and not new.about ? 'by_organiser'
        and (new.attendee_id is not null or new.kind not in ('confirmed', 'waitlisted', 'pending', 'unverified')))
  execute function hold_message();

-- Notes that somebody has opened a link that was mailed to the registration's address, and sends the
-- letters that waited for it: to its companions, and to the holders of tickets that were handed on.
create function open_registration(the_event uuid, the_registration uuid) returns boolean
language plpgsql as $$
begin
  perform from tally where event_id = the_event for no key update;
  update registration set vouched = true
   where event_id = the_event and registration_id = the_registration and not vouched;
  update message set state = 'queued', due_at = now(), changed_at = now()
   where event_id = the_event and state = 'held'
     and (registration_id = the_registration or registration_id in (
       select next.registration_id
         from attendee as former
         join attendee as next on next.event_id = the_event
                              and next.handed_on_by = former.attendee_id
        where former.event_id = the_event and former.registration_id = the_registration));
  return true;
end $$;
