-- Decides which registrations of an event get places, in their order. The caller holds the lock on
-- the event's tally. Each attendee is given by the ordinal of its registration (ascending) and its
-- ticket type. A registration fits if the event and each of its ticket types have a place for all
-- of its attendees, and nobody waits for such a place already (first come, first served). With
-- past_queue, the waiting list does not count: move_up decides about the list itself, and a walk-in
-- passes it. A registration that does not fit is short of a ticket type, or of the event (''). With
-- a waiting list, later registrations find no place there either. A registration that exceeds a
-- capacity never fits; it is short of '-' and keeps nobody from a place.
--
-- queues has for each attendee what its registration waits for. While no places are left there, the
-- registration is passed over without a row. There are none left in `blocked`.
--
-- Places that are kept for invited people are not free, except for a walk-in, who comes past the queue
-- and without one. keeps has for each attendee the ticket type of which its registration may take one
-- kept place ('': of the event only); null: it is not invited. Such a place is there while others wait.
create function admit(the_event uuid, ordinals integer[], ticket_types text[], past_queue boolean,
                      has_waiting_list boolean, queues text[] default null,
                      blocked text[] default '{}', keeps text[] default null)
-- short_of null: it fits. event_left and type_left (of its last ticket type) are the places before.
returns table (ordinal integer, short_of text, event_left integer, type_left integer)
language plpgsql as $$
declare
  all_in_event integer;
  left_in_event integer;
  slugs text[];
  alls integer[];
  lefts integer[];
  kept_in_event integer;
  kepts integer[];
  own integer; -- the ticket type of the kept place
  from_kept integer; -- places that the registration takes from the kept ones of the event
  needs integer[];
  total integer;
  never_fits boolean;
  at integer := 1;
  t integer;
  count integer := coalesce(cardinality(ordinals), 0);
  is_walk_in boolean := past_queue and queues is null;
begin
  select capacity, places_left(capacity, taken + case when is_walk_in then 0 else kept end,
                               case when past_queue then 0 else waiting end),
         least(kept, places_left(capacity, taken, 0))
    into all_in_event, left_in_event, kept_in_event from tally where event_id = the_event;
  select array_agg(slug), array_agg(capacity),
         array_agg(case when slug = any (blocked) then 0 else
           places_left(capacity, taken + case when is_walk_in then 0 else kept end,
                       case when past_queue then 0 else waiting end) end),
         array_agg(least(kept, places_left(capacity, taken, 0)))
    into slugs, alls, lefts, kepts
    from ticket_type where event_id = the_event;

  while at <= count loop
    ordinal := ordinals[at];
    if queues is not null
       and (left_in_event = 0 or lefts[array_position(slugs, queues[at])] = 0) then
      at := at + 1;
      continue;
    end if;
    short_of := null;
    event_left := left_in_event;
    needs := array_fill(0, array[cardinality(slugs)]);
    total := 0;
    never_fits := false;
    own := null;
    from_kept := 0;
    if keeps is not null and kept_in_event > 0 and keeps[at] is not null then
      from_kept := 1;
      own := array_position(slugs, keeps[at]);
      own := case when kepts[own] > 0 then own end;
    end if;
    while at <= count and ordinals[at] = ordinal loop
      t := array_position(slugs, ticket_types[at]);
      needs[t] := needs[t] + 1;
      never_fits := never_fits or coalesce(needs[t] > alls[t], false);
      if short_of is null and needs[t] > lefts[t]
         and not coalesce(t = own and needs[t] - 1 <= lefts[t], false) then
        short_of := slugs[t];
      end if;
      type_left := lefts[t];
      total := total + 1;
      at := at + 1;
    end loop;
    if never_fits or total > all_in_event then
      short_of := '-';
    elsif short_of is null and total - from_kept > left_in_event then
      short_of := '';
    end if;

    if short_of is null then
      left_in_event := left_in_event - total + from_kept;
      for t in 1 .. cardinality(slugs) loop
        lefts[t] := lefts[t] - needs[t];
      end loop;
      if from_kept > 0 then
        kept_in_event := kept_in_event - 1;
        if needs[own] > 0 then
          lefts[own] := lefts[own] + 1;
          kepts[own] := kepts[own] - 1;
        end if;
      end if;
    elsif has_waiting_list and short_of = '' then
      left_in_event := 0;
    elsif has_waiting_list and short_of <> '-' then
      lefts[array_position(slugs, short_of)] := 0;
    end if;
    return next;
  end loop;
end $$;
