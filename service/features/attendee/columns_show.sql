-- The columns that an account has chosen for the list of an event, and the consents that the event offered
-- in earlier versions only, in their last words.
-- $1 event_id: uuid
-- $2 account_id: uuid or null
-- $3 consent: text[]
-- $4 language: text
-- row consent: $3
-- rows: columns text, former jsonb
select (select columns from list_columns where event_id = $1 and account_id = $2) as columns,
       (select coalesce(jsonb_agg(jsonb_build_object('slug', slug,
                                                     'label', coalesce(text_in(label, $4), slug))
                                  order by slug), '[]')
          from (select distinct on (slug) offered ->> 'slug' as slug, offered -> 'label' as label
                  from event_version, jsonb_array_elements(definition -> 'consents') as offered
                 where event_id = $1
                 order by slug, version desc) as ever
         where slug <> all ($3)) as former
