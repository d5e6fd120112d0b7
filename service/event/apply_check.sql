-- Gives findings about an event file that only the database knows. The tally is locked (apply_lock),
-- so the result stays true until the file is applied.
--
-- $1 event_id: uuid or null
-- $2 file: jsonb
-- rows: pointer text, code text, data text
with ticket_type_given as (
  select given.position - 1 as at, given.value ->> 'slug' as slug,
         (given.value ->> 'capacity')::integer as capacity
    from jsonb_array_elements($2::jsonb -> 'ticket_types') with ordinality as given (value, position)
), day as (
  select day::text
    from event_days(point_in_time($2 ->> 'starts_at', $2 ->> 'timezone'),
                    point_in_time($2 ->> 'ends_at', $2 ->> 'timezone'), $2 ->> 'timezone',
                    coalesce(($2 #>> '{check_in,daily}')::boolean, true))
), consent_given as (
  select given.position - 1 as at, given.value ->> 'slug' as slug,
         (given.value ->> 'version')::integer as version, given.value -> 'label' as label,
         coalesce((given.value ->> 'shows_name')::boolean, false) as shows_name
    from jsonb_array_elements($2::jsonb -> 'consents') with ordinality as given (value, position)
), question_given as (
  select given.position - 1 as at, given.value ->> 'slug' as slug, given.value ->> 'kind' as kind
    from jsonb_array_elements($2::jsonb -> 'questions') with ordinality as given (value, position)
), consent_kept as (
  select kept.*
    from event_version,
         jsonb_to_recordset(definition -> 'consents') as kept (
           slug text, version integer, label jsonb, shows_name boolean)
   where event_id = $1
), question_asked as (
  select list.*
    from event, jsonb_to_recordset(asked) as list (slug text, kind text)
   where event_id = $1
), finding (pointer, code, data) as (
  select '/timezone', 'event.unknown_zone', jsonb_build_object('timezone', $2 ->> 'timezone')
   -- Listing all zones is slow. A zone that an event has is valid.
   where case when exists (select from event where timezone = $2 ->> 'timezone') then false
              else not exists (select from pg_timezone_names where name = $2 ->> 'timezone') end
  union all
  select '/organiser/slug', 'event.other_organiser', jsonb_build_object('organiser', organiser.slug)
    from event join organiser using (organiser_id)
   where event_id = $1 and organiser.slug <> $2 -> 'organiser' ->> 'slug'
  union all
  select '/registration/capacity', 'event.places_taken', jsonb_build_object('taken', taken)
    from tally
   where event_id = $1 and taken - over_capacity > ($2 -> 'registration' ->> 'capacity')::integer
  union all
  select format('/ticket_types/%s/capacity', at), 'event.places_taken',
         jsonb_build_object('taken', ticket_type.taken)
    from ticket_type join ticket_type_given as given using (slug)
   where event_id = $1 and ticket_type.taken - over_capacity > given.capacity
  union all
  select format('/ticket_types/%s/days/%s', type.position - 1, given.position - 1),
         'event.other_day',
         jsonb_build_object('first', (select min(day) from day),
                            'last', (select max(day) from day))
    from jsonb_array_elements($2 -> 'ticket_types') with ordinality as type (value, position)
   cross join lateral jsonb_array_elements_text(
     case when type.value ? 'days' then type.value -> 'days' else '[]' end)
       with ordinality as given (value, position)
   where given.value not in (select day from day)
  union all
  select '/ticket_types', 'event.ticket_type_used', jsonb_build_object('name', slug)
    from ticket_type
   where event_id = $1 and slug not in (select slug from ticket_type_given)
     and exists (select from attendee where attendee.event_id = $1 and ticket_type = slug)
  union all
  select format('/consents/%s/version', at), 'event.consent_lowered',
         jsonb_build_object('newest', newest.version)
    from consent_given as given
    join (select slug, max(version) as version from consent_kept group by slug) as newest
      using (slug)
   where given.version < newest.version
  union all
  select format('/consents/%s/label', at), 'event.consent_changed',
         jsonb_build_object('version', given.version, 'next', given.version + 1)
    from consent_given as given
   where exists (
     select from consent_kept as kept
      where kept.slug = given.slug and kept.version = given.version
        and not given.label @> kept.label)
  union all
  select format('/consents/%s/shows_name', at), 'event.consent_unaware',
         jsonb_build_object('version', given.version, 'next', given.version + 1)
    from consent_given as given
   where shows_name and exists (
     select from consent_kept as kept
      where kept.slug = given.slug and kept.version = given.version
        and not coalesce(kept.shows_name, false))
  union all
  select format('/questions/%s/kind', at), 'event.question_answered',
         jsonb_build_object('kind', asked.kind)
    from question_given as given join question_asked as asked using (slug)
   where asked.kind <> given.kind
     and exists (select from attendee where attendee.event_id = $1 and answers ? slug)
)
select pointer, code, data::text from finding
