-- Lines of a list with one outcome, or all that were not added, in the order of the file.
-- $1 event_id: uuid
-- $2 import_id: uuid
-- $3 outcome: text or null
-- The page starts behind this line, and has at most so many rows:
-- $4 after: integer
-- $5 most: bigint
-- outcome: import_outcome = good | wrong | left_out | twice | registered | again | added | no_places | failed
-- rows: line integer, cells jsonb, outcome text, reasons jsonb, name text, other_line integer,
-- rows: attendee_id uuid
select line, cells, outcome, reasons, name, other_line, attendee_id
  from import_line
 where event_id = $1 and import_id = $2 and line > $4
   and (outcome = $3::text or $3::text is null and outcome not in ('added', 'good'))
 order by line
 limit $5
