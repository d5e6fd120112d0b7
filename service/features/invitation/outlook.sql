-- Whom a mail would go to now, and how many still wait for the day between two mails.
-- $1 event_id: uuid
-- $2 mail_kind: invitation_mail_kind
-- $3 invitation_id: uuid or null
-- rows: count bigint, too_soon bigint, first_id uuid
select (select count(*) from may_be_mailed($1, $2, narrowed.chosen)) as count,
       (select count(*) from invitations_of($1, $3)
         where $2 = 'reminder' and (state = 'sending' or state = 'no_answer' and (
           mail_state <> 'sent' or last_mail_at >= now() - interval '24 hours'))) as too_soon,
       (select invitation_id from may_be_mailed($1, $2, narrowed.chosen)
         order by coalesce(nullif(name, ''), email) limit 1) as first_id
  from (select case when $3::uuid is not null then array[$3] end as chosen) as narrowed
