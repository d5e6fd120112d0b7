-- Goes on with a mailing (functions/mailing.sql).
-- $1 event_id: uuid
-- $2 mailing_id: uuid
-- $3 most: integer
-- $4 most_listed: integer
-- outcome: mailing_portion_outcome = listing (of recipients) | sending | over (or stopped)
-- rows: outcome text
select mailing_go_on($1, $2, $3, $4) as outcome
