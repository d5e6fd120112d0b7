-- Hands the ticket of an attendee on to another person. The place goes to a new attendee in a
-- registration of the new holder's own, without answers and consents. The former attendee stays where
-- they are, cancelled. Each side sees only its own data. The caller holds the lock on the event's
-- tally.
create function hand_on(the_event uuid, the_registration uuid, the_attendee uuid, new_ticket uuid,
                        new_registration uuid, new_attendee uuid, new_name text, new_email text,
                        new_email_key text, new_search text, by_organiser boolean,
                        new_source text, who text)
returns text language plpgsql as $$
declare
  was record;
begin
  select attendee.status, first_admitted_at, coalesce(attendee.email, registration.email) as email,
         erased_at
    into was
    from attendee join registration using (event_id, registration_id)
   where event_id = the_event and attendee_id = the_attendee
     and registration_id = the_registration;
  if not found or was.erased_at is not null then
    return 'not_found';
  elsif was.status <> 'confirmed' then
    return 'not_confirmed';
  elsif was.first_admitted_at is not null then
    return 'not_possible_after_check_in';
  elsif (select count(*)
           from attendee as former
           join attendee as next on next.event_id = the_event
                                and next.handed_on_by = former.attendee_id
           join registration on registration.event_id = the_event
                            and registration.registration_id = next.registration_id
          where former.event_id = the_event and former.registration_id = the_registration
            and is_recent(registration.created_at, '1 day')) >= 20 then
    return 'too_often'; -- each time a letter goes to any address that the caller gives
  end if;
  perform leave_registration(the_event, the_registration, the_attendee);
  perform add_holder(the_event, the_registration, new_registration, new_email, new_email_key, false,
                     null);
  insert into attendee (event_id, attendee_id, registration_id, position, ticket_type, status, name,
                        search, handed_on_by)
  select event_id, new_attendee, new_registration, 1, ticket_type, 'cancelled', new_name, new_search,
         the_attendee
    from attendee where event_id = the_event and attendee_id = the_attendee;
  -- Before the former attendee is cancelled, so that phones hear "replaced" and not "cancelled".
  update ticket set replaced_at = now()
   where event_id = the_event and attendee_id = the_attendee and replaced_at is null;
  -- One statement changes both, so that the place is never free and never taken twice.
  update attendee
     set status = case attendee_id when new_attendee then 'confirmed' else 'cancelled' end
                    ::registration_status
   where event_id = the_event and attendee_id in (the_attendee, new_attendee);
  perform issue_ticket(the_event, new_attendee, new_ticket);
  update registration set source = new_source
   where event_id = the_event and registration_id = new_registration;
  insert into message (event_id, message_id, registration_id, kind, state)
  select event_id, gen_random_uuid(), new_registration, 'handed_on',
         case when vouched or by_organiser then 'queued' else 'held' end::message_state
    from registration
   where event_id = the_event and registration_id = the_registration;
  insert into message (event_id, message_id, registration_id, attendee_id, kind, recipient)
  select the_event, gen_random_uuid(), the_registration, the_attendee, 'handed_over', was.email
   where lower(new_email) <> lower(was.email);
  perform note_change(the_event, the_registration, the_attendee, who, 'attendee.hand_on',
                      '{"status": "confirmed"}', '{"status": "cancelled"}',
                      jsonb_build_object('to', new_registration));
  perform note_change(the_event, new_registration, new_attendee, who, 'attendee.receive', '{}',
                      told_of_attendee(new_name, new_email, '{}'),
                      jsonb_build_object('from', the_registration));
  return 'replaced';
end $$;
