-- An attendee for their own link, if it has this version. holder_id is their own registration, once
-- they have taken the place over; its manage link has the version holder_link_version.
-- $1 event_id: uuid
-- $2 registration_id: uuid
-- $3 attendee_id: uuid
-- $4 link_version: integer
-- rows: name text, email text, ticket_type text, status registration_status, ticket_id uuid,
-- rows: ticket_expires_at timestamp with time zone, registrant text, holder_id uuid,
-- rows: holder_link_version integer
select attendee.name, attendee.email, attendee.ticket_type, attendee.status, ticket.ticket_id,
       ticket.expires_at as ticket_expires_at,
       (select name from attendee as registrant
         where registrant.event_id = $1 and registrant.registration_id = $2
           and registrant.attendee_id <> $3
           and lower(coalesce(registrant.email, registration.email)) = lower(registration.email)
         order by registrant.position
         limit 1) as registrant, -- the first attendee with the registration's address
       case when registration_id <> $2 then registration_id end as holder_id,
       registration.link_version as holder_link_version
  from attendee join registration using (event_id, registration_id)
  left join ticket on ticket.event_id = $1 and ticket.attendee_id = $3
                  and ticket.replaced_at is null and attendee.status = 'confirmed'
 where attendee.event_id = $1 and attendee.attendee_id = $3 and attendee.link_version = $4
   and $2 in (registration_id, registered_by)
   and (registration_id <> $2 or attendee.email is not null)
