-- A registration, with one row for each attendee in their order. Behind them are the companions who
-- have taken their place over: they belong to a registration of their own.
-- $1 event_id: uuid
-- $2 registration_id: uuid
-- rows: registration_id uuid, number integer, registration_status registration_status, email text, language text,
-- rows: consents text, created_at timestamp with time zone, waiting_position bigint,
-- rows: version integer, link_version integer, verified boolean, vouched boolean, held_until timestamp with time zone,
-- rows: held_until_local text, erased_at timestamp with time zone,
-- rows: attendee_id uuid, holder_id uuid, name text, attendee_email text, ticket_type text,
-- rows: status registration_status, answers text, first_admitted_at timestamp with time zone,
-- rows: ticket_id uuid, ticket_expires_at timestamp with time zone,
-- rows: handed_on_to text, handed_on_to_id uuid, handed_on_by text, handed_on_by_id uuid,
-- rows: declined_before boolean, repeated boolean
select registration.registration_id, registration.number,
       registration.status as registration_status, registration.email, registration.language,
       registration.consents::text as consents, registration.created_at,
       case when registration.status = 'waitlisted' then
         (select count(*) from registration as ahead
           where ahead.event_id = $1 and ahead.status = 'waitlisted'
             and ahead.number <= registration.number) end as waiting_position,
       registration.version, registration.link_version, registration.verified,
       registration.vouched,
       registration.held_until,
       case when held_until is not null then -- local to the event
         (select to_char(held_until at time zone timezone, 'YYYY-MM-DD"T"HH24:MI')
            from event where event_id = $1) end as held_until_local,
       registration.erased_at,
       attendee.attendee_id, attendee.registration_id as holder_id, attendee.name,
       attendee.email as attendee_email,
       attendee.ticket_type, attendee.status, attendee.answers::text as answers,
       attendee.first_admitted_at, ticket.ticket_id, ticket.expires_at as ticket_expires_at,
       next.name as handed_on_to, next.registration_id as handed_on_to_id,
       former.name as handed_on_by, former.registration_id as handed_on_by_id,
       coalesce(declined_at < registration.number, false) as declined_before,
       coalesce(registration.status <> 'cancelled' and registrations > 1, false) as repeated
  from registration
 cross join lateral (
   select registration.registration_id, 0 as number
   union all
   select companion.registration_id, companion.number
     from registration as companion
    where companion.event_id = $1 and companion.registered_by = $2) as holder
  left join lateral of_addresses($1, array[registration.email_key]) as address on true
  join attendee on attendee.event_id = $1 and attendee.registration_id = holder.registration_id
  left join ticket on ticket.event_id = attendee.event_id
                  and ticket.attendee_id = attendee.attendee_id
                  and ticket.replaced_at is null and attendee.status = 'confirmed'
  left join attendee as next on next.event_id = $1 and next.handed_on_by = attendee.attendee_id
  left join attendee as former on former.event_id = $1
                              and former.attendee_id = attendee.handed_on_by
 where registration.event_id = $1 and registration.registration_id = $2
 order by holder.number, attendee.position
