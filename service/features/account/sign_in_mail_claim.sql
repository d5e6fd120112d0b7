-- Leases letters with a link that are due. When a lease ends, the letter is due again. A letter that
-- invites has the organiser, and the title of the event unless it is about all of them. A letter to
-- sign in has the organiser if the account works for one only.
-- $1 most: bigint
-- $2 lease_s: integer
-- Later, a lease that ended may live: the clock has jumped.
-- $3 believed_until: timestamp with time zone
-- rows: mail_id uuid, email text, email_key text, language text, target text, invitation_id uuid,
--   organiser text, slug text, profile text, title text, role role, tries integer, created_at timestamp with time zone
with due as (
  select mail_id from sign_in_mail
   where state in ('queued', 'sending') and due_at <= now()
     and (state = 'queued' or now() <= $3)
   order by due_at
   limit $1
     for update skip locked
), leased as (
  update sign_in_mail
     set state = 'sending', tries = tries + 1, due_at = now() + $2::integer * interval '1 second'
    from due
   where sign_in_mail.mail_id = due.mail_id
  returning sign_in_mail.mail_id, sign_in_mail.email, sign_in_mail.email_key, language, target,
            invitation_id, tries, sign_in_mail.created_at
)
select mail_id, leased.email, leased.email_key, language, target, invitation_id,
       organiser.name as organiser, organiser.slug,
       guest_profile(organiser.organiser_id)::text as profile, text_in(definition -> 'title', language) as title, role, tries,
       leased.created_at
  from leased
  left join team_invitation using (invitation_id)
  left join lateral (
    select min(organiser_id::text)::uuid as organiser_id
      from account join membership using (account_id)
     where account.email_key = leased.email_key and leased.invitation_id is null
    having count(distinct organiser_id) = 1
  ) as works_for on true
  left join organiser
         on organiser.organiser_id = coalesce(team_invitation.organiser_id, works_for.organiser_id)
  left join event on event.event_id = team_invitation.event_id
  left join event_version on event_version.event_id = event.event_id
                         and event_version.version = event.version
