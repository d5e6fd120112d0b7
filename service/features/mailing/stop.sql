-- Stops a mailing (functions/mailing.sql).
-- $1 event_id: uuid
-- $2 mailing_id: uuid
-- $3 actor: text
-- outcome: mailing_stop_outcome = stopped | draft | not_sending | not_found
-- rows: outcome text
with stopped as materialized (
  select mailing_stop($1, $2) as outcome
), noted as (
  insert into audit_entry (organiser_id, event_id, subject_id, actor, action)
  select organiser_id, event_id, $2, $3, 'mailing.stop'
    from event cross join stopped
   where event_id = $1 and outcome in ('stopped', 'draft')
)
select outcome from stopped
