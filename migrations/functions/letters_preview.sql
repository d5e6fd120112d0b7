-- Whether the answers that a form sends are others than the stored ones. Forms send text, no box that is
-- not ticked, and other line ends.
create function answers_differ(stored jsonb, typed jsonb) returns boolean
language sql immutable as $$
  select exists (
    select from jsonb_each(typed) as given (question, answer)
     where case jsonb_typeof(answer)
             when 'array' then coalesce(stored -> question, '[]')
             else to_jsonb(coalesce(stored ->> question, '')) end
           is distinct from
           case jsonb_typeof(answer)
             when 'array' then answer - ''
             else to_jsonb(btrim(replace(coalesce(answer #>> '{}', ''), E'\r\n', E'\n'), E' \t\n')) end)
  or exists (
    select from jsonb_each(stored) as kept (question, answer)
     where not typed ? question
       and (answer = 'true' or jsonb_typeof(answer) = 'array' and answer <> '[]'))
$$;

-- The letters that a change by an organiser would send, as rows of letter_line. It makes the change
-- and takes it back, so these are the real letters. The caller holds the lock on the event's tally.
create function letters_preview(the_event uuid, the_registration uuid, the_attendee uuid, action text,
                                said text, why text, the_type text, new_name text, new_email text,
                                new_email_key text, new_language text, own_email text,
                                typed_answers jsonb, the_mailing uuid)
returns jsonb language plpgsql as $$
declare
  new_registration uuid := gen_random_uuid();
  letters jsonb;
begin
  begin
    if action = 'correct' then
      perform change_registration(
                the_event, the_registration, version, coalesce(new_language, language),
                coalesce(new_email, registration.email), coalesce(new_email_key, email_key),
                array[the_attendee], array[coalesce(new_name, name)],
                array[case when typed_answers is null then attendee.email
                           else nullif(own_email, '') end],
                array[case when typed_answers is null or answers_differ(answers, typed_answers)
                           then answers || '{"": true}' else answers end::text],
                array[search], true, null, true, said, '')
         from attendee join registration using (event_id, registration_id)
        where event_id = the_event and attendee_id = the_attendee;
    elsif action = 'ticket_type' and not exists (
        select from ticket_type where event_id = the_event and slug = the_type) then
      insert into message (event_id, message_id, registration_id, kind)
      select the_event, gen_random_uuid(), the_registration, 'changed'
        from registration
       where event_id = the_event and registration_id = the_registration and status <> 'unverified';
      perform finish_letters('changed', the_event, array[the_registration], true, said, '');
    elsif action = 'mailing' then
      insert into message (event_id, message_id, registration_id, attendee_id, kind, mailing_id)
      select the_event, gen_random_uuid(), the_registration,
             case when attendee.status = 'confirmed' and lower(attendee.email) <> lower(registration.email)
                  then attendee_id end, 'mailing', the_mailing
        from attendee join registration using (event_id, registration_id)
       where event_id = the_event and attendee_id = the_attendee
         and exists (select from mailing
                      where mailing.event_id = the_event and mailing_id = the_mailing);
    elsif action = 'hand_on' then
      perform finish_letters(
        hand_on(the_event, the_registration, the_attendee, gen_random_uuid(), new_registration,
                gen_random_uuid(), new_name, new_email, new_email_key, '', true, null, ''),
        the_event, array[the_registration, new_registration], true, said, '');
    else
      perform act_on(the_event, the_registration, the_attendee, action, null, '', true, said,
                            why, the_type);
    end if;
    select jsonb_agg(to_jsonb(letter_line) order by letter_line.created_at, message_id, position)
      into letters
      from letter_line
     where event_id = the_event and registration_id in (the_registration, new_registration)
       and created_at = now();
    raise exception using errcode = 'EP001';
  exception when sqlstate 'EP001' then
    null; -- everything but the variables is as it was
  end;
  return coalesce(letters, '[]');
end $$;
