-- Puts mails into the outbox, after lock_tally. Sending it again adds none.
-- $1 event_id: uuid
-- $2 sending_id: uuid
-- $3 mail_kind: invitation_mail_kind
-- $4 words: jsonb
-- $5 invitation_id: uuid or null
-- $6 actor: text
-- rows: count integer
select send_invitations($1, $2, $3, $4,
                        case when $5::uuid is not null then array[$5] end, $6) as count
