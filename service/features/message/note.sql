-- Notes the end of an attempt to send a message, or renews its lease (state 'sending', words null).
-- Changes nothing if the lease ended and another attempt took the message: then tries differs.
-- $1 event_id: uuid
-- $2 registration_id: uuid
-- $3 message_id: uuid
-- $4 tries: integer
-- $5 state: message_state
-- $6 code: integer or null
-- $7 words: text or null
-- $8 due_s: integer
update message
   set state = $5, due_at = now() + $8::integer * interval '1 second',
       code = case when $7::text is null then code else $6 end, words = coalesce($7, words),
       sent_at = case when $5::message_state = 'sent' then now() end, changed_at = now()
 where event_id = $1 and registration_id = $2 and message_id = $3 and state = 'sending'
   and tries = $4
