-- Questions and consents of earlier versions that have answers and that the event no longer asks.
-- $1 event_id: uuid
-- $2 question: text[]
-- $3 consent: text[]
-- row question: $2
-- row consent: $3
-- rows: slug text, is_consent boolean
(select slug, false as is_consent
   from (select distinct asked ->> 'slug' as slug
           from event_version, jsonb_array_elements(definition -> 'questions') as asked
          where event_id = $1) as question
  where slug <> all($2::text[])
    and exists (select from attendee where event_id = $1 and answers ? slug)
  order by slug
  limit 100)
union all
(select slug, true
   from (select distinct offered ->> 'slug' as slug
           from event_version, jsonb_array_elements(definition -> 'consents') as offered
          where event_id = $1) as consent
  where slug <> all($3::text[])
    and exists (select from registration
                 where event_id = $1
                   and consents @> jsonb_build_array(jsonb_build_object('slug', slug)))
  order by slug
  limit 100)
