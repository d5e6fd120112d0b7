-- A page of an event's attendees in the order in which they registered. Numbers are given under
-- the lock of the event's tally, so whoever registers meanwhile comes behind all that was shown.
-- What is null filters nothing. Every pattern must match; they are folded and escaped.
--
-- $1 event_id: uuid
-- $2 patterns: text[]
-- $3 status: registration_status
-- $4 inside: boolean
-- $5 admitted: boolean
-- $6 ticket_type: text
-- $7 timezone: text
-- The place behind which the page begins, and how many it holds:
-- $8 number: integer
-- $9 position: integer
-- $10 most: bigint
-- rows: attendee_id uuid, name text, attendee_email text, ticket_type text, status registration_status,
--   answers jsonb, first_admitted_at timestamp without time zone, inside boolean,
--   registration_id uuid, number integer, email text, language text, registration_status registration_status,
--   consents jsonb, created_at timestamp without time zone, position integer, ticket_id uuid,
--   expires_at timestamp with time zone
select attendee.attendee_id, attendee.name, attendee.email as attendee_email, attendee.ticket_type,
       attendee.status, attendee.answers, attendee.first_admitted_at at time zone $7 as first_admitted_at,
       attendee.inside, registration.registration_id, registration.number, registration.email,
       registration.language, registration.status as registration_status, registration.consents,
       registration.created_at at time zone $7 as created_at, attendee.position,
       ticket.ticket_id, ticket.expires_at
  from registration
  join attendee on attendee.event_id = registration.event_id
               and attendee.registration_id = registration.registration_id
  left join ticket on ticket.event_id = attendee.event_id
                  and ticket.attendee_id = attendee.attendee_id and ticket.replaced_at is null
 where registration.event_id = $1
   and registration.number >= $8 and (registration.number, attendee.position) > ($8, $9)
   and ($2::text[] is null or attendee.search like all ($2))
   and ($3::registration_status is null or attendee.status = $3)
   and ($4::boolean is null or attendee.inside = $4)
   and ($5::boolean is null or (attendee.first_admitted_at is not null) = $5)
   and ($6::text is null or attendee.ticket_type = $6)
 order by registration.number, attendee.position
 limit $10
