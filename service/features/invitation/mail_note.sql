-- Notes the end of an attempt to send a mail, or renews its lease (state 'sending', words null).
-- Changes nothing if another attempt took the mail: then tries differs.
-- $1 event_id: uuid
-- $2 mail_id: uuid
-- $3 tries: integer
-- $4 state: message_state
-- $5 code: integer or null
-- $6 words: text or null
-- $7 due_s: integer
update invitation_mail
   set state = $4, due_at = now() + $7::integer * interval '1 second',
       code = case when $6::text is null then code else $5 end, words = coalesce($6, words),
       sent_at = case when $4::message_state = 'sent' then now() end
 where event_id = $1 and mail_id = $2 and state = 'sending' and tries = $3
