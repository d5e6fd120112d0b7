-- Lists a page of the messages of an event, newest first. $4 and $5 are the last message of the page
-- before. $2 and $3 are filters.
-- $1 event_id: uuid
-- $2 state: message_state or null
-- $3 registration_id: uuid or null
-- $4 before: timestamp with time zone or null
-- $5 before_message: uuid or null
-- $6 most: bigint
-- kind: message_kind = confirmed | waitlisted | promoted | pending | approved | declined |
--   unverified | expired | changed | cancelled | place_cancelled | handed_on | handed_over |
--   reminder | event_changed | event_cancelled | event_revived | resent | already_registered
-- rows: registration_id uuid, message_id uuid, attendee_id uuid, kind text, state message_state,
-- rows: recipient text, tries integer, code integer, words text,
-- rows: created_at timestamp with time zone, due_at timestamp with time zone,
-- rows: sent_at timestamp with time zone
select message.registration_id, message_id, message.attendee_id, kind, message.state,
       coalesce(recipient, attendee.email, registration.email) as recipient, tries, code, words,
       message.created_at, due_at, sent_at
  from message
  join registration using (event_id, registration_id)
  left join attendee on attendee.event_id = message.event_id
                    and attendee.attendee_id = message.attendee_id
 where message.event_id = $1 and ($2::message_state is null or message.state = $2)
   and ($3::uuid is null or message.registration_id = $3)
   and ($4::timestamptz is null or (message.created_at, message_id) < ($4, $5::uuid))
 order by message.created_at desc, message_id desc
 limit $6
