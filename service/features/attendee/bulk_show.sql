-- A bulk action, with one row for each outcome: the people whom it would have now (of a draft) or has
-- had. The first ones are named. `examples` of a draft are people to show the mail for, one for each language
-- and status: among the first thousand, with the action of a person's page that sends the same mail.
-- $1 event_id: uuid
-- $2 bulk_id: uuid
-- $3 named: integer
-- kind: bulk_outcome = done | unverified | pending | waitlisted | confirmed | cancelled | came |
--   no_places | erased | failed
-- rows: verb bulk_verb, state bulk_state, tells boolean, words text, total integer,
--   done_to integer, kind text, count bigint, names jsonb, examples jsonb
with bulk as (
  select * from bulk_action where event_id = $1 and bulk_id = $2
), person as (
  select outlook.ordinal, outlook.attendee_id, outlook.name, outlook.outcome
    from bulk cross join lateral bulk_outlooks(bulk.event_id, bulk.bulk_id) as outlook
   where state = 'draft'
  union all
  select ordinal, attendee_id, attendee.name, item.outcome
    from bulk
    join bulk_item as item using (event_id, bulk_id)
    join attendee using (event_id, attendee_id)
   where state <> 'draft' and item.outcome is not null
), first as (
  select person.*, language, attendee.status, registration_id
    from (select * from person
           where outcome = 'done' and (select state from bulk) = 'draft'
           order by ordinal limit 1000) as person
    join attendee on attendee.event_id = $1 and attendee.attendee_id = person.attendee_id
    join registration using (event_id, registration_id)
), example as (
  select distinct on (language, status) ordinal, attendee_id, name, language,
         exists (select from attendee as other
                  where other.event_id = $1 and other.registration_id = first.registration_id
                    and other.status <> 'cancelled'
                    and other.attendee_id not in (select attendee_id from person)) as is_part
    from first
   order by language, status, ordinal
), ranked as (
  select *, row_number() over (partition by outcome order by ordinal) as rank from person
), grouped as (
  select outcome, count(*) as count,
         jsonb_agg(jsonb_build_object('id', attendee_id, 'name', name) order by ordinal)
           filter (where rank <= $3::integer) as names
    from ranked group by outcome
)
select verb, state, tells, words, total, done_to, outcome as kind, coalesce(count, 0) as count, names,
       (select jsonb_agg(jsonb_build_object(
                 'id', attendee_id, 'name', name, 'language', language,
                 'action', case when verb = 'cancel' and not is_part then 'cancel_all'
                                else verb::text end) order by ordinal) from example) as examples
  from bulk left join grouped on true
 order by outcome <> 'done', count desc, outcome
