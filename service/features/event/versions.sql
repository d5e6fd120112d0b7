-- The versions of an event's definition, oldest first: all of them, or two. No row: there is no such
-- event, or it has none of these versions.
-- $1 event: text
-- $2 old: integer or null
-- $3 new: integer or null
-- rows: version integer, at timestamp with time zone, actor text, definition text
select event_version.version, at, actor, definition::text
  from event join event_version using (event_id)
 where slug = $1 and ($2::integer is null or event_version.version in ($2, $3::integer))
 order by event_version.version
