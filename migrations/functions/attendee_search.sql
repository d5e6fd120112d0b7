-- The list of attendees: search, filters, sorting and pages. An index behind makes it quick.
--
-- attendee_search has a row for each attendee, with what the list searches, filters and sorts by. A job
-- writes the rows behind the sign-ups (index_attendees). Two things say what it has not written yet:
-- registrations with a number above attendee_search_progress, and the attendees in attendee_changed,
-- which triggers note in the transaction of the change. A page reads attendee_search for all others and
-- the tables themselves for these few, in one snapshot. So it is exact at any moment.
--
-- Registrations get their numbers under the lock on the tally. So a snapshot that has a number has all
-- smaller ones.

-- The first line of the text, the name, with the family name first: "groß, jürgen" or "jürgen groß".
create function surname_of(search text) returns text language sql immutable as $$
  select case when strpos(split_part(search, E'\n', 1), ',') > 0 then split_part(search, E'\n', 1)
              else split_part(split_part(search, E'\n', 1), ' ', -1) || ' '
                   || split_part(search, E'\n', 1) end
$$;

-- What a list is sorted by for an answer: without case and accents, and empty ones last.
create function answer_order(answer text) returns text language sql immutable as $$
  select coalesce(nullif(translate(lower(answer),
                                   'ÄÖÜÉÈÀÇÅØäáàâãåöóòôõøüúùûéèêëíìîïñçß',
                                   'aoueeacaoaaaaaaoooooouuuueeeeiiiincs'), ''),
                  U&'\+10FFFF')
$$;

-- What a filter asks for without reading text. The index cannot find what is not there. So who gave which
-- consents is also one text, the consent set, of which an event has few: who lacks a consent has one of
-- the sets without it. It is an expression, so that the planner takes it into the query: as a call it took
-- a hundred times as long.
create function attendee_facts(status registration_status, ticket_type text, language text,
                               answers jsonb, consents jsonb)
returns jsonb language sql stable as $$
  select jsonb_build_object(
           'status', status, 'ticket_type', ticket_type, 'language', language, 'answers', answers,
           'consents', jsonb_path_query_array(consents, '$[*] ? (!exists(@.withdrawn_at)).slug'),
           'consent_set',
           jsonb_path_query_array(consents, '$[*] ? (!exists(@.withdrawn_at)).slug')::text)
$$;

-- The rows of attendee_search as they are now. Those of registrations behind a number:
create function attendees_behind(the_event uuid, the_number integer) returns setof attendee_search
language sql stable as $$
  select attendee.event_id, attendee.attendee_id, number, attendee.position, attendee.status,
         ticket_type, surname_of(search), email_key, search,
         attendee_facts(attendee.status, ticket_type, language, answers, consents)
    from registration
   cross join lateral (
     select * from attendee
      where attendee.event_id is not distinct from registration.event_id
        and attendee.registration_id = registration.registration_id
      offset 0) as attendee -- keeps it a lookup for each registration
   where registration.event_id = the_event and number > the_number
$$;

-- Those of some attendees:
create function attendees_now(the_event uuid, the_attendees uuid[]) returns setof attendee_search
language sql stable as $$
  select attendee.event_id, attendee.attendee_id, number, attendee.position, attendee.status,
         ticket_type, surname_of(search), email_key, search,
         attendee_facts(attendee.status, ticket_type, language, answers, consents)
    from unnest(the_attendees) as id
   cross join lateral (
     select * from attendee where event_id = the_event and attendee_id = id offset 0) as attendee
   cross join lateral (
     select * from registration
      where event_id = the_event and registration_id = attendee.registration_id
      offset 0) as registration
$$;

-- --- Behind ----------------------------------------------------------------------------------

-- Erasing waits for the job, so that the job cannot write back what is being erased. A transaction takes
-- it in a statement of its own, as it takes the lock on a tally.
create function lock_attendee_search(the_event uuid) returns void language sql as $$
  select pg_advisory_xact_lock(hashtextextended('attendee_search ' || the_event, 0))
$$;

