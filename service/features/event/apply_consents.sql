-- Makes the wordings of an event's file current, after those it has no longer were retired.
-- $1 event_id: uuid
-- $2 file: jsonb
insert into consent (event_id, slug, version, position, required, label)
select $1, item.slug, item.version, list.position, item.required, item.label
  from jsonb_array_elements($2::jsonb -> 'consents') with ordinality as list (value, position),
       jsonb_to_record(list.value) as item (
         slug text, version integer, required boolean, label jsonb)
on conflict (event_id, slug, version) do update
   set position = excluded.position, required = excluded.required, label = excluded.label,
       current = true
