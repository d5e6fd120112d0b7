-- The organisers for whom the caller may make an event, with the time zone and languages of their
-- newest one.
-- $1 organiser_id: uuid[]
-- row own: $1
-- rows: organiser_id uuid, slug text, name text, timezone text, languages text
select organiser_id, slug, name, newest.timezone, newest.languages
  from organiser
  left join lateral (
    select event.timezone, (definition -> 'languages')::text as languages
      from event join event_version using (event_id, version)
     where event.organiser_id = organiser.organiser_id
     order by event.created_at desc
     limit 1) as newest on true
 where organiser_id = any ($1)
 order by name, slug
