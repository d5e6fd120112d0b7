-- Stores lines that were read, and how far the file was read.
-- $1 event_id: uuid
-- $2 import_id: uuid
-- $3 read_to: integer
-- $4 next_line: integer
-- $5 line: integer[]
-- $6 cells: text[]
-- $7 verdict: text[]
-- $8 reasons: text[] or null
-- $9 name: text[] or null
-- $10 email_key: text[] or null
-- $11 ticket_type: text[] or null
-- $12 registration_id: uuid[] or null
-- row line: $5 to $12
-- rows: count bigint
with line as (
  select *
    from unnest($5::integer[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
                $12::uuid[]) as line (line, cells, verdict, reasons, name, email_key, ticket_type,
                                      registration_id)
), new_line as (
  insert into import_line (event_id, import_id, line, cells, outcome, reasons, name, email_key,
                           ticket_type, registration_id)
  select $1, $2, line, cells::jsonb, verdict, reasons::jsonb, name, email_key, ticket_type,
         registration_id
    from line
      on conflict do nothing
), counted as (
  update import set read_to = $3, next_line = $4
   where event_id = $1 and import_id = $2
)
select count(*) as count from line
