-- How an element of an event's list is used, as JSON. A question: attendees, those with an answer, those
-- who ever answered, and the answers by choice. A consent: registrations that gave it. A ticket type:
-- attendees ever. A door: its phones. `slugs` are all slugs that elements of the list ever had.
-- $1 event_id: uuid
-- $2 list: text
-- $3 slug: text
-- rows: used text, slugs text
select (case $2
         when 'questions' then (
           select jsonb_build_object(
                    'people', count(*) filter (where is_here),
                    'answered', count(*) filter (where is_here and answer is not null),
                    'ever', count(answer),
                    'choices', (
                      select coalesce(jsonb_object_agg(slug, people), '{}') from (
                        select choice.slug, count(*) as people
                          from attendee
                         cross join lateral jsonb_array_elements_text(
                           case jsonb_typeof(answers -> $3) when 'array' then answers -> $3
                                else jsonb_build_array(answers -> $3) end) as choice (slug)
                         where event_id = $1 and answers ? $3 and status <> 'cancelled'
                           and choice.slug is not null
                         group by choice.slug) as chosen))
             from (select answers -> $3 as answer, status <> 'cancelled' as is_here
                     from attendee where event_id = $1) as person)
         when 'consents' then (
           select jsonb_build_object('given', count(*))
             from registration
            where event_id = $1 and status <> 'cancelled'
              and consents @> jsonb_build_array(jsonb_build_object('slug', $3)))
         when 'ticket_types' then (
           select jsonb_build_object('ever', count(*))
             from attendee where event_id = $1 and ticket_type = $3)
         when 'doors' then (
           select jsonb_build_object('phones', count(*))
             from device
            where event_id = $1 and door = $3 and paired_at is not null and revoked_at is null)
       end)::text as used,
       (select coalesce(jsonb_agg(distinct element ->> 'slug'), '[]')
          from event_version,
               jsonb_array_elements(coalesce(definition -> $2, '[]')) as element
         where event_id = $1)::text as slugs
