-- Triggers keep the counts in tally, ticket_type and event_day. Each statement updates each event once, for
-- all the rows that it changes.

create function holds_place(status registration_status) returns boolean
language sql immutable parallel safe as $$
  select status in ('unverified', 'pending', 'confirmed')
$$;

-- over_capacity shrinks when taken shrinks.
create function count_attendees(changes attendee_change[]) returns void
language plpgsql as $$
begin
  with change as (
    select event_id,
           coalesce(sum(sign) filter (where holds_place(status)), 0) as taken,
           coalesce(sum(sign) filter (where status = 'confirmed'), 0) as confirmed,
           coalesce(sum(sign) filter (where status = 'pending'), 0) as pending,
           coalesce(sum(sign) filter (where status = 'waitlisted'), 0) as queued,
           coalesce(sum(sign) filter (where status = 'cancelled'), 0) as cancelled
      from unnest(changes) group by event_id
  )
  update tally
     set taken = tally.taken + change.taken, confirmed = tally.confirmed + change.confirmed,
         pending = tally.pending + change.pending, queued = tally.queued + change.queued,
         cancelled = tally.cancelled + change.cancelled,
         over_capacity = least(tally.over_capacity,
                               greatest(0, tally.taken + change.taken - tally.capacity))
    from change
   where tally.event_id = change.event_id
     and (change.taken, change.confirmed, change.pending, change.queued, change.cancelled)
           <> (0, 0, 0, 0, 0);

  with change as (
    select event_id, ticket_type,
           coalesce(sum(sign) filter (where holds_place(status)), 0) as taken,
           coalesce(sum(sign) filter (where status = 'confirmed'), 0) as confirmed
      from unnest(changes) group by event_id, ticket_type
  )
  update ticket_type
     set taken = ticket_type.taken + change.taken,
         confirmed = ticket_type.confirmed + change.confirmed,
         over_capacity = least(ticket_type.over_capacity,
                               greatest(0, ticket_type.taken + change.taken - ticket_type.capacity))
    from change
   where ticket_type.event_id = change.event_id and ticket_type.slug = change.ticket_type
     and (change.taken, change.confirmed) <> (0, 0);

  if exists (select from unnest(changes) where days <> '{}') then
    with change as (
      select event_id, day, sum(sign) as admitted,
             coalesce(sum(sign) filter (where inside and day = days[cardinality(days)]), 0)
               as inside
        from unnest(changes), unnest(days) as day
       group by event_id, day
    )
    update event_day
       set admitted = event_day.admitted + change.admitted,
           inside = event_day.inside + change.inside
      from change
     where event_day.event_id = change.event_id and event_day.day = change.day
       and (change.admitted, change.inside) <> (0, 0);
  end if;
end $$;

-- New attendees are many, and nobody of them has been anywhere yet. So they are counted by themselves.
create function count_inserted_attendees() returns trigger language plpgsql as $$
begin
  with change as (
    select event_id, ticket_type,
           count(*) filter (where holds_place(status)) as taken,
           count(*) filter (where status = 'confirmed') as confirmed,
           count(*) filter (where status = 'pending') as pending,
           count(*) filter (where status = 'waitlisted') as queued,
           count(*) filter (where status = 'cancelled') as cancelled
      from new_rows group by event_id, ticket_type
  ), of_event as (
    update tally
       set taken = tally.taken + change.taken, confirmed = tally.confirmed + change.confirmed,
           pending = tally.pending + change.pending, queued = tally.queued + change.queued,
           cancelled = tally.cancelled + change.cancelled,
           over_capacity = least(tally.over_capacity,
                                 greatest(0, tally.taken + change.taken - tally.capacity))
      from (select event_id, sum(taken) as taken, sum(confirmed) as confirmed, sum(pending) as pending,
                   sum(queued) as queued, sum(cancelled) as cancelled
              from change group by event_id) as change
     where tally.event_id = change.event_id
  )
  update ticket_type
     set taken = ticket_type.taken + change.taken, confirmed = ticket_type.confirmed + change.confirmed,
         over_capacity = least(ticket_type.over_capacity,
                               greatest(0, ticket_type.taken + change.taken - ticket_type.capacity))
    from change
   where ticket_type.event_id = change.event_id and ticket_type.slug = change.ticket_type
     and change.taken > 0;
  return null;
end $$;

