-- A page of the mailings of an event, the newest first, with how far each is. $2 and $3 are the last
-- one of the page before; $4 is one mailing alone. Times are local to $6.
-- $1 event_id: uuid
-- $2 before: timestamp with time zone or null
-- $3 before_mailing: uuid or null
-- $4 mailing_id: uuid or null
-- $5 most: bigint
-- $6 timezone: text
-- rows: mailing_id uuid, state mailing_state, version integer, query text, chosen integer, texts text,
-- rows: created_at timestamp with time zone, due_at timestamp with time zone, due_local text,
-- rows: changed_local text, started_local text, is_listed boolean, is_soon boolean, not_sent bigint,
-- rows: left_out integer, no_address integer, sent bigint, failed bigint, held bigint,
-- rows: under_way bigint, not_needed bigint
select mailing.mailing_id, mailing.state, version, query, coalesce(cardinality(chosen), 0) as chosen,
       texts::text as texts, created_at, due_at, local_minute(due_at, $6) as due_local,
       local_minute(changed_at, $6) as changed_local, local_minute(started_at, $6) as started_local,
       listed_at is not null as is_listed, due_at < now() + interval '2 minutes' as is_soon,
       not_sent, left_out, no_address, sent, failed, held, under_way, not_needed
  from (select * from mailing as one
         where event_id = $1 and ($4::uuid is null or mailing_id = $4)
           and ($2::timestamptz is null or (created_at, mailing_id) < ($2, $3::uuid))
         order by created_at desc, mailing_id desc
         limit $5) as mailing
 cross join lateral (
   select coalesce(sum(count) filter (where state = 'sent'), 0)::bigint as sent,
          coalesce(sum(count) filter (where state in ('failed', 'bounced')), 0)::bigint as failed,
          coalesce(sum(count) filter (where state = 'held'), 0)::bigint as held,
          coalesce(sum(count) filter (where state in ('queued', 'sending')), 0)::bigint as under_way,
          coalesce(sum(count) filter (where state = 'obsolete'), 0)::bigint as not_needed
     from (select state, count(*) from message
            where message.event_id = $1 and message.mailing_id = mailing.mailing_id
              and kind = 'mailing'
            group by state) as counted) as counts
 cross join lateral (
   select count(*) as not_sent from mailing_recipient as recipient
    where recipient.event_id = $1 and recipient.mailing_id = mailing.mailing_id
      and message_id is null and not recipient.left_out) as rest
 order by created_at desc, mailing_id desc
