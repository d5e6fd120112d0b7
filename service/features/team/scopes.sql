-- The organisers and events that the caller decides about: of each organiser first the whole, which
-- has no event, and then its events, the newest first. For a member of one event, only that event.
-- $1 organiser_id: uuid[]
-- $2 event_id: uuid[] or null
-- $3 language: text
-- $4 most: bigint
-- row own: $1 to $2
-- rows: organiser text, organiser_name text, event text, title text
select organiser.slug as organiser, organiser.name as organiser_name, place.slug as event, title
  from organiser
 cross join lateral (
   select null::uuid as event_id, null as slug, null as title, null::timestamptz as starts_at
   union all
   select event_id, slug, text_in(definition -> 'title', $3), starts_at
     from event join event_version using (event_id, version)
    where event.organiser_id = organiser.organiser_id) as place
 where organiser.organiser_id = any ($1)
   and owns($1, $2, organiser.organiser_id, place.event_id)
 order by organiser.name, organiser.slug, place.starts_at desc nulls first
 limit $4
