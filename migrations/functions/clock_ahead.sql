-- Reads where an attendee is from the scans that count. The caller holds the lock on the tally.
create function replay_scans(the_event uuid, the_attendee uuid) returns void language plpgsql as $$
declare
  newest scan;
  first_at timestamptz;
  came date[];
begin
  select * into newest from scan
   where event_id = the_event and attendee_id = the_attendee and moves and undone_at is null
   order by happened_at desc, received_at desc limit 1;
  select min(happened_at), coalesce(array_agg(distinct day order by day), '{}') into first_at, came
    from scan
   where event_id = the_event and attendee_id = the_attendee
     and moves and verdict <> 'left' and undone_at is null;
  update attendee
     set first_admitted_at = first_at, days = came, seen_at = newest.happened_at,
         seen_door = newest.door,
         inside = coalesce(newest.verdict <> 'left', false) and first_at is not null
   where event_id = the_event and attendee_id = the_attendee;
end $$;

-- A guest stands at the door now, and a recorded scan of the guest claims to be later: a clock was
-- ahead. The recorded scans get times just before `now_at` and its day. Otherwise the guest would be
-- judged by them until the clock has reached them. Returns 'later': the guest's scan is decided after
-- that. The caller holds the lock on the tally.
create function set_back_scans(the_event uuid, the_attendee uuid, now_at timestamptz, today date)
returns text language plpgsql as $$
begin
  update scan
     set happened_at = now_at - ahead.place * interval '1 microsecond', day = today
    from (select nonce, row_number() over (order by happened_at desc, received_at desc) as place
            from scan
           where event_id = the_event and attendee_id = the_attendee and happened_at > now_at) as ahead
   where scan.event_id = the_event and scan.nonce = ahead.nonce;
  perform replay_scans(the_event, the_attendee);
  return 'later';
end $$;
