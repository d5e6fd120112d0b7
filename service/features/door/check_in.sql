-- Decides and records a batch of scans. Every element gets an outcome. Runs after check_in_lock in
-- the same transaction, as a second statement, so that its snapshot includes the transactions that
-- the lock waited for. Safe to send again: a recorded scan gives its answer again.
--
-- Records refusals that came before the database (forged, unknown, wrong_event) unchanged. Force
-- overrides a refusal because of status, door, time or an earlier admission. Force does not admit a
-- forged, unknown or replaced ticket.
--
-- Scans of one attendee apply in the order in which they happened, not of arrival. An attendee is
-- inside after each scan with direction in, until the day of the event ends. Each scan starts from the
-- state after the scan before it on the same day, in this batch or recorded. A device without a
-- connection has let the guest in or not: its refusal stands, and what follows is judged by its
-- admission. A late scan of anybody else also looks at the next recorded scan of the day: if that one
-- found or let the attendee in, the late scan gives already_admitted. Triggers judge conflicts again
-- after a late scan (functions/conflicts.sql). The attendee row holds the newest scan. Only an older
-- scan reads the history.
--
-- No clock decides about a guest who stands at the door now. If a recorded scan of the guest claims to
-- be later, a clock was ahead: set_back_scans mends the record, and the scan is sent once more.
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
-- The guest stands at the door now:
-- $17 is_now: boolean[]
-- row scan: $1 to $17
-- outcome: check_in_outcome = admitted | left | already_admitted | cancelled | not_confirmed |
--   wrong_event | wrong_door | too_early | too_late | replaced | forged | unknown |
--   later (send it once more: the batch holds an earlier element with the same nonce, or the record was mended)
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
                $13::timestamptz[], $14::timestamptz[], $15::verdict[], $16::text[]::date[],
                $17::boolean[])
      with ordinality
      as asked (event_id, nonce, refused, ticket_id, attendee_id, door, direction, scanned_at,
                force, reason, scanned_by, actor, opens_at, closes_at, decided, day, is_now, ordinal)
), looked_at as (
  select asked.ordinal, asked.event_id, asked.nonce, asked.door, asked.direction, asked.scanned_at,
         asked.force, asked.reason, asked.scanned_by, asked.actor, asked.decided, asked.day, asked.is_now,
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
), fitting as (
  select *, not is_repeated and not is_recorded
            and coalesce(decided in ('admitted', 'left'), true)
            and (refusal is null
                 or force and refusal in ('cancelled', 'not_confirmed', 'wrong_door', 'too_early',
                                          'too_late')) as fits
    from looked_at
), sorted_out as (
  select *, fits and not (is_now and coalesce(is_late, false)) as moves,
         fits and is_now and coalesce(is_late, false) as is_behind
    from fitting
), placed as (
  select sorted_out.*,
         case when is_late then before.happened_at else seen_at end as found_at,
         case when is_late then before.door else seen_door end as found_door,
         case when is_late then before.verdict <> 'left' else inside and last_day = day end
           as found_inside,
         after.verdict <> 'left' and decided is null as found_inside_after,
         after.happened_at as after_at, after.door as after_door
    from sorted_out
    left join lateral (
      select happened_at, verdict, door
        from scan
       where is_late and scan.event_id = sorted_out.event_id
         and scan.attendee_id = sorted_out.attendee_id
         and scan.happened_at <= sorted_out.scanned_at and moves
         and undone_at is null and scan.day = sorted_out.day
       order by happened_at desc, received_at desc
       limit 1) as before on true
    left join lateral (
      select happened_at, verdict, door
        from scan
       where is_late and scan.event_id = sorted_out.event_id
         and scan.attendee_id = sorted_out.attendee_id
         and scan.happened_at > sorted_out.scanned_at and moves
         and undone_at is null and scan.day = sorted_out.day
       order by happened_at, received_at
       limit 1) as after on true
), stepping as (
  select *, moves and not (direction = 'in' and not force and coalesce(found_inside_after, false))
              as steps
    from placed
), in_line as (
  select *, lag(scanned_at) over line as previous_at,
         lag(direction) over line as previous_direction,
         lag(door) over line as previous_door,
         case when moves then
           min(scanned_at) filter (where direction = 'in') over days end as came_at
    from stepping
  window days as (partition by event_id, attendee_id, moves order by scanned_at, ordinal),
         line as (partition by event_id, attendee_id, steps, day order by scanned_at, ordinal)
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
  select *, case when not moves then coalesce(refusal, decided)
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
), news as (
  select event_id, greatest(clock_timestamp(), last.told_at) as told_at
    from (select distinct event_id from asked) as asked cross join last_told(event_id) as last
), new_scan as (
  insert into scan (event_id, nonce, door, direction, verdict, ticket_id, attendee_id, scanned_at,
                    happened_at, late, day, received_at, told_at, scanned_by, forced, reason,
                    first_admitted_at, decided, conflict, admitted_at, admitted_door, expected,
                    admitted, inside)
  select event_id, nonce, door, direction, verdict, ticket_id, attendee_id,
         scanned_at, scanned_at, coalesce(is_late, false), day, clock_timestamp(),
         told_at + ordinal * interval '1 microsecond', scanned_by, forced, reason,
         least(first_admitted_at, came_at), decided, conflict, admitted_at, admitted_door, expected,
         all_admitted, all_inside
    from answer join news using (event_id)
   where not is_repeated and not is_recorded and not is_behind
   order by ordinal
), told_later as ( -- the first answer was lost, and the device decided by itself
  update scan
     set decided = again.decided, conflict = again.decided = 'admitted' and verdict <> 'admitted',
         told_at = (select news.told_at + again.ordinal * interval '1 microsecond'
                      from news where news.event_id = scan.event_id)
    from (select distinct on (event_id, nonce) event_id, nonce, decided, ordinal
            from answer
           where is_recorded and decided is not null
           order by event_id, nonce, ordinal) as again
   -- Arrays, which are mostly empty. The join alone would read all scans of the event.
   where scan.event_id = any (array(select event_id from answer where is_recorded))
     and scan.nonce = any (array(select nonce from answer where is_recorded and decided is not null))
     and scan.decided is null
     and scan.event_id = again.event_id and scan.nonce = again.nonce
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
            when is_behind then set_back_scans(event_id, attendee_id, scanned_at, day)
            else verdict::text end as outcome,
       case when is_recorded then (recorded).forced else forced end as forced,
       case when is_recorded then (recorded).scanned_at else scanned_at end as scanned_at,
       attendee_id, name, ticket_type, status, answers::text,
       case when is_recorded then (recorded).first_admitted_at
            else least(first_admitted_at, came_at) end as first_admitted_at,
       case when is_recorded then (recorded).admitted_at else admitted_at end as admitted_at,
       case when is_recorded then (recorded).admitted_door else admitted_door end as admitted_door,
       case when is_recorded
              then (recorded).conflict
                   or (recorded).decided is null and coalesce(decided = 'admitted', false)
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
