-- Saves the picture of an event's page, or only what it shows: then the present picture stays.
-- $1 event_id: uuid
-- $2 picture: text or null
-- $3 width: integer or null
-- $4 height: integer or null
-- $5 alt: jsonb
-- $6 actor: text
-- outcome: picture_outcome = saved | missing (there is no picture)
-- rows: outcome text
with former as (
  select picture, width, height, alt from event_picture where event_id = $1
), saved as (
  insert into event_picture as old (event_id, picture, width, height, alt)
  select $1, coalesce($2, former.picture), coalesce($3, former.width), coalesce($4, former.height),
         $5
    from (values (1)) as one left join former on true
   where coalesce($2, former.picture) is not null
  on conflict (event_id) do update
     set picture = excluded.picture, width = excluded.width, height = excluded.height,
         alt = excluded.alt
  returning event_id, picture, alt
), noted as (
  insert into audit_entry (organiser_id, event_id, actor, action, before, after, detail)
  select organiser_id, event_id, $6, 'event.picture', before, after,
         jsonb_build_object('before', former.picture, 'after', saved.picture)
    from saved join event using (event_id) left join former on true
   cross join lateral differing(
     jsonb_build_object('alt', (select string_agg(value, ' / ' order by key)
                                  from jsonb_each_text(former.alt))),
     jsonb_build_object('alt', (select string_agg(value, ' / ' order by key)
                                  from jsonb_each_text(saved.alt))))
   where before is not null or after is not null or former.picture is distinct from saved.picture
), told as (
  select pg_notify('einlass', 'event ' || event_id) from saved
)
select case when exists (select from saved) then 'saved' else 'missing' end as outcome
 where (select count(*) from told) >= 0
