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

-- Gives registrations and their attendees a status, except cancelled attendees. 'confirmed' issues
-- tickets. It puts messages of the kind `told` into the outbox. Attendees are found by
-- registration_id alone: before the first analyze, a condition on the event would make the planner
-- read all attendees of the event.
create function set_registration_status(the_event uuid, registrations uuid[],
                                        new_status registration_status, told text)
returns void language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
set enable_material = off as $$
begin
  -- tell() reads the former status: it writes to the attendees who lose a place, and not to those
  -- who had none.
  if new_status = 'cancelled' then
    perform tell(the_event, id, told) from unnest(registrations) as id;
  end if;
  update registration
     set status = new_status, changed_at = now(), version = version + 1,
         waits_for = case when new_status = 'waitlisted' then coalesce(waits_for, '') end,
         held_until = case when new_status = 'unverified' then
           now() + (select verify_hours from event where event_id = the_event) * interval '1 hour' end
    from unnest(registrations) as id
   where event_id = the_event and registration_id = id;
  update attendee set status = new_status
    from unnest(registrations) as id
   where registration_id = id and status <> 'cancelled';
  if new_status = 'confirmed' then
    insert into ticket (event_id, ticket_id, attendee_id, expires_at)
    select the_event, gen_random_uuid(), attendee_id, ticket_expiry(event.ends_at)
      from event cross join unnest(registrations) as id
      join attendee on registration_id = id
     where event.event_id = the_event and attendee.status = 'confirmed'
       and not exists (select from ticket where ticket.event_id = the_event
                        and ticket.attendee_id = attendee.attendee_id and replaced_at is null);
  end if;
  if new_status <> 'cancelled' then
    perform tell(the_event, id, told) from unnest(registrations) as id;
  end if;
end $$;
