-- Replaces the ticket of an attendee. With a name, another person becomes the attendee.
create function replace_ticket(the_event uuid, the_registration uuid, the_attendee uuid,
                               new_ticket uuid, new_name text, new_email text, new_search text)
returns text language plpgsql as $$
declare
  was record;
begin
  select attendee.status, attendee.name, first_admitted_at,
         coalesce(attendee.email, registration.email) as email, erased_at
    into was
    from attendee join registration using (event_id, registration_id)
   where event_id = the_event and attendee_id = the_attendee
     and registration_id = the_registration;
  if not found or was.erased_at is not null then
    return 'not_found';
  elsif was.status <> 'confirmed' then
    return 'not_confirmed';
  elsif new_name is not null and was.first_admitted_at is not null then
    return 'not_possible_after_check_in';
  elsif new_name is not null and (
      select count(*) from message
       where event_id = the_event and registration_id = the_registration and kind = 'handed_on'
         and created_at > now() - interval '1 day') >= 20 then
    return 'too_often'; -- each time a letter goes to any address that the caller gives
  end if;
  update ticket set replaced_at = now()
   where event_id = the_event and attendee_id = the_attendee and replaced_at is null;
  insert into ticket (event_id, ticket_id, attendee_id, expires_at)
  select event_id, new_ticket, the_attendee, ticket_expiry(ends_at)
    from event where event_id = the_event;
  if new_name is null then
    perform tell_again(the_event, the_registration);
    return 'replaced';
  end if;
  update attendee set name = new_name, email = new_email, search = new_search
   where event_id = the_event and attendee_id = the_attendee;
  update registration set changed_at = now(), version = version + 1
   where event_id = the_event and registration_id = the_registration;
  insert into message (event_id, message_id, registration_id, attendee_id, kind, about)
  values (the_event, gen_random_uuid(), the_registration, the_attendee, 'handed_on',
          jsonb_build_object('name', was.name));
  insert into message (event_id, message_id, registration_id, attendee_id, kind, recipient, about)
  select the_event, gen_random_uuid(), the_registration, the_attendee, 'handed_over', was.email,
         jsonb_build_object('name', was.name)
    from attendee join registration using (event_id, registration_id)
   where event_id = the_event and attendee_id = the_attendee
     and lower(coalesce(attendee.email, registration.email)) <> lower(was.email);
  return 'replaced';
end $$;
