-- Leases due messages until due_at, oldest first. Messages to everybody at an event come last. Gives
-- the data of their letters: one row for each attendee, the rows of a message together. When a lease
-- ends, the message is due again.
-- $1 most: bigint
-- $2 lease_s: integer
-- Later, a lease that ended may live: the clock has jumped.
-- $3 believed_until: timestamp with time zone
-- kind: message_kind = confirmed | waitlisted | promoted | pending | approved | declined |
--   unverified | expired | changed | cancelled | place_cancelled | handed_on | handed_over |
--   reminder | event_changed | event_cancelled | event_revived | resent | already_registered |
--   mailing | mailing_test
-- rows: event_id uuid, registration_id uuid, message_id uuid, kind text, state message_state,
-- rows: attendee_id uuid, about text, tries integer, code integer, words text,
-- rows: created_at timestamp with time zone, due_at timestamp with time zone,
-- rows: sent_at timestamp with time zone, event text, recipient text, registration_status registration_status,
-- rows: is_vouched boolean, source text, is_verified boolean, was_told boolean, was_told_of_cancellation boolean, earlier_id uuid,
-- rows: earlier_status registration_status, earlier_is_verified boolean, earlier_waiting_position bigint,
-- rows: earlier_link_version integer,
-- rows: language text, held_until text, waiting_position bigint, is_reader boolean, name text,
-- rows: ticket_type text, attendee_status registration_status, holder_id uuid, ticket_id uuid,
-- rows: expires_at timestamp with time zone, link_version integer, registrant text,
-- rows: handed_on_to text
with due as (
  select event_id, registration_id, message_id
    from message
   where state in ('queued', 'sending') and due_at <= now()
     and (state = 'queued' or now() <= $3)
   order by to_all, due_at
   limit $1
     for update skip locked
), claimed as (
  update message
     set state = 'sending', tries = message.tries + 1, changed_at = now(),
         due_at = now() + $2::integer * interval '1 second'
    from due
   where message.event_id = due.event_id and message.registration_id = due.registration_id
     and message.message_id = due.message_id
  returning message.event_id, message.registration_id, message.message_id, message.tries
)
select event_id, registration_id, message_id, kind, letter_line.state, attendee_id,
       about::text as about, claimed.tries, code, words, created_at, due_at, sent_at, event, recipient,
       registration_status, is_vouched, source, is_verified, was_told, was_told_of_cancellation, earlier_id,
       earlier_status, earlier_is_verified, earlier_waiting_position, earlier_link_version, language,
       held_until, waiting_position, is_reader, name, ticket_type, attendee_status, holder_id, ticket_id, expires_at,
       link_version, registrant, handed_on_to
  from claimed join letter_line using (event_id, registration_id, message_id)
 order by created_at, message_id, position
