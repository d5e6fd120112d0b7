-- The profile of an organiser for which the caller works as a whole. guests: what they see of it.
-- $1 organiser_id: uuid[]
-- $2 organiser: text
-- row own: $1
-- rows: organiser_id uuid, slug text, name text, profile jsonb, guests jsonb, logo text,
--   logo_width integer, logo_height integer, version integer
select organiser_id, slug, name, coalesce(profile, '{}') as profile,
       coalesce(guest_profile(organiser_id), '{}') as guests, logo, logo_width, logo_height,
       coalesce(version, 0) as version
  from organiser left join organiser_profile using (organiser_id)
 where slug = $2 and organiser_id = any ($1)
