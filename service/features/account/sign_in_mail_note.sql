-- Notes the end of an attempt to send a letter, or renews its lease (state 'sending', words null).
-- Changes nothing if another attempt took the letter: then tries differs.
-- $1 mail_id: uuid
-- $2 tries: integer
-- $3 state: message_state
-- $4 code: integer or null
-- $5 words: text or null
-- $6 due_s: integer
update sign_in_mail
   set state = $3, due_at = now() + $6::integer * interval '1 second',
       code = case when $5::text is null then code else $4 end, words = coalesce($5, words)
 where mail_id = $1 and state = 'sending' and tries = $2
