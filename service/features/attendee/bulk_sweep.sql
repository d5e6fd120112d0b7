-- Deletes drafts that nobody confirmed within a day, and what ended 30 days ago.
-- $1 most: bigint
delete from bulk_action
 using (select event_id, bulk_id
          from bulk_action
         where state = 'draft' and created_at < now() - interval '1 day'
            or ended_at < now() - interval '30 days'
         limit $1) as old
 where bulk_action.event_id = old.event_id and bulk_action.bulk_id = old.bulk_id
   and (bulk_action.state = 'draft' or bulk_action.ended_at is not null) -- not confirmed meanwhile
