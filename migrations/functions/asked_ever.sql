-- All questions that an event ever asked, each with all choices that it ever offered, in their last
-- words: [{slug, kind, label, choices}]. `now` are the questions of its newest definition.
create function asked_ever(earlier jsonb, now jsonb) returns jsonb
language sql immutable as $$
  with question as (
    select value, value ->> 'slug' as slug, age, place
      from (values (1, now), (2, earlier)) as list (age, questions),
           jsonb_array_elements(questions) with ordinality as element (value, place)
  ), choice as (
    select distinct on (question.slug, choice.value ->> 'slug')
           question.slug, choice.value, question.age, choice.place
      from question,
           jsonb_array_elements(question.value -> 'choices') with ordinality
             as choice (value, place)
     order by question.slug, choice.value ->> 'slug', question.age
  ), newest as (
    select distinct on (slug) * from question order by slug, age
  )
  select coalesce(jsonb_agg(jsonb_build_object(
           'slug', slug, 'kind', value -> 'kind', 'label', value -> 'label',
           'choices', (
             select coalesce(jsonb_agg(choice.value order by choice.age, choice.place), '[]')
               from choice where choice.slug = newest.slug)) order by age, place), '[]')
    from newest
$$;
