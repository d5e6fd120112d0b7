-- Whom a draft is for now: how many people, and how many recipients in each language. Names some of
-- them, of each language first one.
-- $1 event_id: uuid
-- $2 mailing_id: uuid
-- $3 named: bigint
-- rows: people bigint, no_address bigint, recipients bigint, held bigint, languages text, named text
with draft as (
  select * from mailing where event_id = $1 and mailing_id = $2
), person as materialized (
  select person.* from draft cross join lateral mailing_audience(draft.*) as person
), recipient as materialized (
  select distinct on (address) *
    from (select attendee_id, number, "position", reader, address collate "C" as address, language, is_cancelled, is_held
            from person where address <> '') as reached
   order by address, is_cancelled, reader is not null, number, "position"
), counted as materialized (
  select language, count(*) as count, count(*) filter (where is_held) as held
    from recipient group by language
), named as (
  select attendee_id, language, rank, number, address
    from counted
   cross join lateral (
     select attendee_id, number, address, row_number() over (order by number, address) as rank
       from (select * from recipient
              where recipient.language = counted.language
              order by number, address limit $3) as first) as first
   order by rank, language, number
   limit $3
)
select (select count(*) from person) as people,
       (select count(*) from person where address = '') as no_address,
       (select coalesce(sum(count), 0) from counted)::bigint as recipients,
       (select coalesce(sum(held), 0) from counted)::bigint as held,
       (select coalesce(jsonb_agg(jsonb_build_object('language', language, 'count', count)
                                  order by count desc, language), '[]') from counted)::text as languages,
       (select coalesce(jsonb_agg(jsonb_build_object('id', attendee_id, 'name', name, 'to', address)
                                  order by rank, language, number), '[]')
          from named join attendee using (attendee_id) where event_id = $1)::text as named
  from draft
