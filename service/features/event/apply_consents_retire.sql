-- Retires the wordings that an event's file has no longer; they stay for those who agreed to them.
-- $1 event_id: uuid
-- $2 file: jsonb
update consent set current = false
 where event_id = $1 and current
   and not exists (
     select from jsonb_array_elements($2::jsonb -> 'consents') as given
      where given ->> 'slug' = slug and (given ->> 'version')::integer = version)
