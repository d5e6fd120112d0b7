-- Mails to many people (0007_mailings.sql).

-- The people whom a mailing is for now, and the address that each one's mail goes to: a companion with
-- a place has an address of their own; for others it is that of the registration. '': there is none.
-- Nearly all of an event may match, so it reads the event's attendees and registrations once.
create function mailing_people(mailing mailing)
returns table (attendee_id uuid, registration_id uuid, number integer, reader uuid, address text,
               language text, is_cancelled boolean, is_held boolean)
language sql stable
set enable_nestloop = off set enable_seqscan = off set enable_hashjoin = on set jit = off as $$
  with listed as materialized (
    select unnest(mailing.chosen) as attendee_id
    union all
    select attendee_id
      from attendee_page(mailing.event_id,
                         mailing.filter || jsonb_build_object('today', event_day_at(mailing.event_id, now())),
                         'oldest', null, 2147483647, false)
     where mailing.filter is not null
  )
  select attendee_id, registration_id, number, case when is_own then attendee_id end,
         lower(case when is_own then email else registered_email end),
         language, status = 'cancelled', is_own and not vouched
    from (select attendee.*, registration.email as registered_email, number, language, vouched,
                 coalesce(attendee.status = 'confirmed'
                          and lower(attendee.email) <> lower(registration.email), false) as is_own
            from attendee
            join registration on registration.event_id = mailing.event_id
                             and registration.registration_id = attendee.registration_id
           where attendee.event_id = mailing.event_id) as attendee
   where attendee_id in (select attendee_id from listed)
$$;

-- Goes on with a mailing that is being sent: first writes down the recipients, then puts messages into
-- the outbox until `most` of them wait there for their first attempt. Returns whether recipients are
-- left. A recipient gets the message in the transaction that notes it, so nobody gets two.
create function mailing_go_on(the_event uuid, the_mailing uuid, most integer) returns boolean
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  mailing mailing;
  next record;
  message uuid;
begin
  select * into mailing from mailing as one
   where event_id = the_event and mailing_id = the_mailing for no key update;
  if mailing.state is distinct from 'sending' then
    return false;
  elsif mailing.listed_at is null then
    -- Of the people with one address: who is not cancelled, whose registration it is, who came first.
    with person as materialized (
      select * from mailing_people(mailing)
    ), listed as (
      insert into mailing_recipient (event_id, mailing_id, address, registration_id, attendee_id, number,
                                     was_cancelled)
      select distinct on (address) the_event, the_mailing, address, registration_id, reader, number,
             is_cancelled
        from person
       where address <> ''
       order by address, is_cancelled, reader is not null, number
      returning true
    )
    update mailing as one
       set listed_at = now(), started_at = now(), total = (select count(*) from listed),
           no_address = (select count(*) from person where address = '')
     where event_id = the_event and mailing_id = the_mailing;
    return true;
  end if;
  for next in
    select recipient.*,
           was_cancelled or coalesce(attendee.status, registration.status) <> 'cancelled' as goes
      from (select * from mailing_recipient
             where event_id = the_event and mailing_id = the_mailing and message_id is null
               and not left_out
             order by number
             limit most - (
               select count(*)
                 from (select from message
                        where event_id = the_event and mailing_id = the_mailing and kind = 'mailing'
                          and state = 'queued' and tries = 0
                        limit most) as waiting)) as recipient
      join registration using (event_id, registration_id)
      left join attendee on attendee.event_id = the_event
                        and attendee.attendee_id = recipient.attendee_id loop
    message := case when next.goes then gen_random_uuid() end;
    if next.goes then
      insert into message (event_id, message_id, registration_id, attendee_id, kind, mailing_id)
      values (the_event, message, next.registration_id, next.attendee_id, 'mailing', the_mailing);
    else
      mailing.left_out := mailing.left_out + 1;
    end if;
    update mailing_recipient set message_id = message, left_out = not next.goes
     where event_id = the_event and mailing_id = the_mailing and address = next.address;
  end loop;
  update mailing as one set left_out = mailing.left_out
   where event_id = the_event and mailing_id = the_mailing and one.left_out <> mailing.left_out;
  return exists (select from mailing_recipient
                  where event_id = the_event and mailing_id = the_mailing and message_id is null
                    and not left_out);
end $$;

-- Stops a mailing. Before it has begun it is a draft again. Later the messages that are not with the
-- mail server are taken back. 'stopped', 'draft', 'not_sending' or 'not_found'.
create function mailing_stop(the_event uuid, the_mailing uuid) returns text language plpgsql as $$
declare
  mailing mailing;
  outcome text;
  back uuid[];
begin
  select * into mailing from mailing as one
   where event_id = the_event and mailing_id = the_mailing for no key update;
  if not found then
    return 'not_found';
  elsif mailing.state in ('draft', 'stopped') or mailing.state = 'sent' and not exists (
      select from message
       where event_id = the_event and mailing_id = the_mailing and kind = 'mailing'
         and state in ('queued', 'held')) then
    return 'not_sending';
  end if;
  outcome := case when mailing.listed_at is null then 'draft' else 'stopped' end;
  update mailing as one
     set state = outcome::mailing_state, ended_at = case when outcome = 'stopped' then now() end
   where event_id = the_event and mailing_id = the_mailing;
  with gone as (
    delete from message
     where event_id = the_event and mailing_id = the_mailing and kind = 'mailing'
       and state in ('queued', 'held')
    returning message_id
  )
  select coalesce(array_agg(message_id), '{}') into back from gone;
  update mailing_recipient set message_id = null
   where event_id = the_event and mailing_id = the_mailing and message_id = any (back);
  return outcome;
end $$;
