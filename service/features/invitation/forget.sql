-- Deletes the invitations of events whose data is no longer kept.
-- rows: count bigint
with gone as (
  delete from invitation using event, event_version
   where event.event_id = invitation.event_id and event_version.event_id = event.event_id
     and event_version.version = event.version
     and ends_at + (definition ->> 'retention_days')::integer * interval '1 day' < now()
  returning true
)
select count(*) as count from gone
