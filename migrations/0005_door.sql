-- The door as an application: what a device may do, scans that a phone decided by itself, scans
-- that were a mistake, and what happened since somebody looked.

-- staff: scans, searches, takes walk-ins, lets in all the same; scanner: scans, and no more.
create type device_role as enum ('staff', 'scanner');
alter table device add column role device_role not null default 'staff';

-- Grows with each change, so that a phone takes no old answer for news.
alter table device add column version integer not null default 1;

-- Where the newest scan was, as seen_at is when.
alter table attendee add column seen_door text;

alter table scan
  -- What a device told the guest while it was apart; null: it asked.
  add column decided verdict,
  -- It let somebody in who would not have been.
  add column conflict boolean not null generated always as
    (decided is not null and decided = 'admitted' and verdict <> 'admitted') stored,
  -- Since when and where the guest was in already, or is now: part of the answer.
  add column admitted_at timestamptz,
  add column admitted_door text,
  add column undone_at timestamptz,
  add column undone_by text;

-- Who was let in by a phone that was apart is inside, whoever had let them in before: such a scan
-- counts as a coming, too.
alter table scan add column moves boolean not null generated always as
  (verdict in ('admitted', 'left')
   or verdict = 'already_admitted' and decided is not null and decided = 'admitted') stored;

drop index scan_of_attendee;
create index scan_of_attendee on scan (event_id, attendee_id, scanned_at)
  where moves and undone_at is null;

-- What is new, in order: scans of an event are written under the lock of its tally, so that none
-- appears later with an earlier time. Partial, though it holds all scans: else a plan made while
-- the table was empty would take it for a lookup by (event_id, nonce), and read all of the event's.
create index scan_news on scan (event_id, (coalesce(undone_at, received_at)))
  where received_at is not null;

create index scan_in_conflict on scan (event_id, received_at) where conflict;

-- Tickets a phone must refuse by itself.
create index ticket_replaced on ticket (event_id, replaced_at) where replaced_at is not null;
create index attendee_cancelled on attendee (event_id) where status = 'cancelled';

-- Takes a scan back, as if it had not been: the attendee is what the other scans say. The scan stays,
-- marked. by_device: only a scan of this device, or, where at_door is given, one at that door; null:
-- any. Within so many minutes; said_at: when a device that was apart says it took back a scan of its
-- own, which within these minutes after the scan holds for a day. Whoever calls this holds the lock on
-- the event's tally.
create function undo_scan(the_event uuid, the_nonce uuid, by_device uuid, at_door text, who text,
                          minutes integer, said_at timestamptz)
returns table (outcome text, attendee_id uuid, name text, ticket_type text, status text,
               is_inside boolean, expected integer, admitted integer, inside integer)
language plpgsql as $$
#variable_conflict use_column
declare
  found_scan scan;
  newest scan;
  first_at timestamptz;
begin
  select * into found_scan from scan
   where event_id = the_event and nonce = the_nonce
     and (by_device is null or scanned_by = by_device or door = at_door);
  outcome := case
    when found_scan.nonce is null then 'not_found'
    when found_scan.undone_at is not null then 'undone'
    when not found_scan.moves then 'nothing_to_undo'
    when found_scan.received_at < now() - make_interval(mins => minutes)
         and not coalesce(found_scan.scanned_by = by_device
                          and found_scan.received_at > now() - interval '24 hours'
                          and said_at <= found_scan.scanned_at + make_interval(mins => minutes)
                          and said_at >= found_scan.scanned_at - interval '1 minute', false)
      then 'undo_too_late'
    else 'undone' end;
  if outcome = 'undone' and found_scan.undone_at is null then
    update scan set undone_at = clock_timestamp(), undone_by = who
     where event_id = the_event and nonce = the_nonce;
    select * into newest from scan
     where event_id = the_event and scan.attendee_id = found_scan.attendee_id
       and moves and undone_at is null
     order by scanned_at desc, received_at desc limit 1;
    select min(scanned_at) into first_at from scan
     where event_id = the_event and scan.attendee_id = found_scan.attendee_id
       and moves and verdict <> 'left' and undone_at is null;
    update attendee
       set first_admitted_at = first_at, seen_at = newest.scanned_at, seen_door = newest.door,
           inside = coalesce(newest.verdict <> 'left', false) and first_at is not null
     where event_id = the_event and attendee.attendee_id = found_scan.attendee_id;
    insert into audit_entry (organiser_id, event_id, actor, action, detail)
    select organiser_id, event_id, who, 'check_in.undo',
           jsonb_build_object('scan', the_nonce, 'attendee', found_scan.attendee_id,
                              'door', found_scan.door, 'said_at', said_at)
      from event where event_id = the_event;
  end if;
  return query
    select outcome, attendee.attendee_id, attendee.name, attendee.ticket_type,
           attendee.status::text, attendee.inside, tally.confirmed, tally.admitted, tally.inside
      from tally
      left join attendee on attendee.event_id = tally.event_id
                        and attendee.attendee_id = found_scan.attendee_id
     where tally.event_id = the_event;
end $$;
