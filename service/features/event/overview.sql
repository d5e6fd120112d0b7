-- Lists all events in the order of their start.
-- state: event_publication = published | draft | cancelled
-- rows: slug text, title text, starts_at text, state text, places text
select slug, text_in(definition -> 'title', definition #>> '{languages,0}') as title,
       to_char(starts_at at time zone timezone, 'YYYY-MM-DD HH24:MI') as starts_at,
       case when event.cancelled then 'cancelled' when published then 'published' else 'draft' end
         as state,
       concat_ws('/', taken, capacity) as places
  from event
  join event_version using (event_id, version)
  join tally using (event_id)
 order by event.starts_at, slug