-- Brings a portion of an event up to date, after lock_attendee_search. Returns how many attendees it
-- wrote. What it reads, writes and strikes off is one statement and sees one snapshot.
create function index_attendees(the_event uuid, most integer) returns integer language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  progress constant integer := coalesce((
    select number from attendee_search_progress where event_id = the_event), 0);
  reached constant integer := coalesce((
    select max(number)
      from (select number from registration
             where event_id = the_event and number > progress order by number limit most) as portion),
    progress);
  known text := coalesce((
    select letters from attendee_search_progress where event_id = the_event), '');
  known_sets text[] := coalesce((
    select consent_sets from attendee_search_progress where event_id = the_event), '{}');
  new_texts text[]; -- with letters that are not known
  new_sets text[];
  done integer;
begin
  with struck as (
    delete from attendee_changed
     where event_id = the_event and change = any (array(
       select change from attendee_changed where event_id = the_event order by change limit most))
    returning attendee_id
  ), written as (
    insert into attendee_search
    select * from attendees_behind(the_event, progress) where number <= reached
    union all
    select * from attendees_now(the_event, array(select distinct attendee_id from struck))
     where number <= progress or number > reached
    on conflict (event_id, attendee_id) do update
       set number = excluded.number, position = excluded.position, status = excluded.status,
           ticket_type = excluded.ticket_type, surname = excluded.surname,
           email_key = excluded.email_key, text = excluded.text, facts = excluded.facts
    returning text, facts ->> 'consent_set' as consent_set
  )
  select count(*), array_agg(text) filter (where length(known) <= 200 and ltrim(text, known) <> ''),
         array_agg(distinct consent_set) filter (where consent_set <> all (known_sets))
    into done, new_texts, new_sets
    from written;
  known := known || coalesce((
    select left(string_agg(distinct letter, ''), 201)
      from unnest(new_texts) as text cross join string_to_table(text, null) as letter
     where strpos(known, letter) = 0), '');
  known_sets := (known_sets || new_sets)[:100];
  if reached > progress or new_texts is not null or new_sets is not null then
    insert into attendee_search_progress (event_id, number, letters, consent_sets)
    values (the_event, reached, known, known_sets)
    on conflict (event_id) do update
       set number = excluded.number, letters = excluded.letters, consent_sets = excluded.consent_sets;
  end if;
  return done;
end $$;

create function note_changed_attendee() returns trigger language plpgsql as $$
begin
  insert into attendee_changed (event_id, attendee_id) values (new.event_id, new.attendee_id);
  return null;
end $$;

create function note_changed_registration() returns trigger language plpgsql as $$
begin
  insert into attendee_changed (event_id, attendee_id)
  select event_id, attendee_id from attendee
   where event_id is not distinct from new.event_id and registration_id = new.registration_id;
  return null;
end $$;

create trigger search_changed
  after update of name, email, answers, search, status, ticket_type, registration_id, position
  on attendee for each row
  when ((old.search, old.answers, old.status, old.ticket_type, old.registration_id, old.position)
        is distinct from
        (new.search, new.answers, new.status, new.ticket_type, new.registration_id, new.position))
  execute function note_changed_attendee();
create trigger search_changed after update of language, email_key, consents
  on registration for each row
  when ((old.language, old.email_key, old.consents)
        is distinct from (new.language, new.email_key, new.consents))
  execute function note_changed_registration();

-- --- Pages -----------------------------------------------------------------------------------

-- How many attendees each list of an event has, from the counts that triggers keep.
create function attendee_lists(the_event uuid) returns jsonb language sql stable as $$
  select jsonb_build_object(
           'all', taken + queued + cancelled, 'coming', confirmed, 'to_approve', pending,
           'waiting', queued, 'cancelled', cancelled, 'unverified', taken - confirmed - pending,
           'came', came, 'not_yet', confirmed - came + gone)
    from tally
   cross join lateral (
     select case when count(*) > 1 then (
                   select count(*) from attendee
                    where attendee.event_id = the_event and first_admitted_at is not null)
                 else coalesce(sum(admitted), 0) end as came
       from event_day where event_day.event_id = the_event and admitted > 0) as days
   cross join lateral (
     select count(*) as gone from attendee
      where attendee.event_id = the_event and first_admitted_at is not null
        and status <> 'confirmed') as others
   where tally.event_id = the_event
