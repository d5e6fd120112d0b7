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
with moment as (
  select event_id, extract(epoch from starts_at at time zone timezone)::bigint as starts_at,
         ends_at at time zone timezone <= now() as ended
    from event where published
), ordered as (
  select event_id, ended, case when ended then -starts_at else starts_at end as distance
    from moment
), listed as (
  select * from ordered
   where $3::uuid is null or (ended, distance, event_id) > ($1::boolean, $2::bigint, $3)
   order by ended, distance, event_id
   limit $4::integer
)
select listed.ended, listed.distance, event_id, organiser.name as organiser, event.slug,
       event.title::text, event.summary::text, event.venue::text,
       to_json(event.languages)::text as languages, event.timezone,
       event.starts_at at time zone event.timezone as starts_at,
       event.ends_at at time zone event.timezone as ends_at,
       to_char(event.starts_at, 'YYYY-MM-DD"T"HH24:MI') as local_starts_at,
       to_char(event.ends_at, 'YYYY-MM-DD"T"HH24:MI') as local_ends_at
  from listed
  join event using (event_id)
  join organiser using (organiser_id)
 order by listed.ended, listed.distance, event_id
