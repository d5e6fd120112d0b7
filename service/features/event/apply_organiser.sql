-- Creates the organiser of an event file, or gives it another name, which all its events show.
-- $1 organiser_id: uuid
-- $2 file: jsonb
with changed as (
  insert into organiser (organiser_id, slug, name)
  values ($1, $2::jsonb -> 'organiser' ->> 'slug', $2::jsonb -> 'organiser' ->> 'name')
  on conflict (slug) do update set name = excluded.name where organiser.name <> excluded.name
  returning organiser_id
), told as (
  select pg_notify('einlass', 'event ' || event_id)
    from event where organiser_id in (select organiser_id from changed)
)
select from told
