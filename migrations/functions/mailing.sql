-- Mails to many people (0007_mailings.sql).

-- A page of the attendees whom a mailing is for now, in the order of registration, behind `after`:
-- [null, number, position, in_order] of the last one of the page before (attendee_page). The attendees
-- that were chosen one by one are a page of their own.
create function mailing_page(mailing mailing, after jsonb, most integer)
returns table (attendee_id uuid, number integer, "position" integer, in_order boolean)
language sql stable as $$
  select distinct unnest(mailing.chosen), null::integer, null::integer, null::boolean
   where mailing.filter is null
  union all
  select attendee_id, number, "position", in_order
    from attendee_page(mailing.event_id,
                       mailing.filter || jsonb_build_object('today', event_day_at(mailing.event_id, now())),
                       'oldest', after, most, false)
   where mailing.filter is not null
$$;

-- The address that the mail of each of these attendees goes to: a companion with a place has an address
-- of their own; for others it is that of the registration. '': there is none.
create function mailing_people(the_event uuid, the_attendees uuid[]) returns setof mailing_person
language sql stable as $$
  select attendee.attendee_id, attendee.registration_id, number, "position",
         case when is_own then attendee.attendee_id end,
         lower(case when is_own then attendee.email else registration.email end),
         language, attendee.status = 'cancelled', is_own and not vouched
    from unnest(the_attendees) as id
    join attendee on attendee.event_id = the_event and attendee.attendee_id = id
    join registration on registration.event_id = the_event
                     and registration.registration_id = attendee.registration_id
   cross join lateral (
     select attendee.status = 'confirmed' and attendee.email is not null
            and lower(attendee.email) <> lower(registration.email) as is_own) as own
$$;

-- All people whom a mailing is for now. Nearly all of an event may be, so it reads the event's attendees
-- and registrations once: with 100,000 that took less than half the time of looking each one up.
create function mailing_audience(mailing mailing) returns setof mailing_person
language sql stable
set enable_nestloop = off set enable_mergejoin = off set enable_seqscan = off set jit = off as $$
  select * from mailing_people(mailing.event_id, array(
    select attendee_id from mailing_page(mailing, null, 2147483647)))
$$;

-- Writes down the recipients of the next page of people, each address once. Of the people with one
-- address: who is not cancelled, whose registration it is, who came first.
create function mailing_list_on(mailing mailing, most integer) returns void language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  last record; -- of the page
begin
  with page as materialized (
    select * from mailing_page(mailing, mailing.listed_to, most)
  ), person as materialized (
    select * from mailing_people(mailing.event_id, array(select attendee_id from page))
  ), listed as (
    insert into mailing_recipient as known
           (event_id, mailing_id, address, registration_id, attendee_id, number, was_cancelled)
    select distinct on (address) mailing.event_id, mailing.mailing_id, address, registration_id, reader,
           number, is_cancelled
      from person
     where address <> ''
     order by address, is_cancelled, reader is not null, number
    on conflict (event_id, mailing_id, address) do update
       set registration_id = excluded.registration_id, attendee_id = excluded.attendee_id,
           number = excluded.number, was_cancelled = excluded.was_cancelled
     where (known.was_cancelled, known.attendee_id is not null, known.number)
           > (excluded.was_cancelled, excluded.attendee_id is not null, excluded.number)
  )
  select page.*, (select count(*) from page) as count,
         (select count(*) from person where address = '') as no_address
    into last
    from page
   order by number desc, position desc
   limit 1;
  update mailing as one
     set listed_to = jsonb_build_array(null, last.number, last.position, last.in_order),
         no_address = one.no_address + coalesce(last.no_address, 0),
         listed_at = case when mailing.filter is null or coalesce(last.count, 0) < most then now() end,
         started_at = coalesce(started_at, now())
   where event_id = mailing.event_id and mailing_id = mailing.mailing_id;
end $$;

-- Goes on with a mailing that is being sent. First it writes down the recipients, `most_listed` people at
-- a time ('listing'). Then it puts messages into the outbox until `most` of them wait there for their
-- first attempt ('sending', or 'over' if no recipient is left). A recipient gets the message in the
-- transaction that notes it, so nobody gets two.
create function mailing_go_on(the_event uuid, the_mailing uuid, most integer, most_listed integer)
returns text language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  mailing mailing;
  next record;
  message uuid;
begin
  select * into mailing from mailing as one
   where event_id = the_event and mailing_id = the_mailing for no key update;
  if mailing.state is distinct from 'sending' then
    return 'over';
  elsif mailing.listed_at is null then
    perform mailing_list_on(mailing, most_listed);
    return 'listing';
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
  return case when exists (select from mailing_recipient
                            where event_id = the_event and mailing_id = the_mailing
                              and message_id is null and not left_out) then 'sending' else 'over' end;
end $$;

-- Stops a mailing. Before it has begun it is a draft again. Later the messages that are not with the
-- mail server are taken back. 'stopped', 'draft', 'not_sending' or 'not_found'.
create function mailing_stop(the_event uuid, the_mailing uuid) returns text language plpgsql as $$
declare
  mailing mailing;
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
  if mailing.listed_at is null then
    delete from mailing_recipient where event_id = the_event and mailing_id = the_mailing;
    update mailing as one
       set state = 'draft', listed_to = null, no_address = 0, started_at = null
     where event_id = the_event and mailing_id = the_mailing;
    return 'draft';
  end if;
  update mailing as one set state = 'stopped', ended_at = now()
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
  return 'stopped';
end $$;
