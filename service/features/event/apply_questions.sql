-- Makes an event's questions those of its file. Answers to questions that are gone stay.
-- $1 event_id: uuid
-- $2 file: jsonb
with given as (
  select list.position, item.*
    from jsonb_array_elements($2::jsonb -> 'questions') with ordinality as list (value, position),
         jsonb_to_record(list.value) as item (
           slug text, label jsonb, hint jsonb, kind question_kind, required boolean,
           on_badge boolean, at_door boolean, choices jsonb, shown_if jsonb)
), gone as (
  delete from question where event_id = $1 and slug not in (select slug from given)
)
insert into question
       (event_id, slug, position, label, hint, kind, required, on_badge, at_door, choices, shown_if)
select $1, slug, position, label, hint, kind, required, coalesce(on_badge, false),
       coalesce(at_door, false), choices, shown_if
  from given
on conflict (event_id, slug) do update
   set position = excluded.position, label = excluded.label, hint = excluded.hint,
       kind = excluded.kind, required = excluded.required, on_badge = excluded.on_badge,
       at_door = excluded.at_door, choices = excluded.choices, shown_if = excluded.shown_if
