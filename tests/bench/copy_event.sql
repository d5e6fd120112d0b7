-- Copies of an event: the variables are slug, the prefix of the copies' slugs, and their count.
-- The id of copy n is made of n in decimal. For psql.
begin;
create temporary table copy on commit drop as
select n, event_id as original_id, lpad(n::text, 32, '0')::uuid as event_id
  from event cross join generate_series(0, :count - 1) as n
 where slug = :'slug';

with copied as (
  insert into event (event_id, organiser_id, slug, published, cancelled, timezone, starts_at, ends_at,
                     waiting_list, once_per_email, approval, verify_hours, reminder_hours)
  select copy.event_id, organiser_id, :'prefix' || n, published, cancelled, timezone, starts_at, ends_at,
         waiting_list, once_per_email, approval, verify_hours, reminder_hours
    from copy join event on event.event_id = original_id
)
insert into event_version (event_id, version, definition, actor)
select copy.event_id, 1, definition || jsonb_build_object('slug', :'prefix' || n), 'bench'
  from copy join event on event.event_id = original_id
  join event_version on event_version.event_id = original_id
                    and event_version.version = event.version;

insert into tally (event_id, capacity)
select copy.event_id, capacity from copy join tally on tally.event_id = original_id;

insert into event_day (event_id, day)
select copy.event_id, day from copy join event_day on event_day.event_id = original_id;

insert into ticket_type (event_id, slug, capacity, has_code, approval)
select copy.event_id, slug, capacity, has_code, approval
  from copy join ticket_type on ticket_type.event_id = original_id;
commit;
vacuum analyze;
