-- Gives an attendee a new ticket; the former one is replaced.
create function issue_ticket(the_event uuid, the_attendee uuid, new_ticket uuid) returns void
language plpgsql as $$
begin
  update ticket set replaced_at = now()
   where event_id = the_event and attendee_id = the_attendee and replaced_at is null;
  insert into ticket (event_id, ticket_id, attendee_id, expires_at)
  select event_id, new_ticket, the_attendee, ticket_expiry(ends_at)
    from event where event_id = the_event;
end $$;

-- Replaces the ticket of an attendee and sends it.
create function replace_ticket(the_event uuid, the_registration uuid, the_attendee uuid,
                               new_ticket uuid, who text)
returns text language plpgsql as $$
declare
  was record;
begin
  select attendee.status, erased_at into was
    from attendee join registration using (event_id, registration_id)
   where event_id = the_event and attendee_id = the_attendee
     and registration_id = the_registration;
  if not found or was.erased_at is not null then
    return 'not_found';
  elsif was.status <> 'confirmed' then
    return 'not_confirmed';
  end if;
  perform issue_ticket(the_event, the_attendee, new_ticket);
  perform tell_again(the_event, the_registration);
  perform note_change(the_event, the_registration, the_attendee, who, 'attendee.new_ticket');
  return 'replaced';
end $$;
