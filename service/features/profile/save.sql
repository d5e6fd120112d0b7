-- Saves the profile of an organiser for which the caller works as a whole, unless somebody else has
-- changed it since its version was read. The pages of its events are made anew.
-- $1 organiser_id: uuid[]
-- $2 organiser: text
-- $3 name: text
-- $4 profile: jsonb
-- $5 version: integer or null
-- $6 logo: text or null
-- $7 logo_width: integer or null
-- $8 logo_height: integer or null
-- $9 keeps_logo: boolean
-- $10 actor: text
-- row own: $1
-- outcome: profile_outcome = saved | stale | not_found
-- rows: outcome text
with the_organiser as (
  select organiser_id, name from organiser where slug = $2 and organiser_id = any ($1) for update
), former as (
  select organiser_id, name, coalesce(version, 0) as version, coalesce(profile, '{}') as profile, logo
    from the_organiser left join organiser_profile using (organiser_id)
), saved as (
  insert into organiser_profile as old (organiser_id, profile, logo, logo_width, logo_height)
  select organiser_id, $4, $6, $7, $8 from former where $5::integer is null or version = $5
  on conflict (organiser_id) do update
     set profile = excluded.profile, version = old.version + 1,
         logo = case when $9 then old.logo else excluded.logo end,
         logo_width = case when $9 then old.logo_width else excluded.logo_width end,
         logo_height = case when $9 then old.logo_height else excluded.logo_height end
   where old.version = (select version from former)
  returning organiser_id, profile, logo
), renamed as (
  update organiser set name = $3 from saved
   where organiser.organiser_id = saved.organiser_id and name <> $3
), noted as (
  insert into audit_entry (organiser_id, actor, action, before, after)
  select organiser_id, $10, 'organiser.profile', shortened(before), shortened(after)
    from saved join former using (organiser_id)
   cross join lateral differing(
     told_of_profile(former.profile) || jsonb_build_object('name', former.name),
     told_of_profile(saved.profile) || jsonb_build_object('name', $3::text))
   where before is not null or after is not null
), logo_noted as (
  insert into audit_entry (organiser_id, actor, action, detail)
  select organiser_id, $10, 'organiser.logo',
         jsonb_build_object('before', former.logo, 'after', saved.logo)
    from saved join former using (organiser_id)
   where former.logo is distinct from saved.logo
), told as (
  select pg_notify('einlass', 'event ' || event_id) from event join saved using (organiser_id)
)
select case when not exists (select from the_organiser) then 'not_found'
            when exists (select from saved) then 'saved'
            else 'stale' end as outcome
 where (select count(*) from told) >= 0
