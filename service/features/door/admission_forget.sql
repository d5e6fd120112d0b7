-- Empties the names of people who were let in without a ticket, at events whose data is no longer kept.
-- rows: count bigint
with gone as (
  update noted_admission set name = '–', search = '', reason = '–'
    from event, event_version
   where event.event_id = noted_admission.event_id and event_version.event_id = event.event_id
     and event_version.version = event.version and noted_admission.name <> '–'
     and ends_at + (definition ->> 'retention_days')::integer * interval '1 day' < now()
  returning true
)
select count(*) as count from gone
