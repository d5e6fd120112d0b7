-- Leases mailings that are due until due_at, the one that waits longest first.
-- $1 most: bigint
-- $2 lease_s: integer
-- Later, a lease that ended may live: the clock has jumped.
-- $3 believed_until: timestamp with time zone
-- rows: event_id uuid, mailing_id uuid, tries integer, created_at timestamp with time zone
with due as (
  select event_id, mailing_id
    from mailing
   where state in ('planned', 'sending') and due_at <= now()
     and (state = 'planned' or now() <= $3)
   order by due_at
   limit $1
     for update skip locked
)
update mailing
   set state = 'sending', tries = mailing.tries + 1,
       due_at = now() + $2::integer * interval '1 second'
  from due
 where mailing.event_id = due.event_id and mailing.mailing_id = due.mailing_id
returning mailing.event_id, mailing.mailing_id, mailing.tries, now() as created_at
