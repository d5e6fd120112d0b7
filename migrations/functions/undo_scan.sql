-- Marks a scan as undone. The attendee gets the state of the other scans. The caller holds the lock
-- on the event's tally. by_device: finds only scans of this device, and scans at at_door if given;
-- null: all scans. minutes: the greatest age of the scan. said_at: when the device undid its scan
-- without a connection. For a day it may report an undo that it did within `minutes` of the scan.
create function undo_scan(the_event uuid, the_nonce uuid, by_device uuid, at_door text, who text,
                          minutes integer, said_at timestamptz)
returns table (outcome text, attendee_id uuid, name text, ticket_type text, status text,
               is_inside boolean, expected integer, admitted integer, inside integer)
language plpgsql as $$
#variable_conflict use_column
declare
  found_scan scan;
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
    update scan
       set undone_at = clock_timestamp(), undone_by = who,
           told_at = greatest(clock_timestamp(), last.told_at + interval '1 microsecond')
      from last_told(the_event) as last
     where event_id = the_event and nonce = the_nonce;
    perform replay_scans(the_event, found_scan.attendee_id);
    perform note_change(the_event, attendee.registration_id, attendee.attendee_id, who,
                        'check_in.undo', facts => jsonb_build_object(
                          'scan', the_nonce, 'door', found_scan.door, 'said_at', said_at))
       from attendee
      where event_id = the_event and attendee.attendee_id = found_scan.attendee_id;
  end if;
  return query
    select outcome, attendee.attendee_id, attendee.name, attendee.ticket_type,
           attendee.status::text,
           attendee.inside and attendee.days[cardinality(attendee.days)] >= found_scan.day,
           counts.expected, counts.admitted, counts.inside
      from counts_on(the_event, found_scan.day) as counts
      left join attendee on attendee.event_id = the_event
                        and attendee.attendee_id = found_scan.attendee_id;
end $$;
