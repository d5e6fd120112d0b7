-- Stores another link for a member who has not used the desk yet. No row: there is no such member, or
-- the account has been used or has a membership that the caller does not own.
-- $1 organiser_id: uuid[]
-- $2 event_id: uuid[] or null
-- $3 membership_id: uuid
-- $4 actor: text
-- $5 link_hash: bytea
-- $6 link_hours: integer
-- row own: $1 to $2
-- rows: email text
with member as (
  select email, organiser_id, membership.event_id, account_id
    from membership join account using (account_id)
   where membership_id = $3 and owns($1, $2, organiser_id, membership.event_id)
     and password_hash is null
     and not exists (select from session where session.account_id = membership.account_id)
     and not exists (select from membership as other
                      where other.account_id = membership.account_id
                        and (other.joined_at is not null
                             or not owns($1, $2, other.organiser_id, other.event_id)))
), link as (
  insert into sign_in_link (hash, account_id, expires_at)
  select $5, account_id, now() + make_interval(hours => $6) from member
), noted as (
  insert into audit_entry (organiser_id, event_id, subject_id, actor, action)
  select organiser_id, event_id, account_id, $4, 'member.invite' from member
)
select email from member
