-- Reads a page of the valid tickets for a phone's guest list, in the order of their ids. `day` is the
-- last day on which the attendee came; admitted_at and inside are of that day. scans_to is the told_at
-- of the newest scan that the page knows, with_names whether the device keeps names. Without tickets
-- it gives one row with nulls.
-- $1 event_id: uuid
-- $2 after: uuid
-- Leaves out older tickets, but reaches back 5 minutes for transactions that committed late. Null: all.
-- A time that is still to come gives all, too: the clock was set back.
-- $3 since: timestamp with time zone or null
-- $4 most: bigint
-- $5 device_id: uuid
-- rows: as_of timestamp with time zone, scans_to timestamp with time zone,
--   with_names boolean, ticket_id uuid,
--   expires_at timestamp with time zone, attendee_id uuid, name text, ticket_type text, answers text,
--   admitted_at timestamp with time zone, inside boolean, day text
with page as (
  select ticket_id, expires_at, attendee.attendee_id, name, ticket_type, answers::text,
         case when inside then seen_at
              when cardinality(days) > 1 then came_on($1, attendee.attendee_id, last_day)
              else first_admitted_at end as admitted_at, inside, last_day::text as day
    from ticket
    join lateral (
      select *, days[cardinality(days)] as last_day
        from attendee
       where attendee.event_id = $1 and attendee.attendee_id = ticket.attendee_id
       offset 0) as attendee on true
   where ticket.event_id = $1 and ticket_id > $2 and replaced_at is null
     and ($3::timestamptz is null or $3 > now() or issued_at > $3 - interval '5 minutes')
     and attendee.status = 'confirmed'
   order by ticket_id
   limit $4
)
select clock_timestamp() as as_of, last.told_at as scans_to,
       exists (select from device
                where event_id = $1 and device_id = $5 and keeps_names and revoked_at is null)
         as with_names, page.*
  from last_told($1) as last left join page on true
 order by ticket_id
