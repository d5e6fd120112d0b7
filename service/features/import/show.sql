-- A list, with one row for each outcome of its lines. without_place is how many of the lines that could
-- be added would find no place now.
-- $1 event_id: uuid
-- $2 import_id: uuid
-- kind: import_outcome = good | wrong | left_out | twice | registered | again | added | no_places | failed
-- rows: name text, state import_state, rules jsonb, reason text, is_started boolean,
-- rows: size integer, read_to integer, total integer, done_to integer, without_place bigint,
-- rows: kind text, count bigint
with list as (
  select name, state, rules, reason, started_at is not null as is_started,
         octet_length(file) as size, read_to, total, done_to
    from import where event_id = $1 and import_id = $2
), grouped as (
  select outcome, ticket_type, count(*) as count
    from import_line where event_id = $1 and import_id = $2
   group by outcome, ticket_type
), wanted as (
  select count, least(count, places_left(ticket_type.capacity, ticket_type.taken, 0)) as fit
    from grouped join ticket_type on ticket_type.event_id = $1 and slug = grouped.ticket_type
   where outcome = 'good'
), short as (
  select coalesce(sum(count), 0) - least(coalesce(sum(fit), 0), (
           select places_left(capacity, taken, 0) from tally where event_id = $1)) as people
    from wanted
), summed as (
  select outcome, sum(count)::bigint as count from grouped group by outcome
)
select name, state, rules, reason, is_started, size, read_to, total, done_to,
       (select people from short)::bigint as without_place, outcome as kind, count
  from list left join summed on true
 order by count desc, kind
