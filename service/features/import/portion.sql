-- The next good lines of a list, with what the organiser decided. Beyond the capacity there is one at a
-- time (registration/sign_up.sql).
-- $1 event_id: uuid
-- $2 import_id: uuid
-- $3 most: integer
-- rows: rules jsonb, actor text, tells boolean, over_capacity text, line integer, cells jsonb
with list as materialized (
  select event_id, import_id, rules, actor, tells, over_capacity
    from import where event_id = $1 and import_id = $2
)
select rules, actor, tells, over_capacity, line, cells
  from list
  join import_line using (event_id, import_id)
 where outcome = 'good'
 order by line
 limit (select case when over_capacity is null then $3::integer else 1 end from list)
