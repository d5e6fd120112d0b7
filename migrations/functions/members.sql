-- Who works for an organiser. Of somebody's own memberships, `organisers` and `events` are those in
-- which they are an owner; an event of null means all events of the organiser.

-- Whether these memberships reach an event of an organiser; null: the whole organiser.
create function owns(organisers uuid[], events uuid[], the_organiser uuid, the_event uuid) returns boolean
language sql immutable as $$
  select exists (select from unnest(organisers, events) as own (organiser_id, event_id)
                  where own.organiser_id = the_organiser
                    and (own.event_id is null or own.event_id = the_event))
$$;

-- The time zone in which an organiser reads days: of this event, else of the newest one.
create function timezone_of(the_organiser uuid, the_event uuid) returns text
language sql stable as $$
  select coalesce((select timezone from event where event_id = the_event),
                  (select timezone from event
                    where organiser_id = the_organiser
                    order by number desc
                    limit 1), 'UTC')
$$;

-- Gives a member another role; null: removes the member. The last owner stays one. The lock makes two
-- owners who remove each other take turns.
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
         and membership_id <> the_membership) then
    return 'last_owner';
  end if;
  if becomes is null then
    delete from membership where membership_id = the_membership;
  else
    update membership set role = becomes where membership_id = the_membership;
  end if;
  insert into audit_entry (organiser_id, event_id, subject_id, actor, action, before, after)
  values (was.organiser_id, was.event_id, was.account_id, who,
          case when becomes is null then 'member.remove' else 'member.change' end,
          jsonb_build_object('role', was.role),
          case when becomes is not null then jsonb_build_object('role', becomes) end);
  perform pg_notify('einlass', 'caller ' || was.account_id);
  return case when becomes is null then 'removed' else 'changed' end;
end $$;

-- Notes that an account's address belongs to the person who now signs in by the session. Before, an
-- account that began with a link from an owner may have been used by anybody who saw that link: its
-- password and its other sessions end.
create function prove_address(the_account uuid, the_session uuid) returns void
language plpgsql as $$
begin
  update account set is_proven = true, password_hash = null
   where account_id = the_account and not is_proven;
  if found then
    delete from session where account_id = the_account and session_id <> the_session;
    insert into audit_entry (organiser_id, subject_id, actor, action)
    select distinct organiser_id, account_id, 'account ' || account_id, 'account.prove'
      from membership where account_id = the_account;
    perform pg_notify('einlass', 'caller ' || the_account);
  end if;
end $$;

-- The invitation that a link opens, or that an account with the same address has. An account whose
-- address is not proven needs the link.
create function find_invitation(link bytea, the_invitation uuid, the_account uuid)
returns setof team_invitation language sql stable as $$
  select * from team_invitation where hash = link and expires_at > now()
  union all
  select team_invitation.*
    from team_invitation join account using (email_key)
   where invitation_id = the_invitation and expires_at > now()
     and account_id = the_account and is_proven
$$;

-- Makes a membership of an invitation. Without a link, and where the address has an account already,
-- the caller must be signed in with that address. Otherwise the link makes the account `fresh`.
create function accept_invitation(link bytea, the_invitation uuid, caller uuid, the_session uuid,
                                  fresh uuid, out outcome text, out the_account uuid)
language plpgsql as $$
declare
  invited team_invitation;
  known account;
begin
  select * into invited from team_invitation
   where invitation_id = (select invitation_id from find_invitation(link, the_invitation, caller))
     for update;
  select * into known from account where email_key = invited.email_key;
  outcome := case when invited.invitation_id is null then 'gone'
                  when caller is distinct from known.account_id then
                    case when caller is null then 'wants_sign_in' else 'other_account' end
                  when known.account_id is null then 'entered'
                  else 'joined' end;
  if outcome not in ('entered', 'joined') then
    return;
  end if;
  the_account := coalesce(known.account_id, fresh);
  if known.account_id is null then
    insert into account (account_id, email, email_key, is_proven)
    values (fresh, invited.email, invited.email_key, invited.is_mailed);
  elsif link is not null and invited.is_mailed then
    perform prove_address(the_account, the_session);
  end if;
  insert into membership (organiser_id, account_id, event_id, role)
  values (invited.organiser_id, the_account, invited.event_id, invited.role)
      on conflict (organiser_id, account_id, event_id) do nothing;
  delete from team_invitation where invitation_id = invited.invitation_id;
  insert into audit_entry (organiser_id, event_id, subject_id, actor, action, after)
  values (invited.organiser_id, invited.event_id, the_account, 'account ' || the_account,
          'member.join', jsonb_build_object('role', invited.role));
  perform pg_notify('einlass', 'caller ' || the_account);
end $$;
