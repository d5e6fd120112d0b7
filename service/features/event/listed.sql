-- Lists published events after a cursor ($1 to $3, the last event of the page before): first events
-- that have not ended, the next one first, then ended ones, the latest first. The state is for
-- callers without an access code. places_left is null without a limit, and 0 while registrations
-- wait. by_invitation tells that every ticket type needs a code.
--
-- $1 ended: boolean
-- $2 distance: bigint
-- $3 event_id: uuid or null
-- $4 most: integer
-- state: event_state = not_yet_open | open | waiting_list (nobody gets a place at once) |
--   sold_out | closed | cancelled (it does not take place)
-- rows: ended boolean, distance bigint, event_id uuid, organiser text, slug text, title text,
--   summary text, venue text, languages text, timezone text, starts_at timestamp with time zone,
--   ends_at timestamp with time zone, local_starts_at text, local_ends_at text,
--   local_opens_at text, state text, places_left bigint, capacity integer,
--   by_invitation boolean
with moment as (
  select event_id, extract(epoch from starts_at)::bigint as starts_at, ends_at <= now() as ended
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
       definition ->> 'title' as title, definition ->> 'summary' as summary,
       definition ->> 'venue' as venue, definition ->> 'languages' as languages, event.timezone,
       event.starts_at, event.ends_at, definition ->> 'starts_at' as local_starts_at,
       definition ->> 'ends_at' as local_ends_at,
       definition #>> '{registration,opens_at}' as local_opens_at,
       case when event.cancelled then 'cancelled'
            when event.registration_opens_at > now()
              then 'not_yet_open'
            when coalesce(event.registration_closes_at, event.ends_at) <= now() then 'closed'
            when types.open and coalesce(places.left_over, 1) > 0 then 'open'
            when event.waiting_list then 'waiting_list'
            else 'sold_out' end as state,
       places.left_over as places_left, tally.capacity, not types.open as by_invitation
  from listed
  join event using (event_id)
  join event_version using (event_id, version)
  join organiser using (organiser_id)
  join tally using (event_id)
 cross join lateral (
   select count(*) > 0 as open,
          -- a type without a capacity makes the event's capacity the only limit
          case when bool_and(capacity is not null)
            then sum(places_left(capacity, taken + kept, waiting)) end as left_over
     from ticket_type
    where ticket_type.event_id = listed.event_id and not has_code) as types
 cross join lateral (
   -- least() ignores null: without a capacity of the event the types decide
   select least(places_left(tally.capacity, tally.taken + tally.kept, tally.waiting),
                types.left_over)::bigint as left_over) as places
 order by listed.ended, listed.distance, event_id
