-- Makes an event's open doors those of its file. The others stay, closed, for their scans.
-- $1 event_id: uuid
-- $2 file: jsonb
with given as (
  select list.position, item.*
    from jsonb_array_elements($2::jsonb -> 'doors') with ordinality as list (value, position),
         jsonb_to_record(list.value) as item (slug text, title jsonb, ticket_types text[])
), closed as (
  update door set open = false where event_id = $1 and slug not in (select slug from given)
)
insert into door (event_id, slug, position, title, ticket_types)
select $1, slug, position, title, ticket_types from given
on conflict (event_id, slug) do update
   set position = excluded.position, title = excluded.title,
       ticket_types = excluded.ticket_types, open = true
