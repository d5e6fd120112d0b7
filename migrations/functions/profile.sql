-- The texts of a page by language, as guests need them: an address, or "" for a page of ours.
create function page_links(texts jsonb) returns jsonb language sql immutable as $$
  select jsonb_object_agg(key, case when value ~ '^https?://\S+$' then value else '' end order by key)
    from jsonb_each_text(texts)
$$;

-- What pages and mails for guests show of an organiser's profile. Null: there is none.
create function guest_profile(the_organiser uuid) returns jsonb language sql stable as $$
  select jsonb_strip_nulls((profile - '{imprint,privacy}'::text[]) || jsonb_build_object(
           'imprint', page_links(profile -> 'imprint'), 'privacy', page_links(profile -> 'privacy'),
           'logo', case when logo is not null then jsonb_build_object(
             'name', logo, 'width', logo_width, 'height', logo_height) end))
    from organiser_profile
   where organiser_id = the_organiser
$$;

-- What an audit entry tells of a profile: members of one level.
create function told_of_profile(profile jsonb) returns jsonb language sql immutable as $$
  select (profile - '{imprint,privacy}'::text[])
         || coalesce((select jsonb_object_agg(page || '_' || key, value)
                        from unnest('{imprint,privacy}'::text[]) as page,
                             jsonb_each(profile -> page)), '{}')
$$;

-- The same with long texts cut off: the log shows how they begin.
create function shortened(told jsonb) returns jsonb language sql immutable as $$
  select jsonb_object_agg(key, case when length(value #>> '{}') > 500
                                    then to_jsonb(left(value #>> '{}', 500) || ' …') else value end)
    from jsonb_each(told)
$$;
