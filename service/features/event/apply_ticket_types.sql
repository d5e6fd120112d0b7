-- Makes an event's ticket types those of its file.
-- $1 event_id: uuid
-- $2 file: jsonb
with given as (
  select list.position, item.*
    from jsonb_array_elements($2::jsonb -> 'ticket_types') with ordinality as list (value, position),
         jsonb_to_record(list.value) as item (
           slug text, title jsonb, capacity integer, code text, approval boolean)
), gone as (
  delete from ticket_type where event_id = $1 and slug not in (select slug from given)
)
insert into ticket_type (event_id, slug, position, title, capacity, code, approval)
select $1, slug, position, title, capacity, code, coalesce(approval, false) from given
on conflict (event_id, slug) do update
   set position = excluded.position, title = excluded.title, capacity = excluded.capacity,
       over_capacity = least(ticket_type.over_capacity,
                             greatest(0, ticket_type.taken - excluded.capacity)),
       code = excluded.code, approval = excluded.approval
