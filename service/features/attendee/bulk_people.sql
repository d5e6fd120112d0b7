-- A page of the people of a bulk action who have one outcome: of a draft, would have it now.
-- $1 event_id: uuid
-- $2 bulk_id: uuid
-- $3 kind: text
-- The page starts behind this ordinal, and has at most so many rows:
-- $4 after: integer
-- $5 most: bigint
-- rows: ordinal integer, attendee_id uuid, name text
with bulk as (
  select * from bulk_action where event_id = $1 and bulk_id = $2
)
select outlook.ordinal, outlook.attendee_id, outlook.name
  from bulk cross join lateral bulk_outlooks(bulk.event_id, bulk.bulk_id) as outlook
 where state = 'draft' and outlook.outcome = $3 and outlook.ordinal > $4
union all
select ordinal, attendee_id, attendee.name
  from bulk
  join bulk_item as item using (event_id, bulk_id)
  join attendee using (event_id, attendee_id)
 where state <> 'draft' and item.outcome = $3 and ordinal > $4
 order by ordinal
 limit $5
