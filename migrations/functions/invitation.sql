-- The invitations of an event (0008_invitations.sql).

-- Each one with what became of it:
--
--   not_sent, sending, no_answer, bounced (the last mail was refused or came back), said_no
--   registered (with the link, or else with the same address), cancelled (the registration was), came
--   withdrawn
create function invitations_of(the_event uuid, the_invitation uuid default null)
returns table (invitation invitation, state text, registrations integer, left_over integer,
               registration_id uuid, attendee_id uuid, invited_at timestamptz, invited_by text,
               mails integer, last_mail_at timestamptz, mail_state message_state, code integer,
               words text)
language sql stable
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off as $$
  select invitation,
         case when came.attendee_id is not null then 'came'
              when active.count > 0 or same.registration_id is not null then 'registered'
              when invitation.declined_at is not null then 'said_no'
              when used.count > 0 then 'cancelled'
              when withdrawn_at is not null then 'withdrawn'
              when mail.state in ('failed', 'bounced') then 'bounced'
              when mail.state in ('queued', 'sending') and mail.count = 1 then 'sending'
              when mail.count > 0 then 'no_answer'
              else 'not_sent' end,
         active.count::integer, greatest(0, good_for - active.count)::integer,
         coalesce(active.registration_id, same.registration_id), came.attendee_id,
         first.created_at, first.actor, mail.count::integer, mail.created_at, mail.state,
         mail.code, mail.words
    from invitation
   cross join lateral (
     select count(*) as count from invitation_use
      where event_id = the_event and invitation_id = invitation.invitation_id) as used
   cross join lateral (
     select count(*) as count, min(registration.number),
            (array_agg(registration.registration_id order by registration.number))[1] as registration_id
       from invitation_use join registration using (event_id, registration_id)
      where event_id = the_event and invitation_id = invitation.invitation_id
        and status <> 'cancelled') as active
    left join lateral (
      select registration_id from registrations_of(the_event, invitation.email_key)
       order by number limit 1) as same on active.count = 0
    left join lateral (
      select attendee_id
        from invitation_use join attendee using (event_id, registration_id)
       where event_id = the_event and invitation_id = invitation.invitation_id
         and first_admitted_at is not null
      union all
      select attendee_id from attendee
       where attendee.event_id = the_event and attendee.registration_id = same.registration_id
         and first_admitted_at is not null
       limit 1) as came on true
    left join lateral (
      select one.*, count(*) over () as count from invitation_mail as one
       where one.event_id = the_event and one.invitation_id = invitation.invitation_id
         and one.state <> 'obsolete'
       order by one.created_at desc limit 1) as mail on true
    left join lateral (
      select one.created_at, sending.actor
        from invitation_mail as one
        join invitation_sending as sending on sending.event_id = the_event
                                          and sending.sending_id = one.sending_id
       where one.event_id = the_event and one.invitation_id = invitation.invitation_id
         and one.state <> 'obsolete'
       order by one.created_at limit 1) as first on true
   where invitation.event_id = the_event
     and (the_invitation is null or invitation.invitation_id = the_invitation)
$$;

-- The ticket type whose places an invitation keeps besides those of the event; '': none.
create function kept_type(the_event uuid, the_type text) returns text language sql stable as $$
  select coalesce(the_type, (select min(slug) from ticket_type where event_id = the_event
                             having count(*) = 1), '')
$$;

-- Counts the places that are kept now: one for each registration that an open invitation is still good
-- for, and at most kept_places.most together with those that were taken.
create function count_kept(the_event uuid) returns void language plpgsql as $$
declare
  rule kept_places;
begin
  select * into rule from kept_places where event_id = the_event and not ended and until > now();
  if rule.event_id is null then
    update tally set kept = 0 where event_id = the_event and kept <> 0;
    update ticket_type set kept = 0 where event_id = the_event and kept <> 0;
    return;
  end if;
  perform set_kept(the_event, array_agg(slug), array_agg(wanted),
                   greatest(0, least(sum(wanted), rule.most - sum(used)))::integer)
     from (
       select kept_type(the_event, ticket_type) as slug, sum(used) as used,
              sum(case when declined_at is null and withdrawn_at is null
                        and (used > 0 or not exists (
                          select from registrations_of(the_event, invitation.email_key)))
                       then greatest(0, good_for - used) else 0 end) as wanted
         from invitation
        cross join lateral (
          select count(*) as used from invitation_use
           where event_id = the_event and invitation_id = invitation.invitation_id) as uses
        where invitation.event_id = the_event
        group by 1) as by_type;
end $$;

create function set_kept(the_event uuid, slugs text[], wanted numeric[], total integer)
returns void language sql as $$
  update tally set kept = coalesce(total, 0)
   where event_id = the_event and kept <> coalesce(total, 0);
  update ticket_type set kept = becomes
    from (select slug, least(coalesce(total, 0), coalesce(wanted[array_position(slugs, slug)], 0))::integer as becomes
            from ticket_type where event_id = the_event) as counted
   where event_id = the_event and ticket_type.slug = counted.slug and kept <> becomes
