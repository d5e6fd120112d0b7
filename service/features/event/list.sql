-- Published events, those that are still to end first (the next one first), then those that have
-- ended (the latest first), from behind a cursor: where the last one seen stands in that order.
--
-- $1 ended: boolean
-- $2 distance: bigint
-- $3 event_id: uuid
-- $4 most: integer
-- rows: ended boolean, distance bigint, event_id uuid, organiser text, slug text, title text,
--   summary text, venue text, languages text, timezone text, starts_at timestamp with time zone,
--   ends_at timestamp with time zone, local_starts_at text, local_ends_at text
with listed as (
  select event.*, starts_at at time zone timezone as starts, ends_at at time zone timezone as ends,
         ends_at at time zone timezone <= now() as ended,
         case when ends_at at time zone timezone <= now() then -1 else 1 end
           * extract(epoch from starts_at at time zone timezone)::bigint as distance
    from event where published
)
select listed.ended, listed.distance, listed.event_id, organiser.name as organiser, listed.slug,
       listed.title::text, listed.summary::text, listed.venue::text,
       to_json(listed.languages)::text as languages, listed.timezone, listed.starts as starts_at,
       listed.ends as ends_at, to_char(listed.starts_at, 'YYYY-MM-DD"T"HH24:MI') as local_starts_at,
       to_char(listed.ends_at, 'YYYY-MM-DD"T"HH24:MI') as local_ends_at
  from listed join organiser using (organiser_id)
 where $3::uuid is null
    or (listed.ended, listed.distance, listed.event_id) > ($1::boolean, $2::bigint, $3)
 order by listed.ended, listed.distance, listed.event_id
 limit $4::integer
