-- Notes the end of a portion of a mailing, or renews its lease. Changes nothing if the mailing was
-- stopped, or if the lease ended and another worker has it: then tries differs.
-- $1 event_id: uuid
-- $2 mailing_id: uuid
-- $3 tries: integer
-- $4 state: mailing_state
-- $5 due_s: integer
update mailing
   set state = $4, due_at = now() + $5::integer * interval '1 second',
       ended_at = case when $4::mailing_state = 'sent' then now() end
 where event_id = $1 and mailing_id = $2 and state = 'sending' and tries = $3
