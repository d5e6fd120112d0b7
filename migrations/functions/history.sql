-- The name that an actor has now: an address, or the name of a token or phone. Null: it has none.
create function actor_name(the_organiser uuid, the_event uuid, actor text) returns text
language plpgsql stable as $$
declare
  id uuid := nullif(split_part(actor, ' ', 2), '');
begin
  return case split_part(actor, ' ', 1)
    when 'account' then (select email from account where account_id = id)
    when 'token' then (select name from api_token
                        where organiser_id = the_organiser and token_id = id)
    when 'device' then (select coalesce(nullif(name, ''), door) from device
                         where event_id = the_event and device_id = id) end;
end $$;

-- The present name of what an entry is about besides a person: a token, a phone or an account. Null: it has
-- none.
create function subject_name(the_organiser uuid, the_event uuid, the_subject uuid) returns text
language sql stable as $$
  select coalesce(actor_name(the_organiser, the_event, 'token ' || the_subject),
                  (select nullif(name, '') from device where event_id = the_event and device_id = the_subject),
                  actor_name(the_organiser, the_event, 'account ' || the_subject),
                  (select coalesce(nullif(name, ''), email) from invitation
                    where event_id = the_event and invitation_id = the_subject))
   where the_subject is not null
$$;

-- A value in words: the labels of choices instead of their slugs.
create function told_value(value jsonb, choices jsonb, language text) returns jsonb
language sql immutable as $$
  select case jsonb_typeof(value)
           when 'array' then (
             select to_jsonb(string_agg(coalesce(text_in(choice -> 'label', language), one #>> '{}'),
                                        ', ' order by place))
               from jsonb_array_elements(value) with ordinality as element (one, place)
               left join jsonb_array_elements(choices) as choice on choice -> 'slug' = one)
           when 'string' then coalesce((
             select to_jsonb(text_in(choice -> 'label', language))
               from jsonb_array_elements(choices) as choice
              where choice -> 'slug' = told_value.value), value)
           else value end
$$;

-- The changes of an entry, without those from empty to empty: [{member, label, before, after}]. Questions and consents have a label, ticket
-- types and doors their title, all in the event's newest words.
create function changes_told(the_event uuid, before jsonb, after jsonb, language text) returns jsonb
language sql stable as $$
  select jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
           'member', split_part(key, '.', 1), 'label', named.label,
           'before', nullif(told_value(before -> key, choices, language), '""'),
           'after', nullif(told_value(after -> key, choices, language), '""')))
           order by named.place, key)
    from jsonb_object_keys(coalesce(before, '{}') || coalesce(after, '{}')) as key
    left join lateral (
      select event.asked, definition from event join event_version using (event_id, version)
       where event_id = the_event) as file on true
    left join lateral (
      select text_in(value -> 'label', language) as label, value -> 'choices' as choices, place
        from jsonb_array_elements(asked) with ordinality as question (value, place)
       where 'answers.' || (value ->> 'slug') = key
      union all
      select text_in(value -> 'label', language), null, 1000 + place
        from jsonb_array_elements(definition -> 'consents') with ordinality as consent (value, place)
       where 'consents.' || (value ->> 'slug') = key
      union all
      select null, (
               select jsonb_agg(jsonb_build_object('slug', value -> 'slug', 'label', value -> 'title'))
                 from jsonb_array_elements(
                   definition -> case key when 'door' then 'doors' else 'ticket_types' end)), 0
       where key in ('ticket_type', 'door')) as named on true
   where coalesce(before ->> key, '') <> '' or coalesce(after ->> key, '') <> ''
$$;

-- A page of the log of an organiser, the newest first, behind an entry. What guests changed
-- themselves is not in it. A null condition matches all. The SQL has only the conditions that are
-- given, and the settings keep it on an index, so that a page reads few rows.
create function log_page(the_organiser uuid, events uuid[], the_event uuid, who text, what text,
                         since timestamptz, until timestamptz, before_at timestamptz,
                         before_id bigint, most bigint)
returns setof audit_entry language plpgsql stable
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off as $$
begin
  return query execute
    'select * from audit_entry where organiser_id = $1 and actor <> ''guest'''
    || case when events is not null then ' and event_id = any ($2)' else '' end
    || case when the_event is not null then ' and event_id = $3' else '' end
    || case when who is not null then ' and actor = $4' else '' end
    || case when what is not null then ' and action = $5' else '' end
    || case when since is not null then ' and at >= $6' else '' end
    || case when until is not null then ' and at < $7' else '' end
    || case when before_id is not null then ' and (at, entry_id) < ($8, $9)' else '' end
    || ' order by at desc, entry_id desc limit $10'
    using the_organiser, events, the_event, who, what, since, until, before_at, before_id, most;
end $$;

-- What the log of an organiser knows of a member of its entries, actor or action, at most so many: a
-- walk along an index.
create function log_known(the_organiser uuid, member text, most bigint) returns setof text
language plpgsql stable as $$
declare
  known text := '';
begin
  for step in 1..most loop
    execute format('select %1$I from audit_entry
                     where organiser_id = $1 and actor <> ''guest'' and %1$I > $2
                     order by %1$I
                     limit 1', member) into known using the_organiser, known;
    exit when known is null;
    return next known;
  end loop;
end $$;