create function count_deleted_attendees() returns trigger language plpgsql as $$
begin
  perform count_attendees(array_agg((event_id, ticket_type, status, days, inside,
            -1)::attendee_change)) from old_rows;
  return null;
end $$;

create function count_changed_attendees() returns trigger language plpgsql as $$
begin
  perform count_attendees(array_agg(change)) from (
    select (event_id, ticket_type, status, days, inside, 1)::attendee_change as change
      from new_rows
    union all
    select (event_id, ticket_type, status, days, inside, -1)::attendee_change
      from old_rows) as both_sides;
  return null;
end $$;

create trigger count_inserted after insert on attendee referencing new table as new_rows
  for each statement execute function count_inserted_attendees();
create trigger count_deleted after delete on attendee referencing old table as old_rows
  for each statement execute function count_deleted_attendees();
create trigger count_changed after update on attendee
  referencing old table as old_rows new table as new_rows
  for each statement execute function count_changed_attendees();

create function count_registrations(changes registration_change[]) returns void
language plpgsql as $$
begin
  update tally
     set registrations = greatest(tally.registrations, change.newest),
         waitlisted = tally.waitlisted + change.waitlisted,
         waiting = tally.waiting + change.waiting
    from (select event_id, max(number) filter (where sign = 1) as newest,
                 coalesce(sum(sign) filter (where waits_for is not null), 0) as waitlisted,
                 coalesce(sum(sign) filter (where waits_for = ''), 0) as waiting
            from unnest(changes) group by event_id) as change
   where tally.event_id = change.event_id
     and (change.newest > tally.registrations or (change.waitlisted, change.waiting) <> (0, 0));

  update ticket_type set waiting = ticket_type.waiting + change.waiting
    from (select event_id, waits_for, sum(sign) as waiting
            from unnest(changes) where waits_for not in ('', '-')
           group by event_id, waits_for) as change
   where ticket_type.event_id = change.event_id and ticket_type.slug = change.waits_for
     and change.waiting <> 0;
end $$;

create function count_inserted_registrations() returns trigger language plpgsql as $$
begin
  update tally
     set registrations = greatest(tally.registrations, change.newest),
         waitlisted = tally.waitlisted + change.waitlisted,
         waiting = tally.waiting + change.waiting
    from (select event_id, max(number) as newest,
                 count(*) filter (where waits_for is not null) as waitlisted,
                 count(*) filter (where waits_for = '') as waiting
            from new_rows group by event_id) as change
   where tally.event_id = change.event_id;

  if exists (select from new_rows where waits_for not in ('', '-')) then
    update ticket_type set waiting = ticket_type.waiting + change.waiting
      from (select event_id, waits_for, count(*) as waiting
              from new_rows where waits_for not in ('', '-')
             group by event_id, waits_for) as change
     where ticket_type.event_id = change.event_id and ticket_type.slug = change.waits_for;
  end if;
  return null;
end $$;

create function count_deleted_registrations() returns trigger language plpgsql as $$
begin
  perform count_registrations(array_agg((event_id, number, waits_for, -1)::registration_change))
     from old_rows;
  return null;
end $$;

create function count_changed_registrations() returns trigger language plpgsql as $$
begin
  perform count_registrations(array_agg(change)) from (
    select (event_id, number, waits_for, 1)::registration_change as change from new_rows
    union all
    select (event_id, number, waits_for, -1)::registration_change from old_rows) as both_sides;
  return null;
end $$;

create trigger count_inserted after insert on registration referencing new table as new_rows
  for each statement execute function count_inserted_registrations();
create trigger count_deleted after delete on registration referencing old table as old_rows
  for each statement execute function count_deleted_registrations();
create trigger count_changed after update on registration
  referencing old table as old_rows new table as new_rows
  for each statement execute function count_changed_registrations();

-- The counts of one day for the doors. Expected: confirmed attendees whose ticket is for that day.
create function counts_on(the_event uuid, the_day date)
returns table (expected integer, admitted integer, inside integer)
language sql stable as $$
  select (select coalesce(sum(confirmed), 0)::integer from ticket_type
           where event_id = the_event and (days is null or the_day = any (days))),
         coalesce(event_day.admitted, 0), coalesce(event_day.inside, 0)
    from (select) as one
    left join event_day on event_day.event_id = the_event and event_day.day = the_day
$$;
