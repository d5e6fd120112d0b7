-- A page of the log of one organiser: the one that is asked for, or else the first by name. Each row
-- has the organiser; without entries there is one row, without an entry.
-- $1 organiser_id: uuid[]
-- $2 event_id: uuid[] or null
-- $3 organiser: text or null
-- $4 event: text or null
-- $5 actor: text or null
-- $6 action: text or null
-- Days, both included, in the time zone of the organiser's newest event:
-- $7 since: text or null
-- $8 until: text or null
-- The page starts behind this entry:
-- $9 before_at: timestamp with time zone or null
-- $10 before_id: bigint or null
-- $11 language: text
-- $12 most: bigint
-- row own: $1 to $2
-- rows: organiser text, organiser_name text, actors text, actions text, entry_id bigint,
--   at timestamp with time zone, local_at text, actor text, actor_name text, action text,
--   event text, title text, registration_id uuid, attendee_id uuid, name text, subject text,
--   changes text, detail text
with scope as (
  select organiser.organiser_id, organiser.slug, organiser.name,
         timezone_of(organiser.organiser_id, null) as timezone,
         case when not owns($1, $2, organiser.organiser_id, null) then
           (select array_agg(own.event_id) from unnest($1, $2) as own (organiser_id, event_id)
             where own.organiser_id = organiser.organiser_id) end as events, -- null: all
         (select event_id from event
           where event.organiser_id = organiser.organiser_id and event.slug = $4) as event_id
    from organiser
   where organiser_id = any ($1) and ($3::text is null or organiser.slug = $3)
   order by organiser.name, organiser.slug
   limit 1
), known as materialized (
  select actor,
         actor_name(organiser_id, (
           -- A phone belongs to an event.
           select event_id from audit_entry
            where audit_entry.organiser_id = scope.organiser_id and audit_entry.actor = known.actor
            order by actor, at desc
            limit 1), actor) as actor_name
    from scope cross join lateral log_known(scope.organiser_id, 'actor', 200) as known (actor)
   where events is null
)
select scope.slug as organiser, scope.name as organiser_name,
       (select json_agg(known order by actor_name) from known)::text as actors,
       (select json_agg(action order by action)
          from (select action
                  from log_known(scope.organiser_id, 'action', 200) as action
                 where events is null
                 union
                select action
                  from log_page(scope.organiser_id, events, null, null, null, null, null, null, null,
                                200)
                 where events is not null) as known_action)::text as actions,
       entry.entry_id, entry.at,
       to_char(entry.at at time zone coalesce(event.timezone, scope.timezone),
               'YYYY-MM-DD"T"HH24:MI:SS') as local_at,
       entry.actor, actor_name(entry.organiser_id, entry.event_id, entry.actor) as actor_name,
       entry.action, event.slug as event, text_in(definition -> 'title', $11) as title,
       entry.registration_id, person.attendee_id, person.name,
       coalesce(subject_name(entry.organiser_id, entry.event_id, entry.subject_id),
                entry.detail ->> 'email') as subject, -- of an invitation
       changes_told(entry.event_id, entry.before, entry.after, $11)::text as changes,
       entry.detail::text as detail
  from scope
  left join lateral log_page(
         scope.organiser_id, scope.events, scope.event_id, $5, $6,
         $7::text::date::timestamp at time zone scope.timezone,
         ($8::text::date + 1)::timestamp at time zone scope.timezone, $9, $10, $12) as entry
         on $4::text is null or scope.event_id is not null
  left join lateral (
    select attendee_id, attendee.name from attendee
     where attendee.event_id = entry.event_id
       and attendee.registration_id = entry.registration_id
       and (entry.attendee_id is null or attendee.attendee_id = entry.attendee_id)
     order by position
     limit 1) as person on true
  left join event on event.event_id = entry.event_id
  left join event_version on event_version.event_id = event.event_id
                         and event_version.version = event.version
 order by entry.at desc, entry.entry_id desc