$$;

-- The conditions of a filter as SQL about c, a row of attendee_search, and a, the attendee. $2 is `asked`,
-- the filter and what its words are made of; $3 are the addresses with several registrations, or with a
-- declined one. service/features/attendee/filter.h writes the filter:
--   words           escaped LIKE patterns of folded text; each must match
--   any             groups of attendee_facts(), of each group one
--   none            consents that they did not give, like {"consents": ["photos"]}
--   list            coming, to_approve, waiting, cancelled, unverified, came or not_yet
--   admitted, day   whether they came, on that day if it is given; present: whether they are inside,
--                   as of `today`
--   doors           the newest scan was at one of these
--   repeated        the address has several registrations; declined_before: an earlier one was declined
--
-- `parts` are the words, groups and missing consents as conditions that no index serves: it would be read
-- as a whole where nearly everybody matches. For each, `hints` has what the index serves and is as true of
-- attendee_search; null: nothing. Those in `short` have two letters. The other conditions: `others` about
-- c, `guest` about a, `listed` for the list. All in the list have `status`. `came`: all who match came.
-- `absent`: none of them came. `nobody`: attendee_search has none that match, because it lacks a letter.
--
-- The index has groups of three letters, with blanks around words. Behind two letters a text has one of
-- `letters`, which are all that attendee_search has, or ends. So all these groups find it.
create function attendee_conditions(filter jsonb, letters text, consent_sets text[],
                                    out asked jsonb, out parts text[], out hints text[],
                                    out short boolean[], out others text, out guest text,
                                    out listed text, out status text, out came boolean,
                                    out absent boolean, out nobody boolean)
language plpgsql immutable as $$
declare
  list constant text := filter ->> 'list';
  is_known constant boolean := length(letters) between 1 and 200;
  set_of_letters constant text :=
    '[' || regexp_replace(letters, '([^[:alnum:][:space:]])', '\\\1', 'g') || ']';