$$;

create function count_kept_of_new() returns trigger language plpgsql as $$
begin
  perform count_kept(event_id) from (select distinct event_id from new_rows) as changed;
  return null;
end $$;
create function count_kept_of_old() returns trigger language plpgsql as $$
begin
  perform count_kept(event_id) from (select distinct event_id from old_rows) as changed;
  return null;
end $$;
create trigger count_kept_inserted after insert on invitation referencing new table as new_rows
  for each statement execute function count_kept_of_new();
create trigger count_kept_changed after update on invitation referencing new table as new_rows
  for each statement execute function count_kept_of_new();
create trigger count_kept_deleted after delete on invitation referencing old table as old_rows
  for each statement execute function count_kept_of_old();
create trigger count_kept_used after insert on invitation_use referencing new table as new_rows
  for each statement execute function count_kept_of_new();
create trigger count_kept_of_rule after insert on kept_places referencing new table as new_rows
  for each statement execute function count_kept_of_new();
create trigger count_kept_of_changed_rule after update on kept_places referencing new table as new_rows
  for each statement execute function count_kept_of_new();

-- Notes a change of an invitation, without what is personal.
create function note_invitation(the_event uuid, the_subject uuid, who text, what text,
                                facts jsonb default '{}') returns void language sql as $$
  insert into audit_entry (organiser_id, event_id, subject_id, actor, action, detail)
  select organiser_id, event_id, the_subject, who, what, facts from event where event_id = the_event
$$;

-- Puts people on the list, under the lock on the tally. An address counts once.
create function add_invitations(the_event uuid, ids uuid[], names text[], emails text[], keys text[],
                                languages text[], types text[], times integer[], searches text[], most integer,
                                who text)
-- ordinal: of the given people. outcome: 'added', 'known', 'registered' or 'too_many'
returns table (ordinal integer, outcome text) language plpgsql as $$
declare
  at integer;
  count integer := (select count(*) from invitation where event_id = the_event);
  added integer := 0;
  is_new boolean;
begin
  for at in 1 .. coalesce(cardinality(ids), 0) loop
    ordinal := at;
    if exists (select from invitation where event_id = the_event and email_key = keys[at]
                                        and withdrawn_at is null) then
      outcome := 'known';
    elsif exists (select from registrations_of(the_event, keys[at])) then
      outcome := 'registered';
    elsif count >= most then
      outcome := 'too_many';
    else
      outcome := 'added';
      -- Somebody who was withdrawn is invited anew, but still has no second mail within a day.
      update invitation
         set name = names[at], email = emails[at], language = languages[at], ticket_type = types[at],
             good_for = times[at], search = searches[at], actor = who, withdrawn_at = null, declined_at = null, word = null
       where event_id = the_event and email_key = keys[at]
      returning false into is_new;
      if is_new is null then
        insert into invitation (event_id, invitation_id, name, email, email_key, language, ticket_type,
                                good_for, search, actor)
        values (the_event, ids[at], names[at], emails[at], keys[at], languages[at], types[at],
                times[at], searches[at], who);
        count := count + 1;
      end if;
      is_new := null;
      added := added + 1;
    end if;
    return next;
  end loop;
  if added > 0 then
    perform note_invitation(the_event, null, who, 'invitee.add', jsonb_build_object('count', added));
  end if;
end $$;

-- The invitations that a mail may go to now. Nobody gets an invitation twice, and a reminder only a day
-- after the mail before. `chosen`: only these.
create function may_be_mailed(the_event uuid, the_kind invitation_mail_kind, chosen uuid[])
returns setof invitation language sql stable as $$
  select (invitation).*
    from invitations_of(the_event) as line
   where (chosen is null or (invitation).invitation_id = any (chosen))
     and case the_kind when 'invitation' then state = 'not_sent'
              else state = 'no_answer' and mail_state = 'sent' end
     and coalesce(last_mail_at < now() - interval '24 hours', true)
$$;

-- Puts the mails into the outbox, under the lock on the tally. Sending the same form again adds none.
-- Gives the number of mails.
create function send_invitations(the_event uuid, the_sending uuid, the_kind invitation_mail_kind,
                                 own_words jsonb, chosen uuid[], who text)
returns integer language plpgsql as $$
declare
  count integer;
