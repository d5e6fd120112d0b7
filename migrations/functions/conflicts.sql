-- A conflict is a guest who was let in and should not have been. Whether the guest was inside already
-- depends on all scans of the day, in the order in which they happened. So a late scan can make a
-- conflict of the next scan, or settle it. So can the undoing of a scan.

-- The told_at that the next scan of the event must exceed. The caller holds the lock on the tally.
create function last_told(the_event uuid) returns table (told_at timestamptz)
language sql stable as $$
  select max(scan.told_at) from scan where event_id = the_event and scan.told_at is not null
$$;

-- The scan that let the guest in before a scan that let the guest in once more.
create function scan_before(the_scan scan) returns table (admitted_at timestamptz, admitted_door text)
language sql stable as $$
  select scanned_at, door from scan
   where event_id = the_scan.event_id and attendee_id = the_scan.attendee_id
     and day = the_scan.day and happened_at <= the_scan.happened_at and nonce <> the_scan.nonce
     and moves and undone_at is null
   order by happened_at desc, received_at desc
   limit 1
$$;

-- Judges the scans of an attendee on the day of a scan that came late or changed. The live stream
-- tells those whose judgement changed.
create function judge_scans() returns trigger language plpgsql as $$
begin
  with line as (
    select nonce, conflict as was,
           verdict <> 'left' and not forced and coalesce(
             lag(verdict <> 'left') over (order by happened_at, received_at), false) as conflict
      from scan
     where event_id = new.event_id and attendee_id = new.attendee_id and day = new.day
       and moves and undone_at is null
  ), changed as (
    select nonce, conflict, row_number() over () as place from line where conflict <> was
  )
  update scan
     set conflict = changed.conflict,
         told_at = greatest(clock_timestamp(), (select last.told_at from last_told(new.event_id) as last))
                   + place * interval '1 microsecond'
    from changed
   where scan.event_id = new.event_id and scan.nonce = changed.nonce;
  return null;
end $$;
create trigger judge_late after insert on scan for each row
  when (new.late and new.moves) execute function judge_scans();
create trigger judge_changed after update of undone_at, decided on scan for each row
  when (new.attendee_id is not null
        and (new.undone_at is distinct from old.undone_at or new.decided is distinct from old.decided))
  execute function judge_scans();
