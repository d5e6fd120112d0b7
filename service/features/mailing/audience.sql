-- Whom a draft is for now: how many people, and how many recipients in each language. Names some of
-- them, of each language first one.
-- $1 event_id: uuid
-- $2 mailing_id: uuid
-- $3 named: bigint
-- rows: people bigint, no_address bigint, recipients bigint, held bigint, languages text, named text
with draft as (
  select * from mailing where event_id = $1 and mailing_id = $2
), person as materialized (
  select person.* from draft cross join lateral mailing_people(draft.*) as person
), recipient as materialized (
  select distinct on (address) *
    from person
   where address <> ''
   order by address, is_cancelled, reader is not null, number
), ranked as (
  select *, row_number() over (partition by language order by number, address) as rank from recipient
), named as (
  select attendee_id, language, rank, number, address from ranked
   where rank <= $3 order by rank, language, number limit $3
)
select (select count(*) from person) as people,
       (select count(*) from person where address = '') as no_address,
       (select count(*) from recipient) as recipients,
       (select count(*) from recipient where is_held) as held,
       (select coalesce(jsonb_agg(jsonb_build_object('language', language, 'count', count)
                                  order by count desc, language), '[]')
          from (select language, count(*) from recipient group by language) as counted)::text as languages,
       (select coalesce(jsonb_agg(jsonb_build_object('id', attendee_id, 'name', name, 'to', address)
                                  order by rank, language, number), '[]')
          from named join attendee using (attendee_id) where event_id = $1)::text as named
  from draft
