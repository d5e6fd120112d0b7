-- Deletes lists that nobody confirmed within a day, and those that were added a day ago.
-- $1 most: bigint
delete from import
 using (select event_id, import_id
          from import
         where started_at is null and created_at < now() - interval '1 day'
            or ended_at < now() - interval '1 day'
         limit $1) as old
 where import.event_id = old.event_id and import.import_id = old.import_id
   and (import.started_at is null or import.ended_at is not null) -- not confirmed meanwhile
