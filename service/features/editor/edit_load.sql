-- Loads the newest definition of an event for the editor, with its organiser's present name, the
-- definition that a page was made from, and counts as JSON: places taken, attendees who are registered
-- or wait, registrations that wait, the places taken of each ticket type, and whether changes are told
-- by mail.
-- $1 event_id: uuid
-- $2 base: integer or null
-- rows: version integer, definition text, base text, actor text, actor_name text, counts text
select event.version,
       jsonb_set(newest.definition, '{organiser,name}', to_jsonb(organiser.name))::text as definition,
       jsonb_set(base.definition, '{organiser,name}', to_jsonb(organiser.name))::text as base,
       newest.actor, actor_name(event.organiser_id, $1, newest.actor),
       jsonb_build_object(
         'taken', taken, 'registered', taken + queued, 'waiting', waitlisted,
         'types', (select coalesce(jsonb_object_agg(slug, taken), '{}') from ticket_type
                    where event_id = $1),
         'is_told', taken + queued > 0 and now() < ends_at)::text as counts
  from event
  join organiser using (organiser_id)
  join tally using (event_id)
  join event_version as newest on newest.event_id = $1 and newest.version = event.version
  left join event_version as base on base.event_id = $1 and base.version = $2
 where event.event_id = $1