begin
  if exists (select from invitation_sending where event_id = the_event and sending_id = the_sending) then
    return (select count(*) from invitation_mail
             where event_id = the_event and sending_id = the_sending);
  end if;
  insert into invitation_sending (event_id, sending_id, kind, words, actor)
  values (the_event, the_sending, the_kind, own_words, who);
  insert into invitation_mail (event_id, mail_id, invitation_id, sending_id)
  select the_event, gen_random_uuid(), invitation_id, the_sending
    from may_be_mailed(the_event, the_kind, chosen);
  get diagnostics count = row_count;
  if count > 0 then
    perform note_invitation(the_event, null, who, case the_kind when 'invitation' then 'invitee.send'
                                                  else 'invitee.remind' end,
                            jsonb_build_object('count', count));
  end if;
  return count;
end $$;

-- Says no, under the lock on the tally. The place that was kept goes to others: 'declined'.
-- 'registered': the person cancels the registration instead. 'gone': there is no invitation.
create function decline_invitation(the_event uuid, the_invitation uuid, the_word text) returns text
language plpgsql as $$
declare
  line record;
begin
  select state, (invitation).withdrawn_at as withdrawn_at into line
    from invitations_of(the_event, the_invitation);
  if not found then
    return 'gone';
  elsif line.state in ('registered', 'came') then
    return 'registered';
  end if;
  if line.state <> 'said_no' then
    perform note_invitation(the_event, the_invitation, 'guest', 'invitee.decline');
  end if;
  update invitation set declined_at = coalesce(declined_at, now()), word = the_word
   where event_id = the_event and invitation_id = the_invitation;
  perform move_up(the_event);
  return 'declined';
end $$;

-- Corrects a name or an address that no mail has reached: 'corrected'. 'known': the address is on the
-- list. 'not_possible': somebody has the link already. 'gone': there is no invitation.
create function correct_invitation(the_event uuid, the_invitation uuid, new_name text, new_email text,
                                   new_key text, new_search text, who text)
returns text language plpgsql as $$
declare
  line record;
begin
  select state into line from invitations_of(the_event, the_invitation);
  if not found then
    return 'gone';
  elsif line.state not in ('not_sent', 'bounced') then
    return 'not_possible';
  elsif exists (select from invitation where event_id = the_event and email_key = new_key
                                         and invitation_id <> the_invitation) then
    return 'known';
  end if;
  update invitation set name = new_name, email = new_email, email_key = new_key, search = new_search
   where event_id = the_event and invitation_id = the_invitation;
  update invitation_mail set state = 'obsolete'
   where event_id = the_event and invitation_id = the_invitation and state = 'failed';
  perform note_invitation(the_event, the_invitation, who, 'invitee.correct');
  return 'corrected';
end $$;

-- Takes an invitation back, under the lock on the tally. Its link opens the form no more; registrations
-- stay. False: there is none.
create function withdraw_invitation(the_event uuid, the_invitation uuid, who text) returns boolean
language plpgsql as $$
begin
  update invitation set withdrawn_at = now()
   where event_id = the_event and invitation_id = the_invitation and withdrawn_at is null;
  if found then
    update invitation_mail set state = 'obsolete'
     where event_id = the_event and invitation_id = the_invitation and state in ('queued', 'sending');
    perform note_invitation(the_event, the_invitation, who, 'invitee.withdraw');
    perform move_up(the_event);
  end if;
  return exists (select from invitation
                  where event_id = the_event and invitation_id = the_invitation);
end $$;

-- The last day on which places are kept, local to the event.
create function kept_until_day(until timestamptz, zone text) returns text language sql stable as $$
  select to_char((until at time zone zone) - interval '1 second', 'YYYY-MM-DD')
$$;

-- Keeps places until the end of a day, or no more (null), under the lock on the tally: 'kept', 'ended', or
-- 'past' if the day is over.
create function keep_places(the_event uuid, how_many integer, day text, who text)
returns text language plpgsql as $$
declare
  keeps_until timestamptz := (
    select (day::date + 1)::timestamp at time zone timezone from event where event_id = the_event);
begin
  if keeps_until <= now() then
    return 'past';
  elsif keeps_until is null then
    update kept_places set ended = true, actor = who, changed_at = now()
     where event_id = the_event and not ended;
  else
    insert into kept_places (event_id, most, until, actor)
    values (the_event, how_many, keeps_until, who)
    on conflict (event_id) do update
       set most = excluded.most, until = excluded.until, ended = false, actor = excluded.actor,
           changed_at = now();
  end if;
  perform note_invitation(the_event, null, who, 'invitee.keep', jsonb_strip_nulls(
            jsonb_build_object('count', how_many, 'until', day)));
  perform move_up(the_event);
  return case when keeps_until is null then 'ended' else 'kept' end;
end $$;

-- Gives places to all that are no longer kept: the time is over, or somebody has registered without the
-- link. Under the lock on the tally. Gives how many moved up.
create function end_kept_places(the_event uuid) returns integer language plpgsql as $$
begin
  update kept_places set ended = until <= now() where event_id = the_event and not ended;
  return move_up(the_event);
end $$;
