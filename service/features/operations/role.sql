-- Tells what the role of this session may do: whether it owns a table, and the first table that it
-- may not read.
-- rows: name text, owns boolean, unreadable text
select current_user::text as name,
       coalesce(bool_or(pg_has_role(relowner, 'usage')), false) as owns,
       min(relname::text) filter (where not has_table_privilege(pg_class.oid, 'select')) as unreadable
  from pg_class
 where relnamespace = current_schema()::regnamespace and relkind = 'r'
