-- Decides and records a batch of scans. Every element gets an outcome. Runs after check_in_lock in
-- the same transaction, as a second statement, so that its snapshot includes the transactions that
-- the lock waited for. Safe to send again: a recorded scan gives its answer again.
--
-- Records refusals that came before the database (forged, unknown, wrong_event) unchanged. Force
-- overrides a refusal because of status, door, time or an earlier admission. Force does not admit a
-- forged, unknown or replaced ticket.
--
-- Scans of one attendee apply in the order of scanned_at, not of arrival. An attendee is inside
-- after each scan with direction in, until the day of the event ends. Each scan starts from the state
-- after the scan before it on the same day, in this batch or recorded. A late scan also looks at the
-- next recorded scan of the day: if that scan found or let the attendee in, the late scan gives
-- already_admitted. The attendee row holds the newest scan. Only an older scan reads the history.
--
-- All tickets of a cancelled event are cancelled. A ticket type with days admits on these days only.
-- The counts in the answer are those of the scan's day.
--
-- $1 event_id: uuid[]
-- $2 nonce: uuid[]
-- $3 refused: verdict[] or null
-- $4 ticket_id: uuid[] or null
-- $5 attendee_id: uuid[] or null
-- $6 door: text[]
-- $7 direction: direction[]
-- $8 scanned_at: timestamp with time zone[]
-- $9 force: boolean[]
-- $10 reason: text[] or null
-- $11 scanned_by: uuid[]
-- $12 actor: text[]
-- $13 opens_at: timestamp with time zone[]
-- $14 closes_at: timestamp with time zone[]
-- $15 decided: verdict[] or null
-- The day of the event that scanned_at belongs to, like 2026-05-13:
-- $16 day: text[]
-- row scan: $1 to $16
-- outcome: check_in_outcome = admitted | left | already_admitted | cancelled | not_confirmed |
--   wrong_event | wrong_door | too_early | too_late | replaced | forged | unknown |
--   later (the batch holds an earlier element with the same nonce: send it once more)
-- rows: ordinal integer, outcome text, forced boolean, scanned_at timestamp with time zone,
--   attendee_id uuid, name text, ticket_type text, status registration_status,
--   answers text, first_admitted_at timestamp with time zone,
--   admitted_at timestamp with time zone, admitted_door text, conflict boolean, is_theirs boolean,
--   expected integer, admitted integer, inside integer, valid_days text
with asked as (
  select *, row_number() over (partition by event_id, nonce order by ordinal) > 1 as is_repeated
    from unnest($1::uuid[], $2::uuid[], $3::verdict[], $4::uuid[], $5::uuid[], $6::text[],
                $7::direction[],
                $8::timestamptz[], $9::boolean[], $10::text[], $11::uuid[], $12::text[],
                $13::timestamptz[], $14::timestamptz[], $15::verdict[], $16::text[]::date[])
      with ordinality
      as asked (event_id, nonce, refused, ticket_id, attendee_id, door, direction, scanned_at,
                force, reason, scanned_by, actor, opens_at, closes_at, decided, day, ordinal)
), looked_at as (
  select asked.ordinal, asked.event_id, asked.nonce, asked.door, asked.direction, asked.scanned_at,
         asked.force, asked.reason, asked.scanned_by, asked.actor, asked.decided, asked.day,
         is_repeated,
         coalesce(asked.ticket_id, current.ticket_id) as ticket_id,
         asked.attendee_id as asked_attendee_id,
         attendee.attendee_id, attendee.name, attendee.ticket_type, attendee.status, attendee.answers,
         attendee.first_admitted_at, attendee.inside, attendee.seen_at, attendee.seen_door,
         attendee.days, attendee.days[cardinality(attendee.days)] as last_day,
         to_json(type.days)::text as valid_days, asked.scanned_at < attendee.seen_at as is_late,
         recorded, (recorded).nonce is not null as is_recorded,
         case when refused is not null then refused
              when attendee.attendee_id is null then 'unknown'
              when asked.direction = 'out' then null
              when ticket.replaced_at is not null then 'replaced'
              when event.cancelled or attendee.status = 'cancelled' then 'cancelled'
              when attendee.status <> 'confirmed' then 'not_confirmed'
              when not attendee.ticket_type = any (door.ticket_types) then 'wrong_door'
              when asked.scanned_at < opens_at then 'too_early'
              when asked.scanned_at >= closes_at then 'too_late'
              when asked.day < any (type.days) and asked.day <> all (type.days) then 'too_early'
              when asked.day <> all (type.days) then 'too_late'
         end as refusal
    from asked
    -- limit 1 keeps the lookup by key. A plan made for an empty table would read every scan until
    -- the next analyze.
    left join lateral (
      select scan as recorded
        from scan
       where scan.event_id = asked.event_id and scan.nonce = asked.nonce
       limit 1) as scan_before on true
    left join ticket on ticket.event_id = asked.event_id and ticket.ticket_id = asked.ticket_id
                    and refused is null
    left join ticket as current on current.event_id = asked.event_id
                               and current.attendee_id = asked.attendee_id
                               and current.replaced_at is null
    left join attendee on attendee.event_id = asked.event_id
                      and attendee.attendee_id
                          = case when (recorded).nonce is not null then (recorded).attendee_id
                                 else coalesce(ticket.attendee_id, asked.attendee_id) end
    left join door on door.event_id = asked.event_id and door.slug = asked.door
    left join event on event.event_id = asked.event_id
    left join ticket_type as type on type.event_id = asked.event_id
                                 and type.slug = attendee.ticket_type
), sorted_out as (
  select *, not is_repeated and not is_recorded
            and (refusal is null
                 or force and refusal in ('cancelled', 'not_confirmed', 'wrong_door', 'too_early',
                                          'too_late')) as moves
    from looked_at
), in_line as (
  select sorted_out.*,
         case when is_late then before.scanned_at else seen_at end as found_at,
         case when is_late then before.door else seen_door end as found_door,
         case when is_late then before.verdict <> 'left' else inside and last_day = day end
           as found_inside,
         after.verdict <> 'left' as found_inside_after,
         after.scanned_at as after_at, after.door as after_door,
         lag(sorted_out.scanned_at) over line as previous_at,
         lag(direction) over line as previous_direction,
         lag(sorted_out.door) over line as previous_door,
         case when moves then
           min(sorted_out.scanned_at) filter (where direction = 'in') over days end as came_at
    from sorted_out
    left join lateral (
      select scanned_at, verdict, door
        from scan
       where is_late and scan.event_id = sorted_out.event_id
         and scan.attendee_id = sorted_out.attendee_id
         and scan.scanned_at <= sorted_out.scanned_at and moves
         and undone_at is null and scan.day = sorted_out.day
       order by scanned_at desc, received_at desc
       limit 1) as before on true
    left join lateral (
      select scanned_at, verdict, door
        from scan
       where is_late and scan.event_id = sorted_out.event_id
         and scan.attendee_id = sorted_out.attendee_id
         and scan.scanned_at > sorted_out.scanned_at and moves
         and undone_at is null and scan.day = sorted_out.day
       order by scanned_at, received_at
       limit 1) as after on true
  window days as (partition by sorted_out.event_id, attendee_id, moves
                  order by sorted_out.scanned_at, ordinal),
         line as (partition by sorted_out.event_id, attendee_id, moves, sorted_out.day
                  order by sorted_out.scanned_at, ordinal)
), compared as (
  select *, previous_at is not null and (found_at is null or previous_at >= found_at) as follows
    from in_line
), met as (
  select *, coalesce(case when follows then previous_direction = 'in' else found_inside end, false)
              as was_inside_before,
         coalesce(found_inside_after, false) as was_inside_after
    from compared
), known as (
  select *, was_inside_before or was_inside_after as was_inside,
         case when not was_inside_before then after_at
              when follows then previous_at else found_at end as in_since,
         case when not was_inside_before then after_door
              when follows then previous_door else found_door end as in_at
    from met
), told as (
  select *, case when not moves then refusal
                 when direction = 'out' then 'left'
                 when was_inside and not force then 'already_admitted'
                 else 'admitted' end as verdict,
         moves and direction = 'in' and (refusal is not null or was_inside and force) as forced
    from known
), decided as (
  select *, case verdict when 'admitted' then scanned_at
                         when 'already_admitted' then in_since end as admitted_at,
         case verdict when 'admitted' then door
                      when 'already_admitted' then in_at end as admitted_door,
         coalesce(decided = 'admitted', false) and verdict <> 'admitted' as conflict
    from told
), seen as (
  select event_id, attendee_id, first_admitted_at, inside, seen_at, seen_door, days, last_day,
         min(came_at) as came_at,
         array_agg(distinct day order by day) filter (where direction = 'in') as came_on,
         max(scanned_at) filter (where verdict <> 'already_admitted' or conflict) as newest_at,
         (array_agg(direction order by scanned_at desc, ordinal desc)
            filter (where verdict <> 'already_admitted' or conflict))[1] = 'in' as newest_inside,
         (array_agg(door order by scanned_at desc, ordinal desc)
            filter (where verdict <> 'already_admitted' or conflict))[1] as newest_door
    from decided
   where moves
   group by event_id, attendee_id, first_admitted_at, inside, seen_at, seen_door, days, last_day
), moved as (
  select event_id, attendee_id, days as old_days,
         case when inside then last_day end as was_inside_on,
         case when came_on is null or days @> came_on then days
              when last_day is null or last_day < came_on[1] then days || came_on
              else array(select distinct unnest(days || came_on) order by 1) end as days,
         least(first_admitted_at, came_at) as first_admitted_at,
         greatest(seen_at, newest_at) as seen_at,
         case when newest_at < seen_at or newest_at is null then inside
              else newest_inside end as inside,
         case when newest_at < seen_at or newest_at is null then seen_door
              else newest_door end as seen_door
    from seen
   where newest_at is not null or came_at < first_admitted_at
), moved_attendee as (
  update attendee
     set first_admitted_at = moved.first_admitted_at, days = moved.days, seen_at = moved.seen_at,
         inside = moved.inside, seen_door = moved.seen_door
    from moved
   where attendee.event_id = moved.event_id and attendee.attendee_id = moved.attendee_id
), change as (
  select event_id, one.day, count(*) filter (where one.day <> all (old_days)) as admitted,
         sum((inside and one.day = moved.days[cardinality(moved.days)])::integer
             - (one.day is not distinct from was_inside_on)::integer) as inside
    from moved cross join lateral unnest(moved.days) as one (day)
   group by event_id, one.day
), counts as (
  select event_id, day, known.expected, known.admitted + coalesce(change.admitted, 0) as admitted,
         known.inside + coalesce(change.inside, 0) as inside
    from (select distinct event_id, day from asked) as asked
   cross join lateral counts_on(event_id, day) as known
    left join change using (event_id, day)
), answer as (
  select decided.*, counts.expected, counts.admitted as all_admitted, counts.inside as all_inside
    from decided join counts using (event_id, day)
), new_scan as (
  insert into scan (event_id, nonce, door, direction, verdict, ticket_id, attendee_id, scanned_at,
                    day, received_at, scanned_by, forced, reason, first_admitted_at, decided,
                    admitted_at, admitted_door, expected, admitted, inside)
  select event_id, nonce, door, direction, verdict, ticket_id, attendee_id,
         scanned_at, day, clock_timestamp(), scanned_by, forced, reason,
         least(first_admitted_at, came_at), decided, admitted_at, admitted_door, expected,
         all_admitted, all_inside
    from answer
   where not is_repeated and not is_recorded
   order by ordinal
), told_later as ( -- the first answer was lost, and the device decided by itself
  update scan
     set received_at = clock_timestamp(),
         decided = (select answer.decided
                      from answer
                     where answer.event_id = scan.event_id and answer.nonce = scan.nonce
                       and answer.decided is not null
                     order by ordinal
                     limit 1)
   -- Arrays, which are mostly empty. A join would read all scans of the event.
   where event_id = any (array(select event_id from answer where is_recorded))
     and nonce = any (array(select nonce from answer where is_recorded and decided is not null))
     and decided is null
), new_audit_entry as (
  insert into audit_entry (organiser_id, event_id, registration_id, attendee_id, actor, action,
                           after, detail)
  select organiser_id, event_id,
         (select registration_id from attendee
           where attendee.event_id = answer.event_id and attendee.attendee_id = answer.attendee_id),
         attendee_id, actor, 'check_in.force', jsonb_build_object('reason', reason),
         jsonb_build_object('door', door, 'instead_of', coalesce(refusal, 'already_admitted'))
    from answer join event using (event_id)
   where forced
   order by ordinal
)
select ordinal::integer,
       case when is_recorded then (recorded).verdict::text
            when is_repeated then 'later'
            else verdict::text end as outcome,
       case when is_recorded then (recorded).forced else forced end as forced,
       case when is_recorded then (recorded).scanned_at else scanned_at end as scanned_at,
       attendee_id, name, ticket_type, status, answers::text,
       case when is_recorded then (recorded).first_admitted_at
            else least(first_admitted_at, came_at) end as first_admitted_at,
       case when is_recorded then (recorded).admitted_at else admitted_at end as admitted_at,
       case when is_recorded then (recorded).admitted_door else admitted_door end as admitted_door,
       case when is_recorded then (recorded).conflict
                                  or coalesce((recorded).decided, decided) = 'admitted'
                                     and (recorded).verdict <> 'admitted'
            else conflict end as conflict,
       -- A nonce sent again with another ticket gets the old answer without the attendee.
       not is_recorded or ticket_id = (recorded).ticket_id or asked_attendee_id = attendee_id
         as is_theirs,
       case when is_recorded then (recorded).expected else expected end as expected,
       (case when is_recorded then (recorded).admitted else all_admitted end)::integer as admitted,
       (case when is_recorded then (recorded).inside else all_inside end)::integer as inside,
       valid_days
  from answer
 order by ordinal
