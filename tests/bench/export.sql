-- What an export reads, in one query, as psql would ask for it. The event is $1.
select attendee_id, attendee.name, attendee.email as attendee_email, ticket_type, attendee.status,
       answers, first_admitted_at at time zone 'Europe/Berlin' as first_admitted_at,
       to_json(days)::text as days, inside, registration_id, number, registration.email, language,
       registration.status as registration_status, consents,
       registration.created_at at time zone 'Europe/Berlin' as created_at,
       coalesce(declined_at < number, false) as declined_before,
       coalesce(registration.status <> 'cancelled' and registrations > 1, false) as repeated, position
  from registration
  join attendee using (event_id, registration_id)
  left join of_addresses($1, array(select email_key from registration where event_id = $1)) as address
    using (email_key)
 where event_id = $1
 order by number, position
