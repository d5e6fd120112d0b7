-- Plans a draft, or goes on with a mailing that was stopped. Without a time it begins after a while in
-- which it can be stopped.
-- $1 event_id: uuid
-- $2 mailing_id: uuid
-- $3 actor: text
-- $4 at: timestamp with time zone or null
-- $5 pause_s: integer
-- outcome: mailing_outcome = done | incomplete | not_draft | not_found
-- rows: outcome text
with found as (
  select texts <> '[]' and not texts @> '[{"subject": ""}]' and not texts @> '[{"text": ""}]' as is_whole
    from mailing where event_id = $1 and mailing_id = $2
), planned as (
  update mailing
     set state = 'planned', actor = $3, ended_at = null,
         due_at = coalesce($4, now() + $5::integer * interval '1 second')
   where event_id = $1 and mailing_id = $2 and state in ('draft', 'stopped')
     and (select is_whole from found)
  returning event_id, due_at
), noted as (
  insert into audit_entry (organiser_id, event_id, subject_id, actor, action, detail)
  select organiser_id, event_id, $2, $3, 'mailing.send', jsonb_build_object('at', utc_text(due_at))
    from event join planned using (event_id)
)
select case when exists (select from planned) then 'done'
            when not exists (select from found) then 'not_found'
            when not (select is_whole from found) then 'incomplete' else 'not_draft' end as outcome
