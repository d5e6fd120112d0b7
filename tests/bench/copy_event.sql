-- Copies of an event: the variables are slug, the prefix of the copies' slugs, and their count.
-- The id of copy n is made of n in decimal. For psql.
begin;
create temporary table copy on commit drop as
select n, event_id as original_id, lpad(n::text, 32, '0')::uuid as event_id
  from event cross join generate_series(0, :count - 1) as n
 where slug = :'slug';

insert into event (event_id, organiser_id, slug, title, languages, timezone, starts_at, ends_at,
                   waiting_list, once_per_email, approval, verify_email, most_attendees)
select copy.event_id, organiser_id, :'prefix' || n, title, languages, timezone, starts_at, ends_at,
       waiting_list, once_per_email, approval, verify_email, most_attendees
  from copy join event on event.event_id = original_id;

insert into tally (event_id, capacity)
select copy.event_id, capacity from copy join tally on tally.event_id = original_id;

insert into ticket_type (event_id, slug, position, title, capacity, code, approval)
select copy.event_id, slug, position, title, capacity, code, approval
  from copy join ticket_type on ticket_type.event_id = original_id;

insert into question (event_id, slug, position, label, kind, required, choices, shown_if)
select copy.event_id, slug, position, label, kind, required, choices, shown_if
  from copy join question on question.event_id = original_id;

insert into consent (event_id, slug, version, position, required, label)
select copy.event_id, slug, version, position, required, label
  from copy join consent on consent.event_id = original_id;
commit;
vacuum analyze;
