-- Registers a batch, with one outcome for each element and never an error
-- (migrations/functions/sign_up.sql). It runs in the transaction of lock_tally but after it, so that it
-- sees the changes that the lock waited for.
-- Sending it again is safe: an existing registration answers 'again'.
--
-- Where addresses are verified, a known address is answered like a new one: a second registration
-- takes places until it expires. Its mail says that there is another one, and cannot verify it.
--
-- A walk-in is alone in its batch. Its at_door is {"over_capacity", "door", "reason"} as
-- JSON; a sign-up has null. A walk-in gets a free place even if others wait, because they are not
-- at the door. With over_capacity it may exceed the capacity of the event and of its ticket type.
-- A person whom an organiser adds by hand is a walk-in with "desk". A known address is refused there
-- at every event, and accepted with "anyway"; "silent" writes no letter, also to a walk-in without an
-- address.
--
-- $1 registration_id: uuid[]
-- $2 event_id: uuid[]
-- $3 version: integer[]
-- $4 email: text[]
-- $5 email_key: text[]
-- $6 language: text[]
-- $7 consents: text[]
-- $8 fingerprint: bytea[]
-- $9 status: registration_status[]
-- $10 expires_at: timestamp with time zone[]
-- $11 at_door: text[] or null
-- Whether an organiser registers these people; else where it was typed (null: no limit):
-- $12 vouched: boolean[]
-- $13 source: text[] or null
-- Who registers these people, for the audit log. Null: they do, and it gets no entry.
-- $14 actor: text[] or null
-- Whose link was opened:
-- $15 invitation_id: uuid[] or null
-- The attendees of all registrations, each with the ordinal of its registration:
-- $16 ordinal: integer[]
-- $17 attendee_id: uuid[]
-- $18 ticket_id: uuid[]
-- $19 ticket_type: text[]
-- $20 name: text[]
-- $21 attendee_email: text[]
-- $22 answers: text[]
-- $23 search: text[]
-- From 1, within the registration:
-- $24 position: integer[]
-- row registration: $1 to $15
-- row attendee: $16 to $24
-- outcome: sign_up_outcome = confirmed | pending | unverified | waitlisted |
--   again (this registration is there) | key_reused (it is, but the request was another one) |
--   later (the batch holds an earlier element with the same id or address: send it once more) |
--   already_registered (the address has a registration; what it holds is mailed to it again) |
--   not_invited (the invitation was withdrawn) | invitation_used (it has all its registrations) |
--   sold_out | stale (the event's definition has changed: look at it anew) | no_event
-- rows: ordinal integer, outcome text, waiting_position integer,
-- rows: created_at timestamp with time zone, places_left integer, ticket_type_places_left integer,
-- rows: earlier_attendee uuid, earlier_name text
select ordinal, outcome, waiting_position, created_at, places_left, ticket_type_places_left,
       earlier_attendee, earlier_name
  from sign_up($1::uuid[], $2::uuid[], $3::integer[], $4::text[], $5::text[], $6::text[], $7::text[],
               $8::bytea[], $9::registration_status[], $10::timestamptz[], $11::text[],
               $12::boolean[], $13::text[], $14::text[], $15::uuid[], $16::integer[], $17::uuid[],
               $18::uuid[], $19::text[], $20::text[], $21::text[], $22::text[], $23::text[],
               $24::integer[])
 order by ordinal
