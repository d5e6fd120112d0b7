-- Gives a copy the picture of the event that it was made from.
-- $1 event_id: uuid
-- $2 copy: text
with copied as (
  insert into event_picture (event_id, picture, width, height, alt)
  select copy.event_id, picture, width, height, alt
    from event_picture join event as copy on copy.slug = $2
   where event_picture.event_id = $1
  on conflict do nothing
  returning event_id
), told as (
  select pg_notify('einlass', 'event ' || event_id) from copied
)
select from told
