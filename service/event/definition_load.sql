-- A version of the definition of an event, the newest one by default, with its organiser's present
-- name. Gives no row if there is none.
-- $1 event_id: uuid
-- $2 version: integer or null
-- rows: version integer, newest integer, actor text, actor_name text, local_at text, definition text
select kept.version, event.version as newest, kept.actor,
       actor_name(organiser_id, event_id, kept.actor) as actor_name,
       to_char(kept.at at time zone event.timezone, 'YYYY-MM-DD"T"HH24:MI:SS') as local_at,
       jsonb_set(kept.definition, '{organiser,name}', to_jsonb(organiser.name))::text as definition
  from event
  join event_version as kept using (event_id)
  join organiser using (organiser_id)
 where event_id = $1 and kept.version = coalesce($2, event.version)
