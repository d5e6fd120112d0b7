-- Registers somebody who was let in without a ticket and without network as a walk-in, beyond the
-- capacity if it is full: they are inside. Safe to call again with the same ids. The caller holds the
-- lock on the event's tally. Returns a word of walk_in_made_outcome.
create function make_walk_in(the_event uuid, the_nonce uuid, new_registration uuid, new_attendee uuid,
                             new_ticket uuid, the_type text, the_language text, who text)
returns text language plpgsql as $$
declare
  noted record;
  is_over boolean;
begin
  select * into noted from noted_admission where event_id = the_event and nonce = the_nonce for update;
  if not found then
    return 'not_found';
  elsif noted.state <> 'open' then
    return 'settled';
  elsif exists (select from registration
                 where event_id = the_event and registration_id = new_registration) then
    return 'made';
  end if;
  select places_left(tally.capacity, tally.taken, 0) = 0
         or places_left(ticket_type.capacity, ticket_type.taken, 0) = 0 into is_over
    from tally join ticket_type using (event_id)
   where event_id = the_event and slug = the_type;
  if not found then
    return 'unknown_ticket_type';
  end if;
  update tally set over_capacity = taken + 1 - capacity
   where event_id = the_event and places_left(capacity, taken, 0) = 0;
  update ticket_type set over_capacity = taken + 1 - capacity
   where event_id = the_event and slug = the_type and places_left(capacity, taken, 0) = 0;
  insert into registration (event_id, registration_id, number, status, email, email_key,
                            once_per_email, verified, vouched, language, consents, fingerprint)
  select the_event, new_registration, registrations + 1, 'confirmed', '', 'none ' || new_registration,
         false, true, true, the_language, '[]', ''
    from tally where event_id = the_event;
  insert into attendee (event_id, attendee_id, registration_id, position, ticket_type, status, name,
                        search)
  values (the_event, new_attendee, new_registration, 1, the_type, 'confirmed', noted.name, noted.search);
  perform issue_ticket(the_event, new_attendee, new_ticket);
  perform note_change(the_event, new_registration, new_attendee, who, 'walk_in', '{}',
                      jsonb_build_object('status', 'confirmed', 'reason', noted.reason),
                      jsonb_build_object('ticket_type', the_type, 'door', noted.door,
                                         'over_capacity', coalesce(is_over, false)));
  return 'made';
end $$;
