-- Messages that are still under way stay with whoever sends them.
-- $1 event_id: uuid[]
-- $2 registration_id: uuid[]
-- $3 message_id: uuid[]
-- $4 tries: integer[]
-- row message: $1 to $4
update message
   set due_at = now() + interval '10 minutes'
  from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::integer[])
    as held (event_id, registration_id, message_id, tries)
 where message.event_id = held.event_id and message.registration_id = held.registration_id
   and message.message_id = held.message_id and message.tries = held.tries and state = 'sending'
