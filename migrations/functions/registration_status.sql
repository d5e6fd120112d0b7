-- The status that a registration with places has.
create function status_with_places(the_event uuid, the_registration uuid)
returns registration_status language sql stable as $$
  select case when not registration.verified then 'unverified'
              when event.approval or exists (
                select from attendee
                  join ticket_type on ticket_type.event_id = attendee.event_id
                                  and ticket_type.slug = attendee.ticket_type
                 where attendee.event_id = the_event and registration_id = the_registration
                   and attendee.status <> 'cancelled' and ticket_type.approval)
              then 'pending' else 'confirmed' end::registration_status
    from registration join event using (event_id)
   where event_id = the_event and registration_id = the_registration
$$;

-- Gives a registration and its attendees a status, except cancelled attendees. 'confirmed' issues
-- tickets. It puts messages of the kind `told` into the outbox.
create function set_registration_status(the_event uuid, the_registration uuid,
                                        new_status registration_status, told text)
returns void language plpgsql as $$
begin
  -- tell() reads the former status: it writes to the attendees who lose a place, and not to those
  -- who had none.
  if new_status = 'cancelled' then
    perform tell(the_event, the_registration, told);
  end if;
  update registration
     set status = new_status, changed_at = now(), version = version + 1,
         held_until = case when new_status = 'unverified' then
           now() + (select verify_hours from event where event_id = the_event) * interval '1 hour' end
   where event_id = the_event and registration_id = the_registration;
  update attendee
     set status = new_status,
         waits_for = case when new_status = 'waitlisted' then coalesce(waits_for, '') end
   where event_id = the_event and registration_id = the_registration and status <> 'cancelled';
  if new_status = 'confirmed' then
    insert into ticket (event_id, ticket_id, attendee_id, expires_at)
    select event_id, gen_random_uuid(), attendee_id, ticket_expiry(event.ends_at)
      from attendee join event using (event_id)
     where event_id = the_event and registration_id = the_registration
       and attendee.status = 'confirmed'
       and not exists (select from ticket where ticket.event_id = the_event
                        and ticket.attendee_id = attendee.attendee_id and replaced_at is null);
  end if;
  if new_status <> 'cancelled' then
    perform tell(the_event, the_registration, told);
  end if;
end $$;
