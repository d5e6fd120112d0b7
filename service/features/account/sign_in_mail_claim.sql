-- Leases letters with a link to sign in that are due. When a lease ends, the letter is due again.
-- $1 most: bigint
-- $2 lease_s: integer
-- rows: mail_id uuid, email text, email_key text, language text, target text, invited_to text,
--   tries integer, created_at timestamp with time zone
with due as (
  select mail_id from sign_in_mail
   where state in ('queued', 'sending') and due_at <= now()
   order by due_at
   limit $1
     for update skip locked
)
update sign_in_mail
   set state = 'sending', tries = tries + 1, due_at = now() + $2::integer * interval '1 second'
  from due
 where sign_in_mail.mail_id = due.mail_id
returning sign_in_mail.mail_id, email, email_key, language, target, invited_to, tries, created_at
