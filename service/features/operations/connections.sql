-- Tells how many connections the role of this session may have now, all of its own counted, and what
-- limits them.
-- rows: allowed bigint, limited_by text
select allowed, limited_by
  from (select current_setting('max_connections')::bigint
               - current_setting('superuser_reserved_connections')::bigint
               - coalesce(current_setting('reserved_connections', true)::bigint, 0) -- PostgreSQL 16
               - (select count(*) from pg_stat_activity where datid is not null and usename <> current_user),
               'max_connections'
        union all
        select rolconnlimit, 'the CONNECTION LIMIT of the role'
          from pg_roles where rolname = current_user and rolconnlimit >= 0
        union all
        select datconnlimit, 'the CONNECTION LIMIT of the database'
          from pg_database where datname = current_database() and datconnlimit >= 0)
       as limits (allowed, limited_by)
 order by allowed
 limit 1
