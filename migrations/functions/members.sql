-- Who works for an organiser. Of somebody's own memberships, `organisers` and `events` are those in
-- which they are an owner; an event of null means all events of the organiser.

-- Whether these memberships reach an event of an organiser; null: the whole organiser.
create function owns(organisers uuid[], events uuid[], the_organiser uuid, the_event uuid) returns boolean
language sql immutable as $$
  select exists (select from unnest(organisers, events) as own (organiser_id, event_id)
                  where own.organiser_id = the_organiser
                    and (own.event_id is null or own.event_id = the_event))
$$;

-- Gives a member another role; null: removes the member. The last owner who has used the desk stays
-- one. The lock makes two owners who remove each other take turns. Links that somebody may have handed
-- over for the former role end.
create function change_member(organisers uuid[], events uuid[], the_membership uuid, becomes role,
                              who text)
returns text language plpgsql as $$
declare
  was membership;
begin
  perform from organiser
    where organiser_id = (select organiser_id from membership where membership_id = the_membership)
      for no key update;
  select * into was from membership
   where membership_id = the_membership and owns(organisers, events, organiser_id, event_id);
  if not found then
    return 'not_found';
  elsif was.role = becomes then
    return 'changed';
  elsif was.role = 'owner' and was.event_id is null and not exists (
      select from membership
       where organiser_id = was.organiser_id and event_id is null and role = 'owner'
         and joined_at is not null and membership_id <> the_membership) then
    return 'last_owner';
  end if;
  if becomes is null then
    delete from membership where membership_id = the_membership;
  else
    update membership set role = becomes where membership_id = the_membership;
  end if;
  delete from sign_in_link where account_id = was.account_id;
  insert into audit_entry (organiser_id, event_id, subject_id, actor, action, before, after)
  values (was.organiser_id, was.event_id, was.account_id, who,
          case when becomes is null then 'member.remove' else 'member.change' end,
          jsonb_build_object('role', was.role),
          case when becomes is not null then jsonb_build_object('role', becomes) end);
  perform pg_notify('einlass', 'caller ' || was.account_id);
  return case when becomes is null then 'removed' else 'changed' end;
end $$;

-- Notes that an account uses the desk: its memberships are no longer mere invitations.
create function note_joined() returns trigger language plpgsql as $$
begin
  update membership set joined_at = now()
   where account_id = new.account_id and joined_at is null;
  return null;
end $$;
create trigger note_joined after insert or update of last_used_at on session
  for each row execute function note_joined();
