-- Deletes the personal data of a registration. Its tickets admit nobody afterwards. Before the end
-- of the event it also cancels the registration, and the waiting list moves up. After the end the
-- counts stay.
create function erase_registration(the_event uuid, the_registration uuid) returns text
language plpgsql as $$
declare
  was record;
begin
  select status, erased_at, email_key, registered_by into was from registration
   where event_id = the_event and registration_id = the_registration;
  if not found then
    return 'not_found';
  elsif was.erased_at is not null then
    return 'erased';
  end if;
  if was.status <> 'cancelled' and (
      select now() < ends_at from event where event_id = the_event) then
    perform set_registration_status(the_event, array[the_registration], 'cancelled', 'cancelled');
    perform move_up(the_event);
  end if;
  delete from message where event_id = the_event and registration_id = the_registration;
  delete from mailing_recipient where event_id = the_event and registration_id = the_registration;
  delete from note using attendee
   where note.event_id = the_event and note.attendee_id = attendee.attendee_id
     and attendee.event_id = the_event and attendee.registration_id = the_registration;
  update ticket set replaced_at = now()
    from attendee
   where ticket.event_id = the_event and ticket.attendee_id = attendee.attendee_id
     and attendee.event_id = the_event and attendee.registration_id = the_registration
     and attendee.status <> 'cancelled' and replaced_at is null;
  update scan set reason = '–'
    from attendee
   where scan.event_id = the_event and scan.attendee_id = attendee.attendee_id
     and attendee.event_id = the_event and attendee.registration_id = the_registration
     and verdict in ('admitted', 'left') and reason is not null;
  update noted_admission set name = '–', search = '', reason = '–'
    from attendee
   where noted_admission.event_id = the_event and noted_admission.attendee_id = attendee.attendee_id
     and attendee.event_id = the_event and attendee.registration_id = the_registration;
  perform lock_attendee_search(the_event);
  delete from attendee_search
   where event_id = the_event and attendee_id in (
     select attendee_id from attendee
      where event_id = the_event and registration_id = the_registration);
  -- A list that somebody has brought and not added yet may hold the person.
  delete from import
   where event_id = the_event and started_at is null and import_id in (
     select import_id from import_line
      where event_id = the_event
        and (registration_id = the_registration or email_key = was.email_key));
  delete from import_line
   where event_id = the_event
     and (registration_id = the_registration or email_key = was.email_key);
  with gone as (
    delete from invitation
     where event_id = the_event
       and (email_key = was.email_key or good_for = 1 and invitation_id = (
         select invitation_id from invitation_use
          where event_id = the_event and registration_id = the_registration))
    returning invitation_id
  )
  insert into erasure (event_id, registration_id, also)
  select the_event, the_registration, array(
           select invitation_id from gone
           union all
           select attendee_id from attendee
            where event_id = the_event and registration_id = the_registration
              and was.registered_by is not null);
  update attendee set name = '–', email = null, answers = '{}', search = ''
   where event_id = the_event and registration_id = the_registration;
  update registration
     set email = '', email_key = 'erased ' || registration_id, consents = '[]', fingerprint = '',
         erased_at = now(), changed_at = now(), version = version + 1
   where event_id = the_event and registration_id = the_registration;
  update audit_entry set before = null, after = null
    from history_of(the_event, the_registration) as entry
   where audit_entry.organiser_id = entry.organiser_id and audit_entry.entry_id = entry.entry_id
     and (entry.before is not null or entry.after is not null);
  return 'erased';
end $$;

-- What a restored database still has of an erased registration: 'registration', 'invitation' or
-- 'attendee' (who has not yet taken the place over). Null: nothing.
create function left_of_erased(the_event uuid, the_registration uuid, the_others uuid[])
returns text language sql stable as $$
  select case when erased_at is null then 'registration' end
    from registration where event_id = the_event and registration_id = the_registration
  union all
  select 'invitation'
    from invitation where event_id = the_event and invitation_id = any (the_others)
  union all
  select 'attendee'
    from attendee
   where event_id = the_event and attendee_id = any (the_others)
     and not exists (select from registration as own
                      where own.event_id = the_event and own.registration_id = the_registration)
     and not exists (select from registration as of
                      where of.event_id = the_event and of.registration_id = attendee.registration_id
                        and of.erased_at is not null)
   order by 1 nulls last limit 1
$$;

-- Erases a registration again, after a restore. An attendee takes their place over first, as they had
-- done. 'by_hand': they cannot. The caller holds the lock on the event's tally.
create function erase_again(the_event uuid, the_registration uuid, the_others uuid[]) returns text
language plpgsql as $$
declare
  person record;
begin
  delete from invitation where event_id = the_event and invitation_id = any (the_others);
  for person in
      select attendee_id, registration_id, link_version from attendee
       where event_id = the_event and attendee_id = any (the_others)
         and not exists (select from registration
                          where event_id = the_event and registration_id = the_registration) loop
    perform take_over(the_event, person.registration_id, person.attendee_id, person.link_version,
                      the_registration, 'erased ' || the_registration);
  end loop;
  if left_of_erased(the_event, the_registration, the_others) = 'registration' then
    perform act_on(the_event, the_registration, null, 'erase', null, 'command', false, null, null,
                   null);
  end if;
  return case when left_of_erased(the_event, the_registration, the_others) is null then 'erased'
              else 'by_hand' end;
end $$;