begin
  select filter || jsonb_build_object(
           'plain', coalesce(jsonb_agg(word order by at), '[]'),
           'near', coalesce(jsonb_agg(word || set_of_letters order by at), '[]'),
           'last', coalesce(jsonb_agg('%' || word order by at), '[]')),
         coalesce(array_agg(format($c$strpos(c.text, $2 -> 'plain' ->> %s) > 0$c$, at - 1)
                            order by at), '{}'),
         coalesce(array_agg(case
           when word ~ '[[:alnum:]]{3}|[^[:alnum:]][[:alnum:]]|[[:alnum:]]{2}[^[:alnum:]]'
             then format($c$c.text like ($2 -> 'words' ->> %s)$c$, at - 1)
           when is_short
             then format($c$(c.text ~ ($2 -> 'near' ->> %1$s) or c.text like ($2 -> 'last' ->> %1$s))$c$,
                         at - 1) end
             order by at), '{}'),
         coalesce(array_agg(is_short order by at), '{}'),
         coalesce(bool_or(is_known and translate(word, letters, '') <> ''), false)
    into asked, parts, hints, short, nobody
    from jsonb_array_elements_text(filter -> 'words') with ordinality as given (pattern, at)
   cross join lateral (
     select regexp_replace(substr(pattern, 2, length(pattern) - 2), '\\(.)', '\1', 'g') as word) as w
   cross join lateral (
     select is_known and word ~ '^[[:alnum:]]{2}$' as is_short) as s;
  hints := hints || array(
    select '(' || string_agg(format($c$c.facts @> ($2 #> '{any,%s,%s}')$c$, at - 1, nth - 1), ' or ')
               || ')'
      from jsonb_array_elements(filter -> 'any') with ordinality as group_of (facts, at)
     cross join jsonb_array_elements(facts) with ordinality as given (fact, nth)
     group by at order by at);
  for at in cardinality(parts) + 1 .. cardinality(hints) loop
    parts[at] := hints[at] || ' is true';
    short[at] := false;
  end loop;
  for at in 0 .. coalesce(jsonb_array_length(filter -> 'none'), 0) - 1 loop
    -- The same twice: the first is quick, of the second the planner knows how many match.
    parts := parts || format($c$(not c.facts -> 'consents' ? ($2 #>> '{none,%1$s,consents,0}')
                                 and not c.facts @> ($2 #> '{none,%1$s}'))$c$, at);
    hints := hints || case when cardinality(consent_sets) < 100 then coalesce((
      select '(' || string_agg(format('c.facts @> %L', jsonb_build_object('consent_set', consents)),
                               ' or ') || ')'
        from unnest(consent_sets) as consents
       where not consents::jsonb ? (filter #>> array['none', at::text, 'consents', '0'])), 'false') end;
    short := short || false;
  end loop;
  others := concat(
    case when filter ? 'repeated' then
           $c$ and (c.email_key = any ($3) and exists (
                      select from registration
                       where event_id = $1 and number = c.number and status <> 'cancelled'))
                 = ($2 ->> 'repeated')::boolean$c$ end,
    case when filter ? 'declined_before' then
           $c$ and (c.email_key = any ($3) and exists (
                      select from registration
                       where event_id = $1 and email_key = c.email_key and declined
                         and number < c.number)) = ($2 ->> 'declined_before')::boolean$c$ end);
  guest := concat(
    case when filter ? 'day' then
           $c$ and (($2 ->> 'day')::date = any (a.days)) = ($2 ->> 'admitted')::boolean$c$
         when filter ? 'admitted' then
           $c$ and (a.first_admitted_at is not null) = ($2 ->> 'admitted')::boolean$c$ end,
    case when filter ? 'present' then
           $c$ and coalesce(a.inside and a.days[cardinality(a.days)] = ($2 ->> 'today')::date, false)
                 = ($2 ->> 'present')::boolean$c$ end,
    case when filter ? 'doors' then $c$ and $2 -> 'doors' ? a.seen_door$c$ end);
  status := case list when 'coming' then 'confirmed' when 'not_yet' then 'confirmed'
                      when 'to_approve' then 'pending' when 'waiting' then 'waitlisted'
                      when 'cancelled' then 'cancelled' when 'unverified' then 'unverified' end;
  listed := concat(
    case when status is not null then format(' and c.status = %L', status) end,
    case list when 'came' then ' and a.first_admitted_at is not null'
              when 'not_yet' then ' and a.first_admitted_at is null' end);
  came := coalesce(list = 'came', false) or coalesce((filter ->> 'admitted')::boolean, false)
          or coalesce((filter ->> 'present')::boolean, false) or filter ? 'doors';
  absent := coalesce(list = 'not_yet', false) or coalesce(filter ->> 'admitted' = 'false'
                                                          and not filter ? 'day', false);
end $$;

-- A page of the list: at most so many attendees that the filter matches, in the order of `sort` (oldest,
-- newest, name, ticket_type, checked_in or answers.SLUG), behind `after`: [key, number, position, in_order]
-- of the last attendee of the page before. `place` counts them from 1. With `with_lists`, each row says in
-- `lists` how many attendees each list would have with this filter, as far as that is known at little cost;
-- `more_than` in it says that all lists together have more. Then there is a row without an attendee if
-- nobody matches.
--
-- It looks for a way to all matches at once: by the index of words and facts, of addresses, or of those
-- who came, or by reading all if they are a few or a sample has hardly any. If these are more than `few`, it
-- reads in the order of the list until the page is full, which is soon, and says so in `in_order`, so that
-- the next page need not look again. No index has the order of answers: more than `few` come as by `newest`,
-- without a key. It is stable, so that all its statements see one snapshot.
create function attendee_page(the_event uuid, filter jsonb, sort text, after jsonb, most integer,
                              with_lists boolean)
returns table (place bigint, attendee_id uuid, number integer, "position" integer, key text,
               in_order boolean, lists jsonb)
language plpgsql stable
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
set enable_material = off set enable_sort = off set jit = off as $$
#variable_conflict use_column
declare
  few constant integer := 10000;
  sampled constant integer := 1000;
  list constant text := filter ->> 'list';
  only_list constant boolean := filter - 'list' - 'today' = '{}';
  progress attendee_search_progress;
  conditions record;
  newest constant integer := (select registrations from tally where event_id = the_event);
  -- The index of words has those of all events, which matters for words of two letters: many have them.
  of_all constant bigint := (
    select reltuples from pg_class where oid = 'attendee_search'::regclass);
  changed constant uuid[] := array(
    select distinct attendee_id from attendee_changed where event_id = the_event);
  by_answer constant boolean := sort like 'answers.%';
  columns constant text := 'c.attendee_id, c.number, c.position, c.status, c.ticket_type, c.surname,
                            a.first_admitted_at'
    || case when by_answer then
         format($c$, answer_order(c.facts -> 'answers' ->> %L) collate "C" as answer$c$, substr(sort, 9))
       else '' end;
  -- Each attendee once; nobody came before the first check-in.
  has_come constant boolean := exists (
    select from attendee where event_id = the_event and first_admitted_at is not null);
  live constant text := case when has_come then
      ' cross join lateral (select * from attendee
         where event_id = c.event_id and attendee_id = c.attendee_id offset 0) as a'
    else $c$ cross join (select null::timestamptz as first_admitted_at, '{}'::date[] as days,
                                false as inside, null::text as seen_door) as a$c$ end;
  by_attendee constant text := '%s as a
     cross join lateral (
       select * from attendee_search
        where event_id = a.event_id and attendee_id = a.attendee_id offset 0) as c where true';
  among_came constant text := format(by_attendee,
    '(select * from attendee where event_id = $1 and first_admitted_at is not null'
    || case when filter ? 'doors' then -- also served by the index of those who came
         $c$ and seen_door = any (array(select jsonb_array_elements_text($2 -> 'doors')))$c$
       else '' end || ' %s)');
  ordered constant text := case sort
    when 'newest' then 'number desc, position desc'
    when 'name' then 'surname, number, position'
    when 'ticket_type' then 'ticket_type, number, position'
    when 'checked_in' then 'first_admitted_at desc nulls last, number desc, position desc'
    else case when by_answer then 'answer, ' else '' end || 'number, position' end;
  key_of constant text := case sort
    when 'name' then 'surname' when 'ticket_type' then 'ticket_type'
    when 'checked_in' then '(extract(epoch from first_admitted_at) * 1000000)::bigint::text'
    else case when by_answer then 'answer' else 'null::text' end end;
  behind text := '';
  addresses text[];
  known jsonb; -- lists
  all_of text; -- the filter without the list
  indexed text := ''; -- conditions that the index serves
  plain text := ''; -- all others, so that the index is not used for them
  matching bigint; -- of the sample
  in_search bigint; -- those of them whose conditions about c are true
  in_lists bigint; -- those of them in the list
  of_parts bigint[]; -- what matches each part
  estimate bigint;
  has_status boolean; -- few have the status of the list
  at_once text; -- what finds all matches
  scans boolean;
  not_indexed text := ''; -- what attendee_search does not have yet
  in_list text;
  counts jsonb;
  page jsonb;
begin
  select * into progress from attendee_search_progress where event_id = the_event;
  conditions := attendee_conditions(filter, progress.letters, progress.consent_sets);
  if filter ? 'repeated' then
    addresses := array(select repeated_addresses(the_event));
  elsif filter ? 'declined_before' then
    addresses := array(
      select distinct email_key from registration where event_id = the_event and declined);
  end if;
  if after is not null then
    behind := ' and ' || case
      when sort = 'newest' then '(c.number, c.position) < ($7, $8)'
      when sort = 'name' then '(c.surname, c.number, c.position) > ($6 collate "C", $7, $8)'
      when sort = 'ticket_type' then '(c.ticket_type, c.number, c.position) > ($6, $7, $8)'
      when sort = 'checked_in' and after ->> 0 is null then
        'a.first_admitted_at is null and (c.number, c.position) < ($7, $8)'
      when sort = 'checked_in' then
        $c$(a.first_admitted_at is null or (a.first_admitted_at, c.number, c.position)
              < ('epoch'::timestamptz + $6::bigint * interval '1 microsecond', $7, $8))$c$
      when by_answer then '(c.answer, c.number, c.position) > ($6 collate "C", $7, $8)'
      else '(c.number, c.position) > ($7, $8)' end;
  end if;
  if newest > coalesce(progress.number, 0) then
    not_indexed := format(
      ' union all (select %s from attendees_behind($1, $4) as c %s where c.attendee_id <> all ($5) %%1$s)',
      columns, live);
  end if;
  if changed <> '{}' then
    not_indexed := not_indexed || format(
      ' union all (select %s from attendees_now($1, $5) as c %s where true %%1$s)', columns, live);
  end if;
  if with_lists or by_answer or list is not null then
    known := attendee_lists(the_event);
  end if;
  all_of := concat(' and ' || nullif(array_to_string(conditions.parts, ' and '), ''),
                   conditions.others, conditions.guest);

  -- A sample from all over the event says which conditions are rare.
  if not only_list and newest > few and after ->> 3 is distinct from 'true' then
    execute format(
      'select count(*) filter (where true %s), count(*) filter (where true %s),
              count(*) filter (where true %s),
              array[%s]::bigint[]
         from generate_series(0, 9) as tenth
        cross join lateral (
          select * from attendee_search
           where event_id = $1 and number > tenth * $4 / 10
           order by number, position limit $5 / 10) as c %s',
      replace(all_of, conditions.guest, ''), all_of, all_of || conditions.listed,
      (select string_agg(format('count(*) filter (where %s)', part), ', ')
         from unnest(conditions.parts) as part), live)
      into in_search, matching, in_lists, of_parts
      using the_event, conditions.asked, addresses, newest, sampled;
  end if;
  for i in 1 .. cardinality(conditions.parts) loop
    if conditions.hints[i] is not null
       and (case when conditions.short[i]
              then coalesce(of_parts[i] * (greatest(newest, of_all) / sampled) <= few, false)
              else coalesce(of_parts[i] <= sampled / 5, false) or newest <= 4 * few end) then
      indexed := indexed || ' and ' || conditions.hints[i];
    else
      plain := plain || ' and ' || conditions.parts[i];
    end if;
  end loop;
  if conditions.nobody then
    indexed := ' and false';
  end if;
  plain := concat(plain, conditions.others, conditions.guest);

  -- All matches at once: first those of all lists, to count them, then those of the list.
  foreach in_list in array
    case when after ->> 3 = 'true' or by_answer and after ->> 0 is null and after is not null
           then '{}'::text[]
         when conditions.listed <> '' and with_lists and not only_list
           then array['', conditions.listed]
         else array[conditions.listed] end loop
    continue when in_list <> '' and counts is not null and (known ->> list)::bigint > few;
    estimate := case when in_list = '' then matching else in_lists end;
    continue when estimate * (newest / sampled) > 4 * few;
    has_status := in_list <> '' and conditions.status is not null
      and (known ->> case list when 'not_yet' then 'coming' else list end)::bigint <= few;
    scans := coalesce(estimate <= 2, false)
             or in_list <> '' and list = 'not_yet' and (known ->> list)::bigint <= few
             or not only_list and (by_answer or (known ->> 'all')::bigint <= few)
             or by_answer and (known ->> coalesce(list, 'all'))::bigint <= few;
    at_once := case
      when 'true' in (filter ->> 'repeated', filter ->> 'declined_before') then
        'attendee_search as c' || live || ' where c.event_id = $1 and c.email_key = any ($3)'
      -- "is not distinct from" keeps the planner from other indexes.
      when indexed <> '' or has_status then
        'attendee_search as c' || live || ' where c.event_id is not distinct from $1'
      when conditions.came and coalesce((known ->> list)::bigint <= few, true) then
        format(among_came, '')
      when scans and has_come and coalesce(in_search > 2, true)
           and (conditions.guest <> '' or list = 'not_yet' and in_list <> '') then
        format(by_attendee, 'attendee') || ' and a.event_id = $1'
      when scans then
        'attendee_search as c' || live || ' where c.event_id = $1' end;
    continue when at_once is null;
    if has_status then
      at_once := at_once || format(' and c.facts @> %L',
                                   jsonb_build_object('status', conditions.status));
    end if;
    execute format($sql$
      with found as materialized (
        (select %1$s from %2$s %3$s and c.attendee_id <> all ($5) limit $10) %4$s
      ), page as (
        select c.*
          from found as c cross join lateral (select c.first_admitted_at) as a
         where true %6$s %7$s order by %8$s limit $9
      )
      select (select jsonb_agg(jsonb_build_array(attendee_id, number, position, %5$s) order by %8$s)
                from page),
             jsonb_build_object(
               'all', count(*), 'coming', count(*) filter (where status = 'confirmed'),
               'to_approve', count(*) filter (where status = 'pending'),
               'waiting', count(*) filter (where status = 'waitlisted'),
               'cancelled', count(*) filter (where status = 'cancelled'),
               'unverified', count(*) filter (where status = 'unverified'),
               'came', count(first_admitted_at),
               'not_yet', count(*) filter (where status = 'confirmed' and first_admitted_at is null))
        from found $sql$,
      columns, at_once, indexed || plain || in_list, format(not_indexed, all_of || in_list), key_of,
      conditions.listed, behind, ordered)
      into page, counts
      using the_event, conditions.asked, addresses, coalesce(progress.number, 0), changed, after ->> 0,
            (after ->> 1)::integer, (after ->> 2)::integer, most, few + 1;
    exit when (counts ->> 'all')::bigint <= few;
  end loop;

  if (counts ->> 'all')::bigint <= few then
    if not only_list then
      known := case when in_list = '' then counts
                    else jsonb_build_object(list, counts -> 'all') end;
    end if;
    return query
      select ordinality, (row ->> 0)::uuid, (row ->> 1)::integer, (row ->> 2)::integer, row ->> 3, false,
             case when with_lists then known end
        from jsonb_array_elements(page) with ordinality as listed (row, ordinality);
  else
    if not only_list then
      known := case when counts is not null or estimate * (newest / sampled) > 4 * few
                      then jsonb_build_object('more_than', few)
                    else '{}' end;
    end if;
    if by_answer then
      return query
        select listed.place, listed.attendee_id, listed.number, listed."position", listed.key,
               listed.in_order, case when with_lists then known end
          from attendee_page(the_event, filter, 'newest', after, most, with_lists) as listed;
      return;
    end if;
    plain := all_of || conditions.listed || behind;
    return query execute format($sql$
      with came as (%7$s)
      select row_number() over (), attendee_id, number, position, %6$s, true, $11
        from (select * from (
                (select %1$s from attendee_search as c %2$s
                  where c.event_id = $1 and c.attendee_id <> all ($5) %3$s
                  order by %4$s limit $9 - (select count(*) from came))
                union all select * from came %8$s) as found
               order by %5$s limit $9) as page
      $sql$,
      columns, live,
      case when sort <> 'checked_in' then plain
           when conditions.came then ' and false'
           else ' and a.first_admitted_at is null' || plain end,
      case sort when 'checked_in' then 'number desc, position desc' else ordered end, ordered, key_of,
      -- Those who came come first; the others are read only for what is left of the page.
      case when sort = 'checked_in' and not conditions.absent
                and (after is null or after ->> 0 is not null) then
        format('select %s from %s %s and c.attendee_id <> all ($5)
                 order by first_admitted_at desc, number desc, position desc limit $9',
          columns,
          format(among_came, case when after is not null then
            $c$and first_admitted_at <= 'epoch'::timestamptz + $6::bigint * interval '1 microsecond'$c$ end),
          plain)
           else format('select %s from attendee_search as c %s where false', columns, live) end,
      format(not_indexed, plain || format(' order by %s limit $9', ordered)))
      using the_event, conditions.asked, addresses, coalesce(progress.number, 0), changed, after ->> 0,
            (after ->> 1)::integer, (after ->> 2)::integer, most, few + 1,
            case when with_lists then known end;
  end if;
  if with_lists and not found then
    return query select null::bigint, null::uuid, null::integer, null::integer, null::text,
                        false, known;
  end if;
end $$;
