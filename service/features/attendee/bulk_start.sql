-- Confirms the draft of a bulk action, or goes on with one that failed. To confirm it again changes
-- nothing.
-- $1 event_id: uuid
-- $2 bulk_id: uuid
-- $3 actor: text
-- $4 tells: boolean
-- $5 words: text or null
-- outcome: bulk_start_outcome = started (also when it was) | not_found
-- rows: outcome text
with started as (
  update bulk_action
     set state = 'queued', actor = $3, started_at = now(), due_at = now(),
         tells = case state when 'draft' then $4 else tells end,
         words = case state when 'draft' then $5 else words end
   where event_id = $1 and bulk_id = $2 and state in ('draft', 'failed')
)
select case when exists (select from bulk_action where event_id = $1 and bulk_id = $2)
            then 'started' else 'not_found' end as outcome
