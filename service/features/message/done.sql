-- Notes how an attempt to send a message ended. Only the attempt that holds it may say so: whoever
-- was given up by then (tries has grown) changes nothing.
-- $1 event_id: uuid
-- $2 registration_id: uuid
-- $3 message_id: uuid
-- $4 tries: integer
-- $5 state: text
-- $6 code: integer or null
-- $7 words: text or null
-- $8 again_s: integer or null
update message
   set state = $5::text::message_state, code = $6, words = $7, changed_at = now(),
       due_at = now() + coalesce($8::integer, 0) * interval '1 second',
       sent_at = case when $5::text = 'sent' then now() end
 where event_id = $1 and registration_id = $2 and message_id = $3 and state = 'sending'
   and tries = $4
