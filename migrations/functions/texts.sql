-- The text in a language, or else in any language. A plain text is for all languages.
create function text_in(texts jsonb, language text) returns text
language sql immutable as $$
  select case jsonb_typeof(texts)
           when 'object' then coalesce(texts ->> language,
                                       (select value from jsonb_each_text(texts) limit 1))
           else texts #>> '{}' end
$$;

-- A time in UTC, as RFC 3339 writes it.
create function utc_text(at timestamptz) returns text language sql immutable as $$
  select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
$$;

-- A time for a person's page, local to the event, or for the API.
create function moment_text(at timestamptz, timezone text, is_local boolean) returns text
language sql stable as $$
  select case when is_local then to_char(at at time zone timezone, 'YYYY-MM-DD"T"HH24:MI')
              else utc_text(at) end
$$;
