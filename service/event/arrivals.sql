-- Counts the arrivals of a day in steps of five minutes, by door and ticket type. Each person counts
-- once, when and where they first came in. Without $2 it counts over all days, without steps.
-- $1 event_id: uuid
-- $2 day: text or null
-- Without this the ticket types are null, and the attendees are not read:
-- $3 with_types: boolean
-- rows: at timestamp with time zone, door text, ticket_type text, people bigint
with came as (
  select distinct on (attendee_id) attendee_id, happened_at, door
    from scan
   where event_id = $1 and moves and undone_at is null and verdict <> 'left'
     and ($2::text is null or day = $2::date)
   order by attendee_id, happened_at
)
select case when $2::text is not null then date_bin('5 minutes', happened_at, 'epoch') end as at,
       came.door, ticket_type, count(*) as people
  from came left join attendee on $3 and attendee.event_id = $1
                              and attendee.attendee_id = came.attendee_id
 group by 1, 2, 3
 order by 1, 2, 3
