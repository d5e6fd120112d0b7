-- Corrects the language and address of a registration, and its attendees' names, addresses and answers,
-- after lock_tally, if the version is not stale. A real change raises the version and sends mail: at most
-- once in ten minutes, but always to a new address, which may be new five times a day. A new address ends
-- what went to the former one: its link, and its tickets, which are replaced unless they were used. The
-- registration's letters have all of its tickets. Before the address is verified, a known new address is
-- answered like an unknown one. new_email and its key: null if it stays. Returns a word of
-- registration/change.sql.
create function change_registration(the_event uuid, the_registration uuid, the_version integer,
                                    the_language text, new_email text, new_email_key text,
                                    people uuid[], names text[], emails text[], all_answers text[],
                                    searches text[], by_organiser boolean, the_source text,
                                    tells boolean, said text, the_actor text)
returns text language plpgsql as $$
#variable_conflict use_column
declare
  ret_outcome text;
begin
  with given as (
    select attendee_id, name, email, answers::jsonb as answers, search
      from unnest(people, names, emails, all_answers, searches)
        as given (attendee_id, name, email, answers, search)
  ), found as (
    select registration_id, status, language, registration.version, email, verified,
           event.once_per_email, new_email is not null and new_email <> email as moves,
           exists (select from registrations_of(the_event, new_email_key) as other
                    where other.registration_id <> the_registration) as is_taken
      from registration join event using (event_id)
     where event_id = the_event and registration_id = the_registration and status <> 'cancelled' and erased_at is null
  ), different as (
    select given.*, differing(told_of_attendee(attendee.name, attendee.email, attendee.answers),
                              told_of_attendee(given.name, given.email, given.answers)) as noted
      from found
      join attendee on attendee.event_id = the_event and attendee.registration_id = found.registration_id
      join given using (attendee_id)
     where (attendee.name, attendee.email, attendee.answers)
           is distinct from (given.name, given.email, given.answers)
  ), readdressed as ( -- attendees whose ticket went to a former address
    select attendee.attendee_id, given.email, attendee.email is distinct from given.email as is_own
      from found
      join attendee on attendee.event_id = the_event and attendee.registration_id = found.registration_id
      join given using (attendee_id)
     where (moves or lower(attendee.email) is distinct from lower(given.email))
       and attendee.status = 'confirmed' and first_admitted_at is null
  ), decided as (
    select found.*,
           moves or language <> the_language or exists (select from different) as differs,
           case when version <> the_version then 'stale'
                when moves and (
                  select count(*) from message
                   where event_id = the_event and registration_id = the_registration and kind in ('unverified', 'resent')
                     and is_recent(created_at, '1 day')) >= 5 then 'too_often'
                when moves and once_per_email and is_taken and verified then 'already_registered'
                when exists (
                  select from readdressed
                   where is_own and email is not null and 5 <= (
                     select count(*) from message
                      where event_id = the_event and registration_id = the_registration and kind = 'confirmed'
                        and message.attendee_id = readdressed.attendee_id
                        and is_recent(created_at, '1 day'))) then 'too_often'
                else 'changed' end as outcome
      from found
  ), changed as (
    update registration
       set language = the_language, source = coalesce(the_source, source), email = coalesce(new_email, registration.email),
           email_key = coalesce(new_email_key, email_key),
           once_per_email = case when moves then decided.once_per_email and not is_taken
                                 else registration.once_per_email end, changed_at = now(),
           version = registration.version + 1,
           -- No letter about an unverified registration has the manage link.
           link_version = registration.link_version
             + (moves and decided.status <> 'unverified')::integer
      from decided
     where event_id = the_event and registration.registration_id = the_registration and outcome = 'changed' and differs
  ), corrected as (
    update attendee
       set name = given.name, email = given.email, answers = given.answers, search = given.search,
           link_version = link_version
             + (attendee.email is distinct from given.email or moves and given.email is null)::integer
      from given, decided
     where attendee.event_id = the_event and attendee.attendee_id = given.attendee_id
       and attendee.registration_id = the_registration and outcome = 'changed' and differs
  ), replaced as (
    update ticket
       set replaced_at = now()
      from readdressed, decided
     where ticket.event_id = the_event and ticket.attendee_id = readdressed.attendee_id
       and ticket.replaced_at is null and outcome = 'changed'
    returning ticket.attendee_id
  ), issued as (
    insert into ticket (event_id, ticket_id, attendee_id, expires_at)
    select the_event, gen_random_uuid(), attendee_id, ticket_expiry(ends_at)
      from replaced join event on event.event_id = the_event
  ), told_companion as (
    insert into message (event_id, message_id, registration_id, attendee_id, kind, about)
    select the_event, gen_random_uuid(), the_registration, attendee_id, kind,
           case when by_organiser then '{"by_organiser": true, "organiser_did": true}'
                else '{}' end::jsonb
             || jsonb_strip_nulls(jsonb_build_object('words', said))
      from readdressed
     cross join decided
     cross join lateral (select case when is_own then 'confirmed' else 'resent' end as kind) as telling
     where outcome = 'changed' and tells
       and lower(readdressed.email) <> lower(coalesce(new_email, decided.email))
       and not exists (
         select from message
          where message.event_id = the_event and message.registration_id = the_registration
            and message.kind = telling.kind and message.attendee_id = readdressed.attendee_id
            and state in ('held', 'queued'))
  ), told as (
    insert into message (event_id, message_id, registration_id, kind, about)
    select the_event, gen_random_uuid(), the_registration, kind,
           case when by_organiser then '{"organiser_did": true}' else '{}' end::jsonb
             || jsonb_strip_nulls(jsonb_build_object('words', said))
      from decided
     cross join lateral (
       select case when moves and status = 'unverified' then 'unverified'
                   when moves then 'resent'
                   when status <> 'unverified' then 'changed' end as kind) as telling
     where outcome = 'changed' and differs and kind is not null and tells
       and not exists (
         select from message
          where message.event_id = the_event and message.registration_id = the_registration
            and message.kind = telling.kind and attendee_id is null
            -- A queued message goes to the new address and has the new data.
            and (state = 'queued' and said is null
                 or not moves and not by_organiser and is_recent(message.created_at, '10 minutes')))
  ), settled as ( -- the mail to the new address replaces those that did not arrive
    update message
       set state = 'obsolete', code = null, words = 'the address was corrected', changed_at = now()
      from decided
     where event_id = the_event and message.registration_id = the_registration
       and message.state in ('failed', 'bounced') and not to_all and recipient is null
       and outcome = 'changed' and tells
       and (moves and attendee_id is null
            or attendee_id in (select attendee_id from readdressed where is_own))
  ), logged as (
    insert into audit_entry (organiser_id, event_id, registration_id, attendee_id, actor, action,
                             before, after)
    select organiser_id, event_id, the_registration, attendee_id, the_actor, 'registration.change', noted.before,
           noted.after
      from event, decided
     cross join lateral (
       select null::uuid as attendee_id,
              (differing(jsonb_build_object('email', email, 'language', language),
                         jsonb_build_object('email', coalesce(new_email, email), 'language', the_language))).*
       union all
       select attendee_id, (different.noted).* from different) as noted
     where event.event_id = the_event and outcome = 'changed' and (noted.before, noted.after) is distinct from (null, null)
  )
  select coalesce((select decided.outcome from decided), 'not_found') into ret_outcome;
  return ret_outcome;
end $$;
