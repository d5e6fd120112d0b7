-- Questions of earlier versions that have answers and that the event no longer asks.
-- $1 event_id: uuid
-- $2 question: text[]
-- row question: $2
-- rows: slug text
select slug
  from (select distinct asked ->> 'slug' as slug
          from event_version, jsonb_array_elements(definition -> 'questions') as asked
         where event_id = $1) as question
 where slug <> all($2::text[])
   and exists (select from attendee where event_id = $1 and answers ? slug)
 order by slug
 limit 100
