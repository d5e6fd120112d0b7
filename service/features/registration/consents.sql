-- What a registration agreed to, oldest first, with the wording of each version. Times are local to
-- the event.
-- $1 event_id: uuid
-- $2 registration_id: uuid
-- rows: slug text, version integer, wording text, given_at text, withdrawn_at text
select agreed ->> 'slug' as slug, (agreed ->> 'version')::integer as version,
       text_in(worded.label, registration.language) as wording,
       to_char((agreed ->> 'given_at')::timestamptz at time zone timezone,
               'YYYY-MM-DD"T"HH24:MI') as given_at,
       to_char((agreed ->> 'withdrawn_at')::timestamptz at time zone timezone,
               'YYYY-MM-DD"T"HH24:MI') as withdrawn_at
  from registration
  join event using (event_id)
 cross join jsonb_array_elements(consents) with ordinality as list (agreed, place)
  left join lateral (
    select offered -> 'label' as label
      from event_version, jsonb_array_elements(definition -> 'consents') as offered
     where event_version.event_id = $1 and offered ->> 'slug' = agreed ->> 'slug'
       and offered -> 'version' = agreed -> 'version'
     order by event_version.version desc
     limit 1) as worded on true
 where registration.event_id = $1 and registration_id = $2
 order by place
