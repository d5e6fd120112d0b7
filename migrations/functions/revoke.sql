-- Triggers list each ticket that stops to admit in revoked_ticket: it was replaced, or its attendee was
-- cancelled. Neither is ever undone.

create function list_revoked(events uuid[], tickets uuid[], the_state text) returns void
language plpgsql as $$
begin
  if tickets is null then
    return;
  end if;
  with given as (
    select event_id, ticket_id, row_number() over (partition by event_id) as place
      from unnest(events, tickets) as given (event_id, ticket_id)
  ), counted as (
    update tally
       set revoked = revoked + (select count(*) from given where given.event_id = tally.event_id)
     where event_id = any (events)
    returning event_id, revoked
  )
  insert into revoked_ticket (event_id, number, ticket_id, state)
  select event_id, revoked - place + 1, ticket_id, the_state from given join counted using (event_id);
end $$;

create function list_replaced_tickets() returns trigger language plpgsql as $$
begin
  perform list_revoked(array_agg(event_id), array_agg(ticket_id), 'replaced')
     from new_rows join old_rows using (event_id, ticket_id)
    where old_rows.replaced_at is null and new_rows.replaced_at is not null;
  return null;
end $$;

create function list_cancelled_tickets() returns trigger language plpgsql as $$
begin
  if exists (select from new_rows where status = 'cancelled') then
    perform list_revoked(array_agg(event_id), array_agg(ticket_id), 'cancelled')
       from new_rows join old_rows using (event_id, attendee_id)
       join ticket using (event_id, attendee_id)
      where new_rows.status = 'cancelled' and old_rows.status <> 'cancelled'
        and replaced_at is null;
  end if;
  return null;
end $$;

create trigger list_replaced after update on ticket
  referencing old table as old_rows new table as new_rows
  for each statement execute function list_replaced_tickets();
create trigger list_cancelled after update on attendee
  referencing old table as old_rows new table as new_rows
  for each statement execute function list_cancelled_tickets();
