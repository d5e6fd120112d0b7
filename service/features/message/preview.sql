-- The letters that a change by an organiser would send, one row for each attendee of a letter, after
-- lock_tally. Nothing stays of the change.
-- $1 event_id: uuid
-- $2 attendee_id: uuid
-- $3 action: text
-- $4 words: text or null
-- $5 reason: text or null
-- $6 ticket_type: text or null
-- $7 name: text or null
-- $8 email: text or null
-- $9 email_key: text or null
-- $10 language: text or null
-- What a correction changes: an address of the attendee's own, and the answers as the form sends them.
-- $11 own_email: text or null
-- $12 answers: jsonb or null
-- $13 mailing_id: uuid or null
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
select event_id, registration_id, message_id, kind, state, attendee_id,
       about::text as about, tries, code, words, created_at, due_at, sent_at, event, recipient,
       registration_status, is_vouched, source, is_verified, was_told, was_told_of_cancellation, earlier_id,
       earlier_status, earlier_is_verified, earlier_waiting_position, earlier_link_version, language,
       held_until, waiting_position, is_reader, name, ticket_type, attendee_status, holder_id, ticket_id, expires_at,
       link_version, registrant, handed_on_to
  from jsonb_populate_recordset(null::letter_line, letters_preview($1, (
         select registration_id from attendee where event_id = $1 and attendee_id = $2),
         case when $3 = any ('{approve,decline,cancel,move_up}') then null else $2 end, $3, $4, $5, $6,
         $7, $8, $9, $10, $11, $12, $13))
