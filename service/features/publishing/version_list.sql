-- Versions of an event, the newest first, with one more before them to compare with.
-- $1 event_id: uuid
-- $2 before: integer or null
-- $3 most: bigint
-- rows: version integer, at timestamp with time zone, local_at text, actor text, actor_name text,
--   definition text
select kept.version, kept.at,
       to_char(kept.at at time zone event.timezone, 'YYYY-MM-DD"T"HH24:MI:SS') as local_at,
       kept.actor, actor_name(organiser_id, event_id, kept.actor) as actor_name,
       kept.definition::text
  from event join event_version as kept using (event_id)
 where event_id = $1 and ($2::integer is null or kept.version < $2)
 order by kept.version desc
 limit $3
