-- Lists versions of an event behind a version, or two of them, oldest first. Gives no row if there
-- is none.
-- $1 event: text
-- $2 old: integer or null
-- $3 new: integer or null
-- $4 after: integer
-- $5 most: bigint
-- rows: version integer, at timestamp with time zone, local_at text, actor text, actor_name text,
--   definition text
select event_version.version, at,
       to_char(at at time zone event.timezone, 'YYYY-MM-DD"T"HH24:MI:SS') as local_at, actor,
       actor_name(organiser_id, event_id, actor) as actor_name, definition::text
  from event join event_version using (event_id)
 where slug = $1 and event_version.version > $4
   and ($2::integer is null or event_version.version in ($2, $3::integer))
 order by event_version.version
 limit $5
