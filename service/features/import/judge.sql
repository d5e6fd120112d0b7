-- Marks the lines of a list that are good by themselves, but there twice or registered already.
-- $1 event_id: uuid
-- $2 import_id: uuid
-- rows: count bigint
with good as (
  select line, registration_id,
         first_value(line) over (partition by coalesce(email_key, registration_id::text)
                                 order by line) as first_line,
         case when email_key is not null then (
           select attendee_id
             from registrations_of($1, email_key) as earlier
             join attendee using (event_id, registration_id)
            order by position limit 1) end as registered,
         (select status from registration
           where event_id = $1 and registration_id = import_line.registration_id) as imported
    from import_line
   where event_id = $1 and import_id = $2 and outcome = 'good'
), judged as (
  update import_line
     set outcome = case when first_line < good.line then 'twice'
                        when registered is not null then 'registered'
                        when imported is not null then 'again'
                        else 'good' end,
         other_line = case when first_line < good.line then first_line end,
         attendee_id = registered
    from good
   where event_id = $1 and import_id = $2 and import_line.line = good.line
     and (first_line < good.line or registered is not null or imported is not null)
  returning outcome
)
select count(*) as count from judged
