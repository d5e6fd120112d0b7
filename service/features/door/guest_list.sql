-- Reads a page of the valid tickets for a phone's guest list, in the order of their ids. `day` is the
-- last day on which the attendee came; admitted_at and inside are of that day.
-- $1 event_id: uuid
-- $2 after: uuid
-- Leaves out older tickets, but reaches back 5 minutes for transactions that committed late. Null: all.
-- $3 since: timestamp with time zone or null
-- $4 most: bigint
-- rows: ticket_id uuid, expires_at timestamp with time zone, attendee_id uuid, name text,
--   ticket_type text, answers text, admitted_at timestamp with time zone, inside boolean, day text
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
   and ($3::timestamptz is null or issued_at > $3 - interval '5 minutes')
   and attendee.status = 'confirmed'
 order by ticket_id
 limit $4
