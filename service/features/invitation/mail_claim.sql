-- Leases mails of invitations that are due. When a lease ends, the mail is due again. is_news is false
-- if the person has answered since, or was withdrawn.
-- $1 most: bigint
-- $2 lease_s: integer
-- Later, a lease that ended may live: the clock has jumped.
-- $3 believed_until: timestamp with time zone
-- rows: event_id uuid, mail_id uuid, invitation_id uuid, event text, mail_kind invitation_mail_kind, name text,
--   email text, email_key text, language text, good_for integer, own_words text, is_news boolean,
--   kept_until text, tries integer, created_at timestamp with time zone
with due as (
  select event_id, mail_id from invitation_mail
   where state in ('queued', 'sending') and due_at <= now()
     and (state = 'queued' or now() <= $3)
   order by due_at
   limit $1
     for update skip locked
), leased as (
  update invitation_mail
     set state = 'sending', tries = tries + 1, due_at = now() + $2::integer * interval '1 second'
    from due
   where invitation_mail.event_id = due.event_id and invitation_mail.mail_id = due.mail_id
  returning invitation_mail.*
)
select leased.event_id, mail_id, leased.invitation_id, event.slug as event, kind as mail_kind,
       (invitation).name, (invitation).email, (invitation).email_key, (invitation).language,
       (invitation).good_for, invitation_sending.words ->> (invitation).language as own_words,
       line.state in ('not_sent', 'sending', 'no_answer', 'bounced') as is_news,
       (select kept_until_day(until, timezone) from kept_places
         where kept_places.event_id = event.event_id and not ended and until > now() and most is null)
         as kept_until,
       leased.tries, leased.created_at
  from leased
  join event on event.event_id = leased.event_id
  join invitation_sending on invitation_sending.event_id = leased.event_id
                         and invitation_sending.sending_id = leased.sending_id
 cross join lateral invitations_of(leased.event_id, leased.invitation_id) as line
