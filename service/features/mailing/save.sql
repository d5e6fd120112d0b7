-- Keeps the texts of a draft, unless somebody else saved it after the version that was changed.
-- $1 event_id: uuid
-- $2 mailing_id: uuid
-- $3 actor: text
-- $4 texts: jsonb
-- $5 version: integer or null
-- outcome: mailing_outcome = done | changed | not_draft | not_found
-- rows: outcome text
with found as (
  select state from mailing where event_id = $1 and mailing_id = $2
), saved as (
  update mailing set texts = $4, actor = $3, version = version + 1, changed_at = now()
   where event_id = $1 and mailing_id = $2 and state = 'draft'
     and version = coalesce($5::integer, version)
  returning event_id
), noted as (
  insert into audit_entry (organiser_id, event_id, subject_id, actor, action)
  select organiser_id, event_id, $2, $3, 'mailing.change' from event join saved using (event_id)
)
select case when exists (select from saved) then 'done'
            when not exists (select from found) then 'not_found'
            when (select state from found) = 'draft' then 'changed' else 'not_draft' end as outcome
