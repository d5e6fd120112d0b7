-- Greets somebody.
-- $1 name: text or null
-- outcome: greeting_outcome = greeted | nobody (no name was given)
-- rows: outcome text, greeting text
select case when $1::text is null then 'nobody' else 'greeted' end as outcome,
       'Hello, ' || $1::text as greeting
