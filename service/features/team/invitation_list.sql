-- The invitations into the teams of the organisers that the caller owns, or of their events. A day is
-- in the time zone of the event, or of the organiser's newest event.
-- $1 organiser_id: uuid[]
-- $2 event_id: uuid[] or null
-- $3 language: text
-- Only this one:
-- $4 invitation_id: uuid or null
-- row own: $1 to $2
-- rows: organiser text, organiser_name text, invitation_id uuid, email text, role role, event text,
--   title text, links integer, expires_on text, is_over boolean, mail_state message_state, code integer,
--   words text
select organiser.slug as organiser, organiser.name as organiser_name, invitation_id,
       team_invitation.email, role, event.slug as event, text_in(definition -> 'title', $3) as title,
       links,
       to_char(expires_at at time zone timezone_of(organiser.organiser_id, team_invitation.event_id),
               'YYYY-MM-DD') as expires_on,
       expires_at <= now() as is_over, sign_in_mail.state as mail_state, code, words
  from organiser
  join team_invitation using (organiser_id)
  left join sign_in_mail using (invitation_id)
  left join event on event.event_id = team_invitation.event_id
  left join event_version on event_version.event_id = event.event_id
                         and event_version.version = event.version
 where organiser.organiser_id = any ($1)
   and owns($1, $2, organiser.organiser_id, team_invitation.event_id)
   and ($4::uuid is null or invitation_id = $4)
 order by organiser.name, organiser.slug, event.starts_at desc nulls first, role, team_invitation.email_key
