-- Notes what became of lines that were to be added. A registration that this list has made is 'added',
-- also if it is found when a portion runs again.
-- $1 event_id: uuid
-- $2 import_id: uuid
-- $3 line: integer[]
-- $4 outcome: text[]
-- $5 reasons: text[] or null
-- $6 attendee_id: uuid[] or null
-- row line: $3 to $6
with noted as (
  update import_line
     set outcome = case when now.outcome = 'again' and made.created_at >= import.started_at then 'added'
                        else now.outcome end,
         reasons = now.reasons::jsonb, attendee_id = now.attendee_id
    from import,
         unnest($3::integer[], $4::text[], $5::text[], $6::uuid[])
           as now (line, outcome, reasons, attendee_id)
    left join lateral (
      select registration.created_at
        from import_line as line
        join registration using (event_id, registration_id)
       where line.event_id = $1 and line.import_id = $2 and line.line = now.line
       limit 1) as made on now.outcome = 'again'
   where import_line.event_id = $1 and import_line.import_id = $2 and import_line.line = now.line
     and import.event_id = $1 and import.import_id = $2 and import_line.outcome = 'good'
  returning import_line.line
)
update import set done_to = done_to + (select count(*) from noted)
 where event_id = $1 and import_id = $2
