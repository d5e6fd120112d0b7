-- Refuses to change or delete an audit entry. Only the data of an erased person may be emptied.
create function audit_entry_is_final() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and new.before is null and new.after is null
     and to_jsonb(new) - '{before,after}'::text[] = to_jsonb(old) - '{before,after}'::text[]
     and exists (select from registration
                  where event_id = old.event_id and erased_at is not null
                    and registration_id in (old.registration_id, (
                      select registration_id from attendee
                       where event_id = old.event_id and attendee_id = old.attendee_id))) then
    return new;
  end if;
  raise exception 'audit entries are never changed';
end $$;
create trigger audit_entry_is_final before update or delete on audit_entry
  for each row execute function audit_entry_is_final();

-- The members in which two objects differ, as they were and as they are. Null: none.
create function differing(was jsonb, becomes jsonb, out before jsonb, out after jsonb)
language sql immutable as $$
  select jsonb_object_agg(key, was -> key) filter (where was ? key),
         jsonb_object_agg(key, becomes -> key) filter (where becomes ? key)
    from jsonb_object_keys(coalesce(was, '{}') || coalesce(becomes, '{}')) as key
   where was -> key is distinct from becomes -> key
$$;

-- What an audit entry tells of an attendee: members of one level, without those that are null.
create function told_of_attendee(name text, email text, answers jsonb) returns jsonb
language sql immutable as $$
  select jsonb_strip_nulls(jsonb_build_object('name', name, 'email', email))
         || coalesce((select jsonb_object_agg('answers.' || key, value) from jsonb_each(answers)), '{}')
$$;

-- Notes a change of a registration or of one of its attendees, for functions. Statements insert their
-- entry themselves.
create function note_change(the_event uuid, the_registration uuid, the_attendee uuid, who text,
                            what text, was jsonb default null, becomes jsonb default null,
                            facts jsonb default '{}')
returns void language sql as $$
  insert into audit_entry (organiser_id, event_id, registration_id, attendee_id, actor, action,
                           before, after, detail)
  select organiser_id, event_id, the_registration, the_attendee, who, what, before, after, facts
    from event cross join lateral differing(was, becomes)
   where event_id = the_event
$$;

-- Who changed a registration and what, the newest first. The entries of an attendee who has taken
-- their place over since are those of their former registration, too.
create function history_of(the_event uuid, the_registration uuid) returns setof audit_entry
language sql stable as $$
  select * from audit_entry
   where event_id = the_event and registration_id = the_registration
  union all
  select audit_entry.*
    from registration
    join audit_entry on audit_entry.event_id = the_event
                    and audit_entry.registration_id = registered_by
   where registration.event_id = the_event and registration.registration_id = the_registration
     and audit_entry.attendee_id = any (array(
       select attendee_id from attendee where registration_id = the_registration))
   order by entry_id desc
$$;
