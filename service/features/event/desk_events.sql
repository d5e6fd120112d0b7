-- Lists the events of organisers ($1), and single events ($2), for the people who run them: by organiser,
-- first those that have not ended, the next one first, then the others, the latest first. Counts come
-- from tallies. Attention only for events that have not ended: failed mails and conflicts count up to 1000.
-- $1 organiser_id: uuid[]
-- $2 event_id: uuid[]
-- row organiser: $1
-- row event: $2
-- Only events with this text in their title or place:
-- $3 search: text or null
-- $4 skip: bigint
-- $5 most: bigint
-- state: desk_event_state = draft | cancelled | not_yet_open | open | waiting_list | sold_out |
--   closed | now | ended
-- rows: event_id uuid, organiser_id uuid, organiser text, slug text, title text, languages text, timezone text, venue text,
--   starts_at timestamp with time zone, ends_at timestamp with time zone,
--   local_starts_at text, local_ends_at text, state text, ended boolean, capacity integer,
--   taken integer, confirmed integer, pending integer, queued integer, full boolean,
--   admitted integer, mails_failed bigint, mails_bounced bigint, conflicts bigint
with listed as (
  select organiser.name as organiser, event.*, definition, ends_at <= now() as ended
    from event
    join event_version using (event_id, version)
    join organiser using (organiser_id)
   where (organiser_id = any ($1) or event_id = any ($2))
     and ($3::text is null
          or position(lower($3) in lower(concat_ws(' ', event.slug, definition ->> 'title',
                                                   definition -> 'venue' ->> 'name'))) > 0)
   order by organiser.name, organiser_id, ended,
            case when ends_at <= now() then -extract(epoch from starts_at)
                 else extract(epoch from starts_at) end, event_id
   offset $4 limit $5
)
select event_id, organiser_id, organiser, slug, definition ->> 'title' as title, definition ->> 'languages' as languages, timezone,
       definition -> 'venue' ->> 'name' as venue, starts_at, ends_at,
       definition ->> 'starts_at' as local_starts_at, definition ->> 'ends_at' as local_ends_at,
       case when listed.cancelled then 'cancelled'
            when not published then 'draft'
            when ended then 'ended'
            when starts_at <= now() then 'now'
            when registration_opens_at > now() then 'not_yet_open'
            when registration_closes_at <= now() then 'closed'
            when places_left(tally.capacity, taken + kept, waiting) is distinct from 0 then 'open'
            when waiting_list then 'waiting_list'
            else 'sold_out' end as state,
       ended, tally.capacity, taken, confirmed, pending, queued,
       coalesce(taken >= tally.capacity, false) as full, came.admitted,
       case when ended then 0 else (
         select count(*) from (select from message
           where message.event_id = listed.event_id and message.state = 'failed' limit 1000) as counted)
         end as mails_failed,
       case when ended then 0 else (
         select count(*) from (select from message
           where message.event_id = listed.event_id and message.state = 'bounced' limit 1000) as counted)
         end as mails_bounced,
       case when ended then 0 else (
         select count(*) from (select from scan
           where scan.event_id = listed.event_id and conflict and undone_at is null limit 1000) as counted)
         end as conflicts
  from listed
  join tally using (event_id)
 cross join lateral (
   -- of an event of one day: over several days people count once a day
   select case when count(*) = 1 then sum(admitted)::integer end as admitted
     from event_day where event_day.event_id = listed.event_id) as came
 order by organiser, organiser_id, ended,
          case when ended then -extract(epoch from starts_at) else extract(epoch from starts_at) end, event_id
