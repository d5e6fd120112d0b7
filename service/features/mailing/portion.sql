-- Goes on with a mailing (functions/mailing.sql). Says whether recipients are left.
-- $1 event_id: uuid
-- $2 mailing_id: uuid
-- $3 most: integer
-- rows: is_left boolean
select mailing_go_on($1, $2, $3) as is_left
